//! Agreements (协议) and their versions as callers see them.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Interface, Object, SimpleObject};
use catalogue::{Kept, Listed};
use domain::{DistrictCode, Eyes, MatterCode, RecordKind};

use super::asked;
use super::change::{ChangeConnection, Feed};
use super::clause::{Clause, ClauseConnection};
use super::district::{District, DistrictConnection, Provenance};
use super::error::Fault;
use super::ids::GlobalId;
use super::matter::Matter;
use super::page::{Paging, connection, cost, in_order};
use super::policy::Policy;
use super::scalar::{self, CreditCode, Date, DateTime, Digest, Revision, Url, int};
use super::words::{self, Admission, AmendmentRule, ConclusionRule, Confirmation, Extent, MatterDomain, Standing, VersionState};
use crate::asked::Asked;

/// What a route rests on (依据): a version of an agreement or a policy. Open: clients need a fallback.
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

impl From<&catalogue::Basis> for Basis {
    fn from(basis: &catalogue::Basis) -> Self {
        match basis {
            catalogue::Basis::Agreement { agreement, version } => {
                Self::AgreementVersion(AgreementVersion { agreement: agreement.clone(), version: *version })
            }
            catalogue::Basis::Policy(policy) => Self::Policy(Policy(policy.clone())),
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
    fn at(&self, version: Option<&domain::Version>) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, version?.number)
    }
}

/// An agreement (协议): a record agreed by two or more districts. It has a line of versions; which one holds on
/// a day, and what the agreement is worth then, follows from dates and flags.
#[Object]
impl Agreement {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The newest change of this agreement.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The number that the registry gave it.
    async fn number(&self) -> scalar::AgreementNumber {
        scalar::AgreementNumber(self.0.number)
    }

    /// The title of its latest version.
    async fn title(&self) -> &str {
        &self.0.latest().title
    }

    /// What it is worth on a day.
    async fn standing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day that is asked about; today in China unless given.")] on: Option<Date>,
    ) -> Standing {
        self.0.standing(on.map_or(asked(ctx).today, |on| on.0)).into()
    }

    /// The agreement that it stands under, such as a province's above those of its cities.
    async fn framework(&self, ctx: &Context<'_>) -> Option<Agreement> {
        self.0.framework().and_then(|number| asked(ctx).snapshot.agreement(number, &Eyes::Public)).map(Agreement)
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
    ) -> Option<AgreementVersion> {
        self.at(self.0.version_in_force(on.map_or(asked(ctx).today, |on| on.0)))
    }

    /// The newest version that the caller may see.
    async fn latest(&self) -> Option<AgreementVersion> {
        self.at(Some(self.0.latest()))
    }

    /// One version; null when there is none with this number, or the caller may not see it.
    async fn version(&self, #[graphql(desc = "The version's number, from 1.")] number: i32) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, u32::try_from(number).ok()?)
    }

    /// All versions that the caller may see, oldest first.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn versions(
        &self,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the entry with this cursor.")] before: Option<String>,
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
        self.0.flags.iter().filter_map(|flag| Suspension::of(ctx, flag).transpose()).collect()
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
    async fn documents(&self) -> Vec<Document> {
        Vec::new()
    }

    /// Every change of this agreement, oldest first.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the entry with this cursor.")] before: Option<String>,
    ) -> Result<ChangeConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        Feed::of_record(RecordKind::Agreement, self.0.id.number()).page(ctx, &paging).await
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

    /// The parties, in the order of the document.
    pub(crate) fn listed_parties(&self) -> Vec<Listed<DistrictCode, Party>> {
        let codes = self.of().parties.iter().map(|party| party.district);
        in_order(codes.enumerate().map(|(party, code)| (code, Party { version: self.clone(), party })))
    }

    /// The signatures, in the order in which they were given.
    pub(crate) fn listed_signatures(&self, asked: &Asked) -> Result<Vec<Listed<DistrictCode, Signature>>, Fault> {
        let given = self.of().proposal().map_or(&[][..], |proposal| &proposal.signatures);
        let signature = |given: &domain::life::Signature| {
            let district = District::named(asked, given.party)?;
            Ok((given.party, Signature { version: self.clone(), district, signed_at: given.at, digest: given.digest }))
        };
        Ok(in_order(given.iter().map(signature).collect::<Result<Vec<_>, Fault>>()?))
    }

    /// What it changed in the schedule of another version.
    fn changed(&self, base: Option<&domain::Version>) -> Vec<(String, &'static str, Vec<MatterCode>, Vec<MatterCode>)> {
        let before = base.map_or(&[][..], |base| &base.schedule);
        let now = &self.of().schedule;
        let mut changes = Vec::new();
        for clause in now {
            let old = before.iter().find(|old| old.key == clause.key);
            let had: BTreeSet<_> = old.into_iter().flat_map(|old| old.matters.iter().copied()).collect();
            let has: BTreeSet<_> = clause.matters.iter().copied().collect();
            let kind = match old {
                None => "ADDED",
                Some(old) if old != clause => "CHANGED",
                Some(_) => continue,
            };
            changes.push((clause.key.to_string(), kind, has.difference(&had).copied().collect(), had.difference(&has).copied().collect()));
        }
        for old in before.iter().filter(|old| !now.iter().any(|clause| clause.key == old.key)) {
            changes.push((old.key.to_string(), "REMOVED", Vec::new(), old.matters.to_vec()));
        }
        changes
    }
}

