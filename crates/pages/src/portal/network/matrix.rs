//! The coverage between provinces: which matters the agreements in force list, by direction and mode.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{AgreementFilter, Snapshot};
use domain::{Agreement, AgreementClause, Date, DistrictCode, HandlingMode, MatterCode, Scope, Standing, Version};
use registry::presentation::lineage;

#[derive(Debug, Default)]
pub(crate) struct Network {
    /// The provinces with agreements in force, in their official order, which is that of their codes. Each with the
    /// districts that are parties.
    pub(crate) provinces: BTreeMap<DistrictCode, BTreeSet<DistrictCode>>,
    /// By receiving and competent province.
    cells: BTreeMap<(DistrictCode, DistrictCode), Cell>,
    /// How many agreements are in force.
    pub(crate) agreements: usize,
    pub(crate) synthetic: bool,
    /// The matters that most ordered pairs of districts list, the most first.
    pub(crate) popular: Vec<MatterCode>,
}

/// How many popular matters are kept.
const MAX_POPULAR: usize = 12;

/// The numbers of matters of a pair of provinces.
#[derive(Debug, Default, Clone)]
pub(crate) struct Cell {
    pub(crate) total: usize,
    by_mode: BTreeMap<HandlingMode, usize>,
}

/// The lists of matters of a pair while they are collected. Equal lists are one allocation, so they are told apart by
/// their address.
type Lists<'a> = BTreeMap<(HandlingMode, *const MatterCode), &'a [MatterCode]>;

impl Cell {
    /// The number of matters in a mode; in any of them without one.
    pub(crate) fn count(&self, mode: Option<HandlingMode>) -> usize {
        mode.map_or(self.total, |mode| self.by_mode.get(&mode).copied().unwrap_or_default())
    }

    fn of(lists: &Lists<'_>) -> Self {
        let mut sets: BTreeMap<HandlingMode, BTreeSet<MatterCode>> = BTreeMap::new();
        for ((mode, _), list) in lists {
            sets.entry(*mode).or_default().extend(list.iter());
        }
        let total = sets.values().flatten().collect::<BTreeSet<_>>().len();
        Self { total, by_mode: sets.into_iter().map(|(mode, set)| (mode, set.len())).collect() }
    }
}

impl Network {
    pub(crate) fn of(snapshot: &Snapshot, on: Date) -> Self {
        let filter = AgreementFilter { on, standing: vec![Standing::InForce], ..AgreementFilter::default() };
        let agreements: Vec<_> =
            snapshot.list_agreements(&filter, &Scope::Public).iter().map(|listed| listed.item).collect();
        let mut network = Self { agreements: agreements.len(), ..Self::default() };
        let mut lists: BTreeMap<(DistrictCode, DistrictCode), Lists<'_>> = BTreeMap::new();
        let mut listed: BTreeMap<MatterCode, usize> = BTreeMap::new();
        for agreement in &agreements {
            let Some(version) = agreement.version_in_force(on) else { continue };
            network.synthetic |= agreement.provenance.synthetic;
            let members = members(snapshot, agreement, version, on);
            for (district, province) in &members {
                network.provinces.entry(*province).or_default().insert(*district);
            }
            for clause in version.schedule.iter().filter(|clause| clause.period.includes(on)) {
                let between = between(clause, members.len());
                clause.matters.iter().for_each(|code| *listed.entry(*code).or_default() += between);
                for pair in pairs(clause, &members) {
                    let key = (clause.mode, clause.matters.as_ptr());
                    lists.entry(pair).or_default().insert(key, &clause.matters);
                }
            }
        }
        network.cells = lists.into_iter().map(|(pair, lists)| (pair, Cell::of(&lists))).collect();
        let is_active = |code: &MatterCode| snapshot.matter(*code).is_some_and(|matter| matter.is_active(on));
        let mut popular: Vec<_> = listed.into_iter().filter(|(code, _)| is_active(code)).collect();
        popular.sort_by_key(|(code, pairs)| (std::cmp::Reverse(*pairs), *code));
        network.popular = popular.into_iter().take(MAX_POPULAR).map(|(code, _)| code).collect();
        network
    }

    pub(crate) fn cell(&self, receiving: DistrictCode, competent: DistrictCode) -> Option<&Cell> {
        self.cells.get(&(receiving, competent))
    }

    /// The greatest number of matters of a pair.
    pub(crate) fn greatest(&self, mode: Option<HandlingMode>) -> usize {
        self.cells.values().map(|cell| cell.count(mode)).max().unwrap_or_default()
    }
}

/// The members of a version on a day, each with its province.
fn members(
    snapshot: &Snapshot,
    agreement: &Agreement,
    version: &Version,
    on: Date,
) -> BTreeMap<DistrictCode, DistrictCode> {
    let takes_part = |party: &&domain::Party| agreement.absence(version, party, on).is_none();
    let parties = version.parties.iter().filter(takes_part);
    parties.filter_map(|party| Some((party.district, province_of(snapshot, party.district, on)?))).collect()
}

/// The province of a district on a day: the highest district above it.
pub(crate) fn province_of(snapshot: &Snapshot, code: DistrictCode, on: Date) -> Option<DistrictCode> {
    lineage(snapshot, snapshot.district(code)?, on).first().map(|highest| highest.code)
}

/// About how many ordered pairs of districts a clause covers.
fn between(clause: &AgreementClause, members: usize) -> usize {
    let side = |named: &[DistrictCode]| if named.is_empty() { members } else { named.len() };
    side(&clause.receiving) * side(&clause.competent)
}

/// The pairs of provinces between which a clause applies: two different members, one on each side.
fn pairs(
    clause: &AgreementClause,
    members: &BTreeMap<DistrictCode, DistrictCode>,
) -> BTreeSet<(DistrictCode, DistrictCode)> {
    // By province its members, of which two are enough to tell whether there are different ones.
    let side = |named: &[DistrictCode]| {
        let mut side: BTreeMap<DistrictCode, Vec<DistrictCode>> = BTreeMap::new();
        let of_side = members.iter().filter(|(district, _)| named.is_empty() || named.contains(district));
        for (district, province) in of_side {
            let known = side.entry(*province).or_default();
            if known.len() < 2 {
                known.push(*district);
            }
        }
        side
    };
    let (receiving, competent) = (side(&clause.receiving), side(&clause.competent));
    let mut pairs = BTreeSet::new();
    for (from, receivers) in &receiving {
        for (to, competents) in &competent {
            if receivers.iter().any(|receiver| competents.iter().any(|other| other != receiver)) {
                pairs.insert((*from, *to));
            }
        }
    }
    pairs
}
