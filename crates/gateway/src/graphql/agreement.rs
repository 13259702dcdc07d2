//! Agreements (协议) and their versions in the schema.

use std::collections::BTreeMap;

use async_graphql::parser::types as ast;
use async_graphql::{Context, ID, Interface, Json, Object, SimpleObject};
use catalogue::{Kept, Listed};
use domain::agreement::diff::{self, Field};
use domain::agreement::lifecycle::{Life, Needs};
use domain::{DistrictCode, MatterCode, RecordKind, Scope};
use futures::FutureExt as _;

use super::change::{ChangeConnection, Feed};
use super::clause::{Clause, ClauseConnection};
use super::context::{language, request_context};
use super::direct_json::{DirectObject, JsonWriter, WriteJson};
use super::district::{District, DistrictConnection, Provenance};
use super::document::Document;
use super::ids::GlobalId;
use super::matter::Matter;
use super::page::{Paging, connection, in_order};
use super::policy::Policy;
use super::scalar::{self, CreditCode, Date, DateTime, Digest, Revision, int};
use super::words::{
    self, Admission, AmendmentRule, ConclusionRule, Confirmation, DifferenceKind, Extent, LapseReason, Locale, MatterDomain, Membership,
    ProposalNeeds, Standing, VersionState,
};
use crate::error::Error;
use crate::request_context::RequestContext;

/// The basis of a route (依据): a version of an agreement, or a policy. More types may be added: clients need a fallback.
#[derive(Debug, Interface)]
#[expect(clippy::duplicated_attributes, reason = "two fields of one type")]
#[graphql(
    field(name = "id", ty = "ID", desc = "The global id. `node(id:)` returns the record again."),
    field(name = "title", ty = "String", desc = "The title."),
    field(name = "document_number", ty = "Option<String>", desc = "The document number (发文字号)."),
    field(name = "effective_from", ty = "Option<Date>", desc = "The first day of validity. Null: no start."),
    field(name = "effective_to", ty = "Option<Date>", desc = "The last day of validity. Null: no end.")
)]
pub enum Basis {
    AgreementVersion(AgreementVersion),
    Policy(Policy),
}

impl Basis {
    /// The basis of an answer as the caller may see it. Answers are computed from what is published.
    pub(crate) fn new(request: &RequestContext, basis: &catalogue::Basis) -> Self {
        match basis {
            catalogue::Basis::Agreement { agreement, version } => {
                let number = agreement.versions[*version].number;
                let seen = AgreementVersion::numbered(&Agreement::through(request, agreement).0, number);
                Self::AgreementVersion(seen.unwrap_or_else(|| AgreementVersion { agreement: agreement.clone(), version: *version }))
            }
            catalogue::Basis::Policy(policy) => Self::Policy(Policy(policy.clone())),
        }
    }
}

impl WriteJson for Basis {
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &ast::Field) -> Option<()> {
        match self {
            Self::AgreementVersion(version) => version.write_field(json, field),
            Self::Policy(policy) => policy.write_field(json, field),
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
    /// The agreement as the caller may see it.
    pub(crate) fn through(request: &RequestContext, published: &Kept<domain::Agreement>) -> Self {
        let seen = if request.scope == Scope::Public { None } else { request.snapshot.agreement(published.number, &request.scope) };
        Self(seen.unwrap_or_else(|| published.clone()))
    }

    fn at(&self, version: Option<&domain::Version>) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, version?.number)
    }
}

impl WriteJson for Agreement {
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &ast::Field) -> Option<()> {
        match field.name.node.as_str() {
            "id" => json.code(self.0.id),
            "number" => json.code(self.0.number),
            "title" => json.text(&self.0.latest().title),
            _ => None,
        }
    }
}

/// An agreement (协议) of two or more districts, with all its versions. Dates and suspensions decide which version is in
/// force on a day, and what the standing of the agreement is.
#[Object(serial)]
impl Agreement {
    /// The global id. `node(id:)` returns the record again.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The revision (数据版本) of the newest change of this agreement that the caller may see. Null when the database is
    /// not available.
    async fn revision(&self, ctx: &Context<'_>) -> Result<Revision, Error> {
        if self.0.revision != catalogue::UNKNOWN {
            return Ok(Revision(self.0.revision));
        }
        let request = request_context(ctx);
        let id = self.0.id.number();
        let newest = request.store.last_seen(&[id], request.snapshot.revision(), &request.reading()).boxed().await?;
        // A conclusion by date is visible before the change that records it.
        Ok(Revision(newest.get(&id).copied().unwrap_or(id)))
    }

