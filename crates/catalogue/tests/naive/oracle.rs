//! The definition of a route, written as loops over the records.

use catalogue::AgreementFilter;
use domain::agreement::lifecycle::{Life, Needs, VersionState};
use domain::{
    Agreement, AgreementNumber, Date, District, DistrictCode, DistrictKind, HandlingMode, Matter, MatterCode, Offering,
    Period, Policy, Reach, Record, Scope, Standing, Territory, Version, Window,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The records without any index.
#[derive(Clone)]
pub(crate) struct Naive {
    /// The current day: content published later is not known.
    pub(crate) today: Date,
    pub(crate) districts: BTreeMap<DistrictCode, District>,
    pub(crate) matters: BTreeMap<MatterCode, Matter>,
    pub(crate) offerings: Vec<Offering>,
    pub(crate) windows: Vec<Window>,
    pub(crate) agreements: BTreeMap<AgreementNumber, Agreement>,
    pub(crate) policies: BTreeMap<u64, Policy>,
}

/// A route: the number of the basis, the index of the clause, and the mode.
pub(crate) type NaiveRoute = (String, usize, HandlingMode);

impl Naive {
    pub(crate) fn new(records: &[Record], today: Date) -> Self {
        let mut naive = Self {
            today,
            districts: BTreeMap::new(),
            matters: BTreeMap::new(),
            offerings: Vec::new(),
            windows: Vec::new(),
            agreements: BTreeMap::new(),
            policies: BTreeMap::new(),
        };
        for (record, revision) in records.iter().zip(1..) {
            match record.clone() {
                Record::District(record) => drop(naive.districts.insert(record.code, record)),
                Record::Matter(record) => drop(naive.matters.insert(record.code, record)),
                Record::Offering(record) => naive.offerings.push(*record),
                Record::Window(record) => naive.windows.push(record),
                Record::Agreement(record) => drop(naive.agreements.insert(record.number, *record)),
                Record::Policy(record) => drop(naive.policies.insert(revision, *record)),
                Record::Document(_) => {}
            }
        }
        naive
    }

    pub(crate) fn retired(&self, code: DistrictCode, on: Date) -> bool {
        self.districts[&code].is_retired(on)
    }

    /// The district that a named one stands for.
    pub(crate) fn counts_for(&self, code: DistrictCode, on: Date, steps: usize) -> Option<DistrictCode> {
        let district = &self.districts[&code];
        match district.successors() {
            _ if !district.is_retired(on) => Some(code),
            [successor] if steps > 0 => self.counts_for(*successor, on, steps - 1),
            _ => None,
        }
    }

    /// Whether one district equals another or is its descendant.
    pub(crate) fn below(&self, code: DistrictCode, above: DistrictCode, on: Date, steps: usize) -> bool {
        if code == above {
            return true;
        }
        if steps == 0 {
            return false;
        }
        let parent = self.districts[&code].parent(on).is_some_and(|parent| self.below(parent, above, on, steps - 1));
        let administered = self.districts.values().any(|zone| {
            zone.administers.iter().any(|tenure| tenure.district == code && tenure.period.includes(on))
                && self.below(zone.code, above, on, steps - 1)
        });
        parent || administered
    }

    /// The district that a named one stands for, if its extent covers the other district.
    pub(crate) fn covers(
        &self,
        named: DistrictCode,
        subtree: bool,
        code: DistrictCode,
        on: Date,
    ) -> Option<DistrictCode> {
        let steps = self.districts.len();
        let counts_for = self.counts_for(named, on, steps)?;
        (counts_for == code || (subtree && self.below(code, counts_for, on, steps))).then_some(counts_for)
    }

    /// Concluded by today between at least two parties.
    pub(crate) fn is_published(version: &Version, today: Date) -> bool {
        version.state(today) == VersionState::Concluded
            && version.parties.iter().filter(|party| version.binds(party)).count() >= 2
    }

    pub(crate) fn begins(version: &Version) -> Option<Date> {
        match &version.life {
            Life::Paper(paper) => version.effective_from.or(paper.signed_on),
            Life::Draft(_) | Life::Proposal(_) => version.signed_on().max(version.effective_from),
        }
    }

    /// The published version to consider on a day: the newest that has begun, else the first to come.
    pub(crate) fn reference(agreement: &Agreement, on: Date, today: Date) -> Option<&Version> {
        let published = || agreement.versions.iter().filter(|version| Self::is_published(version, today));
        let begun = published()
            .filter(|version| Self::begins(version).is_none_or(|begins| begins <= on))
            .max_by_key(|version| version.number);
        begun.or_else(|| published().min_by_key(|version| (Self::begins(version), version.number)))
    }

    pub(crate) fn in_force(agreement: &Agreement, on: Date, today: Date) -> Option<&Version> {
        let version = Self::reference(agreement, on, today)?;
        let holds =
            Self::begins(version).is_none_or(|begins| begins <= on) && version.effective_to.is_none_or(|to| on <= to);
        (agreement.voided.is_none() && holds).then_some(version)
    }

    /// The visible agreements that match a filter.
    pub(crate) fn listed(&self, filter: &AgreementFilter, scope: &Scope) -> BTreeMap<AgreementNumber, Agreement> {
        let mut listed = BTreeMap::new();
        for agreement in self.agreements.values() {
            let Some(seen) = agreement.seen_by(scope, self.today).map(Cow::into_owned) else { continue };
            let published = agreement.seen_by(&Scope::Public, self.today);
            let standing = match &published {
                Some(published) => published.standing(filter.on),
                None if agreement.voided.is_some() => Standing::Voided,
                None => Standing::NotConcluded,
            };
            let about = published
                .as_ref()
                .and_then(|published| Self::reference(published, filter.on, self.today))
                .map(|version| version.number);
            let version = about.and_then(|number| seen.version(number)).unwrap_or_else(|| seen.latest());
            let counts = |party: &domain::Party| seen.counts_as_party(version, party, filter.on, self.today);
            let fits = filter.parties.iter().all(|code| version.party(*code).is_some_and(counts))
                && filter.covering.is_none_or(|code| {
                    let subtree = |party: &domain::Party| party.extent == domain::Extent::Subtree;
                    version.parties.iter().filter(|party| counts(party)).any(|party| {
                        party.district == code
                            || (!self.retired(code, filter.on) || self.counts_for(code, filter.on, 0).is_some())
                                && self.covers(party.district, subtree(party), code, filter.on).is_some()
                    })
                })
                && (filter.standing.is_empty() || filter.standing.contains(&standing))
                && (filter.matter.is_none() && filter.modes.is_empty()
                    || version.schedule.iter().any(|clause| {
                        filter.matter.is_none_or(|matter| clause.matters.contains(&matter))
                            && (filter.modes.is_empty() || filter.modes.contains(&clause.mode))
                    }))
                && filter.ending_before.is_none_or(|before| version.ends_on(filter.on).is_some_and(|to| to < before));
            if fits {
                listed.insert(agreement.number, seen);
            }
        }
        listed
    }

    /// Whether a suspension stops a matter of a clause from one district to another through two parties.
    pub(crate) fn stopped(
        &self,
        agreement: &Agreement,
        (key, m): (&str, MatterCode),
        (p, a): (DistrictCode, DistrictCode),
        (q, c): (DistrictCode, DistrictCode),
        on: Date,
    ) -> bool {
        let includes = |named: &[DistrictCode], code: DistrictCode| {
            named.is_empty() || named.iter().any(|above| self.covers(*above, true, code, on).is_some())
        };
        agreement.suspensions.iter().any(|flag| {
            flag.since <= on
                && flag.until.is_none_or(|until| on <= until)
                && flag.cleared_on.is_none_or(|cleared| on < cleared)
                && flag.party.is_none_or(|party| party == p || party == q)
                && (flag.scope.clauses.is_empty() || flag.scope.clauses.iter().any(|named| **named == *key))
                && (flag.scope.matters.is_empty() || flag.scope.matters.contains(&m))
                && includes(&flag.scope.receiving, a)
                && includes(&flag.scope.competent, c)
        })
    }

    pub(crate) fn nearest(
        &self,
        code: DistrictCode,
        kind: DistrictKind,
        on: Date,
        steps: usize,
    ) -> Option<DistrictCode> {
        let district = &self.districts[&code];
        // 110000 is 北京市 when it is a province: the prefecture of all below it.
        let municipality =
            district.kind == DistrictKind::Province && code.to_string() == "110000" && kind == DistrictKind::Prefecture;
        if district.kind == kind || municipality {
            Some(code)
        } else {
            self.nearest(district.parent(on)?, kind, on, steps.checked_sub(1)?)
        }
    }

    pub(crate) fn reaches(&self, reach: Reach, a: DistrictCode, c: DistrictCode, on: Date) -> bool {
        let near = |kind| Some((self.nearest(a, kind, on, 9)?, self.nearest(c, kind, on, 9)?));
        match reach {
            Reach::Any => true,
            Reach::AcrossProvinces => near(DistrictKind::Province).is_some_and(|(a, c)| a != c),
            Reach::WithinProvince => near(DistrictKind::Province).is_some_and(|(a, c)| a == c),
            Reach::WithinPrefecture => near(DistrictKind::Prefecture).is_some_and(|(a, c)| a == c),
        }
    }

    pub(crate) fn published(&self, c: DistrictCode, m: MatterCode, on: Date) -> bool {
        self.offerings
            .iter()
            .any(|offering| offering.district == c && offering.matter == Some(m) && offering.published().includes(on))
    }

    pub(crate) fn withdrawn(&self, c: DistrictCode, m: MatterCode, on: Date) -> bool {
        !self.published(c, m, on)
            && self.offerings.iter().any(|offering| {
                offering.district == c && offering.matter == Some(m) && offering.published().ended_before(on)
            })
    }

    /// The routes of a matter, and whether the offerings block a clause that covers it.
    pub(crate) fn routes(
        &self,
        m: MatterCode,
        a: DistrictCode,
        c: DistrictCode,
        on: Date,
    ) -> (BTreeSet<NaiveRoute>, bool) {
        let mut routes = BTreeSet::new();
        let mut blocked = false;
        if a == c
            || self.retired(a, on)
            || self.retired(c, on)
            || self.matters[&m].retired_on.is_some_and(|retired| retired <= on)
        {
            return (routes, false);
        }
        for agreement in self.agreements.values() {
            let Some(version) = Self::in_force(agreement, on, self.today) else { continue };
            for (place, clause) in version.schedule.iter().enumerate() {
                let mut covered = false;
                for p in &version.parties {
                    for q in &version.parties {
                        let named =
                            |side: &[DistrictCode], party: DistrictCode| side.is_empty() || side.contains(&party);
                        let member = |party: &domain::Party| {
                            let signed = version.proposal().and_then(|proposal| proposal.signed_by(party.district));
                            let counts = |notice: &&domain::Notice| {
                                notice.party == party.district
                                    && signed.max(party.joined_on).is_none_or(|back| back <= notice.ends_on)
                            };
                            let left = agreement.notices.iter().filter(counts).any(|notice| notice.ends_on < on);
                            let objected = version.proposal().is_some_and(|proposal| {
                                proposal.needs == Needs::NoObjection
                                    && proposal.has_rejected(party.district)
                                    && signed.max(party.joined_on).is_none()
                            });
                            !left
                                && !objected
                                && version.binds(party)
                                && party.joined_on.is_none_or(|joined| joined <= on)
                        };
                        let subtree = |party: &domain::Party| party.extent == domain::Extent::Subtree;
                        let (Some(for_p), Some(for_q)) =
                            (self.covers(p.district, subtree(p), a, on), self.covers(q.district, subtree(q), c, on))
                        else {
                            continue;
                        };
                        let free = !self.stopped(agreement, (&clause.key, m), (p.district, a), (q.district, c), on);
                        covered |= for_p != for_q
                            && member(p)
                            && member(q)
                            && free
                            && named(&clause.receiving, p.district)
                            && named(&clause.competent, q.district);
                    }
                }
                if covered && clause.matters.contains(&m) && clause.period.includes(on) {
                    if self.withdrawn(c, m, on) {
                        blocked = true;
                    } else {
                        routes.insert((
                            format!("{} version {}", agreement.number, version.number),
                            place,
                            clause.mode(),
                        ));
                    }
                }
            }
        }
        for (id, policy) in &self.policies {
            for (place, clause) in policy.schedule.iter().enumerate() {
                let within = |own: &[Territory], all: &[Territory], code: DistrictCode| {
                    let territories = if own.is_empty() { all } else { own };
                    territories.is_empty()
                        || territories.iter().any(|territory| {
                            self.covers(territory.district, territory.extent == domain::Extent::Subtree, code, on)
                                .is_some()
                        })
                };
                let covered = Period::new(policy.effective_from, policy.effective_to).includes(on)
                    && clause.period.includes(on)
                    && clause.matters.contains(&m)
                    && within(&clause.receiving, &policy.receiving, a)
                    && within(&clause.competent, &policy.competent, c)
                    && self.reaches(clause.reach, a, c, on);
                if covered {
                    if self.published(c, m, on) {
                        routes.insert((format!("policy {id}"), place, clause.mode()));
                    } else {
                        blocked = true;
                    }
                }
            }
        }
        (routes, blocked)
    }

    /// The period around a day in which a route exists, day by day, and whether another route of its mode follows.
    pub(crate) fn span(
        &self,
        route: &NaiveRoute,
        m: MatterCode,
        a: DistrictCode,
        c: DistrictCode,
        on: Date,
    ) -> (Period, bool) {
        let [first, last] =
            ["2020-12-30", "2021-01-20"].map(|day| day.parse::<Date>().expect("a day before all, and one after"));
        let routes = |day: Date| self.routes(m, a, c, day).0;
        let mut from = on;
        while from > first && routes(from.pred_opt().expect("a day")).contains(route) {
            from = from.pred_opt().expect("a day");
        }
        let mut to = on;
        while to < last && routes(to.succ_opt().expect("a day")).contains(route) {
            to = to.succ_opt().expect("a day");
        }
        let follows = to < last && routes(to.succ_opt().expect("a day")).iter().any(|other| other.2 == route.2);
        (Period::new((from > first).then_some(from), (to < last).then_some(to)), follows)
    }

    pub(crate) fn windows(&self, m: MatterCode, a: DistrictCode, mode: HandlingMode, on: Date) -> usize {
        let matter = &self.matters[&m];
        let its = |window: &&Window| {
            window.district == a
                || (self.retired(window.district, on) && self.counts_for(window.district, on, 9) == Some(a))
        };
        self.windows
            .iter()
            .filter(its)
            .filter(|window| window.open().includes(on) && window.serves(mode, matter))
            .count()
    }
}
