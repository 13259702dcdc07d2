//! Versions of agreements.

use async_graphql::{Context, Object};
use catalogue::{Kept, Listed};
use domain::DistrictCode;
use domain::agreement::lifecycle::Life;
use domain::agreement::office::ApprovalState;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::Agreement;
use super::accession::Accession;
use super::difference::{ClauseChange, VersionChanges};
use super::effect::{Effect, narrowing};
use super::office::{BodyConfirmation, Consultation, DraftApproval, Remark, Reminder};
use super::party::{Party, PartyConnection};
use super::proposal::Proposal;
use super::renewal::Renewal;
use super::signature::SignatureConnection;
use crate::clause::{Clause, ClauseConnection};
use crate::connection::arguments::Paging;
use crate::connection::connection;
use crate::context::request_context;
use crate::district::{District, DistrictConnection};
use crate::enums::agreement::{Admission, AmendmentRule, ConclusionRule, LapseReason, VersionState};
use crate::ids::GlobalId;
use crate::scalar;
use crate::scalar::{Date, DateTime, Digest, int};

/// A version, by its position in the agreement.
#[derive(Debug, Clone)]
pub struct AgreementVersion {
    pub(crate) agreement: Kept<domain::Agreement>,
    pub(crate) version: usize,
}

connection! {
    /// A page of versions, oldest first.
    AgreementVersionConnection,
    /// A version in a list.
    AgreementVersionEdge, AgreementVersion
}

impl AgreementVersion {
    pub(crate) fn numbered(agreement: &Kept<domain::Agreement>, number: u32) -> Option<Self> {
        let version = agreement.versions.iter().position(|version| version.number == number)?;
        Some(Self { agreement: agreement.clone(), version })
    }

    pub(super) fn of(&self) -> &domain::Version {
        &self.agreement.versions[self.version]
    }

    pub(super) fn first_day(&self) -> Option<domain::Date> {
        self.of().term().map_or(self.of().effective_from, |term| term.from)
    }

    /// The party at a position.
    pub(crate) fn listed_party(&self, at: usize) -> Option<Listed<DistrictCode, Party>> {
        let code = self.of().parties.get(at)?.district;
        Some(Listed { rank: u32::try_from(at).ok()?, code, item: Party { version: self.clone(), party: at } })
    }
}

/// A version of an agreement: its parties, terms and schedule. It is frozen when it is proposed. Its digest covers
/// everything that is agreed.
#[direct_json]
#[Object(serial)]
impl AgreementVersion {
    /// The global id. `node(id:)` returns the record again.
    pub(crate) fn id(&self) -> GlobalId {
        GlobalId::Version(self.agreement.id, self.of().number)
    }

    /// The agreement of this version.
    #[graphql(name = "agreement")]
    fn whole(&self) -> Agreement {
        Agreement(self.agreement.clone())
    }

    /// The number of the version, from 1.
    fn number(&self) -> i32 {
        int(self.of().number)
    }

    /// The version that this one was drafted upon. Null when there is none, and when the caller may not see it.
    fn base(&self) -> Option<AgreementVersion> {
        Self::numbered(&self.agreement, self.of().base_version?)
    }

    /// The number of the version that this one was drafted upon. Null when there is none.
    fn base_version(&self) -> Option<i32> {
        self.of().base_version.map(int)
    }

    /// The state of the version.
    fn state(&self, request: &RequestContext) -> VersionState {
        self.of().state(request.today).into()
    }

    /// Why the version has lapsed. Null when it has not.
    fn lapse_reason(&self, request: &RequestContext) -> Option<LapseReason> {
        self.of().lapse_reason(request.today).map(Into::into)
    }

    /// The digest that the parties sign: SHA-256 over the canonical JSON (RFC 8785) of everything that is agreed.
    async fn digest(&self) -> Option<Digest> {
        Some(Digest(self.of().digest(self.agreement.number)))
    }

    /// The title.
    pub(super) fn title(&self) -> &str {
        &self.of().title
    }

    /// The document number (发文字号). Null when there is none.
    pub(super) fn document_number(&self) -> Option<&str> {
        self.of().document_number.as_deref()
    }

    /// The day of signing; for a version signed in this registry, the day of the last signature. Null when it is not
    /// signed or the day is unknown.
    fn signed_on(&self) -> Option<Date> {
        self.of().signed_on().map(Date)
    }

