//! Agreements (协议) and their versions as callers see them.

use std::collections::BTreeMap;

use async_graphql::parser::types as ast;
use async_graphql::{Context, ID, Interface, Json, Object, SimpleObject};
use catalogue::{Kept, Listed};
use domain::diff::{self, Field};
use domain::life::{Life, Needs};
use domain::{DistrictCode, MatterCode, RecordKind, Scope};
use futures::FutureExt as _;

use super::at_once::{AtOnce, One, Telling};
use super::change::{ChangeConnection, Feed};
use super::clause::{Clause, ClauseConnection};
use super::district::{District, DistrictConnection, Provenance};
use super::document::Document;
use super::error::Fault;
use super::ids::GlobalId;
use super::matter::Matter;
use super::page::{Paging, connection, in_order};
use super::policy::Policy;
use super::scalar::{self, CreditCode, Date, DateTime, Digest, Revision, int};
use super::words::{
    self, Admission, AmendmentRule, ConclusionRule, Confirmation, DifferenceKind, Extent, LapseReason, Locale, MatterDomain, Membership,
    ProposalNeeds, Standing, VersionState,
};
use super::{asked, language};
use crate::request_context::RequestContext;

/// Basis of a route (依据): a version of an agreement or a policy. Open: clients need a fallback.
#[derive(Debug, Interface)]
#[expect(clippy::duplicated_attributes, reason = "two fields of one type")]
#[graphql(
    field(name = "id", ty = "ID", desc = "The global id, for `node`."),
    field(name = "title", ty = "String", desc = "Its title."),
    field(name = "document_number", ty = "Option<String>", desc = "The number of its document (发文字号)."),
    field(name = "effective_from", ty = "Option<Date>", desc = "The first day on which it holds; null: always."),
    field(name = "effective_to", ty = "Option<Date>", desc = "The last day on which it holds; null: no end.")
)]
pub enum Basis {
    AgreementVersion(AgreementVersion),
    Policy(Policy),
}

impl Basis {
    /// An answer rests on what is published; the caller may see more of the agreement.
    pub(crate) fn new(asked: &RequestContext, basis: &catalogue::Basis) -> Self {
        match basis {
            catalogue::Basis::Agreement { agreement, version } => {
                let number = agreement.versions[*version].number;
                let seen = AgreementVersion::numbered(&Agreement::through(asked, agreement).0, number);
                Self::AgreementVersion(seen.unwrap_or_else(|| AgreementVersion { agreement: agreement.clone(), version: *version }))
            }
            catalogue::Basis::Policy(policy) => Self::Policy(Policy(policy.clone())),
        }
    }
}

impl AtOnce for Basis {
    fn at_once(&self, telling: &mut Telling<'_>, field: &ast::Field) -> Option<()> {
        match self {
            Self::AgreementVersion(version) => version.at_once(telling, field),
            Self::Policy(policy) => policy.at_once(telling, field),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Agreement(pub Kept<domain::Agreement>);

connection! {
    /// A page of agreements.
    AgreementConnection,
    /// An agreement in a list.
    AgreementEdge, Agreement
}

impl Agreement {
    /// What the caller sees of an agreement, in the place of what everybody does.
    pub(crate) fn through(asked: &RequestContext, published: &Kept<domain::Agreement>) -> Self {
        let seen = if asked.eyes == Scope::Public { None } else { asked.snapshot.agreement(published.number, &asked.eyes) };
        Self(seen.unwrap_or_else(|| published.clone()))
    }

    fn at(&self, version: Option<&domain::Version>) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, version?.number)
    }
}

impl AtOnce for Agreement {
    fn at_once(&self, telling: &mut Telling<'_>, field: &ast::Field) -> Option<()> {
        match field.name.node.as_str() {
            "id" => telling.code(self.0.id),
            "number" => telling.code(self.0.number),
            "title" => telling.text(&self.0.latest().title),
            _ => None,
        }
    }
}

/// An agreement (协议): a record agreed by two or more districts. It has a line of versions; which one holds on
/// a day, and what the agreement is worth then, follows from dates and flags.
#[Object(serial)]
impl Agreement {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The newest change of this agreement that the caller sees.
    async fn revision(&self, ctx: &Context<'_>) -> Result<Revision, Fault> {
        if self.0.revision != catalogue::UNKNOWN {
            return Ok(Revision(self.0.revision));
        }
        let asked = asked(ctx);
        let id = self.0.id.number();
        let newest = asked.store.last_seen(&[id], asked.snapshot.revision(), &asked.reading()).boxed().await?;
        // What the clock alone concluded is seen before a change says so.
        Ok(Revision(newest.get(&id).copied().unwrap_or(id)))
    }

