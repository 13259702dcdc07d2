//! THE question for one matter: every route from one district to another on a day, or every reason why
//! there is none. A route is computed, never stored.

use std::sync::Arc;

use domain::{
    Agreement, AgreementNumber, Clause, Confirmation, Date, District, DistrictCode, HandlingMode, Locale, Matter, MatterCode, Message, Period,
    Policy, Recorded, Terms, Version, Window,
};
use roaring::RoaringBitmap;
use smallvec::SmallVec;

use crate::coverage::clauses::{ApplicableClause, Source, policy_clause};
use crate::offering::{OfferingBrief, OfferingsOf};
use crate::reason::{Reason, ReasonCode, Subject, grouped};
use crate::snapshot::{AgreementEntry, Handle, Kept, PolicyEntry, Snapshot};
use crate::territory::Participation;
use crate::validity::Ancestry;
use crate::version::{ClauseEntry, PartyEntry, Positions, VersionEntry};

/// The short answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Available,
    /// Some clause covers it, but the competent district does not offer it.
    NotOffered,
    NotCovered,
    UnknownMatter,
    UnknownDistrict,
    /// A code or the day of the question is not written as it should be.
    Malformed,
}

impl Answer {
    pub const ALL: &'static [Self] =
        &[Self::Available, Self::NotOffered, Self::NotCovered, Self::UnknownMatter, Self::UnknownDistrict, Self::Malformed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::NotOffered => "NOT_OFFERED",
            Self::NotCovered => "NOT_COVERED",
            Self::UnknownMatter => "UNKNOWN_MATTER",
            Self::UnknownDistrict => "UNKNOWN_DISTRICT",
            Self::Malformed => "MALFORMED",
        }
    }

    pub fn label(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Available, Locale::Zh) => "可以办理",
            (Self::Available, Locale::En) => "available",
            (Self::NotOffered, Locale::Zh) => "业务属地未提供",
            (Self::NotOffered, Locale::En) => "not offered by the competent district",
            (Self::NotCovered, Locale::Zh) => "未纳入通办",
            (Self::NotCovered, Locale::En) => "not covered",
            (Self::UnknownMatter, Locale::Zh) => "没有这个事项",
            (Self::UnknownMatter, Locale::En) => "unknown matter",
            (Self::UnknownDistrict, Locale::Zh) => "没有这个区域",
            (Self::UnknownDistrict, Locale::En) => "unknown district",
            (Self::Malformed, Locale::Zh) => "填写格式不对",
            (Self::Malformed, Locale::En) => "malformed question",
        }
    }
}

/// The answer to THE question.
#[derive(Debug, Clone)]
pub struct Handling {
    pub answer: Answer,
    pub on: Date,
    pub matter: Option<Kept<Matter>>,
    pub receiving: Option<Kept<District>>,
    pub competent: Option<Kept<District>>,
    /// Best first.
    pub routes: Vec<Route>,
    /// Why there is no route; empty when there is one.
    pub reasons: Vec<Reason>,
    /// What to know beside a yes: those of the routes, each once.
    pub notices: Vec<Reason>,
}

/// What a route rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    Agreement {
        agreement: Kept<Agreement>,
        /// The place of the version in the agreement's line of versions.
        version: usize,
    },
    Policy(Kept<Policy>),
}

impl Basis {
    /// The number by which people quote it: an agreement's number, a policy's document number.
    pub fn number(&self) -> String {
        match self {
            Self::Agreement { agreement, .. } => agreement.number.to_string(),
            Self::Policy(policy) => number_of(policy).to_owned(),
        }
    }

    fn clause(&self, at: usize) -> &Clause {
        match self {
            Self::Agreement { agreement, version } => &agreement.listed_clause(*version, at).clause,
            Self::Policy(policy) => &policy.schedule[at].clause,
        }
    }

    pub fn title(&self) -> &str {
        match self {
            Self::Agreement { agreement, version } => &agreement.versions[*version].title,
            Self::Policy(policy) => &policy.title,
        }
    }
}

/// How much is told of a route, for who looks at no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// All but its days, offerings, windows and notices.
    Bare,
    /// All but its offerings, windows and notices.
    Dated,
    Whole,
}

/// A route (通办路径).
#[derive(Debug, Clone)]
pub struct Route {
    pub matter: Kept<Matter>,
    pub receiving: Kept<District>,
    pub competent: Kept<District>,
    pub basis: Basis,
    /// The place of the clause in what the basis lists: its schedule, then the carried clauses (`Agreement::clause_at`).
    pub clause: usize,
    pub mode: HandlingMode,
    /// The stretch of days around the one asked on which this route exists; always, of a bare route.
    pub valid: Period,
    /// The competent district's offerings that are published on the day; none of a bare route.
    pub offerings: Vec<OfferingBrief>,
    /// The receiving district's windows that serve it on the day; none for full online.
    pub windows: Vec<Kept<Window>>,
    pub notices: Vec<Reason>,
}

impl Route {
    pub fn clause(&self) -> &Clause {
        self.basis.clause(self.clause)
    }

    pub fn terms(&self) -> &Terms {
        &self.clause().terms
    }
}

/// Days before the end from which a route says so.
pub(crate) const ENDS_SOON_DAYS: i64 = 90;
/// Months after which a guide counts as old.
pub(crate) const GUIDE_OLD_MONTHS: u32 = 12;

/// Two different parties through which a route runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) receiving: (u16, Participation),
    pub(crate) competent: (u16, Participation),
}

/// By which a policy is quoted.
pub(crate) fn number_of(policy: &Policy) -> &str {
    policy.document_number.as_deref().unwrap_or(&policy.title)
}

