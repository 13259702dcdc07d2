//! Drafts of new agreements and of new versions.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::{AgreementPayload, VersionInput};
use crate::context::request_context;
use crate::enums::agreement::{Admission, AmendmentRule, ConclusionRule};
use crate::input::{ClauseInput, PartyInput, RenewalInput, TermsInput, WriteOptionsInput};
use crate::scalar::{AgreementNumber, Date, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct DraftMutation;

#[Object(serial)]
impl DraftMutation {
    /// Drafts a new agreement (起草). Only the drafting party sees a draft. Only for registrars of the proposer.
    async fn draft_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: Submitted<AgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::draft::draft(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Drafts a new version of an agreement (修订起草), based on the newest concluded version or, as a
    /// counter-proposal, on a proposed one. Only for registrars of the proposer.
    async fn amend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete draft.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::draft::amend(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Replaces a draft as a whole (修改草稿). A new `baseVersion` rebases it. Only for registrars of the drafting
    /// party.
    async fn revise_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete new form of the draft.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::draft::revise(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Deletes a draft (删除草稿). An agreement that was never proposed disappears with its only draft; its number is
    /// not used again. Only for registrars of the drafting party.
    async fn discard_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft to discard.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::draft::discard(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// The first draft of a new agreement.
#[derive(Debug, InputObject)]
pub struct AgreementInput {
    /// The party that drafts.
    proposer: DistrictCode,
    /// The title.
    title: String,
    /// The document number (发文字号).
    document_number: Option<String>,
    /// The first day of validity. Default: the day of the last signature.
    effective_from: Option<Date>,
    /// The last day of validity. Default: no end.
    effective_to: Option<Date>,
    /// The framework agreement above this one, such as the agreement of the provinces above that of their cities.
    framework: Option<AgreementNumber>,
    /// The agreement that this one replaces.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方). Default: the first party.
    lead: Option<DistrictCode>,
    /// Which parties must sign a changed schedule.
    #[graphql(default_with = "Some(AmendmentRule::All)")]
    amendment_rule: Option<AmendmentRule>,
    /// When the first version is concluded.
    #[graphql(default_with = "Some(ConclusionRule::All)")]
    concludes: Option<ConclusionRule>,
    #[graphql(flatten)]
    terms: TermsInput,
    /// The clauses. May be empty: a framework agreement whose clauses follow later.
    schedule: Vec<ClauseInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// A draft of a new version, as a whole. Terms that are left out are copied from the base version; `null` clears a
/// term.
#[derive(Debug, InputObject)]
pub struct AmendmentInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version that the draft is based on: the newest concluded version, or a proposed version to
    /// which the draft is a counter-proposal. 0 while no version has been concluded: for the first draft, and for the
    /// correction of a version that was rejected, withdrawn or lapsed.
    base_version: i32,
    /// For `reviseDraft`: the number of the draft. Default: the only draft of the proposer. Not allowed for
    /// `amendAgreement`.
    version: Option<i32>,
    /// The party that drafts.
    proposer: DistrictCode,
    /// The title.
    title: String,
    /// The document number (发文字号).
    document_number: Option<String>,
    /// The first day of validity. Null: the day of the last signature.
    effective_from: Option<Date>,
    /// The last day of validity. Null: no end.
    effective_to: Option<Date>,
    /// The framework agreement above this one.
    framework: Option<AgreementNumber>,
    /// The agreement that this one replaces.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方).
    lead: Option<DistrictCode>,
    /// Which parties must sign a changed schedule.
    amendment_rule: Option<AmendmentRule>,
    /// When the first version is concluded.
    concludes: Option<ConclusionRule>,
    /// Which consent a newcomer needs.
    admission: Option<Admission>,
    /// The notice period in days for a party that leaves.
    notice_days: Option<i32>,
    /// The period in days within which a party may object to a changed schedule, under the amendment rule
    /// `NO_OBJECTION`.
    objection_days: Option<i32>,
    /// Automatic renewal.
    renewal: Option<RenewalInput>,
    /// How applications received before the end of the agreement are handled.
    run_out: Option<String>,
    /// The parties, at least two.
    parties: Vec<PartyInput>,
    /// The clauses. An unchanged key identifies a clause in both versions, so that its changes can be shown.
    schedule: Vec<ClauseInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
