//! Suspensions with a scope (停办范围): which part of a clause they stop between two districts.

use std::collections::HashMap;

use domain::{Agreement, Date, DistrictCode, StopScope, Suspension};

use crate::bits::{Positions, sorted};
use crate::coverage::in_force::PartyPair;
use crate::coverage::stop::{Stop, Territories};
use crate::handle::Handle;
use crate::snapshot::Snapshot;
use crate::version::{ClauseEntry, VersionEntry};

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
    stops: &[&'s Stop],
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