    /// The agreement number (协议编号).
    async fn number(&self) -> scalar::AgreementNumber {
        scalar::AgreementNumber(self.0.number)
    }

    /// The title of the newest version that the caller may see.
    async fn title(&self) -> &str {
        &self.0.latest().title
    }

    /// The standing of the agreement on a day.
    async fn standing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<Date>,
    ) -> Standing {
        let known_on = self.0.known_on(request_context(ctx).today);
        self.0.published_standing(on.map_or(known_on, |on| on.0), known_on).into()
    }

    /// The framework agreement above this one, such as the agreement of the provinces above that of their cities. Null
    /// when there is none, and when the caller may not see it.
    async fn framework(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let request = request_context(ctx);
        self.0.framework().and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The agreement that this one replaces. Null when there is none, and when the caller may not see it.
    async fn replaces(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let request = request_context(ctx);
        self.0.replaces().and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The lead party (牵头方).
    async fn lead(&self, ctx: &Context<'_>) -> Result<District, Error> {
        District::named(request_context(ctx), self.0.latest().lead)
    }

    /// The source and the licence of the record.
    async fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The day on which the record was voided as entered in error. Null when it was not voided.
    async fn voided_on(&self) -> Option<Date> {
        self.0.voided.as_ref().map(|voided| Date(voided.on))
    }

    /// The reason of voiding. Null when the record was not voided.
    async fn voided_reason(&self) -> Option<&str> {
        self.0.voided.as_ref().map(|voided| &*voided.reason)
    }

    /// The version in force on a day. Null when there is none. A suspension does not change the version: see
    /// `standing`.
    async fn in_force(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<Date>,
    ) -> Option<DirectObject<AgreementVersion>> {
        let known_on = self.0.known_on(request_context(ctx).today);
        let published = self.0.seen_by(&Scope::Public, known_on)?;
        self.at(published.version_in_force(on.map_or(known_on, |on| on.0))).map(DirectObject)
    }

    /// The newest version that the caller may see.
    async fn latest(&self) -> Option<DirectObject<AgreementVersion>> {
        self.at(Some(self.0.latest())).map(DirectObject)
    }

    /// The version with this number. Null when there is none that the caller may see.
    async fn version(&self, #[graphql(desc = "The number of the version, from 1.")] number: i32) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, u32::try_from(number).ok()?)
    }

    /// The versions that the caller may see, oldest first.
    async fn versions(
        &self,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<AgreementVersionConnection, Error> {
        let listed = |(version, of): (usize, &domain::Version)| Listed {
            rank: 0,
            code: of.number,
            item: AgreementVersion { agreement: self.0.clone(), version },
        };
        Ok(Paging::new(first, after, last, before)?.cut(self.0.versions.iter().enumerate().map(listed).collect())?.into())
    }

    /// All suspensions (暂停): past, present and future.
    async fn suspensions(&self, ctx: &Context<'_>) -> Result<Vec<Suspension>, Error> {
        self.0.suspensions.iter().filter_map(|suspension| Suspension::of(ctx, suspension).transpose()).collect()
    }

    /// The notices (退出告知) of parties that leave.
    async fn notices(&self, ctx: &Context<'_>) -> Result<Vec<Notice>, Error> {
        let notice = |notice: &domain::Notice| {
            let domain::Notice { party, ends_on, law_changed: _, reason } = notice;
            Ok(Notice { party: District::named(request_context(ctx), *party)?, ends_on: Date(*ends_on), reason: reason.to_string() })
        };
        self.0.notices.iter().map(notice).collect()
    }

    /// The documents (文件) attached to the agreement that the caller may see.
    async fn documents(&self, ctx: &Context<'_>) -> Vec<Document> {
        let request = request_context(ctx);
        request.snapshot.documents(self.0.number, &request.scope).into_iter().map(Document).collect()
    }

    /// The changes (变更) of this agreement that the caller may see, oldest first. Null when the database is not
    /// available.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ChangeConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        Feed::of_record(RecordKind::Agreement, self.0.id.number()).page(ctx, &paging).boxed().await
    }
}

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

    fn of(&self) -> &domain::Version {
        &self.agreement.versions[self.version]
    }

    fn global_id(&self) -> String {
        GlobalId::Version(self.agreement.id, self.of().number).to_string()
    }

    fn first_day(&self) -> Option<domain::Date> {
        self.of().term().map_or(self.of().effective_from, |term| term.from)
    }

    /// The party at a position.
    pub(crate) fn listed_party(&self, at: usize) -> Option<Listed<DistrictCode, Party>> {
        let code = self.of().parties.get(at)?.district;
        Some(Listed { rank: u32::try_from(at).ok()?, code, item: Party { version: self.clone(), party: at } })
    }

    fn parties_of(&self, paging: &Paging) -> Result<PartyConnection, Error> {
        Ok(paging.cut_from(self.of().parties.len(), |at| self.listed_party(at))?.into())
    }

    fn schedule_of(&self, paging: &Paging) -> Result<ClauseConnection, Error> {
        let clause = |at| Clause::listed(&self.agreement, self.version, at);
        Ok(paging.cut_from(self.of().schedule.len(), clause)?.into())
    }

    /// The signatures, in their order.
    pub(crate) fn listed_signatures(&self, request: &RequestContext) -> Result<Vec<Listed<DistrictCode, Signature>>, Error> {
        let mut counted: BTreeMap<DistrictCode, u32> = BTreeMap::new();
        let signature = |given: &domain::agreement::lifecycle::Signature| {
            let district = District::named(request, given.party)?;
            let count = counted.entry(given.party).or_default();
            let nth = *count;
            *count += 1;
            Ok((given.party, Signature { version: self.clone(), district, nth, signed_at: given.at, digest: given.digest }))
        };
        Ok(in_order(self.of().signatures().map(signature).collect::<Result<Vec<_>, Error>>()?))
    }

    /// The rejections, in their order.
    pub(crate) fn listed_rejections(&self, request: &RequestContext) -> Result<Vec<Listed<DistrictCode, Rejection>>, Error> {
        let given = self.of().proposal().map_or(&[][..], |proposal| &proposal.rejections);
        let rejection = |given: &domain::agreement::lifecycle::Rejection| {
            let domain::agreement::lifecycle::Rejection { party, on, reason } = given;
            let reason = (!reason.is_empty()).then(|| reason.to_string());
            Ok((*party, Rejection { version: self.clone(), district: District::named(request, *party)?, on: *on, reason }))
        };
        Ok(in_order(given.iter().map(rejection).collect::<Result<Vec<_>, Error>>()?))
    }

    /// The version to compare with: the requested one, else the base, else the one before.
    fn compared_with(&self, from: Option<i32>) -> Result<Option<Self>, Error> {
        if let Some(from) = from {
            let request = u32::try_from(from).ok().and_then(|number| Self::numbered(&self.agreement, number));
            return request.map(Some).ok_or_else(|| {
                Error::bad_input("from", domain::Message::new(format!("协议没有第 {from} 版"), format!("the agreement has no version {from}")))
            });
        }
        // The caller may not be allowed to see the base, a proposal.
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

    /// A field as the line of the version contains it.
    fn written(&self, field: Field) -> Option<Json<serde_json::Value>> {
        // A line leaves default values out.
        if field == Field::ObjectionDays {
            return Some(Json(self.of().objection_days.into()));
        }
        let mut line = serde_json::to_value(self.of()).ok()?;
        line.get_mut(field.name()).map(|value| Json(value.take()))
    }
}

impl WriteJson for AgreementVersion {
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &ast::Field) -> Option<()> {
        let of = self.of();
        match field.name.node.as_str() {
            "id" => json.code(self.global_id()),
            "number" => json.number(int(of.number)),
            "title" => json.text(&of.title),
            "state" => json.word(VersionState::from(of.state(json.request.today))),
            "parties" => json.inner(&self.parties_of(&Paging::plain(field)?).ok()?, field),
            "schedule" => json.inner(&self.schedule_of(&Paging::plain(field)?).ok()?, field),
            "documentNumber" => json.or_null(of.document_number.as_deref(), JsonWriter::text),
            "effectiveFrom" => json.or_null(self.first_day(), JsonWriter::code),
            "effectiveTo" => json.or_null(of.ends_on(json.request.today), JsonWriter::code),
            _ => None,
        }
    }
}

