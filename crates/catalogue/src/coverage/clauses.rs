//! Decides which clauses apply between two districts on a day. This is the only place that decides coverage: answers,
//! lists and the validity of routes use it; explanations are given only after a negative result.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use domain::{Agreement, AgreementNumber, Date, HandlingMode, Revision};
use roaring::RoaringBitmap;
use smallvec::SmallVec;

use crate::between::{
    Between, Participation, Parties, different_pairs, number_of, parties_as, reference_version, within,
};
use crate::bits::Positions;
use crate::coverage::in_force::{InForceIndex, IndexedVersion, PartyPair};
use crate::coverage::stop::Stop;
use crate::coverage::stops::{Scoped, open_clauses};
use crate::derived_cache::CacheKey;
use crate::entry::{Candidate, History, PolicyEntry};
use crate::handle::{Handle, handle_of};
use crate::snapshot::Snapshot;
use crate::version::{ClauseEntry, VersionEntry};

/// A clause that applies between two districts on a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApplicableClause<'a> {
    pub(crate) source: Source<'a>,
    /// The index of the clause in the basis (`Agreement::clause_at`).
    pub(crate) clause: usize,
    pub(crate) mode: HandlingMode,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'a> {
    /// A version of an agreement and the two parties through which the districts meet, by their indexes.
    Agreement {
        at: Handle,
        number: AgreementNumber,
        version: usize,
        receiving: u16,
        competent: u16,
    },
    Policy(&'a PolicyEntry),
}

impl ApplicableClause<'_> {
    /// A policy's clause needs a published offering. An agreement's clause applies unless the last offering was
    /// withdrawn.
    pub(crate) fn needs_offering(&self) -> bool {
        matches!(self.source, Source::Policy(_))
    }

    /// The order of routes, best first: by mode (full online, joint, proxy), number of the basis, and clause. The
    /// promised days are those of the competent district's offerings, the same for all clauses.
    fn preference(&self, other: &Self) -> Ordering {
        let by_number = || match (self.source, other.source) {
            (Source::Agreement { number: one, .. }, Source::Agreement { number: other, .. }) => one.cmp(&other),
            // The order of the numbers as texts, which is the same among agreements.
            (one, other) => one.number().cmp(&other.number()),
        };
        self.mode.cmp(&other.mode).then_with(by_number).then(self.clause.cmp(&other.clause))
    }

    /// Whether it is the same clause of the same version or policy, whatever the parties.
    pub(crate) fn is_same_clause(&self, other: &Self) -> bool {
        let is_same_source = match (self.source, other.source) {
            (Source::Agreement { at, version, .. }, Source::Agreement { at: other, version: of_other, .. }) => {
                at == other && version == of_other
            }
            (Source::Policy(one), Source::Policy(other)) => one.policy.id == other.policy.id,
            (Source::Agreement { .. }, Source::Policy(_)) | (Source::Policy(_), Source::Agreement { .. }) => false,
        };
        is_same_source && self.clause == other.clause
    }
}

impl Source<'_> {
    /// The same as `Basis::number`.
    fn number(&self) -> String {
        match self {
            Self::Agreement { number, .. } => number.to_string(),
            Self::Policy(entry) => number_of(&entry.policy).to_owned(),
        }
    }
}

/// All clauses that apply between two districts, best first.
#[derive(Debug, Clone, Default)]
pub(crate) struct ApplicableClauses<'a> {
    in_force: Arc<InForceIndex>,
    clauses: Vec<(ApplicableClause<'a>, MatterRange)>,
}

/// The position of an agreement clause's list of matters in the index. Unused for policies, whose clauses hold their
/// own lists.
#[derive(Debug, Clone, Default)]
struct MatterRange {
    agreement: u32,
    words: Range<u32>,
    /// The matters that suspensions leave; `None`: all of the list.
    open: Option<Box<[Handle]>>,
}