/// Who asks from where about whom.
#[derive(Debug)]
pub(crate) struct Between<'a> {
    pub(crate) receiving: Handle,
    pub(crate) competent: Handle,
    pub(crate) receiving_as: &'a [Participation],
    pub(crate) competent_as: &'a [Participation],
    pub(crate) on: Date,
}

impl<'a> Between<'a> {
    /// The other direction.
    pub(crate) fn reversed(&self) -> Self {
        let Self { receiving, competent, receiving_as, competent_as, on } = *self;
        Self { receiving: competent, competent: receiving, receiving_as: competent_as, competent_as: receiving_as, on }
    }
}

/// Parties of a version by their places; a district is seldom more than one.
pub(crate) type Parties = SmallVec<[(u16, Participation); 2]>;
type Pairs = SmallVec<[Pair; 1]>;

/// Which parties of a version a district takes part as.
pub(crate) fn parties_as(version: &VersionEntry, participations: &[Participation]) -> Parties {
    let participation = |(at, party): (u16, PartyEntry)| {
        let participation = participations.iter().find(|participation| participation.named == party.district)?;
        participation.covers(party.subtree).then_some((at, *participation))
    };
    (0u16..).zip(version.parties()).filter_map(participation).collect()
}

pub(crate) fn different_pairs(receiving: &[(u16, Participation)], competent: &[(u16, Participation)]) -> Pairs {
    let mut pairs = Pairs::new();
    for &receiving in receiving {
        for &competent in competent {
            if receiving.1.counts_for != competent.1.counts_for {
                pairs.push(Pair { receiving, competent });
            }
        }
    }
    pairs
}

/// The days on which two parties are in a version.
fn membership(entry: &AgreementEntry, at: usize, receiving: u16, competent: u16, on: Date) -> Period {
    let version = &entry.agreement.versions[at];
    let of = |party: u16| entry.agreement.membership(version, &version.parties[usize::from(party)], on);
    of(receiving).and(of(competent))
}

/// An agreement that holds between two districts on a day, whatever it lists.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    place: Handle,
    entry: &'a AgreementEntry,
    /// The place of the version.
    at: usize,
    /// The parties through which the two may meet; those of them that are in time; and those that no flag stops.
    pairs: Pairs,
    members: Pairs,
    free: Pairs,
}

impl Held<'_> {
    fn version(&self) -> &Version {
        &self.entry.agreement.versions[self.at]
    }

    fn flag(&self, pair: &Pair, on: Date) -> Option<&domain::Suspension> {
        let agreement = &self.entry.agreement;
        let of = |party: u16| agreement.suspension_of(self.version().parties[usize::from(party)].district, on);
        agreement.emergency_stop(on).or_else(|| of(pair.receiving.0)).or_else(|| of(pair.competent.0))
    }
}

/// The outcome of testing one basis.
pub(crate) enum Tested<'a> {
    /// It never has both districts among its parties or in its territory.
    OutOfReach,
    Fails(Reason),
    Covers(Vec<ApplicableClause<'a>>),
}

impl Snapshot {
    /// Can the matter of the competent district be done in the receiving district on the day?
    pub fn handling(&self, matter: MatterCode, receiving: DistrictCode, competent: DistrictCode, on: Date) -> Handling {
        let (m, a, c) = (self.matter_handle(matter), self.district_handle(receiving), self.district_handle(competent));
        let mut handling = Handling {
            answer: Answer::NotCovered,
            on,
            matter: m.map(|at| self.matter_at(at).matter.clone()),
            receiving: a.map(|at| self.district_at(at).district.clone()),
            competent: c.map(|at| self.district_at(at).district.clone()),
            routes: Vec::new(),
            reasons: Vec::new(),
            notices: Vec::new(),
        };
        if let (Some(m), Some(a), Some(c)) = (m, a, c) {
            self.resolve(&mut handling, m, a, c);
            handling.reasons = grouped(handling.reasons);
            return handling;
        }
        for (found, code) in [(a, receiving), (c, competent)] {
            if found.is_none() && handling.reasons.iter().all(|reason| reason.code != ReasonCode::UnknownDistrict || receiving != competent) {
                handling.reasons.push(unknown_district(code));
            }
        }
        if m.is_none() {
            handling.reasons.push(unknown_matter(matter));
        }
        handling.answer = if a.is_none() || c.is_none() { Answer::UnknownDistrict } else { Answer::UnknownMatter };
        handling
    }

    fn resolve(&self, handling: &mut Handling, m: Handle, a: Handle, c: Handle) {
        let on = handling.on;
        if a == c {
            handling.reasons.push(self.same_district(a));
            return;
        }
        let (receiving_as, competent_as) = (self.participations(a, on), self.participations(c, on));
        let between = Between { receiving: a, competent: c, receiving_as: &receiving_as, competent_as: &competent_as, on };
        let mut covers = Vec::new();
        let mut reached = false;
        for (place, entry) in self.common_agreements(&between) {
            match self.test_agreement(place, entry, &between, Some(m)) {
                Tested::OutOfReach => continue,
                Tested::Fails(reason) => handling.reasons.push(reason),
                Tested::Covers(found) => covers.extend(found),
            }
            reached = true;
        }
        for entry in self.policies.iter() {
            match self.test_policy(entry, &between, Some(m)) {
                Tested::OutOfReach => continue,
                Tested::Fails(reason) => handling.reasons.push(reason),
                Tested::Covers(found) => covers.extend(found),
            }
            reached = true;
        }

        let matter = &self.matter_at(m).matter;
        let retired = [a, c].into_iter().filter(|handle| self.is_retired(*handle, on)).collect::<Vec<_>>();
        if matter.is_active(on) && retired.is_empty() && !covers.is_empty() {
            let offerings = self.offerings_of(c, m, on);
            covers.retain(|cover| offerings.open(cover.needs_offering()));
            if !covers.is_empty() {
                handling.answer = Answer::Available;
                handling.reasons.clear();
                covers.sort_by(ApplicableClause::preference);
                let ancestry = self.ancestry(a, c);
                handling.routes = covers.iter().map(|cover| self.route(cover, &between, m, &ancestry, Detail::Whole)).collect();
                for notice in handling.routes.iter().flat_map(|route| &route.notices) {
                    if !handling.notices.contains(notice) {
                        handling.notices.push(notice.clone());
                    }
                }
                return;
            }
            handling.answer = Answer::NotOffered;
            handling.reasons.push(self.not_offered(&offerings, m, c));
            return;
        }
        if !reached {
            handling.reasons.push(self.no_common_basis(a, c));
        }
        if !matter.is_active(on) {
            handling.reasons.push(matter_retired(matter));
        }
        for handle in retired {
            handling.reasons.push(self.district_retired(handle));
        }
        if !reached {
            for handle in self.split_before(a, on).into_iter().chain(self.split_before(c, on)) {
                handling.reasons.push(self.district_retired(handle));
            }
        }
    }