    /// The number that the registry gave it.
    async fn number(&self) -> scalar::AgreementNumber {
        scalar::AgreementNumber(self.0.number)
    }

    /// The title of its latest version.
    async fn title(&self) -> &str {
        &self.0.latest().title
    }

    /// Its standing on a day.
    async fn standing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day that is asked about; today in China unless given.")] on: Option<Date>,
    ) -> Standing {
        let known_on = self.0.known_on(asked(ctx).today);
        self.0.published_standing(on.map_or(known_on, |on| on.0), known_on).into()
    }

    /// The agreement that it stands under, such as a province's above those of its cities.
    async fn framework(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let asked = asked(ctx);
        self.0.framework().and_then(|number| asked.snapshot.agreement(number, &asked.eyes)).map(Agreement)
    }

    /// The agreement in whose place this one is concluded.
    async fn replaces(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let asked = asked(ctx);
        self.0.replaces().and_then(|number| asked.snapshot.agreement(number, &asked.eyes)).map(Agreement)
    }

    /// The lead party (牵头方).
    async fn lead(&self, ctx: &Context<'_>) -> Result<District, Fault> {
        District::named(asked(ctx), self.0.latest().lead)
    }

    /// Where the record comes from.
    async fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The day on which the record was voided as entered in error; null unless it was.
    async fn voided_on(&self) -> Option<Date> {
        self.0.voided.as_ref().map(|voided| Date(voided.on))
    }

    /// Why the record was voided.
    async fn voided_reason(&self) -> Option<&str> {
        self.0.voided.as_ref().map(|voided| &*voided.reason)
    }

    /// The version that holds on a day; null when none does. Whether a flag stops it is for `standing` to say.
    async fn in_force(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day that is asked about; today in China unless given.")] on: Option<Date>,
    ) -> Option<One<AgreementVersion>> {
        let known_on = self.0.known_on(asked(ctx).today);
        let published = self.0.seen_by(&Scope::Public, known_on)?;
        self.at(published.version_in_force(on.map_or(known_on, |on| on.0))).map(One)
    }

    /// The newest version that the caller may see.
    async fn latest(&self) -> Option<One<AgreementVersion>> {
        self.at(Some(self.0.latest())).map(One)
    }

    /// One version; null when there is none with this number, or the caller may not see it.
    async fn version(&self, #[graphql(desc = "The version's number, from 1.")] number: i32) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, u32::try_from(number).ok()?)
    }

    /// All versions that the caller may see, oldest first.
    async fn versions(
        &self,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<AgreementVersionConnection, Fault> {
        let listed = |(version, of): (usize, &domain::Version)| Listed {
            rank: 0,
            code: of.number,
            item: AgreementVersion { agreement: self.0.clone(), version },
        };
        Ok(Paging::new(first, after, last, before)?.cut(self.0.versions.iter().enumerate().map(listed).collect())?.into())
    }

    /// Every suspension (暂停) that stopped it or will.
    async fn suspensions(&self, ctx: &Context<'_>) -> Result<Vec<Suspension>, Fault> {
        self.0.suspensions.iter().filter_map(|suspension| Suspension::of(ctx, suspension).transpose()).collect()
    }

    /// Every notice (退出告知) by which a party leaves.
    async fn notices(&self, ctx: &Context<'_>) -> Result<Vec<Notice>, Fault> {
        let notice = |notice: &domain::Notice| {
            let domain::Notice { party, ends_on, law_changed: _, reason } = notice;
            Ok(Notice { party: District::named(asked(ctx), *party)?, ends_on: Date(*ends_on), reason: reason.to_string() })
        };
        self.0.notices.iter().map(notice).collect()
    }

    /// The documents attached to it that the caller may see, such as a scan of what was signed.
    async fn documents(&self, ctx: &Context<'_>) -> Vec<Document> {
        let asked = asked(ctx);
        asked.snapshot.documents(self.0.number, &asked.eyes).into_iter().map(Document).collect()
    }

    /// Every change of this agreement that the caller may see, oldest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<ChangeConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        Feed::of_record(RecordKind::Agreement, self.0.id.number()).page(ctx, &paging).boxed().await
    }
}

