//! Records of agreements that were signed on paper.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::{AgreementPayload, PartyVersionInput, ReasonInput, RejectVersionInput};
use crate::context::request_context;
use crate::enums::agreement::AmendmentRule;
use crate::input::{ClauseInput, TermsInput, WriteOptionsInput};
use crate::scalar::{AgreementNumber, Date, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct PaperMutation;

#[Object(serial)]
impl PaperMutation {
    /// Records an agreement that was signed on paper (登记纸质协议). The record of a steward takes effect at once; its
    /// parties may confirm it later. The record of a registrar counts as the confirmation of its own party, and takes
    /// effect between two parties once both have confirmed it. Only for registrars of the recorder.
    async fn record_paper_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement as it was signed.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::paper::record(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Confirms a paper record for a party (确认). Only for signatories of the party.
    async fn confirm_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version and the party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::paper::confirm(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Contests a paper record for a party (异议), with a reason. This also suspends the agreement for the party. Only
    /// for signatories of the party.
    async fn contest_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, the party that contests it, and the reason.")] input: Submitted<
            RejectVersionInput,
        >,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::paper::contest(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Corrects a paper record (更正), with a reason. Possible until another party has confirmed it. Only for its
    /// recorder.
    async fn correct_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete corrected record.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::paper::correct(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Voids a record that was entered in error (作废), with a reason. Only for stewards.
    async fn void_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::paper::void(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// The record of an agreement that was signed on paper.
#[derive(Debug, InputObject)]
pub struct PaperAgreementInput {
    /// The party that records the agreement. A steward gives the party for which the agreement is recorded.
    recorder: DistrictCode,
    /// For `correctRecord`: the number of the agreement. A new record gets its number from the registry.
    number: Option<AgreementNumber>,
    /// The title.
    title: String,
    /// The document number (发文字号).
    document_number: Option<String>,
    /// The day of signing. It must not lie in the future.
    signed_on: Date,
    /// The first day of validity. Default: the day of signing.
    effective_from: Option<Date>,
    /// The last day of validity. Default: no end.
    effective_to: Option<Date>,
    /// The framework agreement above this one.
    framework: Option<AgreementNumber>,
    /// The agreement that this one replaces.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方). Default: the first party.
    lead: Option<DistrictCode>,
    /// Which parties must sign a changed schedule.
    #[graphql(default_with = "Some(AmendmentRule::All)")]
    amendment_rule: Option<AmendmentRule>,
    #[graphql(flatten)]
    terms: TermsInput,
    /// The clauses.
    schedule: Vec<ClauseInput>,
    /// For `correctRecord`: the reason of the correction.
    reason: Option<String>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
