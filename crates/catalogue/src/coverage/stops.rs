//! Suspensions with a scope (停办范围): which part of a clause they stop between two districts.

use std::collections::HashMap;

use domain::{Agreement, Date, DistrictCode, StopScope, Suspension};

use crate::between::{Between, Participation, within};
use crate::bits::{Positions, sorted};
use crate::coverage::in_force::PartyPair;
use crate::handle::Handle;
use crate::heap_size::HeapSize;
use crate::snapshot::Snapshot;
use crate::version::{ClauseEntry, VersionEntry};

/// A suspension, resolved for a version.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The index of the suspension in the agreement.
    pub(crate) at: usize,
    /// The index of the party whose routes it stops; `None`: those of all parties.
    party: Option<u16>,
    /// The indexes of clauses (`Agreement::clause_at`); `None`: all.
    clauses: Option<Box<[u32]>>,
    /// `None`: all.
    matters: Option<Box<[Handle]>>,
    /// The receiving districts, with all below them; `None`: all.
    receiving: Option<Territories>,
    competent: Option<Territories>,
}

type Territories = Box<[(Handle, bool)]>;

/// A list of matters, or the part of one that no suspension stops.
#[derive(Debug, Clone)]
pub(crate) enum OpenMatters<'a> {
    All(Positions<'a>),
    Part(Box<[Handle]>),
}

impl OpenMatters<'_> {
    pub(crate) fn positions(&self) -> Positions<'_> {
        match self {
            Self::All(listed) => *listed,
            Self::Part(left) => Positions::new(left),
        }
    }
}

impl Stop {
    /// Whether it stops a part of the clause at an index when districts meet through these two parties.
    pub(crate) fn concerns(&self, clause: usize, receiving: u16, competent: u16) -> bool {
        self.party.is_none_or(|party| party == receiving || party == competent) && self.has_clause(clause)
    }

    pub(crate) fn has_clause(&self, clause: usize) -> bool {
        self.clauses.as_ref().is_none_or(|clauses| clauses.iter().any(|known| *known as usize == clause))
    }

    pub(crate) fn lists(&self, matter: Handle) -> bool {
        self.matters.as_ref().is_none_or(|matters| Positions::new(matters).contains(matter))
    }

    /// Whether its districts include these two.
    pub(crate) fn meets(&self, between: &Between<'_>) -> bool {
        is_within(self.receiving.as_deref(), between.receiving_as)
            && is_within(self.competent.as_deref(), between.competent_as)
    }

    /// Its districts on both sides.
    pub(crate) fn sides(&self) -> [Option<&[(Handle, bool)]>; 2] {
        [self.receiving.as_deref(), self.competent.as_deref()]
    }
}

/// Whether a district participates in one of these; `None`: everywhere.
pub(crate) fn is_within(territories: Option<&[(Handle, bool)]>, participations: &[Participation]) -> bool {
    // An empty list of known districts means nowhere.
    territories.is_none_or(|territories| !territories.is_empty() && within(territories, participations))
}

impl HeapSize for [Stop] {
    fn heap_bytes(&self) -> usize {
        let of = |stop: &Stop| {
            let Stop { at: _, party: _, clauses, matters, receiving, competent } = stop;
            let lists = [clauses, matters].into_iter().flatten().map(|list| size_of_val(&**list));
            let sides = [receiving, competent].into_iter().flatten().map(|side| size_of_val(&**side));
            lists.chain(sides).sum::<usize>()
        };
        size_of_val(self) + self.iter().map(of).sum::<usize>()
    }
}

/// Which suspensions to resolve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scoped {
    /// Those with a scope: the others are absences of parties (`Agreement::absence`).
    Only,
    /// All.
    AndWhole,
}

impl Snapshot {
    /// The suspensions of an agreement that apply on a day to one of its versions.
    pub(crate) fn stops(&self, agreement: &Agreement, version: usize, on: Date, which: Scoped) -> Box<[Stop]> {
        let is_meant = |suspension: &Suspension| {
            suspension.applies_on(on) && (which == Scoped::AndWhole || !suspension.scope.is_everything())
        };
        if !agreement.suspensions.iter().any(is_meant) {
            return Box::default();
        }
        let parties: HashMap<DistrictCode, u16> =
            agreement.versions[version].parties.iter().zip(0..).map(|(party, at)| (party.district, at)).collect();
        let stop = |(at, suspension): (usize, &Suspension)| {
            // A suspension of a district that this version does not name stops nothing of it.
            let party = suspension.party.map(|code| parties.get(&code).copied()).map_or(Some(None), |at| at.map(Some));
            Some(self.stop(agreement, version, &suspension.scope, (at, party?)))
        };
        agreement
            .suspensions
            .iter()
            .enumerate()
            .filter(|(_, suspension)| is_meant(suspension))
            .filter_map(stop)
            .collect()
    }