/// A version, by its place in the line.
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

    fn of(&self) -> &domain::Version {
        &self.agreement.versions[self.version]
    }

    fn global_id(&self) -> String {
        GlobalId::Version(self.agreement.id, self.of().number).to_string()
    }

    fn first_day(&self) -> Option<domain::Date> {
        self.of().term().map_or(self.of().effective_from, |term| term.from)
    }

    /// One of the parties, in the order of the document.
    pub(crate) fn listed_party(&self, at: usize) -> Option<Listed<DistrictCode, Party>> {
        let code = self.of().parties.get(at)?.district;
        Some(Listed { rank: u32::try_from(at).ok()?, code, item: Party { version: self.clone(), party: at } })
    }

    fn parties_of(&self, paging: &Paging) -> Result<PartyConnection, Fault> {
        Ok(paging.cut_from(self.of().parties.len(), |at| self.listed_party(at))?.into())
    }

    fn schedule_of(&self, paging: &Paging) -> Result<ClauseConnection, Fault> {
        let clause = |at| Clause::listed(&self.agreement, self.version, at);
        Ok(paging.cut_from(self.of().schedule.len(), clause)?.into())
    }

    /// The signatures, in the order in which they were given.
    pub(crate) fn listed_signatures(&self, asked: &RequestContext) -> Result<Vec<Listed<DistrictCode, Signature>>, Fault> {
        let mut counted: BTreeMap<DistrictCode, u32> = BTreeMap::new();
        let signature = |given: &domain::life::Signature| {
            let district = District::named(asked, given.party)?;
            let count = counted.entry(given.party).or_default();
            let nth = *count;
            *count += 1;
            Ok((given.party, Signature { version: self.clone(), district, nth, signed_at: given.at, digest: given.digest }))
        };
        Ok(in_order(self.of().signatures().map(signature).collect::<Result<Vec<_>, Fault>>()?))
    }

    /// Who said no to it, in the order in which they did.
    pub(crate) fn listed_rejections(&self, asked: &RequestContext) -> Result<Vec<Listed<DistrictCode, Rejection>>, Fault> {
        let given = self.of().proposal().map_or(&[][..], |proposal| &proposal.rejections);
        let rejection = |given: &domain::life::Rejection| {
            let domain::life::Rejection { party, on, reason } = given;
            let reason = (!reason.is_empty()).then(|| reason.to_string());
            Ok((*party, Rejection { version: self.clone(), district: District::named(asked, *party)?, on: *on, reason }))
        };
        Ok(in_order(given.iter().map(rejection).collect::<Result<Vec<_>, Fault>>()?))
    }

    /// The version to compare with: the one that is asked for, else the base, else the one before it.
    fn compared_with(&self, from: Option<i32>) -> Result<Option<Self>, Fault> {
        if let Some(from) = from {
            let asked = u32::try_from(from).ok().and_then(|number| Self::numbered(&self.agreement, number));
            return asked.map(Some).ok_or_else(|| {
                Fault::bad_input("from", domain::Message::new(format!("协议没有第 {from} 版"), format!("the agreement has no version {from}")))
            });
        }
        // The base may be a proposal that the caller may not see.
        let base = self.of().base_version.and_then(|base| Self::numbered(&self.agreement, base));
        let before = self.version.checked_sub(1).map(|version| Self { agreement: self.agreement.clone(), version });
        Ok(base.or(before))
    }

    fn clause(&self, key: &str) -> Option<Clause> {
        let clause = self.of().schedule.iter().position(|clause| *clause.key == *key)?;
        Some(Clause::Agreement { agreement: self.agreement.clone(), version: self.version, clause })
    }

    fn party(&self, code: DistrictCode) -> Option<Party> {
        let party = self.of().parties.iter().position(|party| party.district == code)?;
        Some(Party { version: self.clone(), party })
    }

    /// A field as it is written in the version's line.
    fn written(&self, field: Field) -> Option<Json<serde_json::Value>> {
        // What is usual is left out of a line.
        if field == Field::ObjectionDays {
            return Some(Json(self.of().objection_days.into()));
        }
        let mut line = serde_json::to_value(self.of()).ok()?;
        line.get_mut(field.name()).map(|value| Json(value.take()))
    }
}