    /// What is published of the agreements that name somebody for each of the two.
    pub(crate) fn common_agreements(&self, between: &Between<'_>) -> impl Iterator<Item = (Handle, &AgreementEntry)> {
        self.common(between).into_iter().filter_map(|at| Some((at, self.agreement_at(at)?)))
    }

    fn common(&self, between: &Between<'_>) -> RoaringBitmap {
        self.agreements_as(between.receiving_as) & self.agreements_as(between.competent_as)
    }

    pub(crate) fn agreements_as(&self, participations: &[Participation]) -> RoaringBitmap {
        let mut agreements = RoaringBitmap::new();
        for participation in participations {
            agreements |= &*self.district_at(participation.named).agreements;
        }
        agreements
    }

    /// Tests one agreement in the order of the reasons. Without a matter the test ends with the basis: a
    /// success has no covers.
    pub(crate) fn test_agreement<'a>(&self, place: Handle, entry: &'a AgreementEntry, between: &Between<'_>, matter: Option<Handle>) -> Tested<'a> {
        match (self.test_basis(place, entry, between), matter) {
            (Err(tested), _) => tested,
            (Ok(_), None) => Tested::Covers(Vec::new()),
            (Ok(held), Some(matter)) => self.test_matter(&held, matter, between.on),
        }
    }

    /// Does the agreement hold between the two, whatever it lists?
    fn test_basis<'a>(&self, place: Handle, entry: &'a AgreementEntry, between: &Between<'_>) -> Result<Held<'a>, Tested<'a>> {
        let agreement = &entry.agreement;
        let on = between.on;
        if agreement.voided.is_some() {
            return Err(Tested::OutOfReach);
        }
        let Some(at) = reference_version(entry, on) else { return Err(Tested::OutOfReach) };
        let (version, resolved) = (&agreement.versions[at], &entry.versions[at]);
        let fails = |code, message, remedy| Err(Tested::Fails(Reason::new(code, Some(Subject::Agreement(agreement.clone())), message, remedy)));
        let number = agreement.number;

