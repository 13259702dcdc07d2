//! The work of an office on a version: approval, consultation, remarks, opinions of bodies, reminders.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::{AgreementPayload, PartyVersionInput, VersionInput};
use crate::context::request_context;
use crate::enums::agreement::BodyOpinion;
use crate::input::WriteOptionsInput;
use crate::scalar::{AgreementNumber, Date, DistrictCode, MatterCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct OfficeMutation;

#[Object(serial)]
impl OfficeMutation {
    /// Submits a draft to the signatory of its own district (送审), who gets the task `TO_APPROVE`. Only for registrars
    /// of the drafting party.
    async fn submit_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft to submit.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::office::submit(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Approves a draft, or gives it back with a reason (审核). Any edit voids the approval. Only for signatories of the
    /// drafting party.
    async fn approve_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft and the decision.")] input: Submitted<DraftApprovalInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::office::approve(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Shows a draft to districts for their remarks (征求意见). Nothing is frozen. Consulting again replaces the
    /// districts and the day. Only for registrars of the drafting party.
    async fn consult_on_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft, the districts and the last day.")] input: Submitted<ConsultInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::office::consult(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Makes remarks on a draft on which the district is consulted, or as a party on a proposal (提出意见). Only for
    /// registrars of the district.
    async fn remark_on_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, the district and its remarks.")] input: Submitted<RemarkOnVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::office::remark(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Notes the opinion of a signing body of a party on a draft or a proposal (部门会签). It replaces the earlier one of
    /// the body. Only for registrars of the party.
    async fn confirm_body(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, the party, the body and its opinion.")] input: Submitted<BodyOpinionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::office::confirm_body(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Reminds a district whose answer is missing (催办): once a day. `party` is the district that is reminded. Only for
    /// registrars of the drafting party; for a paper record, of any party.
    async fn remind_party(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, and the district to remind.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::office::remind(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// The decision of a signatory about a draft.
#[derive(Debug, InputObject)]
pub struct DraftApprovalInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the draft version.
    version: i32,
    /// True: the draft is approved. False: it is given back, or its approval is taken back.
    approve: bool,
    /// The reason. Required to give the draft back.
    reason: Option<String>,
    /// The internal number of the approval.
    approval_number: Option<String>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// A consultation on a draft.
#[derive(Debug, InputObject)]
pub struct ConsultInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the draft version.
    version: i32,
    /// The districts that may read the draft and remark. Empty: the consultation ends.
    with: Vec<DistrictCode>,
    /// The last day for remarks.
    answer_by: Date,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// A remark: on a clause, a matter, a field, or the whole.
#[derive(Debug, InputObject)]
pub struct RemarkInput {
    /// The key of the clause.
    clause: Option<String>,
    /// The matter.
    matter: Option<MatterCode>,
    /// The field, by its name in the forms.
    field: Option<String>,
    /// The text.
    text: String,
}

/// Remarks of a district on a version.
#[derive(Debug, InputObject)]
pub struct RemarkOnVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The district that makes the remarks.
    party: DistrictCode,
    /// The remarks, at most 200.
    remarks: Vec<RemarkInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// The opinion of a signing body on a version.
#[derive(Debug, InputObject)]
pub struct BodyOpinionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The party for which the body signs.
    party: DistrictCode,
    /// The name of the body: one of those of the party, where it names them.
    body: String,
    /// The opinion.
    opinion: BodyOpinion,
    /// The remark of the body.
    remark: Option<String>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