impl<'a> ApplicableClauses<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Each clause, with the matters that it lists.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ApplicableClause<'a>, Positions<'_>)> {
        self.clauses.iter().map(|(clause, range)| {
            let matters = match (clause.source, &range.open) {
                (Source::Agreement { .. }, Some(open)) => Positions::new(open),
                (Source::Agreement { .. }, None) => {
                    self.in_force.agreements[range.agreement as usize].version.positions(&range.words)
                }
                (Source::Policy(entry), _) => Positions::new(&entry.clauses[clause.clause].matters),
            };
            (clause, matters)
        })
    }
}

/// A version that is in force on a day.
#[derive(Debug)]
pub(crate) struct VersionInForce<'a> {
    at: Handle,
    number: AgreementNumber,
    /// The index of the version.
    version_index: usize,
    pub(crate) version: &'a VersionEntry,
    /// `None`: no party is absent during its term.
    agreement: Option<&'a Agreement>,
    on: Date,
}

impl VersionInForce<'_> {
    /// Whether the party is bound, a member on the day, and not suspended.
    pub(crate) fn is_present(&self, party: u16) -> bool {
        let Some(agreement) = self.agreement else { return true };
        let version = &agreement.versions[self.version_index];
        agreement.absence(version, &version.parties[usize::from(party)], self.on).is_none()
    }

    /// The present parties through which a district participates.
    pub(crate) fn parties_as(&self, participations: &[Participation]) -> Parties {
        let mut parties = parties_as(self.version, participations);
        parties.retain(|(party, _)| self.is_present(*party));
        parties
    }

    /// The suspensions with a scope that apply on the day.
    pub(crate) fn stops(&self, snapshot: &Snapshot) -> Box<[Stop]> {
        let of = |agreement| snapshot.stops(agreement, self.version_index, self.on, Scoped::Only);
        self.agreement.map(of).unwrap_or_default()
    }

    fn indexed(&self, snapshot: &Snapshot) -> IndexedVersion {
        let present = || {
            (0u16..)
                .zip(self.version.parties())
                .map(|(party, _)| party)
                .filter(|party| self.is_present(*party))
                .map(Handle::from)
        };
        IndexedVersion {
            at: self.at,
            number: self.number,
            version_index: handle_of(self.version_index),
            version: self.version.clone(),
            present: self.agreement.map(|_| Box::new(present().collect())),
            stops: self.stops(snapshot),
        }
    }
}

/// The clauses of a version that apply on a day between districts that meet through these pairs of parties, each with
/// its first pair that is free for the clause. A clause in two halves applies once.
fn applicable<'v>(
    version: &'v VersionEntry,
    pairs: &[PartyPair],
    on: Date,
    is_free: impl Fn(usize, &PartyPair) -> bool,
) -> impl Iterator<Item = (usize, ClauseEntry<'v>, PartyPair)> {
    let mut applied = None;
    version.indexed_clauses().filter(move |(_, clause)| clause.is_in_date(on)).filter_map(move |(at, clause)| {
        let admits = |pair: &&PartyPair| clause.admits(pair.1, pair.2) && is_free(at, pair);
        let pair = pairs.iter().find(admits)?;
        (applied.replace(at) != Some(at)).then_some((at, clause, *pair))
    })
}

impl Snapshot {
    /// The agreements that name a district or one that it participates through.
    pub(crate) fn agreements_as(&self, participations: &[Participation]) -> RoaringBitmap {
        let mut agreements = RoaringBitmap::new();
        for participation in participations {
            agreements |= &*self.district_at(participation.named).agreements;
        }
        agreements
    }

    /// The agreements that name both districts.
    pub(crate) fn common_agreements(&self, between: &Between<'_>) -> RoaringBitmap {
        self.agreements_as(between.receiving_as) & self.agreements_as(between.competent_as)
    }

    /// The newest change of an agreement in which a district participates.
    pub(crate) fn agreements_as_of(&self, participations: &[Participation]) -> Revision {
        participations
            .iter()
            .map(|participation| self.district_at(participation.named).agreements_as_of)
            .max()
            .unwrap_or_default()
    }

