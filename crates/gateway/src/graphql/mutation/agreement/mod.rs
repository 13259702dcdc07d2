pub mod input;

use async_graphql::{Context, Object};
use domain::{Id, RecordKind};

use super::payload;
use crate::acts::agreement::{accession, document, draft, notice, paper, proposal, suspension};
use crate::graphql::agreement::{Agreement, AgreementVersion};
use crate::graphql::asked;
use crate::graphql::document::Document;
use crate::graphql::error::Fault;
use crate::graphql::write::{Submitted, acted};
use input::{
    AccessionInput, AgreementInput, AmendmentInput, AttachDocumentInput, GiveNoticeInput, PaperAgreementInput, PartyInputRef, PartyVersionInput,
    ProposeVersionInput, ReasonInput, RejectVersionInput, SignVersionInput, SuspendAgreementInput, VersionInput,
};

payload! {
    /// Result of an act on an agreement.
    AgreementPayload {
        /// The agreement as it is now; null when there are problems, or nothing is left of it.
        async fn agreement(&self, ctx: &Context<'_>) -> Option<Agreement> {
            self.seen(ctx)
        }

        /// The version that the act was about; of an act on the whole agreement the newest.
        async fn version(&self, ctx: &Context<'_>) -> Option<AgreementVersion> {
            let Agreement(agreement) = self.seen(ctx)?;
            let about = self.0.saved.as_ref()?.version.and_then(|version| AgreementVersion::numbered(&agreement, version));
            // One that is somebody else's draft does not exist for the caller.
            about.or_else(|| AgreementVersion::numbered(&agreement, agreement.latest().number))
        }

        /// The document that was attached; null of every other act.
        async fn document(&self, ctx: &Context<'_>) -> Option<Document> {
            let saved = self.0.saved.as_ref().filter(|saved| saved.kind == RecordKind::Document)?;
            let asked = asked(ctx);
            asked.snapshot.document_by_id(Id::new(saved.record), &asked.eyes).map(Document)
        }
    }
}

impl AgreementPayload {
    fn seen(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let asked = asked(ctx);
        let saved = self.0.saved.as_ref()?;
        let agreement = if saved.kind == RecordKind::Document {
            let document = asked.snapshot.document_by_id(Id::new(saved.record), &asked.eyes)?;
            asked.snapshot.agreement(document.agreement, &asked.eyes)
        } else {
            asked.snapshot.agreement_by_id(Id::new(saved.record), &asked.eyes)
        };
        agreement.map(Agreement)
    }
}

#[derive(Debug, Default)]
pub struct AgreementMutation;

#[Object(serial)]
impl AgreementMutation {
    /// Drafts a new agreement (起草). Only its author sees a draft. For registrars of the proposer.
    async fn draft_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is drafted.")] input: Submitted<AgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, draft::draft(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Drafts a new version over the one that stands, or over a proposal as an answer to it (修订起草). For registrars of the
    /// proposer.
    async fn amend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft as a whole.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, draft::amend(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Replaces a draft as a whole; over another base it is rebased. For registrars of its author.
    async fn revise_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft as it is to be.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, draft::revise(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Throws a draft away (删除草稿). Of an agreement that was never proposed nothing is left; its number is not used
    /// again. For registrars of its author.
    async fn discard_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, draft::discard(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Freezes a draft and puts it before the parties (送签): from here on its digest is what they sign. For registrars of
    /// its author.
    async fn propose_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft, and until when.")] input: Submitted<ProposeVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, proposal::propose(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Takes a proposal back (撤回送签). For registrars of its author; a steward does so only with a reason, and not once a party
    /// other than the proposer has signed.
    async fn withdraw_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, proposal::withdraw(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Signs a proposal for a party (签署), over the digest of what was read. The last signature that is needed concludes it.
    /// For signatories of the party.
    async fn sign_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The signature.")] input: Submitted<SignVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, proposal::sign(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Rejects a proposal for a party (不同意), with the reason; under `NO_OBJECTION` it objects. For signatories of the party.
    async fn reject_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The no, with its reason.")] input: Submitted<RejectVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, proposal::reject(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Takes a rejection back, until the day for answers and while the proposal was not withdrawn. For signatories of the
    /// party.
    async fn undo_rejection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and for which party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, proposal::undo_rejection(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Accedes to an agreement (加入): the newcomer signs the digest that stands. No one else signs again. For signatories of
    /// the newcomer.
    async fn accede_to_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who accedes, and the digest that it signs.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, accession::accede(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Consents to a newcomer, as the agreement's `admission` asks for. For signatories of the party that consents.
    async fn admit_party(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who consents, and to whom.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, accession::admit(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Records an agreement that was signed on paper (登记纸质协议). A steward's record works at once, its parties not yet
    /// confirmed; a registrar's counts as its own party's confirmation, and works between two parties once both have
    /// confirmed. For registrars of the recorder.
    async fn record_paper_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was signed.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, paper::record(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Confirms a paper record for a party (确认). For signatories of the party.
    async fn confirm_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and for which party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, paper::confirm(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Contests a paper record for a party (异议), with the reason; it thereby sets the party's flag. For signatories of the
    /// party.
    async fn contest_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, for which party, and why.")] input: Submitted<RejectVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, paper::contest(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Corrects a paper record while nobody else has confirmed it, with the reason (更正). For its recorder.
    async fn correct_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record as it is to be.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, paper::correct(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Voids a record that was entered in error (作废), with the reason. For stewards.
    async fn void_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and why.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, paper::void(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Sets a party's flag (暂停): the routes in which it is receiving or competent stop at once. For signatories of the
    /// party.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, for which party, and why.")] input: Submitted<SuspendAgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, suspension::suspend(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Clears the party's own flag (恢复). Only who set a flag clears it. For signatories of the party.
    async fn resume_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and for which party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, suspension::resume(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Gives notice that a party leaves (退出告知). For signatories of the party.
    async fn give_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which party leaves, when, and why.")] input: Submitted<GiveNoticeInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, notice::give(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Revokes a party's notice before its last day has passed. For signatories of the party.
    async fn revoke_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and for which party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, notice::revoke(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Objects to the renewal of an agreement for a party: it then ends with its present term. For signatories of the party.
    async fn oppose_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and for which party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, notice::oppose_renewal(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Attaches a document to an agreement (附上文件). The same content again, for the same party, is the same document:
    /// it gets the name that is given, and is released, or taken back, where `released` says so. For registrars and
    /// signatories of the party.
    async fn attach_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is attached, to which agreement, for which party.")] input: Submitted<AttachDocumentInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, document::attach(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Stops an agreement by the registry's flag (紧急停用): all its routes stop at once, and everybody is told. For stewards.
    async fn stop_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and why.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, suspension::stop(asked(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Clears the registry's flag (解除停用). For stewards.
    async fn release_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and why.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Fault> {
        acted(ctx, suspension::release(asked(ctx), input.fields())).await.map(AgreementPayload)
    }
}