        let bound = |participations| {
            let mut parties = parties_as(resolved, participations);
            parties.retain(|(party, _)| version.binds(&version.parties[usize::from(*party)]));
            parties
        };
        let (receiving, competent) = (bound(between.receiving_as), bound(between.competent_as));
        if receiving.is_empty() || competent.is_empty() {
            // Another version may have both: this pair's time is over, or still to come.
            // Who has not confirmed a record may still; who did not sign in time is no party.
            let reaches = |other: &usize| {
                let (version, resolved) = (&agreement.versions[*other], &entry.versions[*other]);
                let counts = |(party, _): &(u16, Participation)| version.proposal().is_none() || version.binds(&version.parties[usize::from(*party)]);
                [between.receiving_as, between.competent_as].into_iter().all(|participations| parties_as(resolved, participations).iter().any(counts))
            };
            return match (0..entry.versions.len()).filter(reaches).map(|other| other < at).max() {
                None => Err(Tested::OutOfReach),
                Some(true) => fails(ReasonCode::BasisEnded, left_message(number), renew_remedy()),
                Some(false) => fails(
                    ReasonCode::BasisNotYetInForce,
                    Message::new(format!("协议 {number} 尚未生效"), format!("agreement {number} is not yet in force")),
                    wait_remedy(),
                ),
            };
        }
        let pairs = different_pairs(&receiving, &competent);
        if pairs.is_empty() {
            return fails(
                ReasonCode::SameParty,
                Message::new(format!("在协议 {number} 中两地同属一个签约方"), format!("in agreement {number} both stand under one party")),
                Message::new(
                    "同一签约方内部的办理不适用该协议，请咨询上级区域",
                    "the agreement does not cover what happens within one party; ask the district above",
                ),
            );
        }
        if version.schedule.is_empty() {
            return fails(
                ReasonCode::NoScheduleYet,
                Message::new(format!("协议 {number} 尚未公布通办事项清单"), format!("agreement {number} has no schedule yet")),
                Message::new("清单分批公布，请待公布后再查", "lists are published in batches; ask again when one is"),
            );
        }
        let term = term_of(entry, at);
        let mut held = Held { place, entry, at, pairs, members: Pairs::new(), free: Pairs::new() };
        let membership = |pair: &Pair| membership(entry, at, pair.receiving.0, pair.competent.0, on);
        let in_time = |pair: &&Pair| membership(pair).includes(on);
        if term.begins_after(on) || held.pairs.iter().all(|pair| membership(pair).begins_after(on)) {
            let from = term.from.or_else(|| held.pairs.iter().filter_map(|pair| membership(pair).from).min());
            let since = from.map_or(String::new(), |from| format!(" {from} "));
            return fails(
                ReasonCode::BasisNotYetInForce,
                Message::new(format!("协议 {number} 自{since}起生效"), format!("agreement {number} is in force from{since}on")),
                wait_remedy(),
            );
        }
        let members: Pairs = held.pairs.iter().filter(in_time).copied().collect();
        if term.ended_before(on) || members.is_empty() {
            let message = match version.term().and_then(|term| term.to).filter(|to| *to < on) {
                Some(to) => Message::new(format!("协议 {number} 已于 {to} 到期"), format!("agreement {number} ended on {to}")),
                None => left_message(number),
            };
            return fails(ReasonCode::BasisEnded, message, renew_remedy());
        }
        held.free = members.iter().filter(|pair| held.flag(pair, on).is_none()).copied().collect();
        held.members = members;
        if held.free.is_empty() {
            let flag = held.members.iter().find_map(|pair| held.flag(pair, on));
            return Err(flag.map_or(Tested::OutOfReach, |flag| self.suspended(agreement, flag)));
        }
        Ok(held)
    }

    fn suspended<'a>(&self, agreement: &Kept<Agreement>, flag: &domain::Suspension) -> Tested<'a> {
        let number = agreement.number;
        let (who_zh, who_en) = match flag.party {
            None => ("平台".to_owned(), "the registry".to_owned()),
            Some(code) => self.district(code).map_or((code.to_string(), code.to_string()), |district| {
                (district.name.to_string(), district.english_name.as_deref().unwrap_or(&district.name).to_owned())
            }),
        };
        Tested::Fails(Reason::new(
            ReasonCode::Suspended,
            Some(Subject::Agreement(agreement.clone())),
            Message::new(
                format!("协议 {number} 自 {} 起由{who_zh}暂停：{}", flag.since, flag.reason),
                format!("agreement {number} has been suspended by {who_en} since {}: {}", flag.since, flag.reason),
            ),
            match flag.until {
                Some(until) => Message::new(format!("暂停至 {until}，之后再查"), format!("suspended until {until}; ask again after that")),
                None => Message::new(format!("请向{who_zh}了解恢复时间"), format!("ask {who_en} when it resumes")),
            },
        ))
    }

    /// Does an agreement that holds cover the matter?
    fn test_matter<'a>(&self, held: &Held<'a>, matter: Handle, on: Date) -> Tested<'a> {
        let Held { place, entry, at, pairs, members, free } = held;
        let at = *at;
        let agreement = &entry.agreement;
        let resolved = &entry.versions[at];
        let fails = |code, message, remedy| Tested::Fails(Reason::new(code, Some(Subject::Agreement(agreement.clone())), message, remedy));
        let number = agreement.number;
        let listing: Vec<(usize, ClauseEntry<'a>)> = resolved.clauses().enumerate().filter(|(_, clause)| clause.matters.contains(matter)).collect();
        let admits = |(_, clause): &(usize, ClauseEntry<'_>), pair: &Pair, forward: bool| {
            let (from, to) = if forward { (pair.receiving.0, pair.competent.0) } else { (pair.competent.0, pair.receiving.0) };
            clause.admits(from, to)
        };
        let forward: Vec<((usize, ClauseEntry<'a>), Pair)> =
            listing.iter().filter_map(|clause| free.iter().find(|pair| admits(clause, pair, true)).map(|pair| (*clause, *pair))).collect();
        if forward.is_empty() {
            // The clause may be met only through a party that has suspended.
            if let Some(pair) = listing.iter().find_map(|clause| members.iter().find(|pair| admits(clause, pair, true)))
                && let Some(flag) = held.flag(pair, on)
            {
                return self.suspended(agreement, flag);
            }
            if listing.iter().any(|clause| pairs.iter().any(|pair| admits(clause, pair, false))) {
                return fails(
                    ReasonCode::OnlyOtherDirection,
                    Message::new(
                        format!("协议 {number} 的清单只约定了反方向的办理"),
                        format!("agreement {number} lists it in the other direction only"),
                    ),
                    Message::new(
                        "请到业务属地办理，或由双方修订清单",
                        "have it done in the competent district, or have the parties amend the schedule",
                    ),
                );
            }
            return fails(
                ReasonCode::MatterNotInSchedule,
                Message::new(
                    format!("协议 {number} 的清单没有列入该事项"),
                    format!("the schedule of agreement {number} does not list the matter between the two"),
                ),
                Message::new(
                    "请查看清单中的其他事项，或请登记人员提议增补",
                    "look at the other matters of the schedule, or have a registrar propose it",
                ),
            );
        }
        let dated: Vec<_> = forward.iter().filter(|((_, clause), _)| clause.is_in_date(on)).copied().collect();
        if dated.is_empty() {
            let period = agreement.listed_clause(at, forward[0].0.0).period;
            let message = match (period.from.filter(|from| on < *from), period.to) {
                (Some(from), _) => {
                    Message::new(format!("协议 {number} 的该条款自 {from} 起实行"), format!("the clause of agreement {number} holds from {from} on"))
                }
                (None, Some(to)) => {
                    Message::new(format!("协议 {number} 的该条款已于 {to} 截止"), format!("the clause of agreement {number} ended on {to}"))
                }
                (None, None) => {
                    Message::new(format!("协议 {number} 的该条款不在有效期内"), format!("the clause of agreement {number} is not in date"))
                }
            };
            return fails(ReasonCode::ClauseNotInDate, message, Message::new("请按条款的有效期查询", "ask for a day within the clause's dates"));
        }
        let of = |pair: Pair| Source::Agreement { at: *place, number, version: at, receiving: pair.receiving.0, competent: pair.competent.0 };
        let open = |((clause, entry), pair): ((usize, ClauseEntry<'_>), Pair)| ApplicableClause { source: of(pair), clause, mode: entry.mode };
        Tested::Covers(dated.into_iter().map(open).collect())
    }

    pub(crate) fn test_policy<'a>(&self, entry: &'a PolicyEntry, between: &Between<'_>, matter: Option<Handle>) -> Tested<'a> {
        let policy = &entry.policy;
        let on = between.on;
        let number = number_of(policy);
        let fails = |code, message, remedy| Tested::Fails(Reason::new(code, Some(Subject::Policy(policy.clone())), message, remedy));
        let forward = |clause: &usize| {
            self.policy_clause_covers(entry, *clause, between.receiving, between.receiving_as, between.competent, between.competent_as, on)
        };
        let backward = |clause: &usize| {
            self.policy_clause_covers(entry, *clause, between.competent, between.competent_as, between.receiving, between.receiving_as, on)
        };
        let all = || 0..entry.clauses.len();
        if entry.clauses.is_empty() {
            let in_some_role =
                |participations: &[Participation]| self.names(&policy.receiving, participations) || self.names(&policy.competent, participations);
            if !in_some_role(between.receiving_as) || !in_some_role(between.competent_as) {
                return Tested::OutOfReach;
            }
            return fails(
                ReasonCode::NoScheduleYet,
                Message::new(format!("{number} 尚未公布通办事项清单"), format!("{number} has no schedule yet")),
                Message::new("清单分批公布，请待公布后再查", "lists are published in batches; ask again when one is"),
            );
        }
        // A policy is common to two districts in whose territories they lie, however far apart its clauses want them.
        let is_common = |clause: usize| {
            let resolved = &entry.clauses[clause];
            let joins = |receiving: &[Participation], competent: &[Participation]| {
                within(&resolved.receiving, receiving) && within(&resolved.competent, competent)
            };
            joins(between.receiving_as, between.competent_as) || joins(between.competent_as, between.receiving_as)
        };
        if !all().any(is_common) {
            return Tested::OutOfReach;
        }
        let period = policy.period();
        if let Some(from) = period.from.filter(|from| on < *from) {
            let message = Message::new(format!("{number} 自 {from} 起施行"), format!("{number} is in force from {from} on"));
            return fails(ReasonCode::BasisNotYetInForce, message, wait_remedy());
        }
        if let Some(to) = period.to.filter(|to| *to < on) {
            let message = Message::new(format!("{number} 已于 {to} 失效"), format!("{number} ended on {to}"));
            return fails(ReasonCode::BasisEnded, message, renew_remedy());
        }
        let Some(matter) = matter else {
            if all().any(|clause| forward(&clause) || backward(&clause)) {
                return Tested::Covers(Vec::new());
            }
            return fails(
                ReasonCode::MatterNotInSchedule,
                Message::new(format!("{number} 的清单没有列入这两地之间的事项"), format!("the list of {number} has nothing between the two")),
                Message::new("请查询其他依据", "look for another basis"),
            );
        };
        let listing: Vec<usize> = all().filter(|clause| Positions::new(&entry.clauses[*clause].matters).contains(matter)).collect();
        let covering: Vec<usize> = listing.iter().copied().filter(forward).collect();
        if covering.is_empty() {
            if listing.iter().any(backward) {
                return fails(
                    ReasonCode::OnlyOtherDirection,
                    Message::new(format!("{number} 的清单只规定了反方向的办理"), format!("{number} lists it in the other direction only")),
                    Message::new("请到业务属地办理", "have it done in the competent district"),
                );
            }
            return fails(
                ReasonCode::MatterNotInSchedule,
                Message::new(format!("{number} 的清单没有列入该事项"), format!("the list of {number} does not have the matter between the two")),
                Message::new("请查看清单中的其他事项", "look at the other matters of the list"),
            );
        }
        let dated: Vec<usize> = covering.iter().copied().filter(|clause| policy.schedule[*clause].period.includes(on)).collect();
        if dated.is_empty() {
            let period = policy.schedule[covering[0]].period;
            let message = match (period.from.filter(|from| on < *from), period.to) {
                (Some(from), _) => Message::new(format!("{number} 规定该事项自 {from} 起实行"), format!("{number} has the matter from {from} on")),
                (None, Some(to)) => Message::new(format!("{number} 的该条款已于 {to} 截止"), format!("the clause of {number} ended on {to}")),
                (None, None) => Message::new(format!("{number} 的该条款不在有效期内"), format!("the clause of {number} is not in date")),
            };
            return fails(ReasonCode::ClauseNotInDate, message, Message::new("请按条款的有效期查询", "ask for a day within the clause's dates"));
        }
        Tested::Covers(dated.into_iter().map(|clause| policy_clause(entry, clause)).collect())
    }

    /// Does the clause of a policy cover one district's applications to another on a day, whatever its dates?
    #[expect(clippy::too_many_arguments, reason = "two districts, each with what it takes part as")]
    pub(crate) fn policy_clause_covers(
        &self,
        entry: &PolicyEntry,
        clause: usize,
        receiving: Handle,
        receiving_as: &[Participation],
        competent: Handle,
        competent_as: &[Participation],
        on: Date,
    ) -> bool {
        let resolved = &entry.clauses[clause];
        within(&resolved.receiving, receiving_as)
            && within(&resolved.competent, competent_as)
            && self.reaches(entry.policy.schedule[clause].reach, receiving, competent, on)
    }

    fn names(&self, territories: &[domain::Territory], participations: &[Participation]) -> bool {
        let resolved: Vec<_> = territories
            .iter()
            .filter_map(|territory| Some((self.district_handle(territory.district)?, crate::territory::is_subtree(territory.extent))))
            .collect();
        within(&resolved, participations)
    }

    /// Where a territory names a retired district and its successor answers.
    fn policy_succession(&self, entry: &PolicyEntry, clause: usize, between: &Between<'_>) -> Vec<(Handle, Handle)> {
        let resolved = &entry.clauses[clause];
        let through = |territories: &[(Handle, bool)], participations: &[Participation]| {
            let named = |participation: &&Participation| {
                territories.iter().any(|(named, subtree)| *named == participation.named && participation.covers(*subtree))
            };
            let mut covering = participations.iter().filter(named).peekable();
            let first = covering.peek().copied().copied();
            first
                .filter(|_| covering.all(|participation| participation.is_succession()))
                .map(|participation| (participation.named, participation.counts_for))
        };
        [through(&resolved.receiving, between.receiving_as), through(&resolved.competent, between.competent_as)].into_iter().flatten().collect()
    }

    /// Why nothing at all is available between two districts.
    pub(crate) fn reasons_between(&self, between: &Between<'_>) -> Vec<Reason> {
        let mut reached = false;
        let mut reasons = Vec::new();
        let tested = self.common_agreements(between).map(|(place, entry)| self.test_agreement(place, entry, between, None));
        for tested in tested.chain(self.policies.iter().map(|entry| self.test_policy(entry, between, None))) {
            match tested {
                Tested::OutOfReach => continue,
                Tested::Fails(reason) => reasons.push(reason),
                Tested::Covers(_) => {}
            }
            reached = true;
        }
        if !reached {
            reasons.push(self.no_common_basis(between.receiving, between.competent));
        }
        let retired = [between.receiving, between.competent].into_iter().filter(|handle| self.is_retired(*handle, between.on));
        reasons.extend(retired.map(|handle| self.district_retired(handle)));
        grouped(reasons)
    }

    /// The route of a matter by a clause that lists it.
    pub(crate) fn route(&self, by: &ApplicableClause<'_>, between: &Between<'_>, m: Handle, ancestry: &Ancestry, detail: Detail) -> Route {
        let Between { receiving, competent, on, .. } = *between;
        let basis = match by.source {
            Source::Agreement { at, version, .. } => Basis::Agreement { agreement: self.published_at(at).agreement.clone(), version },
            Source::Policy(entry) => Basis::Policy(entry.policy.clone()),
        };
        let mut route = Route {
            mode: by.mode,
            valid: Period::ALWAYS,
            matter: self.matter_at(m).matter.clone(),
            receiving: self.district_at(receiving).district.clone(),
            competent: self.district_at(competent).district.clone(),
            basis,
            clause: by.clause,
            offerings: Vec::new(),
            windows: Vec::new(),
            notices: Vec::new(),
        };
        if detail >= Detail::Dated {
            route.valid = self.validity(by, between, m, ancestry);
        }
        if detail < Detail::Whole {
            return route;
        }
        route.offerings = self.offerings_of(competent, m, on).published;
        if route.mode != HandlingMode::FullOnline {
            route.windows = self.windows_for(receiving, route.mode, &route.matter, on);
        }
        let (unconfirmed, succeeded) = self.caveats(by, between);
        route.notices = self.notices(&route, unconfirmed, &succeeded, on);
        if let Some(to) = route.valid.to.filter(|to| (*to - on).num_days() <= ENDS_SOON_DAYS)
            && !to.succ_opt().is_some_and(|next| self.goes_on(by.mode, between, m, next))
        {
            route.notices.push(ends_soon(&route.basis, to));
        }
        route
    }

    /// The agreement of an open clause.
    pub(crate) fn published_at(&self, at: Handle) -> &AgreementEntry {
        self.agreement_at(at).expect("an answer rests on what is published")
    }

    /// Has a party yet to confirm the record of it? And which districts does it name for which another counts now?
    fn caveats(&self, by: &ApplicableClause<'_>, between: &Between<'_>) -> (bool, Vec<(Handle, Handle)>) {
        match by.source {
            Source::Agreement { at, version, receiving, competent, .. } => {
                let entry = self.published_at(at);
                let (version, resolved) = (&entry.agreement.versions[version], &entry.versions[version]);
                let confirmed = |party: u16| version.confirmation_of(&version.parties[usize::from(party)]) == Confirmation::Confirmed;
                let succession = |party: u16| {
                    let named = resolved.parties().nth(party.into())?.district;
                    let counts_for = self.counts_for(named, between.on)?;
                    (counts_for != named).then_some((named, counts_for))
                };
                let succeeded = [receiving, competent].into_iter().filter_map(succession).collect();
                (!confirmed(receiving) || !confirmed(competent), succeeded)
            }
            Source::Policy(entry) => (false, self.policy_succession(entry, by.clause, between)),
        }
    }

    /// The windows of a district, and of those it succeeds, that serve a matter in a mode on a day.
    pub(crate) fn windows_for(&self, district: Handle, mode: HandlingMode, matter: &Matter, on: Date) -> Vec<Kept<Window>> {
        let mut districts = vec![district];
        self.succeeded_by(district, on, &mut |predecessor| districts.push(predecessor));
        let windows = districts.into_iter().flat_map(|handle| self.district_at(handle).windows.iter());
        windows.filter(|window| window.open().includes(on) && window.serves(mode, matter)).cloned().collect()
    }

    fn notices(&self, route: &Route, unconfirmed: bool, succeeded: &[(Handle, Handle)], on: Date) -> Vec<Reason> {
        let mut notices = Vec::new();
        let mut note = |code, subject, message, remedy| notices.push(Reason::new(code, subject, message, remedy));
        if unconfirmed && let Basis::Agreement { agreement, .. } = &route.basis {
            note(
                ReasonCode::RecordedByOneSide,
                Some(Subject::Agreement(agreement.clone())),
                Message::new(
                    "协议按纸质文本登记，签约方尚未全部确认",
                    "the agreement was recorded from paper and its parties have not all confirmed it",
                ),
                Message::new("办理前可向窗口核实", "check with the window before you rely on it"),
            );
        }
        if route.offerings.is_empty() {
            note(
                ReasonCode::GuideMissing,
                Some(Subject::Matter(route.matter.clone())),
                Message::new(
                    format!("{}尚未发布该事项的办事指南", route.competent.name),
                    format!("{} has published no guide for the matter", english(&route.competent)),
                ),
                Message::new("材料和时限请向业务属地咨询", "ask the competent district for materials and days"),
            );
        }
        let old = on.checked_sub_months(chrono::Months::new(GUIDE_OLD_MONTHS));
        let verified = route.offerings.iter().filter_map(|offering| offering.verified_on.map(|verified| (offering.id, verified)));
        for (id, verified) in verified.filter(|(_, verified)| old.is_some_and(|old| *verified < old)) {
            note(
                ReasonCode::GuideOld,
                Some(Subject::Offering(id)),
                Message::new(
                    format!("办事指南上次核对于 {verified}，已超过 12 个月"),
                    format!("the guide was last verified on {verified}, more than 12 months before"),
                ),
                Message::new("办理前请向业务属地核实", "check with the competent district first"),
            );
        }
        if route.mode != HandlingMode::FullOnline && route.windows.is_empty() {
            note(
                ReasonCode::NoWindow,
                Some(Subject::District(route.receiving.clone())),
                Message::new(
                    format!("{}尚未登记办理该事项的通办窗口", route.receiving.name),
                    format!("{} has registered no window for it", english(&route.receiving)),
                ),
                Message::new("请咨询收件地政务服务大厅", "ask at the receiving district's service hall"),
            );
        }
        for (named, successor) in succeeded {
            let (named, successor) = (&self.district_at(*named).district, &self.district_at(*successor).district);
            note(
                ReasonCode::DistrictSucceeded,
                Some(Subject::District(named.clone())),
                Message::new(
                    format!("依据所列的{}已撤销，由{}承继", named.name, successor.name),
                    format!("{}, named in the basis, is no more; {} succeeds it", english(named), english(successor)),
                ),
                Message::new("无需另行办理", "nothing to do"),
            );
        }
        notices
    }

    fn not_offered(&self, offerings: &OfferingsOf, m: Handle, c: Handle) -> Reason {
        let competent = &self.district_at(c).district;
        match offerings.withdrawn {
            Some(withdrawn) => Reason::new(
                ReasonCode::OfferingWithdrawn,
                Some(Subject::Offering(withdrawn.id)),
                match withdrawn.period.to {
                    Some(to) => Message::new(
                        format!("{}的实施清单已停用，最后一日为 {to}", competent.name),
                        format!("{} has withdrawn its offering; its last day was {to}", english(competent)),
                    ),
                    None => Message::new(format!("{}的实施清单已停用", competent.name), format!("{} has withdrawn its offering", english(competent))),
                },
                Message::new("请向业务属地咨询", "ask the competent district"),
            ),
            None => Reason::new(
                ReasonCode::OfferingMissing,
                Some(Subject::Matter(self.matter_at(m).matter.clone())),
                Message::new(
                    format!("{}尚未发布该事项的实施清单", competent.name),
                    format!("{} has published no offering of the matter", english(competent)),
                ),
                Message::new("请业务属地登记实施清单", "the competent district has to publish one"),
            ),
        }
    }

    pub(crate) fn same_district(&self, at: Handle) -> Reason {
        Reason::new(
            ReasonCode::SameDistrict,
            Some(Subject::District(self.district_at(at).district.clone())),
            Message::new("收件地与业务属地相同，不属于跨域办理", "the receiving and the competent district are the same: nothing crosses"),
            Message::new("请在本地直接办理", "have it done locally"),
        )
    }

    pub(crate) fn nothing_offered(&self, competent: Handle) -> Reason {
        let competent = &self.district_at(competent).district;
        Reason::new(
            ReasonCode::OfferingMissing,
            Some(Subject::District(competent.clone())),
            Message::new(
                format!("{}尚未发布清单所列事项的实施清单", competent.name),
                format!("{} has published no offering of the matters that are listed", english(competent)),
            ),
            Message::new("请业务属地登记实施清单", "the competent district has to publish them"),
        )
    }

    pub(crate) fn only_other_direction(&self, competent: Handle) -> Reason {
        let competent = &self.district_at(competent).district;
        Reason::new(
            ReasonCode::OnlyOtherDirection,
            Some(Subject::District(competent.clone())),
            Message::new("清单只约定了反方向的办理", "the schedule has the other direction only"),
            Message::new("请查看反方向，或到业务属地办理", "look at the other direction, or go to the competent district"),
        )
    }

    pub(crate) fn nothing_in_date(&self, competent: Handle) -> Reason {
        let competent = &self.district_at(competent).district;
        Reason::new(
            ReasonCode::ClauseNotInDate,
            Some(Subject::District(competent.clone())),
            Message::new("清单中没有在该日有效的条款", "no clause of the schedule is in date on that day"),
            Message::new("请按条款的有效期查询", "ask for a day within the clauses' dates"),
        )
    }

    pub(crate) fn no_common_basis(&self, a: Handle, c: Handle) -> Reason {
        let (a, c) = (&self.district_at(a).district, &self.district_at(c).district);
        Reason::new(
            ReasonCode::NoCommonBasis,
            Some(Subject::District(c.clone())),
            Message::new(
                format!("{}与{}之间没有共同的协议或政策依据", a.name, c.name),
                format!("no agreement or policy joins {} and {}", english(a), english(c)),
            ),
            Message::new("可由双方签订跨域通办协议", "the two may sign an agreement"),
        )
    }

    pub(crate) fn district_retired(&self, handle: Handle) -> Reason {
        let entry = self.district_at(handle);
        let names = |english_names: bool| {
            let name = |at: &Handle| {
                let district = &self.district_at(*at).district;
                let name = if english_names { english(district) } else { &district.name };
                format!("{name}（{}）", district.code)
            };
            entry.successors.iter().map(name).collect::<Vec<_>>().join(if english_names { ", " } else { "、" })
        };
        let on = entry.district.retired.as_ref().map_or(String::new(), |retired| retired.on.to_string());
        let remedy = if entry.successors.is_empty() {
            Message::new("请改用现行区域代码", "ask with the code of a district that exists")
        } else {
            Message::new(format!("请改问承继区域：{}", names(false)), format!("ask for what succeeds it: {}", names(true)))
        };
        Reason::new(
            ReasonCode::DistrictRetired,
            Some(Subject::District(entry.district.clone())),
            Message::new(format!("{}已于 {on} 撤销", entry.district.name), format!("{} has been no more since {on}", english(&entry.district))),
            remedy,
        )
    }

    /// Districts that were split, among whose successors this one is.
    fn split_before(&self, district: Handle, on: Date) -> Vec<Handle> {
        let split = |predecessor: &Handle| self.district_at(*predecessor).successors.len() > 1 && self.is_retired(*predecessor, on);
        self.district_at(district).predecessors.iter().copied().filter(split).collect()
    }
}

impl OfferingsOf {
    /// A clause of a policy needs a published offering; an agreement's promise stands unless the last
    /// offering was withdrawn.
    pub(crate) fn open(&self, needs_offering: bool) -> bool {
        !self.published.is_empty() || (!needs_offering && self.withdrawn.is_none())
    }
}

/// Does a district take part where these territories are named? None named is everywhere.
pub(crate) fn within(territories: &[(Handle, bool)], participations: &[Participation]) -> bool {
    territories.is_empty()
        || participations
            .iter()
            .any(|participation| territories.iter().any(|(named, subtree)| *named == participation.named && participation.covers(*subtree)))
}

/// The version that a day is about: the one that has begun, else the first to come.
pub(crate) fn reference_version(entry: &AgreementEntry, on: Date) -> Option<usize> {
    let versions = &entry.agreement.versions;
    let begun = versions.iter().rposition(|version| version.term().is_some_and(|term| !term.begins_after(on)));
    let coming = |at: &usize| Some((versions[*at].term()?.from, *at));
    begun.or_else(|| (0..versions.len()).filter_map(|at| coming(&at)).min().map(|(_, at)| at))
}

/// The days of a version, up to the day before a later one begins.
pub(crate) fn term_of(entry: &AgreementEntry, at: usize) -> Period {
    let versions = &entry.agreement.versions;
    let next = versions[at + 1..].iter().filter_map(|version| version.term()?.from).min();
    versions[at].term().unwrap_or(Period::ALWAYS).and(Period::new(None, next.and_then(|next| next.pred_opt())))
}

pub(crate) fn english(district: &Arc<Recorded<District>>) -> &str {
    district.english_name.as_deref().unwrap_or(&district.name)
}

/// The route ends within some weeks, and no other of its mode follows.
fn ends_soon(basis: &Basis, to: Date) -> Reason {
    let subject = match basis {
        Basis::Agreement { agreement, .. } => Subject::Agreement(agreement.clone()),
        Basis::Policy(policy) => Subject::Policy(policy.clone()),
    };
    Reason::new(
        ReasonCode::EndsSoon,
        Some(subject),
        Message::new(format!("该通办路径将于 {to} 截止"), format!("this route ends on {to}")),
        Message::new("请在截止前提交", "hand in before that day"),
    )
}

fn left_message(number: AgreementNumber) -> Message {
    Message::new(format!("协议 {number} 对这两地已不再有效"), format!("agreement {number} no longer binds the two"))
}

fn renew_remedy() -> Message {
    Message::new("请双方续签，或查询其他依据", "the parties may renew it; or look for another basis")
}

fn wait_remedy() -> Message {
    Message::new("请按生效日之后的日期查询", "ask for a day after it begins")
}

pub(crate) fn unknown_district(code: DistrictCode) -> Reason {
    Reason::new(
        ReasonCode::UnknownDistrict,
        None,
        Message::new(format!("没有代码为 {code} 的区域"), format!("there is no district {code}")),
        Message::new("请核对区域代码", "check the code"),
    )
}

fn unknown_matter(code: MatterCode) -> Reason {
    Reason::new(
        ReasonCode::UnknownMatter,
        None,
        Message::new(format!("没有代码为 {code} 的事项"), format!("there is no matter {code}")),
        Message::new("请核对事项编码，或按名称检索", "check the code, or search by name"),
    )
}

fn matter_retired(matter: &Kept<Matter>) -> Reason {
    let on = matter.retired_on.map_or(String::new(), |on| on.to_string());
    Reason::new(
        ReasonCode::MatterRetired,
        Some(Subject::Matter(matter.clone())),
        Message::new(format!("该事项已于 {on} 取消"), format!("the matter has been retired since {on}")),
        Message::new("请检索替代事项", "search for the matter that replaces it"),
    )
}
