use async_graphql::{Context, InputObject, Object};
use domain::Id;
use futures::FutureExt as _;

use super::{payload, payload_of_several};
use crate::acts::offering;
use crate::acts::several::several;
use crate::graphql::asked;
use crate::graphql::error::Fault;
use crate::graphql::input::ProvenanceInput;
use crate::graphql::offering::Offering;
use crate::graphql::scalar::{CreditCode, Date, DistrictCode, MatterCode, OfferingCode, Revision, Url};
use crate::graphql::words::{DayKind, MaterialMedium, MaterialNecessity};
use crate::graphql::write::{Submitted, acted, all_acted};

/// Input of an offering (实施清单). It is known by its district and source code, without one by
/// district and matter, and published as a whole.
#[derive(Debug, InputObject)]
pub struct OfferingInput {
    /// The district that it serves.
    district: DistrictCode,
    /// The matter; left out: not matched yet (未匹配), which needs `sourceCode` and `name`.
    matter: Option<MatterCode>,
    /// The district's own name of it; left out: the matter's name.
    name: Option<String>,
    /// Its implementing code. A wrong check digit is a finding, never a refusal.
    code: Option<OfferingCode>,
    /// The district's own code, as it came.
    source_code: Option<String>,
    /// The authority that decides.
    authority: Option<AuthorityInput>,
    /// The statutory limit, in days of `dayKind`.
    statutory_days: Option<i32>,
    /// The promised limit, in days of `dayKind`.
    promised_days: Option<i32>,
    /// Unit of the days.
    day_kind: Option<DayKind>,
    /// How often the applicant must come; 0: never.
    visits: i32,
    /// Where it is done online.
    url: Option<Url>,
    /// Who may apply, and when it is granted.
    conditions: Option<String>,
    /// The fee.
    fee: Option<String>,
    /// The result document.
    result: Option<String>,
    /// How the result reaches the applicant.
    delivery: Option<String>,
    /// How to make an appointment.
    appointment: Option<String>,
    /// The legal basis.
    legal_basis: Option<String>,
    /// Required materials.
    materials: Option<Vec<MaterialInput>>,
    /// The day on which the district last looked whether it is right.
    verified_on: Option<Date>,
    /// Its first day.
    valid_from: Option<Date>,
    /// Its last day.
    valid_to: Option<Date>,
    /// Where the record comes from; left out, it stays.
    provenance: Option<ProvenanceInput>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one; 0: only if there is none yet.
    expected_revision: Option<Revision>,
}

/// The body that decides.
#[derive(Debug, InputObject)]
pub struct AuthorityInput {
    /// Its name.
    name: String,
    /// Its unified social credit code.
    credit_code: Option<CreditCode>,
    /// The level at which it stands.
    level: Option<String>,
}

/// One thing to bring.
#[derive(Debug, InputObject)]
pub struct MaterialInput {
    /// Its name.
    name: String,
    /// Whether it must be there.
    necessity: MaterialNecessity,
    /// In which form it is handed in.
    medium: Option<MaterialMedium>,
    /// How many copies.
    copies: Option<i32>,
    /// Within how many days it may follow.
    deferrable_days: Option<i32>,
    /// Acceptance standard.
    check: Option<String>,
}

/// Which offering is withdrawn, and why.
#[derive(Debug, InputObject)]
pub struct WithdrawOfferingInput {
    /// The district that it serves.
    district: DistrictCode,
    /// Its matter: of an offering without a source code.
    matter: Option<MatterCode>,
    /// The district's own code.
    source_code: Option<String>,
    /// Why.
    reason: String,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one.
    expected_revision: Option<Revision>,
}

payload! {
    /// Result of writing an offering.
    OfferingPayload {
        /// The offering as it is now; null when there are problems.
        async fn offering(&self, ctx: &Context<'_>) -> Result<Option<Offering>, Fault> {
            let Some(saved) = &self.0.saved else { return Ok(None) };
            let known = asked(ctx).snapshot.offering_by_id(Id::new(saved.record)).map(|placed| placed.brief);
            Ok(Offering::fetch(asked(ctx), known.into_iter().collect()).await?.pop())
        }
    }
}

payload_of_several! {
    /// Result of publishing several offerings.
    PublishOfferingsPayload of OfferingPayload
}

#[derive(Debug, Default)]
pub struct OfferingMutation;

#[Object(serial)]
impl OfferingMutation {
    /// Publishes an offering: creates it, or replaces it as a whole. For registrars of the district.
    async fn publish_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is published.")] input: Submitted<OfferingInput>,
    ) -> Result<OfferingPayload, Fault> {
        acted(ctx, offering::publish(asked(ctx), input.fields())).await.map(OfferingPayload)
    }

    /// Publishes up to 100 offerings, each as `publishOffering` does, one after the other. Each has a verdict: what is wrong with one
    /// stops none of the others. For registrars of all the districts.
    async fn publish_offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is published.")] input: Vec<Submitted<OfferingInput>>,
    ) -> Result<PublishOfferingsPayload, Fault> {
        let inputs = input.into_iter().map(Submitted::fields).collect();
        all_acted(ctx, several(asked(ctx), "publishOfferings", inputs, |asked, input| offering::publish(asked, input).boxed()))
            .await
            .map(PublishOfferingsPayload)
    }

    /// Withdraws an offering: yesterday was its last day. Routes that need it end. For registrars of the district.
    async fn withdraw_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offering, and why.")] input: Submitted<WithdrawOfferingInput>,
    ) -> Result<OfferingPayload, Fault> {
        acted(ctx, offering::withdraw(asked(ctx), input.fields())).await.map(OfferingPayload)
    }
}
