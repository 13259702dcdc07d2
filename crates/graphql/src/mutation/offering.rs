use async_graphql::{Context, InputObject, Object};
use domain::Id;
use futures::FutureExt as _;
use registry::acts::offering;
use registry::acts::several::several;
use registry::error::Error;

use super::payload::{payload, payload_of_several};
use crate::context::request_context;
use crate::enums::offering::{DayKind, MaterialMedium, MaterialNecessity};
use crate::input::{ProvenanceInput, WriteOptionsInput};
use crate::offering::Offering;
use crate::scalar::{CreditCode, Date, DistrictCode, MatterCode, OfferingCode, Url};
use crate::write::{Submitted, acted, all_acted};

/// The complete form of an offering (实施清单). District and source code identify the offering; without a source code,
/// district and matter.
#[derive(Debug, InputObject)]
pub struct OfferingInput {
    /// The district that the offering serves.
    district: DistrictCode,
    /// The code of the matter. Null: not matched yet (未匹配); then `sourceCode` and `name` are required.
    matter: Option<MatterCode>,
    /// The name that the district uses. Default: the name of the matter.
    name: Option<String>,
    /// The implementing code (实施编码). A wrong check digit is accepted and reported as a finding.
    code: Option<OfferingCode>,
    /// The district's own code, unchanged.
    source_code: Option<String>,
    /// The body that decides.
    authority: Option<AuthorityInput>,
    /// The statutory time limit (法定办结时限), in days of `dayKind`.
    statutory_days: Option<i32>,
    /// The promised time limit (承诺办结时限), in days of `dayKind`.
    promised_days: Option<i32>,
    /// The unit of both limits.
    day_kind: Option<DayKind>,
    /// The number of visits that the applicant must make (到现场次数); 0: none.
    visits: i32,
    /// The address of the online application.
    url: Option<Url>,
    /// The conditions of acceptance (受理条件).
    conditions: Option<String>,
    /// The fee, as a text.
    fee: Option<String>,
    /// The document that the applicant gets as the result (办理结果).
    result: Option<String>,
    /// How the result is delivered.
    delivery: Option<String>,
    /// Whether and how to make an appointment (预约).
    appointment: Option<String>,
    /// The law or rule that the matter is based on (设定依据).
    legal_basis: Option<String>,
    /// The required materials (申请材料).
    materials: Option<Vec<MaterialInput>>,
    /// The telephone for questions (咨询电话).
    consult_phone: Option<String>,
    /// The telephone for complaints (监督投诉).
    complaint_phone: Option<String>,
    /// The address for making an appointment (预约).
    appointment_url: Option<Url>,
    /// The forms to fill in, and samples of filled ones (样表), at most 50.
    forms: Option<Vec<FormFileInput>>,
    /// Questions that applicants often ask (常见问题), at most 50.
    questions: Option<Vec<QuestionInput>>,
    /// The address of a sample of the result (结果样本).
    result_sample: Option<Url>,
    /// The day on which the district last verified this record.
    verified_on: Option<Date>,
    /// The first day of publication. Null: no start.
    valid_from: Option<Date>,
    /// The last day of publication. Null: no end.
    valid_to: Option<Date>,
    /// The source and the licence of the record. Absent: unchanged.
    provenance: Option<ProvenanceInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// The body that decides (实施主体).
#[derive(Debug, InputObject)]
pub struct AuthorityInput {
    /// The name of the body.
    name: String,
    /// The unified social credit code of the body.
    credit_code: Option<CreditCode>,
    /// The administrative level at which the body decides (行使层级).
    level: Option<String>,
}

/// One material of an application (申请材料).
#[derive(Debug, InputObject)]
pub struct MaterialInput {
    /// The name of the material.
    name: String,
    /// Whether the material is required.
    necessity: MaterialNecessity,
    /// The form in which the material is submitted.
    medium: Option<MaterialMedium>,
    /// The number of copies.
    copies: Option<i32>,
    /// For a deferrable material: the number of days within which it may be supplied later.
    deferrable_days: Option<i32>,
    /// The criteria that the window checks (受理标准).
    check: Option<String>,
}

/// A form to fill in, or a sample of a filled one (样表).
#[derive(Debug, InputObject)]
pub struct FormFileInput {
    /// The name of the form.
    name: String,
    /// The address of the file.
    url: Url,
    /// True: a filled sample. False: a blank form.
    #[graphql(default_with = "Some(false)")]
    sample: Option<bool>,
}

/// A question that applicants often ask, with its answer.
#[derive(Debug, InputObject)]
pub struct QuestionInput {
    /// The question.
    question: String,
    /// The answer.
    answer: String,
}

/// The withdrawal of an offering.
#[derive(Debug, InputObject)]
pub struct WithdrawOfferingInput {
    /// The district that the offering serves.
    district: DistrictCode,
    /// The code of the matter, for an offering without a source code.
    matter: Option<MatterCode>,
    /// The district's own code of the offering.
    source_code: Option<String>,
    /// The reason.
    reason: String,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

payload! {
    /// The result of publishing or withdrawing an offering.
    OfferingPayload {
        /// The offering after the change. Null when there are problems.
        async fn offering(&self, ctx: &Context<'_>) -> Result<Option<Offering>, Error> {
            let Some(saved) = &self.0.saved else { return Ok(None) };
            let known = request_context(ctx).snapshot.offering_by_id(Id::new(saved.record)).map(|placed| placed.brief);
            Ok(Offering::fetch(request_context(ctx), known.into_iter().collect()).await?.pop())
        }
    }
}

payload_of_several! {
    /// The result of publishing several offerings.
    PublishOfferingsPayload of OfferingPayload
}

#[derive(Debug, Default)]
pub struct OfferingMutation;

#[Object(serial)]
impl OfferingMutation {
    /// Publishes an offering: creates it, or replaces the one that it identifies. Only for registrars of the district.
    async fn publish_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete offering.")] input: Submitted<OfferingInput>,
    ) -> Result<OfferingPayload, Error> {
        acted(ctx, offering::publish(request_context(ctx), input.fields())).await.map(OfferingPayload)
    }

    /// Publishes up to 100 offerings, one after the other, each as `publishOffering` does. Each has its own result: a
    /// problem of one does not stop the others. Only for registrars of all these districts.
    async fn publish_offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete offering.")] input: Vec<Submitted<OfferingInput>>,
    ) -> Result<PublishOfferingsPayload, Error> {
        let inputs = input.into_iter().map(Submitted::fields).collect();
        all_acted(
            ctx,
            several(request_context(ctx), "publishOfferings", inputs, |request, input| {
                offering::publish(request, input).boxed()
            }),
        )
        .await
        .map(PublishOfferingsPayload)
    }

    /// Withdraws an offering: yesterday was its last day. Routes that depend on it end. Only for registrars of the
    /// district.
    async fn withdraw_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offering and the reason.")] input: Submitted<WithdrawOfferingInput>,
    ) -> Result<OfferingPayload, Error> {
        acted(ctx, offering::withdraw(request_context(ctx), input.fields())).await.map(OfferingPayload)
    }
}