/// A version of an agreement: its parties, terms and schedule. It is frozen when it is proposed. Its digest covers
/// everything that is agreed.
#[Object(serial)]
impl AgreementVersion {
    /// The global id. `node(id:)` returns the record again.
    pub(super) async fn id(&self) -> ID {
        ID(self.global_id())
    }

    /// The agreement of this version.
    #[graphql(name = "agreement")]
    async fn whole(&self) -> Agreement {
        Agreement(self.agreement.clone())
    }

    /// The number of the version, from 1.
    async fn number(&self) -> i32 {
        int(self.of().number)
    }

    /// The version that this one was drafted upon. Null when there is none, and when the caller may not see it.
    async fn base(&self) -> Option<AgreementVersion> {
        Self::numbered(&self.agreement, self.of().base_version?)
    }

    /// The number of the version that this one was drafted upon. Null when there is none.
    async fn base_version(&self) -> Option<i32> {
        self.of().base_version.map(int)
    }

    /// The state of the version.
    async fn state(&self, ctx: &Context<'_>) -> VersionState {
        self.of().state(request_context(ctx).today).into()
    }

    /// Why the version has lapsed. Null when it has not.
    async fn lapse_reason(&self, ctx: &Context<'_>) -> Option<LapseReason> {
        self.of().lapse_reason(request_context(ctx).today).map(Into::into)
    }

