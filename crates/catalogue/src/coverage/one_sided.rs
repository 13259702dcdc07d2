//! One-sided coverage: the clauses in which one district participates, with the districts on the other side.

use std::collections::BTreeMap;

use domain::{Date, HandlingMode, Reach};
use roaring::RoaringBitmap;

use crate::between::{Participation, within};
use crate::bits::{Bits, Positions};
use crate::coverage::clauses::VersionInForce;
use crate::coverage::stop::{Stop, is_within};
use crate::coverage::stops::{OpenMatters, by_stops};
use crate::entry::{MatterEntry, PolicyEntry};
use crate::handle::Handle;
use crate::snapshot::Snapshot;

/// The districts on the other side of a one-sided query.
#[derive(Debug, Clone)]
pub(super) enum Others {
    Many(RoaringBitmap),
    /// At least one district, which is not needed in detail.
    Some,
}

impl Others {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Some => false,
            Self::Many(districts) => districts.is_empty(),
        }
    }

    pub(super) fn districts(&self) -> impl Iterator<Item = Handle> + Clone {
        match self {
            Self::Some => None,
            Self::Many(districts) => Some(districts),
        }
        .into_iter()
        .flatten()
    }
}

/// How much a one-sided query needs to know of the districts on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherSide {
    /// The districts: they are counted, or routes are computed.
    Listed,
    /// Only whether there are any.
    Exists,
}

/// A clause in force on the day in which one district participates: its matters, and the districts on the other side.
#[derive(Debug, Clone)]
pub(super) struct OneSidedClause<'a> {
    pub(super) mode: HandlingMode,
    listed: OpenMatters<'a>,
    pub(super) needs_offering: bool,
    pub(super) others: Others,
}

impl OneSidedClause<'_> {
    pub(super) fn matters(&self) -> Positions<'_> {
        self.listed.positions()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Receiving,
    Competent,
}

/// A query about one district, with any district on the other side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneSided<'a> {
    pub(super) district: Handle,
    pub(super) participations: &'a [Participation],
    pub(super) role: Role,
    pub(super) on: Date,
}

impl OneSided<'_> {
    /// Orders the sides of a clause: the district's own side first.
    pub(super) fn sides<T>(&self, receiving: T, competent: T) -> (T, T) {
        match self.role {
            Role::Receiving => (receiving, competent),
            Role::Competent => (competent, receiving),
        }
    }

    /// The same for the districts of a suspension.
    fn sides_of<T>(&self, [receiving, competent]: [T; 2]) -> (T, T) {
        self.sides(receiving, competent)
    }

    /// Whether the own side of a suspension includes the district.
    fn is_met_by(&self, sides: [Option<&[(Handle, bool)]>; 2]) -> bool {
        is_within(self.sides_of(sides).0, self.participations)
    }

    /// The receiving and the competent district of a pair with another district.
    pub(super) fn with(&self, other: Handle) -> (Handle, Handle) {
        match self.role {
            Role::Receiving => (self.district, other),
            Role::Competent => (other, self.district),
        }
    }
}

