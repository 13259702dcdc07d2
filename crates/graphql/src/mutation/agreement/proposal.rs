//! Proposals, and the answers of the parties.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::{AgreementPayload, PartyVersionInput, RejectVersionInput, VersionInput};
use crate::context::request_context;
use crate::input::WriteOptionsInput;
use crate::scalar::{AgreementNumber, Date, Digest, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct ProposalMutation;

#[Object(serial)]
impl ProposalMutation {
    /// Proposes a draft to the parties (发送签约方). The version is frozen: the parties sign its digest. Only for
    /// registrars of the drafting party.
    async fn propose_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft to propose, and the last day for answers.")] input: Submitted<ProposeVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::proposal::propose(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Withdraws a proposal (撤回已发送签约方的版本). Only for registrars of the drafting party. A steward may do it
    /// with a reason, as long as no party but the proposer has signed.
    async fn withdraw_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal to withdraw.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::proposal::withdraw(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Signs a proposed version for a party (签署). The last required signature concludes it. Only for signatories of
    /// the party.
    async fn sign_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, its digest and the party that signs.")] input: Submitted<SignVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::proposal::sign(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Rejects a proposed version for a party (不同意), or returns it for changes (退回修改), with a reason. Under the amendment rule `NO_OBJECTION` this is
    /// an objection. Only for signatories of the party.
    async fn reject_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, the party that rejects it, and the reason.")] input: Submitted<
            RejectVersionInput,
        >,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::proposal::reject(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Takes a rejection back (收回退回). Possible until the answer-by date, unless the proposal was withdrawn. Only
    /// for signatories of the party.
    async fn undo_rejection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version and the party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::proposal::undo_rejection(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// The draft that is proposed to the parties, and the last day for their answers.
#[derive(Debug, InputObject)]
pub struct ProposeVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the draft version.
    version: i32,
    /// The last day on which a party may sign or reject the proposal.
    answer_by: Date,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// The signature of a party.
#[derive(Debug, InputObject)]
pub struct SignVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The digest of the version that the signatory has read. When it is not the digest of the proposed version, the
    /// problem `STALE` is returned and nothing is signed.
    digest: Digest,
    /// The party for which the version is signed.
    party: DistrictCode,
    /// The number of the internal approval behind the signature. Only callers of the party see it.
    approval_number: Option<String>,
    /// The day of the internal approval behind the signature. Only callers of the party see it.
    approved_on: Option<Date>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