    /// The digest that the parties sign: SHA-256 over the canonical JSON (RFC 8785) of everything that is agreed. Null
    /// for a draft.
    async fn digest(&self) -> Option<Digest> {
        Some(Digest(self.of().digest(self.agreement.number)))
    }

    /// The title.
    async fn title(&self) -> String {
        self.of().title.to_string()
    }

    /// The document number (发文字号). Null when there is none.
    async fn document_number(&self) -> Option<String> {
        self.of().document_number.as_deref().map(Into::into)
    }

    /// The day of signing; for a version signed in this registry, the day of the last signature. Null when it is not
    /// signed or the day is unknown.
    async fn signed_on(&self) -> Option<Date> {
        self.of().signed_on().map(Date)
    }

    /// The first day of validity: the stated one, else the day of signing. Null: no start, or not known yet.
    async fn effective_from(&self) -> Option<Date> {
        self.first_day().map(Date)
    }

    /// The last day of validity; with automatic renewal, the end of the current period. Null: no end.
    async fn effective_to(&self, ctx: &Context<'_>) -> Option<Date> {
        self.of().ends_on(request_context(ctx).today).map(Date)
    }

    /// Which parties must sign a changed schedule.
    async fn amendment_rule(&self) -> AmendmentRule {
        self.of().amendment_rule.into()
    }

    /// When the first version is concluded.
    async fn concludes(&self) -> ConclusionRule {
        self.of().concludes.into()
    }

    /// Which consent a newcomer needs.
    async fn admission(&self) -> Admission {
        self.of().admission.into()
    }

    /// The notice period in days for a party that leaves.
    async fn notice_days(&self) -> i32 {
        int(self.of().notice_days)
    }

    /// The period in days within which a party may object to a changed schedule, under the amendment rule
    /// `NO_OBJECTION`.
    async fn objection_days(&self) -> i32 {
        int(self.of().objection_days)
    }

    /// The automatic renewal. Null: the version ends on its last day.
    async fn renewal(&self) -> Option<Renewal> {
        let domain::agreement::lifecycle::Renewal { months, objection_days } = self.of().renewal?;
        Some(Renewal { months: int(months), objection_days: int(objection_days) })
    }

    /// The parties that have objected to the next renewal.
    async fn renewal_opposed_by(&self, ctx: &Context<'_>) -> Result<Vec<District>, Error> {
        self.of().objections.iter().map(|objection| District::named(request_context(ctx), objection.party)).collect()
    }

