//! The validity of a route: the period around a day in which it exists. A route can begin or end with its basis, a
//! later version, its clause, a membership, a suspension, a retirement, a succession, a move or an offering. Instead of
//! handling each cause, the days on which anything may change are collected, and coverage is decided again on each of
//! them.

use domain::{Agreement, Date, HandlingMode, Party, Period, Version};
use smallvec::SmallVec;

use crate::between::{Between, term_of};
use crate::coverage::clauses::{ApplicableClause, Source};
use crate::entry::AgreementSlot;
use crate::handle::Handle;
use crate::snapshot::Snapshot;
use crate::version::VersionEntry;

/// Days on which something may change. Most routes have none within the dates of their clause.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangeDays(SmallVec<[Date; 8]>);

impl ChangeDays {
    fn begins(&mut self, day: Option<Date>) {
        self.0.extend(day);
    }

    fn ends(&mut self, day: Option<Date>) {
        self.begins(day.and_then(|day| day.succ_opt()));
    }

    fn period(&mut self, period: Period) {
        self.begins(period.from);
        self.ends(period.to);
    }
}

/// All districts through which two districts may participate on any day, and the days on which that changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ancestry {
    named: SmallVec<[Handle; 16]>,
    change_days: ChangeDays,
}

impl Snapshot {
    /// The ancestors of two districts on any day, their predecessors, and the days on which these change.
    pub(crate) fn ancestry(&self, receiving: Handle, competent: Handle) -> Ancestry {
        let mut ancestry = Ancestry::default();
        for district in [receiving, competent] {
            let mut above: SmallVec<[Handle; 8]> = SmallVec::from_slice(&[district]);
            let mut next = 0;
            while let Some(&handle) = above.get(next) {
                let entry = self.district_at(handle);
                for (parent, period) in entry.parents.iter().chain(entry.administrators.iter()) {
                    ancestry.change_days.period(*period);
                    if !above.contains(parent) {
                        above.push(*parent);
                    }
                }
                next += 1;
            }
            let mut next = 0;
            while let Some(&handle) = above.get(next) {
                let entry = self.district_at(handle);
                ancestry.change_days.begins(entry.district.retired.as_ref().map(|retired| retired.on));
                // The loop visits the predecessors of predecessors, too.
                for predecessor in entry.predecessors.iter() {
                    if !above.contains(predecessor) {
                        above.push(*predecessor);
                    }
                }
                next += 1;
            }
            ancestry.named.extend(above);
        }
        ancestry
    }

    /// The period around the day of the query in which the route exists.
    pub(crate) fn validity(
        &self,
        by: &ApplicableClause<'_>,
        between: &Between<'_>,
        m: Handle,
        ancestry: &Ancestry,
    ) -> Period {
        let bounds = self.outer_bounds(by, between, m);
        let mut change_days = ancestry.change_days.clone();
        if let Source::Agreement { at, version, .. } = by.source
            && !matches!(&self.agreements[at], AgreementSlot::Kept { plain: Some(_), .. })
        {
            let entry = self.published_at(at);
            change_days_of_parties(
                &entry.agreement,
                &entry.agreement.versions[version],
                &entry.versions[version],
                ancestry,
                &mut change_days,
            );
        }
        self.change_days_of_offerings(between.competent, m, &mut change_days);
        let ChangeDays(mut days) = change_days;
        // The first day of the bounds is a beginning by itself.
        days.retain(|day| bounds.includes(*day) && bounds.from != Some(*day));
        if days.is_empty() {
            return bounds;
        }
        days.sort_unstable();
        days.dedup();
        let exists = |day: Date| self.exists(by, between, m, day);
        let later = days.partition_point(|day| *day <= between.on);
        let began = days[..later].iter().rev().find(|day| day.pred_opt().is_none_or(|before| !exists(before)));
        let ended = days[later..].iter().find(|day| !exists(**day));
        Period::new(began.copied().or(bounds.from), ended.map_or(bounds.to, Date::pred_opt))
    }

