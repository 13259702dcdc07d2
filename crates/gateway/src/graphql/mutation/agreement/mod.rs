pub mod input;

use async_graphql::{Context, Object};
use domain::{Id, RecordKind};

use super::payload;
use crate::acts::agreement::{accession, document, draft, notice, paper, proposal, suspension};
use crate::error::Error;
use crate::graphql::agreement::{Agreement, AgreementVersion};
use crate::graphql::context::request_context;
use crate::graphql::document::Document;
use crate::graphql::write::{Submitted, acted};
use input::{
    AccessionInput, AgreementInput, AmendmentInput, AttachDocumentInput, GiveNoticeInput, PaperAgreementInput, PartyInputRef, PartyVersionInput,
    ProposeVersionInput, ReasonInput, RejectVersionInput, SignVersionInput, SuspendAgreementInput, VersionInput,
};

payload! {
    /// The result of a mutation of an agreement.
    AgreementPayload {
        /// The agreement after the change. Null when there are problems, and when nothing of the agreement is left.
        async fn agreement(&self, ctx: &Context<'_>) -> Option<Agreement> {
            self.seen(ctx)
        }

        /// The version that was changed. For a change of the whole agreement: its newest version. Null when there are
        /// problems.
        async fn version(&self, ctx: &Context<'_>) -> Option<AgreementVersion> {
            let Agreement(agreement) = self.seen(ctx)?;
            let about = self.0.saved.as_ref()?.version.and_then(|version| AgreementVersion::numbered(&agreement, version));
            // Another party's draft does not exist for the caller.
            about.or_else(|| AgreementVersion::numbered(&agreement, agreement.latest().number))
        }

        /// The document that was attached. Null for every other mutation.
        async fn document(&self, ctx: &Context<'_>) -> Option<Document> {
            let saved = self.0.saved.as_ref().filter(|saved| saved.kind == RecordKind::Document)?;
            let request = request_context(ctx);
            request.snapshot.document_by_id(Id::new(saved.record), &request.scope).map(Document)
        }
    }
}

impl AgreementPayload {
    fn seen(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let request = request_context(ctx);
        let saved = self.0.saved.as_ref()?;
        let agreement = if saved.kind == RecordKind::Document {
            let document = request.snapshot.document_by_id(Id::new(saved.record), &request.scope)?;
            request.snapshot.agreement(document.agreement, &request.scope)
        } else {
            request.snapshot.agreement_by_id(Id::new(saved.record), &request.scope)
        };
        agreement.map(Agreement)
    }
}

#[derive(Debug, Default)]
pub struct AgreementMutation;

#[Object(serial)]
impl AgreementMutation {
    /// Drafts a new agreement (起草). Only the drafting party sees a draft. Only for registrars of the proposer.
    async fn draft_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: Submitted<AgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, draft::draft(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Drafts a new version of an agreement (修订起草), based on the newest concluded version or, as a counter-proposal, on
    /// a proposed one. Only for registrars of the proposer.
    async fn amend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete draft.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, draft::amend(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Replaces a draft as a whole (修改草稿). A new `baseVersion` rebases it. Only for registrars of the drafting party.
    async fn revise_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete new form of the draft.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, draft::revise(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Deletes a draft (删除草稿). An agreement that was never proposed disappears with its only draft; its number is not
    /// used again. Only for registrars of the drafting party.
    async fn discard_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft to discard.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, draft::discard(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Proposes a draft to the parties (送签). The version is frozen: the parties sign its digest. Only for registrars of
    /// the drafting party.
    async fn propose_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft to propose, and the last day for answers.")] input: Submitted<ProposeVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, proposal::propose(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Withdraws a proposal (撤回送签). Only for registrars of the drafting party. A steward may do it with a reason, as
    /// long as no party but the proposer has signed.
    async fn withdraw_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal to withdraw.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, proposal::withdraw(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Signs a proposed version for a party (签署). The last required signature concludes it. Only for signatories of the
    /// party.
    async fn sign_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, its digest and the party that signs.")] input: Submitted<SignVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, proposal::sign(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Rejects a proposed version for a party (不同意), with a reason. Under the amendment rule `NO_OBJECTION` this is an
    /// objection. Only for signatories of the party.
    async fn reject_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, the party that rejects it, and the reason.")] input: Submitted<RejectVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, proposal::reject(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Takes a rejection back (收回退回). Possible until the answer-by date, unless the proposal was withdrawn. Only for
    /// signatories of the party.
    async fn undo_rejection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version and the party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, proposal::undo_rejection(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Joins an agreement (加入): the newcomer signs the newest concluded version. The other parties need not sign again.
    /// Only for signatories of the newcomer.
    async fn accede_to_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The newcomer, and the digest that it signs.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, accession::accede(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Consents to the accession of a newcomer (同意加入), as `admission` of the agreement requires. Only for signatories
    /// of the consenting party.
    async fn admit_party(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The consenting party and the newcomer.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, accession::admit(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Records an agreement that was signed on paper (登记纸质协议). The record of a steward takes effect at once; its
    /// parties may confirm it later. The record of a registrar counts as the confirmation of its own party, and takes
    /// effect between two parties once both have confirmed it. Only for registrars of the recorder.
    async fn record_paper_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement as it was signed.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, paper::record(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Confirms a paper record for a party (确认). Only for signatories of the party.
    async fn confirm_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version and the party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, paper::confirm(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Contests a paper record for a party (异议), with a reason. This also suspends the agreement for the party. Only
    /// for signatories of the party.
    async fn contest_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version, the party that contests it, and the reason.")] input: Submitted<RejectVersionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, paper::contest(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Corrects a paper record (更正), with a reason. Possible until another party has confirmed it. Only for its
    /// recorder.
    async fn correct_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete corrected record.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, paper::correct(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Voids a record that was entered in error (作废), with a reason. Only for stewards.
    async fn void_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, paper::void(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Suspends an agreement for a party (暂停): the routes in which the party is receiving or competent end at once.
    /// Only for signatories of the party.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement, the party and the reason.")] input: Submitted<SuspendAgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, suspension::suspend(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Ends the suspension that the party itself has set (恢复). Only for signatories of the party.
    async fn resume_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, suspension::resume(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Gives notice that a party leaves the agreement (退出告知). Only for signatories of the party.
    async fn give_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement, the leaving party, its last day and the reason.")] input: Submitted<GiveNoticeInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, notice::give(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Revokes the notice of a party (撤销退出告知). Possible until its last day has passed. Only for signatories of the
    /// party.
    async fn revoke_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, notice::revoke(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Objects to the next renewal of an agreement (反对续期): the agreement then ends with its present term. Only for
    /// signatories of the party.
    async fn oppose_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, notice::oppose_renewal(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Attaches a document to an agreement (附上文件). The same content for the same party is the same document: another
    /// request changes its name and, when `released` is given, who may read it. Only for registrars and signatories of
    /// the party.
    async fn attach_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, the agreement and the party that attaches it.")] input: Submitted<AttachDocumentInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, document::attach(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Suspends an agreement for all parties (紧急停用): all its routes end at once. Only for stewards.
    async fn stop_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, suspension::stop(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Ends the suspension that the registry has set (解除停用). Only for stewards.
    async fn release_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, suspension::release(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}