    /// The version of an agreement that is in force on a day.
    pub(crate) fn version_in_force(&self, at: Handle, on: Date) -> Option<VersionInForce<'_>> {
        let Candidate { at, number, history } = self.candidate_at(at, on)?;
        let (version_index, version, agreement) = match history {
            History::Single(version) => (0, version, None),
            History::Full(entry) => {
                let agreement = &entry.agreement.record;
                let holds = |at: &usize| {
                    agreement.voided.is_none() && agreement.versions[*at].term().is_some_and(|term| term.includes(on))
                };
                let version_index = reference_version(entry, on).filter(holds)?;
                (version_index, &entry.versions[version_index], Some(agreement))
            }
        };
        Some(VersionInForce { at, number, version_index, version, agreement, on })
    }

    /// The versions in force on a day that name a district or one that it participates through.
    pub(crate) fn versions_in_force<'s>(
        &'s self,
        participations: &[Participation],
        on: Date,
    ) -> impl Iterator<Item = VersionInForce<'s>> {
        self.agreements_as(participations).into_iter().filter_map(move |at| self.version_in_force(at, on))
    }

    fn in_force_index(&self, competent: Handle, competent_as: &[Participation], on: Date) -> Arc<InForceIndex> {
        let key = CacheKey { competent, on, today: self.today };
        self.derived.in_force.get_or_compute(key, self.agreements_as_of(competent_as), || {
            let versions = self.versions_in_force(competent_as, on).map(|version| version.indexed(self)).collect();
            Arc::new(InForceIndex::new(versions, competent_as, |district| self.counts_for(district, on)))
        })
    }

    /// Whether clauses can apply between the two at all: they are different districts that exist on the day.
    fn can_meet(&self, between: &Between<'_>) -> bool {
        let Between { receiving, competent, on, .. } = *between;
        receiving != competent && !self.is_retired(receiving, on) && !self.is_retired(competent, on)
    }

    /// Every clause that applies between two districts, best first.
    pub(crate) fn applicable_clauses(&self, between: &Between<'_>) -> ApplicableClauses<'_> {
        if !self.can_meet(between) {
            return ApplicableClauses::default();
        }
        let Between { competent, receiving_as, competent_as, on, .. } = *between;
        let in_force = self.in_force_index(competent, competent_as, on);
        let pairs = in_force.pairs(receiving_as, competent_as);
        let by_agreement = || pairs.chunk_by(|one, other| one.0 == other.0);
        // Prefetch all versions, so that their cache misses overlap.
        by_agreement().for_each(|pairs| in_force.agreements[pairs[0].0 as usize].version.fetch());
        // The agreements are in the order of their numbers, so it is enough to group by mode.
        let mut by_mode: Vec<Vec<(ApplicableClause<'_>, MatterRange)>> =
            HandlingMode::ALL.iter().map(|_| Vec::new()).collect();
        for pairs in by_agreement() {
            let agreement = pairs[0].0;
            let IndexedVersion { at, number, version_index, version, stops, .. } =
                &in_force.agreements[agreement as usize];
            let mut add = |(clause, entry, (_, receiving, competent)): (usize, ClauseEntry<'_>, PartyPair), open| {
                let source = Source::Agreement {
                    at: *at,
                    number: *number,
                    version: *version_index as usize,
                    receiving,
                    competent,
                };
                let range = MatterRange { agreement, words: entry.words(), open };
                by_mode[entry.mode as usize].push((ApplicableClause { source, clause, mode: entry.mode }, range));
            };
            let stops: SmallVec<[&Stop; 4]> = stops.iter().filter(|stop| stop.meets(between)).collect();
            if stops.is_empty() {
                applicable(version, pairs, on, |_, _| true).for_each(|applies| add(applies, None));
            } else {
                for (clause, entry, pair, part) in open_clauses(version, pairs, on, &stops) {
                    add((clause, entry, pair), part);
                }
            }
        }
        for clause in self.policies.iter().flat_map(|entry| self.policy_clauses(entry, between)) {
            let clauses = &mut by_mode[clause.mode as usize];
            let position = clauses.partition_point(|(other, _)| other.preference(&clause).is_lt());
            clauses.insert(position, (clause, MatterRange::default()));
        }
        ApplicableClauses { in_force, clauses: by_mode.into_iter().flatten().collect() }
    }

    /// The clauses that apply between two districts and list a matter, best first. It visits the common agreements
    /// without the index, which would be built for a single matter.
    pub(crate) fn clauses_with(&self, between: &Between<'_>, matter: Handle) -> Vec<ApplicableClause<'_>> {
        let of_agreements =
            self.common_agreements(between).into_iter().flat_map(|at| self.agreement_clauses_with(at, between, matter));
        let of_policies = self.policies.iter().flat_map(|entry| self.policy_clauses_with(entry, between, matter));
        let mut clauses: Vec<ApplicableClause<'_>> = of_agreements.chain(of_policies).collect();
        clauses.sort_by(ApplicableClause::preference);
        clauses
    }

    /// The clauses of one agreement that apply between two districts and list a matter.
    pub(crate) fn agreement_clauses_with(
        &self,
        at: Handle,
        between: &Between<'_>,
        matter: Handle,
    ) -> SmallVec<[ApplicableClause<'_>; 4]> {
        let Between { receiving_as, competent_as, on, .. } = *between;
        let Some(in_force) = self.version_in_force(at, on).filter(|_| self.can_meet(between)) else {
            return SmallVec::new();
        };
        let pairs = different_pairs(&in_force.parties_as(receiving_as), &in_force.parties_as(competent_as));
        let pairs: SmallVec<[PartyPair; 4]> =
            pairs.iter().map(|pair| (0, pair.receiving.0, pair.competent.0)).collect();
        let stops = in_force.stops(self);
        let stops: SmallVec<[&Stop; 4]> =
            stops.iter().filter(|stop| stop.lists(matter) && stop.meets(between)).collect();
        let is_free = |clause: usize, pair: &PartyPair| !stops.iter().any(|stop| stop.concerns(clause, pair.1, pair.2));
        let VersionInForce { at, number, version_index, version, .. } = in_force;
        let listing = applicable(version, &pairs, on, is_free).filter(|(_, entry, _)| entry.matters.contains(matter));
        let clause = |(clause, entry, (_, receiving, competent)): (usize, ClauseEntry<'_>, PartyPair)| {
            let source = Source::Agreement { at, number, version: version_index, receiving, competent };
            ApplicableClause { source, clause, mode: entry.mode }
        };
        listing.map(clause).collect()
    }

    /// The clauses of a policy that apply between two districts.
    fn policy_clauses<'s>(
        &'s self,
        entry: &'s PolicyEntry,
        between: &Between<'_>,
    ) -> impl Iterator<Item = ApplicableClause<'s>> {
        let policy = &entry.policy;
        let is_in_force = policy.period().includes(between.on);
        (0..entry.clauses.len())
            .filter(move |clause| is_in_force && policy.schedule[*clause].period.includes(between.on))
            .filter(|clause| self.policy_clause_covers(entry, *clause, between))
            .map(|clause| ApplicableClause {
                source: Source::Policy(entry),
                clause,
                mode: policy.schedule[clause].mode(),
            })
    }

    /// The clauses of a policy that apply between two districts and list a matter.
    pub(crate) fn policy_clauses_with<'s>(
        &'s self,
        entry: &'s PolicyEntry,
        between: &Between<'_>,
        matter: Handle,
    ) -> impl Iterator<Item = ApplicableClause<'s>> {
        let can_meet = self.can_meet(between);
        let lists =
            move |clause: &ApplicableClause<'_>| Positions::new(&entry.clauses[clause.clause].matters).contains(matter);
        self.policy_clauses(entry, between).filter(move |_| can_meet).filter(lists)
    }

    /// Whether the territories and the reach of a policy's clause include two districts, whatever its dates.
    pub(crate) fn policy_clause_covers(&self, entry: &PolicyEntry, clause: usize, between: &Between<'_>) -> bool {
        let Between { receiving, competent, receiving_as, competent_as, on } = *between;
        let resolved = &entry.clauses[clause];
        within(&resolved.receiving, receiving_as)
            && within(&resolved.competent, competent_as)
            && self.reaches(entry.policy.schedule[clause].reach, receiving, competent, on)
    }
}