    /// The period outside of which the route cannot exist.
    fn outer_bounds(&self, by: &ApplicableClause<'_>, between: &Between<'_>, m: Handle) -> Period {
        let until = |retired: Option<Date>| Period::new(None, retired.and_then(|retired| retired.pred_opt()));
        let of_basis = match by.source {
            Source::Agreement { at, version, .. } => {
                let entry = self.published_at(at);
                term_of(entry, version).and(entry.agreement.listed_clause(version, by.clause).period)
            }
            Source::Policy(entry) => entry.policy.period().and(entry.policy.schedule[by.clause].period),
        };
        let of_district =
            |handle: Handle| until(self.district_at(handle).district.retired.as_ref().map(|retired| retired.on));
        of_basis
            .and(until(self.matter_at(m).matter.retired_on))
            .and(of_district(between.receiving))
            .and(of_district(between.competent))
    }

    fn change_days_of_offerings(&self, competent: Handle, m: Handle, change_days: &mut ChangeDays) {
        let entry = self.district_at(competent);
        if entry.dated_offered.contains(m) && !entry.always_offered.contains(m) {
            self.offerings_of_matter_in(competent, m).for_each(|offering| change_days.period(offering.period()));
        }
    }

    /// Whether the route exists on another day.
    fn exists(&self, by: &ApplicableClause<'_>, between: &Between<'_>, m: Handle, on: Date) -> bool {
        self.on_another_day(between, on, |between| {
            let is_allowed =
                |clause: &ApplicableClause<'_>| clause.is_same_clause(by) && self.allows(clause, between, m);
            match by.source {
                Source::Agreement { at, .. } => self.agreement_clauses_with(at, between, m).iter().any(is_allowed),
                Source::Policy(entry) => self.policy_clauses_with(entry, between, m).any(|clause| is_allowed(&clause)),
            }
        })
    }

    /// Whether any route of the mode exists on another day.
    pub(crate) fn continues(&self, mode: HandlingMode, between: &Between<'_>, m: Handle, on: Date) -> bool {
        self.on_another_day(between, on, |between| {
            let is_allowed = |clause: &ApplicableClause<'_>| clause.mode == mode && self.allows(clause, between, m);
            self.clauses_with(between, m).iter().any(is_allowed)
        })
    }

    /// Whether the matter is active on the day, and the offerings of the competent district allow the clause.
    fn allows(&self, clause: &ApplicableClause<'_>, between: &Between<'_>, m: Handle) -> bool {
        self.matter_at(m).matter.is_active(between.on)
            && self.opens(between.competent, m, clause.needs_offering(), between.on)
    }

    fn on_another_day<T>(&self, between: &Between<'_>, on: Date, ask: impl FnOnce(&Between<'_>) -> T) -> T {
        let Between { receiving, competent, .. } = *between;
        let (receiving_as, competent_as) = (self.participations(receiving, on), self.participations(competent, on));
        ask(&Between { receiving, competent, receiving_as: &receiving_as, competent_as: &competent_as, on })
    }
}

/// The days on which relevant parties join, leave, suspend or resume.
fn change_days_of_parties(
    agreement: &Agreement,
    version: &Version,
    resolved: &VersionEntry,
    ancestry: &Ancestry,
    change_days: &mut ChangeDays,
) {
    let concerned =
        resolved.parties().zip(&version.parties).filter(|(party, _)| ancestry.named.contains(&party.district));
    let concerned: SmallVec<[&Party; 4]> = concerned.map(|(_, party)| party).collect();
    for party in &concerned {
        change_days.begins(party.joined_on);
        party.earlier.iter().for_each(|earlier| change_days.period(*earlier));
    }
    let is_concerned = |code| concerned.iter().any(|party| party.district == code);
    for notice in agreement.notices.iter().filter(|notice| is_concerned(notice.party)) {
        change_days.ends(Some(notice.ends_on));
    }
    for suspension in agreement.suspensions.iter().filter(|suspension| suspension.party.is_none_or(is_concerned)) {
        change_days.period(Period::new(Some(suspension.since), suspension.until));
        change_days.begins(suspension.cleared_on);
    }
}