impl AtOnce for AgreementVersion {
    fn at_once(&self, telling: &mut Telling<'_>, field: &ast::Field) -> Option<()> {
        let of = self.of();
        match field.name.node.as_str() {
            "id" => telling.code(self.global_id()),
            "number" => telling.number(int(of.number)),
            "title" => telling.text(&of.title),
            "state" => telling.word(VersionState::from(of.state(telling.asked.today))),
            "parties" => telling.inner(&self.parties_of(&Paging::plain(field)?).ok()?, field),
            "schedule" => telling.inner(&self.schedule_of(&Paging::plain(field)?).ok()?, field),
            "documentNumber" => telling.or_null(of.document_number.as_deref(), Telling::text),
            "effectiveFrom" => telling.or_null(self.first_day(), Telling::code),
            "effectiveTo" => telling.or_null(of.ends_on(telling.asked.today), Telling::code),
            _ => None,
        }
    }
}

/// One version of an agreement: its parties, its terms and its schedule. It is frozen when it is proposed, and
/// its digest covers all that was agreed.
#[Object(serial)]
impl AgreementVersion {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.global_id())
    }

    /// Whose version it is.
    #[graphql(name = "agreement")]
    async fn whole(&self) -> Agreement {
        Agreement(self.agreement.clone())
    }

    /// Its number, from 1.
    async fn number(&self) -> i32 {
        int(self.of().number)
    }

    /// The version that it was drafted upon, where the caller may see that one.
    async fn base(&self) -> Option<AgreementVersion> {
        Self::numbered(&self.agreement, self.of().base_version?)
    }

    /// The number of the version that it was drafted upon.
    async fn base_version(&self) -> Option<i32> {
        self.of().base_version.map(int)
    }

    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> VersionState {
        self.of().state(asked(ctx).today).into()
    }

    /// Why it has lapsed; null unless it has.
    async fn lapse_reason(&self, ctx: &Context<'_>) -> Option<LapseReason> {
        self.of().lapse_reason(asked(ctx).today).map(Into::into)
    }

    /// The digest of all that was agreed, which is what parties sign: SHA-256 over its canonical JSON (RFC 8785).
    async fn digest(&self) -> Option<Digest> {
        Some(Digest(self.of().digest(self.agreement.number)))
    }

    /// Its title.
    async fn title(&self) -> String {
        self.of().title.to_string()
    }

    /// The number of its document (发文字号).
    async fn document_number(&self) -> Option<String> {
        self.of().document_number.as_deref().map(Into::into)
    }

    /// The day of signing; of the last signature, where it was signed here.
    async fn signed_on(&self) -> Option<Date> {
        self.of().signed_on().map(Date)
    }

    /// The first day on which it holds: as written, else the day of signing; null: always, or not yet known.
    async fn effective_from(&self) -> Option<Date> {
        self.first_day().map(Date)
    }

    /// The last day on which it holds: of what renews itself the end of the period that runs today; null: no end.
    async fn effective_to(&self, ctx: &Context<'_>) -> Option<Date> {
        self.of().ends_on(asked(ctx).today).map(Date)
    }

    /// Whose signature a changed schedule needs.
    async fn amendment_rule(&self) -> AmendmentRule {
        self.of().amendment_rule.into()
    }

    /// When the first version is concluded.
    async fn concludes(&self) -> ConclusionRule {
        self.of().concludes.into()
    }

    /// How newcomers are admitted.
    async fn admission(&self) -> Admission {
        self.of().admission.into()
    }

    /// How many days ahead a party says that it leaves.
    async fn notice_days(&self) -> i32 {
        int(self.of().notice_days)
    }

    /// Days in which a party may object to a changed schedule, under the rule `NO_OBJECTION`.
    async fn objection_days(&self) -> i32 {
        int(self.of().objection_days)
    }

    /// How the clock prolongs it; null: it ends on its last day.
    async fn renewal(&self) -> Option<Renewal> {
        let domain::life::Renewal { months, objection_days } = self.of().renewal?;
        Some(Renewal { months: int(months), objection_days: int(objection_days) })
    }

    /// The parties that want no further prolongation.
    async fn renewal_opposed_by(&self, ctx: &Context<'_>) -> Result<Vec<District>, Fault> {
        self.of().objections.iter().map(|objection| District::named(asked(ctx), objection.party)).collect()
    }

    /// How cases received before the end are handled; null: under the old terms.
    async fn run_out(&self) -> Option<&str> {
        self.of().run_out.as_deref()
    }

    /// The author of a draft; null once it is proposed, and of a paper record.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<District>, Fault> {
        match &self.of().life {
            Life::Draft(draft) => District::named(asked(ctx), draft.author).map(Some),
            Life::Proposal(_) | Life::Paper(_) => Ok(None),
        }
    }

    /// How it was put before the parties, and whose answer it needs; null of a draft, and of what was signed on paper.
    async fn proposal(&self) -> Option<Proposal> {
        self.of().proposal()?;
        Some(Proposal(self.clone()))
    }

    /// Was it signed on paper and recorded here?
    async fn recorded_from_paper(&self) -> bool {
        matches!(self.of().life, Life::Paper(_))
    }

    /// The party that recorded what was signed on paper: it works once both sides have confirmed it. Null: the
    /// steward, whose record works at once; or it was signed here.
    async fn recorder(&self, ctx: &Context<'_>) -> Result<Option<District>, Fault> {
        match &self.of().life {
            Life::Paper(paper) => paper.recorder.map(|code| District::named(asked(ctx), code)).transpose(),
            Life::Draft(_) | Life::Proposal(_) => Ok(None),
        }
    }

    /// The newcomers who have signed and wait for consent, as far as the caller may see them: its parties see all, a
    /// newcomer itself.
    async fn accessions(&self, ctx: &Context<'_>) -> Result<Vec<Accession>, Fault> {
        self.of().accessions.iter().map(|accession| Accession::of(asked(ctx), accession)).collect()
    }

    /// The day by which the parties answer a proposal; null when nothing waits for an answer.
    async fn answer_by(&self, ctx: &Context<'_>) -> Option<Date> {
        let waits = self.of().state(asked(ctx).today) == domain::agreement::VersionState::Proposed;
        self.of().proposal().filter(|_| waits).map(|proposal| Date(proposal.answer_by))
    }

    /// The lead party (牵头方) of this version.
    async fn lead(&self, ctx: &Context<'_>) -> Result<District, Fault> {
        District::named(asked(ctx), self.of().lead)
    }

    /// The agreement that this version replaces.
    async fn replaces(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let asked = asked(ctx);
        self.of().replaces.and_then(|number| asked.snapshot.agreement(number, &asked.eyes)).map(Agreement)
    }

    /// The agreement that this version stands under.
    async fn framework(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let asked = asked(ctx);
        self.of().framework.and_then(|number| asked.snapshot.agreement(number, &asked.eyes)).map(Agreement)
    }

    /// The parties (签约方), in the order of the document.
    async fn parties(
        &self,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<PartyConnection, Fault> {
        self.parties_of(&Paging::new(first, after, last, before)?)
    }

    /// The schedule (通办事项清单): its clauses, in the order of the document. It may be empty.
    async fn schedule(
        &self,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<ClauseConnection, Fault> {
        self.schedule_of(&Paging::new(first, after, last, before)?)
    }

    /// The signatures (签署) given here: of those who were asked, then of the newcomers that were admitted. Where it was signed on
    /// paper, the newcomers' alone.
    async fn signatures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<SignatureConnection, Fault> {
        Ok(Paging::new(first, after, last, before)?.cut(self.listed_signatures(asked(ctx))?)?.into())
    }

    /// The parties whose signature is still missing; none once it is concluded.
    async fn outstanding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<DistrictConnection, Fault> {
        let asked = asked(ctx);
        let waits = self.of().state(asked.today) == domain::agreement::VersionState::Proposed;
        let outstanding = self.of().proposal().filter(|_| waits).map(domain::life::Proposal::outstanding).unwrap_or_default();
        Ok(Paging::new(first, after, last, before)?.cut(District::in_order(asked, outstanding)?)?.into())
    }

    /// What this version changed in the schedule, clause by clause: in the order of its schedule, then what was
    /// removed.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version to compare with; its base unless given, else the one before it. Nothing came before the first.")] from: Option<
            i32,
        >,
    ) -> Result<Vec<ClauseChange>, Fault> {
        let asked = asked(ctx);
        let base = self.compared_with(from)?;
        let matters = |codes: &[MatterCode]| codes.iter().map(|code| Matter::named(asked, *code)).collect::<Result<_, Fault>>();
        let districts = |codes: &[DistrictCode]| codes.iter().map(|code| District::named(asked, *code)).collect::<Result<_, Fault>>();
        let change = |change: diff::ClauseChange<'_>| {
            Ok(ClauseChange {
                key: change.key.to_owned(),
                kind: change.edit.kind().into(),
                changed: change.parts.iter().map(|part| part.name().to_owned()).collect(),
                before: base.as_ref().filter(|_| change.edit.before().is_some()).and_then(|base| base.clause(change.key)),
                after: self.clause(change.key).filter(|_| change.edit.after().is_some()),
                added_matters: matters(&change.added_matters)?,
                removed_matters: matters(&change.removed_matters)?,
                added_receiving: districts(&change.added_receiving)?,
                removed_receiving: districts(&change.removed_receiving)?,
                added_competent: districts(&change.added_competent)?,
                removed_competent: districts(&change.removed_competent)?,
            })
        };
        diff::difference(base.as_ref().map(Self::of), self.of()).clauses.into_iter().map(change).collect()
    }

    /// What this version changed beside the schedule: its own fields, and its parties.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version to compare with; its base unless given, else the one before it. Nothing came before the first.")] from: Option<
            i32,
        >,
    ) -> Result<VersionChanges, Fault> {
        let base = self.compared_with(from)?;
        let difference = diff::difference(base.as_ref().map(Self::of), self.of());
        let field = |field: Field| FieldChange { field, before: base.as_ref().and_then(|base| base.written(field)), after: self.written(field) };
        let party = |edit: diff::Edit<'_, domain::Party>| {
            let (before, after) = (edit.before(), edit.after());
            let code = after.or(before).map(|party| party.district);
            let code = code.ok_or_else(|| Fault::Internal("a party that differs was there before, or is there now".to_owned()))?;
            Ok(PartyChange {
                district: District::named(asked(ctx), code)?,
                kind: edit.kind().into(),
                before: before.and_then(|_| base.as_ref()?.party(code)),
                after: after.and_then(|_| self.party(code)),
            })
        };
        Ok(VersionChanges {
            fields: difference.fields.into_iter().map(field).collect(),
            parties: difference.parties.into_iter().map(party).collect::<Result<_, Fault>>()?,
        })
    }
}

