//! The days around one on which a route exists. A route ends for many reasons: the terms of its basis, a later version, its
//! clause, a party that leaves, a flag, a retirement, a succession, another parent, an offering. So no reason is reckoned by
//! itself: the days on which anything may change are put in order, and between them the same test that answers the
//! question is asked again.

use domain::{Agreement, Date, HandlingMode, Period, Version};
use smallvec::SmallVec;

use crate::open::{Of, OpenClause};
use crate::resolver::{Between, Tested, term_of};
use crate::snapshot::{AgreementSlot, Handle, Snapshot};
use crate::version::VersionEntry;

/// First days of something new. Most routes have none within the dates of their clause.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(SmallVec<[Date; 8]>);

impl Turns {
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

/// All that two districts may take part as, on any day, and the days on which that changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kin {
    named: SmallVec<[Handle; 16]>,
    turns: Turns,
}

impl Snapshot {
    /// The districts above each of two on any day, and all that these succeed, with the days on which that changes.
    pub(crate) fn kin(&self, receiving: Handle, competent: Handle) -> Kin {
        let mut kin = Kin::default();
        for district in [receiving, competent] {
            let mut above: SmallVec<[Handle; 8]> = SmallVec::from_slice(&[district]);
            let mut next = 0;
            while let Some(&handle) = above.get(next) {
                let entry = self.district_at(handle);
                for (parent, period) in entry.parents.iter().chain(entry.administrators.iter()) {
                    kin.turns.period(*period);
                    if !above.contains(parent) {
                        above.push(*parent);
                    }
                }
                next += 1;
            }
            let mut next = 0;
            while let Some(&handle) = above.get(next) {
                let entry = self.district_at(handle);
                kin.turns.begins(entry.district.retired.as_ref().map(|retired| retired.on));
                // Among those below this place are now the districts above and all their predecessors.
                for predecessor in entry.predecessors.iter() {
                    if !above.contains(predecessor) {
                        above.push(*predecessor);
                    }
                }
                next += 1;
            }
            kin.named.extend(above);
        }
        kin
    }

    /// The stretch of days around the one asked on which the route of a matter by a clause exists.
    pub(crate) fn span(&self, by: &OpenClause<'_>, between: &Between<'_>, m: Handle, kin: &Kin) -> Period {
        let frame = self.frame(by, between, m);
        let mut turns = kin.turns.clone();
        if let Of::Agreement { at, version, .. } = by.of
            && !matches!(&self.agreements[at], AgreementSlot::Kept { plain: Some(_), .. })
        {
            let entry = self.published_at(at);
            turns_of_parties(&entry.agreement, &entry.agreement.versions[version], &entry.versions[version], kin, &mut turns);
        }
        self.turns_of_offerings(between.competent, m, &mut turns);
        let Turns(mut days) = turns;
        // On the first day of the frame nothing can begin that was not there on the day before.
        days.retain(|day| frame.includes(*day) && frame.from != Some(*day));
        if days.is_empty() {
            return frame;
        }
        days.sort_unstable();
        days.dedup();
        let exists = |day: Date| self.exists(by, between, m, day);
        let later = days.partition_point(|day| *day <= between.on);
        let began = days[..later].iter().rev().find(|day| day.pred_opt().is_none_or(|before| !exists(before)));
        let ended = days[later..].iter().find(|day| !exists(**day));
        Period::new(began.copied().or(frame.from), ended.map_or(frame.to, Date::pred_opt))
    }

    /// The days outside of which the route exists on no day.
    fn frame(&self, by: &OpenClause<'_>, between: &Between<'_>, m: Handle) -> Period {
        let until = |retired: Option<Date>| Period::new(None, retired.and_then(|retired| retired.pred_opt()));
        let of_basis = match by.of {
            Of::Agreement { at, version, .. } => {
                let entry = self.published_at(at);
                term_of(entry, version).and(entry.agreement.listed_clause(version, by.clause).period)
            }
            Of::Policy(entry) => entry.policy.period().and(entry.policy.schedule[by.clause].period),
        };
        let of_district = |handle: Handle| until(self.district_at(handle).district.retired.as_ref().map(|retired| retired.on));
        of_basis.and(until(self.matter_at(m).matter.retired_on)).and(of_district(between.receiving)).and(of_district(between.competent))
    }