    /// How applications received before the end of the agreement are handled. Null: under the terms of the agreement.
    async fn run_out(&self) -> Option<&str> {
        self.of().run_out.as_deref()
    }

    /// The drafting party. Null once the version is proposed, and for a paper record.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<District>, Error> {
        match &self.of().life {
            Life::Draft(draft) => District::named(request_context(ctx), draft.author).map(Some),
            Life::Proposal(_) | Life::Paper(_) => Ok(None),
        }
    }

    /// The proposal: when and by whom the version was proposed, and who must answer. Null for a draft and for a paper
    /// record.
    async fn proposal(&self) -> Option<Proposal> {
        self.of().proposal()?;
        Some(Proposal(self.clone()))
    }

    /// True when the agreement was signed on paper and recorded here.
    async fn recorded_from_paper(&self) -> bool {
        matches!(self.of().life, Life::Paper(_))
    }

    /// The party that recorded the paper agreement; the record takes effect between two parties once both have
    /// confirmed it. Null when a steward recorded it, which takes effect at once, and when the version was signed in
    /// this registry.
    async fn recorder(&self, ctx: &Context<'_>) -> Result<Option<District>, Error> {
        match &self.of().life {
            Life::Paper(paper) => paper.recorder.map(|code| District::named(request_context(ctx), code)).transpose(),
            Life::Draft(_) | Life::Proposal(_) => Ok(None),
        }
    }

    /// The newcomers that have signed and wait for consent. Parties see all of them, a newcomer sees itself.
    async fn accessions(&self, ctx: &Context<'_>) -> Result<Vec<Accession>, Error> {
        self.of().accessions.iter().map(|accession| Accession::of(request_context(ctx), accession)).collect()
    }

    /// The last day on which the parties may answer the proposal. Null when the version waits for no answer.
    async fn answer_by(&self, ctx: &Context<'_>) -> Option<Date> {
        let waits = self.of().state(request_context(ctx).today) == domain::agreement::lifecycle::VersionState::Proposed;
        self.of().proposal().filter(|_| waits).map(|proposal| Date(proposal.answer_by))
    }

    /// The lead party (牵头方) of this version.
    async fn lead(&self, ctx: &Context<'_>) -> Result<District, Error> {
        District::named(request_context(ctx), self.of().lead)
    }

    /// The agreement that this version replaces. Null when there is none, and when the caller may not see it.
    async fn replaces(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let request = request_context(ctx);
        self.of().replaces.and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The framework agreement above this version. Null when there is none, and when the caller may not see it.
    async fn framework(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let request = request_context(ctx);
        self.of().framework.and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The parties (签约方), in the order of the text.
    async fn parties(
        &self,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<PartyConnection, Error> {
        self.parties_of(&Paging::new(first, after, last, before)?)
    }

    /// The clauses of the schedule (通办事项清单), in the order of the text. The schedule may be empty.
    async fn schedule(
        &self,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ClauseConnection, Error> {
        self.schedule_of(&Paging::new(first, after, last, before)?)
    }

    /// The signatures (签署) given in this registry: first those of the parties asked, then those of newcomers. For a
    /// paper record only those of newcomers.
    async fn signatures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<SignatureConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(self.listed_signatures(request_context(ctx))?)?.into())
    }

    /// The parties whose required signature is missing. Empty once the version is concluded.
    async fn outstanding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<DistrictConnection, Error> {
        let request = request_context(ctx);
        let waits = self.of().state(request.today) == domain::agreement::lifecycle::VersionState::Proposed;
        let outstanding = self.of().proposal().filter(|_| waits).map(domain::agreement::lifecycle::Proposal::outstanding).unwrap_or_default();
        Ok(Paging::new(first, after, last, before)?.cut(District::in_order(request, outstanding)?)?.into())
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
        let request = request_context(ctx);
        let base = self.compared_with(from)?;
        let matters = |codes: &[MatterCode]| codes.iter().map(|code| Matter::named(request, *code)).collect::<Result<_, Error>>();
        let districts = |codes: &[DistrictCode]| codes.iter().map(|code| District::named(request, *code)).collect::<Result<_, Error>>();
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

    /// The fields and parties that differ from another version.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The number of the version to compare with. Default: the base of this version, else the version before it. The first version is compared with an empty one."
        )]
        from: Option<i32>,
    ) -> Result<VersionChanges, Error> {
        let base = self.compared_with(from)?;
        let difference = diff::difference(base.as_ref().map(Self::of), self.of());
        let field = |field: Field| FieldChange { field, before: base.as_ref().and_then(|base| base.written(field)), after: self.written(field) };
        let party = |edit: diff::Edit<'_, domain::Party>| {
            let (before, after) = (edit.before(), edit.after());
            let code = after.or(before).map(|party| party.district);
            let code = code.ok_or_else(|| Error::Internal("a party that differs was there before, or is there now".to_owned()))?;
            Ok(PartyChange {
                district: District::named(request_context(ctx), code)?,
                kind: edit.kind().into(),
                before: before.and_then(|_| base.as_ref()?.party(code)),
                after: after.and_then(|_| self.party(code)),
            })
        };
        Ok(VersionChanges {
            fields: difference.fields.into_iter().map(field).collect(),
            parties: difference.parties.into_iter().map(party).collect::<Result<_, Error>>()?,
        })
    }
}