/// One version of an agreement: its parties, its terms and its schedule. It is frozen when it is proposed, and
/// its digest covers all that was agreed.
#[Object]
impl AgreementVersion {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Version(self.agreement.id, self.of().number).to_string())
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

    /// The version that it was drafted upon.
    async fn base_version(&self) -> Option<i32> {
        self.of().base_version.map(int)
    }

    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> VersionState {
        self.of().state(asked(ctx).today).into()
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
        self.of().term().map_or(self.of().effective_from, |term| term.from).map(Date)
    }

    /// The last day on which it holds; null: no end.
    async fn effective_to(&self) -> Option<Date> {
        self.of().effective_to.map(Date)
    }

    /// Whose signature a changed schedule needs.
    async fn amendment_rule(&self) -> AmendmentRule {
        self.of().amendment_rule.into()
    }

    /// When the first version is concluded.
    async fn concludes(&self) -> ConclusionRule {
        self.of().concludes.into()
    }

    /// Who lets a newcomer in.
    async fn admission(&self) -> Admission {
        self.of().admission.into()
    }

    /// How many days ahead a party says that it leaves.
    async fn notice_days(&self) -> i32 {
        int(self.of().notice_days)
    }

    /// The day by which the parties answer a proposal; null when nothing waits for an answer.
    async fn answer_by(&self) -> Option<Date> {
        self.of().proposal().map(|proposal| Date(proposal.answer_by))
    }

    /// The lead party (牵头方) of this version.
    async fn lead(&self, ctx: &Context<'_>) -> Result<District, Fault> {
        District::named(asked(ctx), self.of().lead)
    }

    /// The agreement that this version stands under.
    async fn framework(&self, ctx: &Context<'_>) -> Option<Agreement> {
        self.of().framework.and_then(|number| asked(ctx).snapshot.agreement(number, &Eyes::Public)).map(Agreement)
    }

    /// The parties (签约方), in the order of the document.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn parties(
        &self,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the entry with this cursor.")] before: Option<String>,
    ) -> Result<PartyConnection, Fault> {
        Ok(Paging::new(first, after, last, before)?.cut(self.listed_parties())?.into())
    }

    /// The schedule (通办事项清单): its clauses, in the order of the document. It may be empty.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn schedule(
        &self,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the entry with this cursor.")] before: Option<String>,
    ) -> Result<ClauseConnection, Fault> {
        Ok(Paging::new(first, after, last, before)?.cut(Clause::of_version(&self.agreement, self.version))?.into())
    }

    /// The signatures (签署) given here; none where it was signed on paper.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn signatures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the entry with this cursor.")] before: Option<String>,
    ) -> Result<SignatureConnection, Fault> {
        Ok(Paging::new(first, after, last, before)?.cut(self.listed_signatures(asked(ctx))?)?.into())
    }

    /// The parties whose signature is still missing; none once it is concluded.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn outstanding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the entry with this cursor.")] before: Option<String>,
    ) -> Result<DistrictConnection, Fault> {
        let asked = asked(ctx);
        let waits = self.of().state(asked.today) == domain::agreement::VersionState::Proposed;
        let outstanding = self.of().proposal().filter(|_| waits).map(domain::life::Proposal::outstanding).unwrap_or_default();
        Ok(Paging::new(first, after, last, before)?.cut(District::in_order(asked, outstanding)?)?.into())
    }

    /// What this version changed in the schedule, clause by clause.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version to compare with; its base unless given, else the one before it. Nothing came before the first.")] from: Option<
            i32,
        >,
    ) -> Result<Vec<ClauseChange>, Fault> {
        let base = match from {
            Some(from) => {
                let base = u32::try_from(from).ok().and_then(|number| self.agreement.version(number));
                Some(base.ok_or_else(|| Fault::bad_input("from", format!("the agreement has no version {from}")))?)
            }
            None => match self.of().base_version {
                Some(base) => self.agreement.version(base),
                None => self.version.checked_sub(1).map(|before| &self.agreement.versions[before]),
            },
        };
        let matters = |codes: Vec<MatterCode>| codes.into_iter().map(|code| Matter::named(asked(ctx), code)).collect::<Result<_, Fault>>();
        let change = |(key, kind, added, removed): (String, &str, _, _)| {
            Ok(ClauseChange { key, kind: kind.to_owned(), added_matters: matters(added)?, removed_matters: matters(removed)? })
        };
        self.changed(base).into_iter().map(change).collect()
    }
}