    fn turns_of_offerings(&self, competent: Handle, m: Handle, turns: &mut Turns) {
        let entry = self.district_at(competent);
        if entry.dated_offered.contains(m) && !entry.always_offered.contains(m) {
            self.offerings_of_matter_in(competent, m).for_each(|offering| turns.period(offering.period()));
        }
    }

    /// Does the route exist on another day?
    fn exists(&self, by: &OpenClause<'_>, between: &Between<'_>, m: Handle, on: Date) -> bool {
        let same = |other: &OpenClause<'_>| other.clause == by.clause && other.of.is_of_version(&by.of);
        self.on_another_day(between, on, |between| {
            let tested = match by.of {
                Of::Agreement { at, .. } => self.test_agreement(at, self.published_at(at), between, Some(m)),
                Of::Policy(entry) => self.test_policy(entry, between, Some(m)),
            };
            self.opens_to(tested, between, m, same)
        })
    }

    /// Does any route of the mode exist on another day?
    pub(crate) fn goes_on(&self, mode: HandlingMode, between: &Between<'_>, m: Handle, on: Date) -> bool {
        let in_mode = |other: &OpenClause<'_>| other.mode == mode;
        self.on_another_day(between, on, |between| {
            self.common_agreements(between).any(|(at, entry)| self.opens_to(self.test_agreement(at, entry, between, Some(m)), between, m, in_mode))
                || self.policies.iter().any(|entry| self.opens_to(self.test_policy(entry, between, Some(m)), between, m, in_mode))
        })
    }

    fn on_another_day<T>(&self, between: &Between<'_>, on: Date, ask: impl FnOnce(&Between<'_>) -> T) -> T {
        let Between { receiving, competent, .. } = *between;
        let (receiving_as, competent_as) = (self.standpoints(receiving, on), self.standpoints(competent, on));
        ask(&Between { receiving, competent, receiving_as: &receiving_as, competent_as: &competent_as, on })
    }

    /// Is there among what covers the matter a clause of this kind, which the offerings let through?
    fn opens_to(&self, tested: Tested<'_>, between: &Between<'_>, m: Handle, wanted: impl Fn(&OpenClause<'_>) -> bool) -> bool {
        let Tested::Covers(clauses) = tested else { return false };
        let Between { receiving, competent, on, .. } = *between;
        self.matter_at(m).matter.is_active(on)
            && !self.is_retired(receiving, on)
            && !self.is_retired(competent, on)
            && clauses.iter().any(|clause| wanted(clause) && self.opens(competent, m, clause.needs_offering(), on))
    }
}

impl Of<'_> {
    fn is_of_version(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Agreement { at, version, .. }, Self::Agreement { at: other, version: of_other, .. }) => at == other && version == of_other,
            (Self::Policy(one), Self::Policy(other)) => one.policy.id == other.policy.id,
            (Self::Agreement { .. }, Self::Policy(_)) | (Self::Policy(_), Self::Agreement { .. }) => false,
        }
    }
}

/// The days on which the parties through which two districts may meet come, go, stop and resume.
fn turns_of_parties(agreement: &Agreement, version: &Version, resolved: &VersionEntry, kin: &Kin, turns: &mut Turns) {
    let concerned = resolved.parties().zip(&version.parties).filter(|(party, _)| kin.named.contains(&party.district));
    let concerned: SmallVec<[&domain::Party; 4]> = concerned.map(|(_, party)| party).collect();
    for party in &concerned {
        turns.begins(party.joined_on);
        party.earlier.iter().for_each(|earlier| turns.period(*earlier));
    }
    let is_concerned = |code| concerned.iter().any(|party| party.district == code);
    for notice in agreement.notices.iter().filter(|notice| is_concerned(notice.party)) {
        turns.ends(Some(notice.ends_on));
    }
    for flag in agreement.suspensions.iter().filter(|flag| flag.party.is_none_or(is_concerned)) {
        turns.period(Period::new(Some(flag.since), flag.until));
        turns.begins(flag.cleared_on);
    }
}