/// The clock prolongs an agreement, unless a party objects in time.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Renewal {
    /// For how many months each time.
    months: i32,
    /// Days before the end until which a party may object.
    objection_days: i32,
}

/// A version that was proposed.
#[derive(Debug, Clone)]
pub struct Proposal(AgreementVersion);

impl Proposal {
    fn of(&self) -> &domain::life::Proposal {
        self.0.of().proposal().expect("it is made only of a version that was proposed")
    }
}

/// How a version was put before its parties (送签), and what they said to it.
#[Object(serial)]
impl Proposal {
    /// The proposing party.
    async fn by(&self, ctx: &Context<'_>) -> Result<District, Fault> {
        District::named(asked(ctx), self.of().by)
    }

    /// The day on which it was proposed.
    async fn on(&self) -> Date {
        Date(self.of().on)
    }

    /// The last day for an answer.
    async fn answer_by(&self) -> Date {
        Date(self.of().answer_by)
    }

    /// Whose answer it needs.
    async fn needs(&self) -> ProposalNeeds {
        self.of().needs.into()
    }

    /// The last day for an objection, under the rule `NO_OBJECTION`; null under the others.
    async fn objections_until(&self) -> Option<Date> {
        (self.of().needs == Needs::NoObjection).then(|| Date(self.of().objections_until(self.0.of().objection_days)))
    }