    /// The first day of validity: the stated one, else the day of signing. Null: no start, or not known yet.
    pub(super) fn effective_from(&self) -> Option<Date> {
        self.first_day().map(Date)
    }

    /// The last day of validity; with automatic renewal, the end of the current period. Null: no end.
    pub(super) fn effective_to(&self, request: &RequestContext) -> Option<Date> {
        self.of().ends_on(request.today).map(Date)
    }

    /// Which parties must sign a changed schedule.
    fn amendment_rule(&self) -> AmendmentRule {
        self.of().amendment_rule.into()
    }

    /// When the first version is concluded.
    fn concludes(&self) -> ConclusionRule {
        self.of().concludes.into()
    }

    /// Which consent a newcomer needs.
    fn admission(&self) -> Admission {
        self.of().admission.into()
    }

    /// The notice period in days for a party that leaves.
    fn notice_days(&self) -> i32 {
        int(self.of().notice_days)
    }

    /// The period in days within which a party may object to a changed schedule, under the amendment rule
    /// `NO_OBJECTION`.
    fn objection_days(&self) -> i32 {
        int(self.of().objection_days)
    }

    /// The automatic renewal. Null: the version ends on its last day.
    fn renewal(&self) -> Option<Renewal> {
        let domain::agreement::lifecycle::Renewal { months, objection_days } = self.of().renewal?;
        Some(Renewal { months: int(months), objection_days: int(objection_days) })
    }

    /// The parties that have objected to the next renewal.
    fn renewal_opposed_by(&self, request: &RequestContext) -> Result<Vec<District>, Error> {
        self.of().objections.iter().map(|objection| District::named(request, objection.party)).collect()
    }

    /// How applications received before the end of the agreement are handled. Null: under the terms of the agreement.
    fn run_out(&self) -> Option<&str> {
        self.of().run_out.as_deref()
    }

    /// When the signatory of the drafting party approved the draft (审核通过). Only callers of that district see it. Null
    /// when it was not approved.
    fn approved_at(&self) -> Option<DateTime> {
        let approval = self.of().office().approval.as_ref()?;
        (approval.state == ApprovalState::Approved).then_some(DateTime(approval.at))
    }

    /// The approval of the draft by the signatory of the drafting party (送审、审核). Only callers of that district see
    /// it. Null when the draft was not submitted, and after an edit.
    fn approval(&self) -> Option<DraftApproval> {
        self.of().office().approval.as_ref().map(DraftApproval::of)
    }

    /// The consultation on the draft (征求意见). Null when there is none.
    fn consultation(&self, request: &RequestContext) -> Result<Option<Consultation>, Error> {
        let given = self.of().office().consultation.as_ref();
        given.map(|given| Consultation::of(request, given)).transpose()
    }

    /// The remarks of districts (修改意见), oldest first, those of rejections included. Remarks on a draft are seen by
    /// its author and by who made them; those on a proposal by its parties.
    fn remarks(&self, request: &RequestContext) -> Result<Vec<Remark>, Error> {
        self.of().remarks().into_iter().map(|remark| Remark::of(request, remark)).collect()
    }

    /// The opinions of signing bodies (部门会签). Callers see those of their own districts.
    fn body_opinions(&self, request: &RequestContext) -> Result<Vec<BodyConfirmation>, Error> {
        self.of().office().body_opinions.iter().map(|given| BodyConfirmation::of(request, given)).collect()
    }

    /// The newest reminder of each district whose answer was missing (催办).
    fn reminders(&self, request: &RequestContext) -> Result<Vec<Reminder>, Error> {
        self.of().office().reminders.iter().map(|sent| Reminder::of(request, sent)).collect()
    }

    /// The drafting party. Null once the version is proposed, and for a paper record.
    fn author(&self, request: &RequestContext) -> Result<Option<District>, Error> {
        match &self.of().life {
            Life::Draft(draft) => District::named(request, draft.author).map(Some),
            Life::Proposal(_) | Life::Paper(_) => Ok(None),
        }
    }

    /// The proposal: when and by whom the version was proposed, and who must answer. Null for a draft and for a paper
    /// record.
    fn proposal(&self) -> Option<Proposal> {
        self.of().proposal()?;
        Some(Proposal(self.clone()))
    }

    /// True when the agreement was signed on paper and recorded here.
    fn recorded_from_paper(&self) -> bool {
        matches!(self.of().life, Life::Paper(_))
    }