/// Automatic renewal (续期) of an agreement at the end of its term, unless a party objects in time.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Renewal {
    /// The length of each renewal in months.
    months: i32,
    /// The number of days before the end of the term until which a party may object.
    objection_days: i32,
}

/// The proposal of a version.
#[derive(Debug, Clone)]
pub struct Proposal(AgreementVersion);

impl Proposal {
    fn of(&self) -> &domain::agreement::lifecycle::Proposal {
        self.0.of().proposal().expect("it is made only of a version that was proposed")
    }
}

/// The proposal (送签) of a version to its parties, and their answers.
#[Object(serial)]
impl Proposal {
    /// The proposing party.
    async fn by(&self, ctx: &Context<'_>) -> Result<District, Error> {
        District::named(request_context(ctx), self.of().by)
    }

    /// The day of the proposal.
    async fn on(&self) -> Date {
        Date(self.of().on)
    }

    /// The last day on which a party may answer.
    async fn answer_by(&self) -> Date {
        Date(self.of().answer_by)
    }

    /// Which parties must answer.
    async fn needs(&self) -> ProposalNeeds {
        self.of().needs.into()
    }

    /// The last day for objections, under the amendment rule `NO_OBJECTION`. Null under other rules.
    async fn objections_until(&self) -> Option<Date> {
        (self.of().needs == Needs::NoObjection).then(|| Date(self.of().objections_until(self.0.of().objection_days)))
    }

    /// The parties whose signature is required.
    async fn signers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<DistrictConnection, Error> {
        let signers = District::in_order(request_context(ctx), self.of().signers.clone())?;
        Ok(Paging::new(first, after, last, before)?.cut(signers)?.into())
    }

    /// The rejections that have not been taken back.
    async fn rejections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<RejectionConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(self.0.listed_rejections(request_context(ctx))?)?.into())
    }

    /// The day on which the proposal was withdrawn. Null when it was not.
    async fn withdrawn_on(&self) -> Option<Date> {
        self.of().withdrawn_on.map(Date)
    }

    /// The reason of the withdrawal. Null when none was given.
    async fn withdrawn_reason(&self) -> Option<&str> {
        self.of().withdrawn_reason.as_deref()
    }

    /// The day on which the proposal lapses because another version with the same base is concluded. Null when there is
    /// none.
    async fn superseded_on(&self) -> Option<Date> {
        self.of().superseded_on.map(Date)
    }
}

/// The rejection of a proposal by a party.
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

impl WriteJson for Rejection {}

/// The rejection of a proposal by a party (不同意).
#[Object(serial)]
impl Rejection {
    /// The global id. `node(id:)` returns the rejection until it is taken back.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Rejection(self.version.agreement.id, self.version.of().number, self.district.0.id).to_string())
    }

    /// The party that rejected the proposal.
    async fn district(&self) -> &District {
        &self.district
    }

    /// The day of the rejection.
    async fn on(&self) -> Date {
        Date(self.on)
    }

    /// The reason. Null for callers who are not parties to the proposal.
    async fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// A newcomer that has signed the newest concluded version and waits for consent (加入).
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Accession {
    /// The newcomer.
    district: District,
    /// Whether the newcomer also joins for all districts below it.
    extent: Extent,
    /// When the newcomer signed.
    signed_at: DateTime,
    /// The digest that the newcomer signed.
    digest: Digest,
    /// The parties that have consented so far.
    consents: Vec<District>,
}