    /// The parties whose signature counts towards the conclusion.
    async fn signers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<DistrictConnection, Fault> {
        let signers = District::in_order(asked(ctx), self.of().signers.clone())?;
        Ok(Paging::new(first, after, last, before)?.cut(signers)?.into())
    }

    /// Rejections that stand.
    async fn rejections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<RejectionConnection, Fault> {
        Ok(Paging::new(first, after, last, before)?.cut(self.0.listed_rejections(asked(ctx))?)?.into())
    }

    /// The day on which its author took it back; null unless it did.
    async fn withdrawn_on(&self) -> Option<Date> {
        self.of().withdrawn_on.map(Date)
    }

    /// Why it was taken back, where that was said; null unless it was.
    async fn withdrawn_reason(&self) -> Option<&str> {
        self.of().withdrawn_reason.as_deref()
    }

    /// The day on which it lapses, since another version over the same base is concluded then.
    async fn superseded_on(&self) -> Option<Date> {
        self.of().superseded_on.map(Date)
    }
}

/// A party's no to a proposal.
#[derive(Debug, Clone)]
pub struct Rejection {
    version: AgreementVersion,
    district: District,
    on: domain::Date,
    reason: Option<String>,
}

connection! {
    /// A page of rejections.
    RejectionConnection,
    /// A rejection in a list.
    RejectionEdge, Rejection
}

impl AtOnce for Rejection {}