    /// The party that recorded the paper agreement; the record takes effect between two parties once both have
    /// confirmed it. Null when a steward recorded it, which takes effect at once, and when the version was signed in
    /// this registry.
    fn recorder(&self, request: &RequestContext) -> Result<Option<District>, Error> {
        match &self.of().life {
            Life::Paper(paper) => paper.recorder.map(|code| District::named(request, code)).transpose(),
            Life::Draft(_) | Life::Proposal(_) => Ok(None),
        }
    }

    /// The newcomers that have signed and wait for consent. Parties see all of them, a newcomer sees itself.
    fn accessions(&self, request: &RequestContext) -> Result<Vec<Accession>, Error> {
        self.of().accessions.iter().map(|accession| Accession::of(request, accession)).collect()
    }

    /// The last day on which the parties may answer the proposal. Null when the version waits for no answer.
    fn answer_by(&self, request: &RequestContext) -> Option<Date> {
        let waits = self.of().state(request.today) == domain::agreement::lifecycle::VersionState::Proposed;
        self.of().proposal().filter(|_| waits).map(|proposal| Date(proposal.answer_by))
    }

    /// The lead party (牵头方) of this version.
    fn lead(&self, request: &RequestContext) -> Result<District, Error> {
        District::named(request, self.of().lead)
    }

    /// The agreement that this version replaces. Null when there is none, and when the caller may not see it.
    fn replaces(&self, request: &RequestContext) -> Option<Agreement> {
        self.of().replaces.and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The framework agreement above this version. Null when there is none, and when the caller may not see it.
    fn framework(&self, request: &RequestContext) -> Option<Agreement> {
        self.of().framework.and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The parties (签约方), in the order of the text.
    fn parties(
        &self,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<PartyConnection, Error> {
        let party = |at| self.listed_party(at);
        Ok(Paging::new(first, after, last, before)?.cut_from(self.of().parties.len(), party)?.into())
    }

    /// The clauses of the schedule (通办事项清单), in the order of the text. The schedule may be empty.
    fn schedule(
        &self,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ClauseConnection, Error> {
        let clause = |at| Clause::listed(&self.agreement, self.version, at);
        Ok(Paging::new(first, after, last, before)?.cut_from(self.of().schedule.len(), clause)?.into())
    }

    /// The signatures (签署) given in this registry: first those of the parties asked, then those of newcomers. For a
    /// paper record only those of newcomers.
    fn signatures(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<SignatureConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(self.listed_signatures(request)?)?.into())
    }

    /// The parties whose required signature is missing. Empty once the version is concluded.
    fn outstanding(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<DistrictConnection, Error> {
        let waits = self.of().state(request.today) == domain::agreement::lifecycle::VersionState::Proposed;
        let outstanding = self
            .of()
            .proposal()
            .filter(|_| waits)
            .map(domain::agreement::lifecycle::Proposal::outstanding)
            .unwrap_or_default();
        Ok(Paging::new(first, after, last, before)?.cut(District::in_order(request, outstanding)?)?.into())
    }

    /// Which answers would change on a day if this version held instead of the one before: matters, by direction and
    /// mode. The version's own dates and signatures do not matter.
    async fn effect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day. Default: today in China (UTC+8), or the version's first day when that lies ahead.")]
        on: Option<Date>,
        #[graphql(desc = "Only answers for this receiving district. Needed when very many districts take part.")]
        receiving: Option<scalar::DistrictCode>,
        #[graphql(desc = "Only answers for this competent district. Needed when very many districts take part.")]
        competent: Option<scalar::DistrictCode>,
    ) -> Result<Effect, Error> {
        Effect::of_version(ctx, self, on, narrowing(receiving, competent)).await
    }

    /// The clauses that differ from another version: first those of this version in its order, then the removed ones.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The number of the version to compare with. Default: the base of this version, else the version before it. The first version is compared with an empty one."
        )]
        from: Option<i32>,
    ) -> Result<Vec<ClauseChange>, Error> {
        self.clause_changes(request_context(ctx), from)
    }

    /// The fields and parties that differ from another version.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The number of the version to compare with. Default: the base of this version, else the version before it. The first version is compared with an empty one."
        )]
        from: Option<i32>,
    ) -> Result<VersionChanges, Error> {
        self.other_changes(request_context(ctx), from)
    }
}