impl Accession {
    fn of(request: &RequestContext, accession: &domain::agreement::party::Accession) -> Result<Self, Error> {
        let domain::agreement::party::Accession { party, signature, consents } = accession;
        Ok(Self {
            district: District::named(request, party.district)?,
            extent: party.extent.into(),
            signed_at: DateTime(signature.at),
            digest: Digest(signature.digest),
            consents: consents.iter().map(|code| District::named(request, *code)).collect::<Result<_, Error>>()?,
        })
    }
}

/// A clause that differs between two versions.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ClauseChange {
    /// The key of the clause.
    key: String,
    /// The kind of difference.
    kind: DifferenceKind,
    /// The names of the parts that differ: `receiving`, `competent`, `matters`, `mode`, `modeLabel`, `terms`, `batch`,
    /// `validFrom`, `validTo`. Empty for a clause that was added or removed.
    changed: Vec<String>,
    /// The clause in the earlier version. Null when it was added.
    before: Option<Clause>,
    /// The clause in the later version. Null when it was removed.
    after: Option<Clause>,
    /// Receiving parties that only the later version names.
    added_receiving: Vec<District>,
    /// Receiving parties that only the earlier version names.
    removed_receiving: Vec<District>,
    /// Competent parties that only the later version names.
    added_competent: Vec<District>,
    /// Competent parties that only the earlier version names.
    removed_competent: Vec<District>,
    /// Matters that only the later version contains.
    added_matters: Vec<Matter>,
    /// Matters that only the earlier version contains.
    removed_matters: Vec<Matter>,
}

/// The differences between two versions, apart from the schedule.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct VersionChanges {
    /// The fields that differ.
    fields: Vec<FieldChange>,
    /// The parties that were added or removed, or whose extent changed.
    parties: Vec<PartyChange>,
}

/// A field that differs between two versions.
#[derive(Debug)]
pub struct FieldChange {
    field: Field,
    before: Option<Json<serde_json::Value>>,
    after: Option<Json<serde_json::Value>>,
}

/// A field that differs between two versions.
#[Object(serial)]
impl FieldChange {
    /// The name of the field, as in the inputs, such as `title` or `effectiveTo`. More may be added: clients need a
    /// fallback.
    async fn field(&self) -> &str {
        self.field.name()
    }

    /// The label of the field.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.field.label(language(ctx, locale))
    }

    /// The value in the earlier version, as in the inputs. Null when it is not stated.
    async fn before(&self) -> &Option<Json<serde_json::Value>> {
        &self.before
    }

    /// The value in the later version, as in the inputs. Null when it is not stated.
    async fn after(&self) -> &Option<Json<serde_json::Value>> {
        &self.after
    }
}

/// A party that differs between two versions.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct PartyChange {
    /// The district.
    district: District,
    /// The kind of difference.
    kind: DifferenceKind,
    /// The party in the earlier version. Null when it was added.
    before: Option<Party>,
    /// The party in the later version. Null when it was removed.
    after: Option<Party>,
}

/// A party, by its position in the version.
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
        self.version.agreement.membership(self.version.of(), self.of(), request_context(ctx).today)
    }
}

impl WriteJson for Party {
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &ast::Field) -> Option<()> {
        match field.name.node.as_str() {
            "district" => json.inner(&District::named(json.request, self.of().district).ok()?, field),
            "extent" => json.word(Extent::from(self.of().extent)),
            _ => None,
        }
    }
}