/// A party's no to a proposal (不同意).
#[Object(serial)]
impl Rejection {
    /// The global id, for `node`; it stays while the rejection does.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Rejection(self.version.agreement.id, self.version.of().number, self.district.0.id).to_string())
    }

    /// The party that rejected.
    async fn district(&self) -> &District {
        &self.district
    }

    /// On which day.
    async fn on(&self) -> Date {
        Date(self.on)
    }

    /// Why; null for callers who are not asked themselves.
    async fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// A newcomer that has signed what stands, and waits for consent (加入).
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Accession {
    /// The newcomer.
    district: District,
    /// For itself alone, or for all below it too?
    extent: Extent,
    /// When it signed.
    signed_at: DateTime,
    /// The digest that it signed.
    digest: Digest,
    /// The parties that have consented so far.
    consents: Vec<District>,
}

impl Accession {
    fn of(asked: &RequestContext, accession: &domain::agreement::Accession) -> Result<Self, Fault> {
        let domain::agreement::Accession { party, signature, consents } = accession;
        Ok(Self {
            district: District::named(asked, party.district)?,
            extent: party.extent.into(),
            signed_at: DateTime(signature.at),
            digest: Digest(signature.digest),
            consents: consents.iter().map(|code| District::named(asked, *code)).collect::<Result<_, Fault>>()?,
        })
    }
}

/// A clause that differs between two versions.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ClauseChange {
    /// The clause's key.
    key: String,
    /// How it was changed.
    kind: DifferenceKind,
    /// Which of its parts differ, by their names in the forms: `receiving`, `competent`, `matters`, `mode`,
    /// `modeLabel`, `terms`, `batch`, `validFrom`, `validTo`. None of a clause that was added or removed.
    changed: Vec<String>,
    /// The clause as it was; null when it was added.
    before: Option<Clause>,
    /// The clause as it is; null when it was removed.
    after: Option<Clause>,
    /// Receiving parties that it did not name before.
    added_receiving: Vec<District>,
    /// Receiving parties that it names no more.
    removed_receiving: Vec<District>,
    /// Competent parties that it did not name before.
    added_competent: Vec<District>,
    /// Competent parties that it names no more.
    removed_competent: Vec<District>,
    /// Matters that it did not have before.
    added_matters: Vec<Matter>,
    /// Matters that it has no more.
    removed_matters: Vec<Matter>,
}

/// Differences between two versions, apart from the schedule.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct VersionChanges {
    /// Fields of the version.
    fields: Vec<FieldChange>,
    /// Parties that came, went, or stand for more or fewer districts than before.
    parties: Vec<PartyChange>,
}

/// A field of a version that differs.
#[derive(Debug)]
pub struct FieldChange {
    field: Field,
    before: Option<Json<serde_json::Value>>,
    after: Option<Json<serde_json::Value>>,
}

/// A field of a version that differs between two versions.
#[Object(serial)]
impl FieldChange {
    /// Its name in the forms, such as `title` or `effectiveTo`. Open: clients need a fallback.
    async fn field(&self) -> &str {
        self.field.name()
    }

    /// Its label.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> &str {
        self.field.label(language(ctx, locale))
    }

    /// As it was; null: it was not stated.
    async fn before(&self) -> &Option<Json<serde_json::Value>> {
        &self.before
    }

    /// As it is; null: it is not stated.
    async fn after(&self) -> &Option<Json<serde_json::Value>> {
        &self.after
    }
}

/// A party that differs between two versions.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct PartyChange {
    /// Which district.
    district: District,
    /// How it was changed.
    kind: DifferenceKind,
    /// The party as it was; null when it was added.
    before: Option<Party>,
    /// The party as it is; null when it was removed.
    after: Option<Party>,
}

/// A party, by its place in the version.
#[derive(Debug, Clone)]
pub struct Party {
    pub(crate) version: AgreementVersion,
    pub(crate) party: usize,
}

connection! {
    /// A page of parties.
    PartyConnection,
    /// A party in a list.
    PartyEdge, Party
}

impl Party {
    fn of(&self) -> &domain::Party {
        &self.version.of().parties[self.party]
    }

    fn period(&self, ctx: &Context<'_>) -> domain::Period {
        self.version.agreement.membership(self.version.of(), self.of(), asked(ctx).today)
    }
}

impl AtOnce for Party {
    fn at_once(&self, telling: &mut Telling<'_>, field: &ast::Field) -> Option<()> {
        match field.name.node.as_str() {
            "district" => telling.inner(&District::named(telling.asked, self.of().district).ok()?, field),
            "extent" => telling.word(Extent::from(self.of().extent)),
            _ => None,
        }
    }
}