impl Snapshot {
    /// Every clause in force in which a district participates.
    pub(super) fn one_sided_clauses(
        &self,
        one: &OneSided<'_>,
        other_side_detail: OtherSide,
    ) -> Vec<OneSidedClause<'_>> {
        let mut clauses = Vec::new();
        if self.is_retired(one.district, one.on) {
            return clauses;
        }
        for current in self.versions_in_force(one.participations, one.on) {
            self.add_agreement_clauses(&current, one, other_side_detail, &mut clauses);
        }
        let mut reaches = BTreeMap::new();
        for entry in self.policies.iter() {
            self.add_policy_clauses(entry, one, &mut reaches, &mut clauses);
        }
        clauses
    }

    fn add_agreement_clauses<'a>(
        &'a self,
        current: &VersionInForce<'a>,
        one: &OneSided<'_>,
        other_side_detail: OtherSide,
        clauses: &mut Vec<OneSidedClause<'a>>,
    ) {
        let OneSided { district, on, .. } = *one;
        let version = current.version;
        let taking_part = current.parties_as(one.participations);
        let stops = current.stops(self);
        for (at, clause) in version.indexed_clauses().filter(|(_, clause)| clause.is_in_date(on)) {
            let (own_side, other_side) = one.sides(clause.receiving, clause.competent);
            let ours = || taking_part.iter().filter(|(party, _)| own_side.include(*party));
            let stops: Vec<&Stop> =
                stops.iter().filter(|stop| stop.has_clause(at) && one.is_met_by(stop.sides())).collect();
            // The districts that participate through another party on the other side, less those that a suspension
            // stops.
            let others = |stops: &[&Stop]| {
                let mut districts = RoaringBitmap::new();
                for (place, party) in (0u16..).zip(version.parties()) {
                    let Some(counts_for) = self.counts_for(party.district, on) else { continue };
                    if !other_side.include(place) || !current.is_present(place) {
                        continue;
                    }
                    for (own, _) in ours().filter(|(_, participation)| participation.counts_for != counts_for) {
                        let (receiving, competent) = one.sides(*own, place);
                        let mut stops = stops.iter().filter(|stop| stop.concerns(at, receiving, competent)).peekable();
                        if stops.peek().is_none() {
                            if other_side_detail == OtherSide::Exists && counts_for != district {
                                return Others::Some;
                            }
                            districts.extend(self.named_with(party.district, party.subtree, on));
                            break;
                        }
                        let stopped = stops.map(|stop| self.named_by(one.sides_of(stop.sides()).1, on));
                        let stopped = stopped.reduce(|one, other| Some(one? | other?)).flatten();
                        let all: RoaringBitmap =
                            self.named_with(party.district, party.subtree, on).into_iter().collect();
                        districts |= stopped.map_or_else(RoaringBitmap::new, |stopped| all - stopped);
                    }
                }
                districts.remove(district);
                Others::Many(districts)
            };
            for (listed, stops) in by_stops(clause.matters, &stops) {
                let others = others(&stops);
                if !others.is_empty() {
                    clauses.push(OneSidedClause { mode: clause.mode, listed, needs_offering: false, others });
                }
            }
        }
    }

    /// The districts of a side of a suspension, with all below them; `None`: all districts.
    fn named_by(&self, side: Option<&[(Handle, bool)]>, on: Date) -> Option<RoaringBitmap> {
        side.map(|side| side.iter().flat_map(|(district, subtree)| self.named_with(*district, *subtree, on)).collect())
    }

    fn add_policy_clauses<'a>(
        &'a self,
        entry: &'a PolicyEntry,
        one: &OneSided<'_>,
        reaches: &mut BTreeMap<Reach, RoaringBitmap>,
        clauses: &mut Vec<OneSidedClause<'a>>,
    ) {
        let OneSided { district, on, .. } = *one;
        let policy = &entry.policy;
        if !policy.period().includes(on) {
            return;
        }
        for (clause, written) in
            entry.clauses.iter().zip(&policy.schedule).filter(|(_, written)| written.period.includes(on))
        {
            let (own_side, other_side) = one.sides(&*clause.receiving, &*clause.competent);
            if !within(own_side, one.participations) {
                continue;
            }
            let mut others =
                reaches.entry(written.reach).or_insert_with(|| self.within_reach(written.reach, district, on)).clone();
            if !other_side.is_empty() {
                let mut named = RoaringBitmap::new();
                other_side
                    .iter()
                    .for_each(|(district, subtree)| named.extend(self.named_with(*district, *subtree, on)));
                others &= named;
            }
            others.remove(district);
            if !others.is_empty() {
                let (listed, others) = (OpenMatters::All(Positions::new(&clause.matters)), Others::Many(others));
                clauses.push(OneSidedClause { mode: written.mode(), listed, needs_offering: true, others });
            }
        }
    }

    /// The matters of a clause that the offerings of at least one competent district allow.
    pub(super) fn open_matters(&self, clause: &OneSidedClause<'_>, with_guide: bool, on: Date) -> Bits {
        let Others::Many(districts) = &clause.others else { return Bits::default() };
        let needs_offering = clause.needs_offering || with_guide;
        let opens = |m: &Handle| {
            let MatterEntry { matter, offered_by, .. } = self.matter_at(*m);
            if !matter.is_active(on) {
                return false;
            }
            if needs_offering {
                return districts
                    .iter()
                    .any(|district| offered_by.contains(district) && self.opens(district, *m, true, on));
            }
            // A district without offerings has withdrawn none.
            districts.iter().any(|district| !offered_by.contains(district) || self.opens(district, *m, false, on))
        };
        clause.matters().iter().filter(opens).collect()
    }

    /// Whether the offerings of a competent district allow a matter.
    pub(crate) fn opens(&self, district: Handle, matter: Handle, needs_offering: bool, on: Date) -> bool {
        let entry = self.district_at(district);
        if entry.always_offered.contains(matter) {
            return true;
        }
        entry.dated_offered.contains(matter) && self.offerings_of(district, matter, on).allow(needs_offering)
            || !needs_offering && !entry.dated_offered.contains(matter)
    }
}