/// A party (签约方) of a version: a district that is bound by it, alone or with all districts below it.
#[Object(serial)]
impl Party {
    /// The global id. `node(id:)` returns the record again.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> Result<ID, Error> {
        let district = District::named(request_context(ctx), self.of().district)?.0.id;
        Ok(ID(GlobalId::Party(self.version.agreement.id, self.version.of().number, district).to_string()))
    }

    /// The district.
    async fn district(&self, ctx: &Context<'_>) -> Result<District, Error> {
        District::named(request_context(ctx), self.of().district)
    }

    /// Whether all districts below the district are bound as well.
    async fn extent(&self) -> Extent {
        self.of().extent.into()
    }

    /// The bodies that signed for the party (签署部门), with the domains for which they are responsible.
    async fn bodies(&self) -> Vec<SigningBody> {
        self.of().bodies.iter().map(Into::into).collect()
    }

    /// The first day of a newcomer. Null for a party from the beginning.
    async fn joined_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.period(ctx).from.map(Date)
    }

    /// The last day of a party that gave notice. Null for a party that stays.
    async fn left_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.period(ctx).to.map(Date)
    }

    /// The relation of the district to the agreement on a day. The text of a version keeps all districts that its
    /// digest covers, including those that have left or never joined.
    async fn membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<Date>,
    ) -> Membership {
        let agreement = &self.version.agreement;
        let on = on.map_or_else(|| agreement.known_on(request_context(ctx).today), |on| on.0);
        agreement.membership_of(self.version.of(), self.of(), on).into()
    }

    /// The answer of the party to a paper record.
    async fn confirmation(&self) -> Confirmation {
        self.version.of().confirmation_of(self.of()).into()
    }
}

/// A body that signs for a party (签署部门).
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct SigningBody {
    /// The name of the body.
    name: String,
    /// The unified social credit code of the body. Null when it is not stated.
    credit_code: Option<CreditCode>,
    /// The domains for which the body is responsible. Empty: all domains.
    domains: Vec<MatterDomain>,
}

impl From<&domain::SigningBody> for SigningBody {
    fn from(body: &domain::SigningBody) -> Self {
        let domain::SigningBody { name, credit_code, domains } = body;
        Self { name: name.to_string(), credit_code: credit_code.map(CreditCode), domains: words::schema(domains) }
    }
}

/// The signature of a party under a version.
#[derive(Debug, Clone)]
pub struct Signature {
    version: AgreementVersion,
    district: District,
    /// The number of earlier signatures of this party.
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

impl WriteJson for Signature {}

/// The signature (签署) of a party over the digest of a version.
#[Object(serial)]
impl Signature {
    /// The global id. `node(id:)` returns the record again.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Signature(self.version.agreement.id, self.version.of().number, self.district.0.id, self.nth).to_string())
    }

    /// The party that signed.
    async fn district(&self) -> &District {
        &self.district
    }

    /// When the party signed.
    async fn signed_at(&self) -> DateTime {
        DateTime(self.signed_at)
    }

    /// The digest that the party signed.
    async fn digest(&self) -> Digest {
        Digest(self.digest)
    }
}

/// A suspension (暂停): routes of the agreement do not exist from `since` to `until`.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Suspension {
    /// The party that set the suspension: it affects the routes in which that party takes part. Null when the registry
    /// set it: it affects all routes.
    party: Option<District>,
    /// The first day.
    since: Date,
    /// The last day: the stated one, or the day before the suspension was ended. Null: it lasts until it is ended.
    until: Option<Date>,
    /// The reason.
    reason: String,
}

impl Suspension {
    /// `None` for a suspension that was ended before it covered a day.
    fn of(ctx: &Context<'_>, suspension: &domain::Suspension) -> Result<Option<Self>, Error> {
        let domain::Suspension { party, since, until, cleared_on, contests: _, reason } = suspension;
        let before_clearing = cleared_on.and_then(|cleared| cleared.pred_opt());
        let covers = domain::Period::new(Some(*since), *until).and(domain::Period::new(None, before_clearing));
        if covers.is_backwards() {
            return Ok(None);
        }
        let party = party.map(|code| District::named(request_context(ctx), code)).transpose()?;
        Ok(Some(Self { party, since: Date(*since), until: covers.to.map(Date), reason: reason.to_string() }))
    }
}

/// A notice (退出告知): a party leaves the agreement.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Notice {
    /// The party that leaves.
    party: District,
    /// The last day of the party.
    ends_on: Date,
    /// The reason.
    reason: String,
}