/// A clause that differs between two versions.
#[derive(Debug, SimpleObject)]
pub struct ClauseChange {
    /// The clause's key.
    key: String,
    /// `ADDED`, `REMOVED` or `CHANGED`. Open: clients need a fallback.
    kind: String,
    /// Matters that it did not have before.
    added_matters: Vec<Matter>,
    /// Matters that it has no more.
    removed_matters: Vec<Matter>,
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

    fn membership(&self, ctx: &Context<'_>) -> domain::Period {
        self.version.agreement.membership(self.version.of(), self.of(), asked(ctx).today)
    }
}

/// A party (签约方) of a version: a district that is bound, and for whom.
#[Object]
impl Party {
    /// The global id, for `node`.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> Result<ID, Fault> {
        let district = District::named(asked(ctx), self.of().district)?.0.id;
        Ok(ID(GlobalId::Party(self.version.agreement.id, self.version.of().number, district).to_string()))
    }

    /// Who is bound.
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
        self.membership(ctx).from.map(Date)
    }

    /// The last day of a party that gave notice; null: it stays.
    async fn left_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.membership(ctx).to.map(Date)
    }

    /// What it says of the record, where the agreement was signed on paper.
    async fn confirmation(&self) -> Confirmation {
        self.version.of().confirmation_of(self.of()).into()
    }
}

/// A body that signs for a party.
#[derive(Debug, SimpleObject)]
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
    signed_at: chrono::DateTime<chrono::Utc>,
    digest: domain::Digest,
}

connection! {
    /// A page of signatures.
    SignatureConnection,
    /// A signature in a list.
    SignatureEdge, Signature
}

/// The signature (签署) of a party: it speaks of the digest that the party read.
#[Object]
impl Signature {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Signature(self.version.agreement.id, self.version.of().number, self.district.0.id).to_string())
    }

    /// The party that signed.
    async fn district(&self) -> &District {
        &self.district
    }

    /// When it signed.
    async fn signed_at(&self) -> DateTime {
        DateTime(self.signed_at)
    }

    /// What it signed.
    async fn digest(&self) -> Digest {
        Digest(self.digest)
    }
}

/// A suspension (暂停): a flag that stops routes. It covers the days from `since` to `until`.
#[derive(Debug, SimpleObject)]
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
    fn of(ctx: &Context<'_>, flag: &domain::Flag) -> Result<Option<Self>, Fault> {
        let domain::Flag { party, since, until, cleared_on, contests: _, reason } = flag;
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
pub struct Notice {
    /// Who leaves.
    party: District,
    /// Its last day as a party.
    ends_on: Date,
    /// Why.
    reason: String,
}

/// A document attached to an agreement.
#[derive(Debug, Clone)]
pub struct Document {
    id: String,
    name: String,
    media_type: String,
    digest: domain::Digest,
    url: Option<String>,
}

/// A document attached to an agreement, such as a scan of what was signed.
#[Object]
impl Document {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.id.clone())
    }

    /// Its name, as it was attached.
    async fn name(&self) -> &str {
        &self.name
    }

    /// Its media type, such as `application/pdf`.
    async fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The digest of its content.
    async fn digest(&self) -> Digest {
        Digest(self.digest)
    }

    /// Where to fetch it; null where the caller may not.
    async fn url(&self) -> Option<Url> {
        Url::new(self.url.as_deref())
    }
}