    fn stop(
        &self,
        agreement: &Agreement,
        version: usize,
        scope: &StopScope,
        (at, party): (usize, Option<u16>),
    ) -> Stop {
        let StopScope { clauses, matters, receiving, competent } = scope;
        let is_listed = |key: &str| clauses.iter().any(|listed| **listed == *key);
        let keyed = || {
            let own = agreement.versions[version].schedule.iter().map(|clause| &*clause.key);
            let carried = agreement.carried(version);
            let carried = carried.iter().map(|of| &*agreement.versions[of.at.version].schedule[of.at.clause].key);
            own.chain(carried).zip(0u32..).filter(|(key, _)| is_listed(key)).map(|(_, place)| place).collect()
        };
        let side = |codes: &[DistrictCode]| -> Option<Territories> {
            let named = || codes.iter().filter_map(|code| Some((self.district_handle(*code)?, true))).collect();
            (!codes.is_empty()).then(named)
        };
        let listed = || sorted(matters.iter().filter_map(|code| self.matter_handle(*code)).collect()).into();
        Stop {
            at,
            party,
            clauses: (!clauses.is_empty()).then(keyed),
            matters: (!matters.is_empty()).then(listed),
            receiving: side(receiving),
            competent: side(competent),
        }
    }
}

/// A clause that applies, its first pair of parties, and of its matters those that apply through this pair; `None`: all.
pub(crate) type OpenClause<'v> = (usize, ClauseEntry<'v>, PartyPair, Option<Box<[Handle]>>);

/// The clauses of a version that apply on a day between districts that meet through these pairs of parties, less what
/// the stops take. A matter of a clause applies once, through the first pair for which it is not stopped.
pub(crate) fn open_clauses<'v>(
    version: &'v VersionEntry,
    pairs: &[PartyPair],
    on: Date,
    stops: &[&Stop],
) -> Vec<OpenClause<'v>> {
    let mut open: Vec<OpenClause<'v>> = Vec::new();
    for (at, clause) in version.indexed_clauses().filter(|(_, clause)| clause.is_in_date(on)) {
        for pair in pairs.iter().filter(|(_, receiving, competent)| clause.admits(*receiving, *competent)) {
            let before = || open.iter().rev().take_while(|(other, ..)| *other == at);
            if before().any(|(.., part)| part.is_none()) {
                break;
            }
            let concerning: Vec<&&Stop> = stops.iter().filter(|stop| stop.concerns(at, pair.1, pair.2)).collect();
            if concerning.is_empty() && before().next().is_none() {
                open.push((at, clause, *pair, None));
                break;
            }
            let is_open = |m: &Handle| {
                let is_known = |part: &Option<Box<[Handle]>>| part.as_ref().is_some_and(|part| part.contains(m));
                !concerning.iter().any(|stop| stop.lists(*m)) && !before().any(|(.., part)| is_known(part))
            };
            let part: Box<[Handle]> = clause.matters.iter().filter(is_open).collect();
            if !part.is_empty() {
                open.push((at, clause, *pair, Some(part)));
            }
        }
    }
    open
}

/// Groups the matters of a clause by the suspensions that list them.
pub(crate) fn by_stops<'a, 's>(
    listed: Positions<'a>,
    stops: Vec<&'s Stop>,
) -> impl Iterator<Item = (OpenMatters<'a>, Vec<&'s Stop>)> {
    let mut groups: Vec<(Vec<&Stop>, Vec<Handle>)> = Vec::new();
    if !stops.is_empty() {
        let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
        for m in listed.iter() {
            let listing: Vec<&Stop> = stops.iter().filter(|stop| stop.lists(m)).copied().collect();
            let place = *known.entry(listing.iter().map(|stop| stop.at).collect()).or_insert(groups.len());
            if place == groups.len() {
                groups.push((listing, Vec::new()));
            }
            groups[place].1.push(m);
        }
    }
    let whole = stops.is_empty().then(|| (OpenMatters::All(listed), Vec::new()));
    whole.into_iter().chain(groups.into_iter().map(|(stops, matters)| (OpenMatters::Part(matters.into()), stops)))
}