/// A party (签约方) of a version: a district that is bound, and for whom.
#[Object(serial)]
impl Party {
    /// The global id, for `node`.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> Result<ID, Fault> {
        let district = District::named(asked(ctx), self.of().district)?.0.id;
        Ok(ID(GlobalId::Party(self.version.agreement.id, self.version.of().number, district).to_string()))
    }

    /// The district that is bound.
    async fn district(&self, ctx: &Context<'_>) -> Result<District, Fault> {
        District::named(asked(ctx), self.of().district)
    }

    /// Is it bound for itself alone, or for all below it too?
    async fn extent(&self) -> Extent {
        self.of().extent.into()
    }

    /// The bodies that signed for it, and for which domains they stand (签署部门).
    async fn bodies(&self) -> Vec<SigningBody> {
        self.of().bodies.iter().map(Into::into).collect()
    }

    /// The first day of a newcomer; null: from the start.
    async fn joined_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.period(ctx).from.map(Date)
    }

    /// The last day of a party that gave notice; null: it stays.
    async fn left_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.period(ctx).to.map(Date)
    }

    /// What it is on a day. The text names all whom the digest covers, also those that have left, have not joined, stayed out or
    /// were dropped.
    async fn membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day that is asked about; today in China unless given.")] on: Option<Date>,
    ) -> Membership {
        let agreement = &self.version.agreement;
        let on = on.map_or_else(|| agreement.known_on(asked(ctx).today), |on| on.0);
        agreement.membership_of(self.version.of(), self.of(), on).into()
    }

    /// What it says of the record, where the agreement was signed on paper.
    async fn confirmation(&self) -> Confirmation {
        self.version.of().confirmation_of(self.of()).into()
    }
}

/// A body that signs for a party.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct SigningBody {
    /// Its name.
    name: String,
    /// Its unified social credit code.
    credit_code: Option<CreditCode>,
    /// The domains for which it stands; none named: all.
    domains: Vec<MatterDomain>,
}

impl From<&domain::SigningBody> for SigningBody {
    fn from(body: &domain::SigningBody) -> Self {
        let domain::SigningBody { name, credit_code, domains } = body;
        Self { name: name.to_string(), credit_code: credit_code.map(CreditCode), domains: words::schema(domains) }
    }
}

/// A party's signature under a version.
#[derive(Debug, Clone)]
pub struct Signature {
    version: AgreementVersion,
    district: District,
    /// How many this party gave before.
    pub(crate) nth: u32,
    signed_at: chrono::DateTime<chrono::Utc>,
    digest: domain::Digest,
}

connection! {
    /// A page of signatures.
    SignatureConnection,
    /// A signature in a list.
    SignatureEdge, Signature
}

impl AtOnce for Signature {}

/// The signature (签署) of a party: it speaks of the digest that the party read.
#[Object(serial)]
impl Signature {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Signature(self.version.agreement.id, self.version.of().number, self.district.0.id, self.nth).to_string())
    }

    /// The party that signed.
    async fn district(&self) -> &District {
        &self.district
    }

    /// When it signed.
    async fn signed_at(&self) -> DateTime {
        DateTime(self.signed_at)
    }

    /// The digest that it signed.
    async fn digest(&self) -> Digest {
        Digest(self.digest)
    }
}

/// A suspension (暂停): a flag that stops routes. It covers the days from `since` to `until`.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Suspension {
    /// Whose flag it is: it stops the routes in which that party takes part. Null: the registry's own, which
    /// stops all.
    party: Option<District>,
    /// Its first day.
    since: Date,
    /// Its last day, as set or because it was cleared the day after; null: until it is cleared.
    until: Option<Date>,
    /// Why.
    reason: String,
}

impl Suspension {
    /// `None` for a flag that was cleared before it covered a day.
    fn of(ctx: &Context<'_>, suspension: &domain::Suspension) -> Result<Option<Self>, Fault> {
        let domain::Suspension { party, since, until, cleared_on, contests: _, reason } = suspension;
        let before_clearing = cleared_on.and_then(|cleared| cleared.pred_opt());
        let covers = domain::Period::new(Some(*since), *until).and(domain::Period::new(None, before_clearing));
        if covers.is_backwards() {
            return Ok(None);
        }
        let party = party.map(|code| District::named(asked(ctx), code)).transpose()?;
        Ok(Some(Self { party, since: Date(*since), until: covers.to.map(Date), reason: reason.to_string() }))
    }
}

/// A notice (退出告知): a party leaves.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Notice {
    /// The party that leaves.
    party: District,
    /// Its last day as a party.
    ends_on: Date,
    /// Why.
    reason: String,
}
