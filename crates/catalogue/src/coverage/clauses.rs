//! Decides which clauses apply between two districts on a day. For each competent district an index of the parties that may
//! receive for it is cached, so that only agreements between the two are visited.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use domain::{Agreement, AgreementNumber, Date, HandlingMode, Revision};
use smallvec::SmallVec;

use crate::bits::Bits;
use crate::chunked_vec::handle_of;
use crate::derived_cache::{CacheKey, HeapSize};
use crate::resolver::{Between, Parties, different_pairs, number_of, parties_as, reference_version};
use crate::snapshot::{AgreementEntry, Candidate, Handle, History, PolicyEntry, Snapshot};
use crate::territory::Participation;
use crate::version::{PartyEntry, Positions, VersionEntry};

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
    /// A policy's clause needs a published offering. An agreement's clause applies unless the last offering was withdrawn.
    pub(crate) fn needs_offering(&self) -> bool {
        matches!(self.source, Source::Policy(_))
    }

    /// The order of routes, best first: by mode (full online, joint, proxy), number of the basis, and clause. The promised days
    /// are those of the competent district's offerings, the same for all clauses.
    pub(crate) fn preference(&self, other: &Self) -> Ordering {
        let by_number = || match (self.source, other.source) {
            (Source::Agreement { number: one, .. }, Source::Agreement { number: other, .. }) => one.cmp(&other),
            // The order of the numbers as texts, which is the same among agreements.
            (one, other) => one.number().cmp(&other.number()),
        };
        self.mode.cmp(&other.mode).then_with(by_number).then(self.clause.cmp(&other.clause))
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

/// The position of an agreement clause's list of matters in the index. Unused for policies, whose clauses hold their own lists.
#[derive(Debug, Clone, Default)]
struct MatterRange {
    agreement: u32,
    words: Range<u32>,
}

impl<'a> ApplicableClauses<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Each clause, with the matters that it lists.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ApplicableClause<'a>, Positions<'_>)> {
        self.clauses.iter().map(|(clause, listed)| {
            let matters = match clause.source {
                Source::Agreement { .. } => self.in_force.agreements[listed.agreement as usize].version.places(&listed.words),
                Source::Policy(entry) => Positions::new(&entry.clauses[clause.clause].matters),
            };
            (clause, matters)
        })
    }
}

/// Index of the agreements in force for a competent district on a day, by the parties that receive for it.
#[derive(Debug, Default)]
pub(crate) struct InForceIndex {
    /// By number.
    agreements: Box<[IndexedVersion]>,
    /// By district, then in the order of the agreements.
    receivers: Box<[Receiver]>,
    /// Agreements with many parties, which are scanned per query instead of indexed.
    wide: Box<[u32]>,
}

#[derive(Debug)]
struct IndexedVersion {
    at: Handle,
    number: AgreementNumber,
    /// The index of the version.
    place: u32,
    version: VersionEntry,
    /// The parties that are not absent on the day; `None`: all.
    free: Option<Box<Bits>>,
}

/// A party that may receive for a competent party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Receiver {
    /// The packed `PartyEntry`.
    party: u32,
    agreement: u32,
    receiving: u16,
    competent: u16,
}

/// An agreement, and the indexes of two different parties through which two districts meet: receiving and competent.
type PartyPair = (u32, u16, u16);

/// Agreements with more parties than this are scanned. Most have two to five.
const WIDE: usize = 32;

impl HeapSize for InForceIndex {
    fn heap_bytes(&self) -> usize {
        let free = self.agreements.iter().flat_map(|agreement| &agreement.free).map(|free| size_of::<Bits>() + free.heap_bytes());
        size_of_val(&*self.agreements) + size_of_val(&*self.receivers) + size_of_val(&*self.wide) + free.sum::<usize>()
    }
}

impl IndexedVersion {
    fn is_free(&self, party: u16) -> bool {
        self.free.as_ref().is_none_or(|free| free.contains(party.into()))
    }

    fn parties_as(&self, participations: &[Participation]) -> Parties {
        let mut parties = parties_as(&self.version, participations);
        parties.retain(|(party, _)| self.is_free(*party));
        parties
    }
}

impl InForceIndex {
    /// The pairs of parties through which the two districts meet, grouped by agreement.
    fn pairs(&self, receiving_as: &[Participation], competent_as: &[Participation]) -> SmallVec<[PartyPair; 64]> {
        let mut pairs = SmallVec::new();
        for participation in receiving_as {
            let word = |subtree| PartyEntry { district: participation.named, subtree }.word();
            let named = word(!participation.covers(false))..=word(true);
            let begin = self.receivers.partition_point(|receiver| receiver.party < *named.start());
            let those = self.receivers[begin..].iter().take_while(|receiver| named.contains(&receiver.party));
            pairs.extend(those.map(|receiver| (receiver.agreement, receiver.receiving, receiver.competent)));
        }
        for &at in &self.wide {
            let agreement = &self.agreements[at as usize];
            let receiving = agreement.parties_as(receiving_as);
            if !receiving.is_empty() {
                let different = different_pairs(&receiving, &agreement.parties_as(competent_as)).into_iter();
                pairs.extend(different.map(|pair| (at, pair.receiving.0, pair.competent.0)));
            }
        }
        // A few sorted runs.
        pairs.sort();
        pairs
    }
}

/// A version that is in force on a day.
#[derive(Debug)]
pub(crate) struct VersionInForce<'a> {
    at: Handle,
    number: AgreementNumber,
    /// The index of the version.
    place: usize,
    pub(crate) version: &'a VersionEntry,
    /// `None`: no party is absent during its term.
    agreement: Option<&'a Agreement>,
    on: Date,
}

impl VersionInForce<'_> {
    /// Whether the party is bound, a member on the day, and not suspended.
    pub(crate) fn is_free(&self, party: u16) -> bool {
        let Some(agreement) = self.agreement else { return true };
        let version = &agreement.versions[self.place];
        let party = &version.parties[usize::from(party)];
        version.binds(party)
            && agreement.membership(version, party, self.on).includes(self.on)
            && agreement.suspension_of(party.district, self.on).is_none()
    }

    fn indexed(&self) -> IndexedVersion {
        let free = || (0u16..).zip(self.version.parties()).map(|(party, _)| party).filter(|party| self.is_free(*party)).map(Handle::from);
        IndexedVersion {
            at: self.at,
            number: self.number,
            place: handle_of(self.place),
            version: self.version.clone(),
            free: self.agreement.map(|_| Box::new(free().collect())),
        }
    }
}

impl Snapshot {
    /// The versions in force on a day that name a district or one that it participates through.
    pub(crate) fn versions_in_force<'s>(&'s self, participations: &[Participation], on: Date) -> impl Iterator<Item = VersionInForce<'s>> {
        let current = move |Candidate { at, number, history }: Candidate<'s>| {
            let (place, version, agreement) = match history {
                History::Single(version) => (0, version, None),
                History::Full(entry) => {
                    let place = version_in_force(entry, on)?;
                    (place, &entry.versions[place], Some(&entry.agreement.record))
                }
            };
            Some(VersionInForce { at, number, place, version, agreement, on })
        };
        self.agreements_as(participations).into_iter().filter_map(move |at| self.candidate_at(at, on)).filter_map(current)
    }

    /// The newest change of an agreement in which a district participates.
    pub(crate) fn agreements_as_of(&self, participations: &[Participation]) -> Revision {
        participations.iter().map(|participation| self.district_at(participation.named).agreements_as_of).max().unwrap_or_default()
    }

    fn in_force_index(&self, competent: Handle, competent_as: &[Participation], on: Date) -> Arc<InForceIndex> {
        let key = CacheKey { competent, on, today: self.today };
        self.derived.in_force.get_or_compute(key, self.agreements_as_of(competent_as), || Arc::new(self.index_in_force(competent_as, on)))
    }

    fn index_in_force(&self, competent_as: &[Participation], on: Date) -> InForceIndex {
        let mut agreements: Vec<IndexedVersion> = self.versions_in_force(competent_as, on).map(|current| current.indexed()).collect();
        agreements.sort_by_key(|agreement| agreement.number);
        let (mut receivers, mut wide) = (Vec::new(), Vec::new());
        for (at, agreement) in (0u32..).zip(&agreements) {
            if agreement.version.parties().len() > WIDE {
                wide.push(at);
                continue;
            }
            let competent = agreement.parties_as(competent_as);
            for (receiving, party) in (0u16..).zip(agreement.version.parties()).filter(|(party, _)| agreement.is_free(*party)) {
                let Some(counts_for) = self.counts_for(party.district, on) else { continue };
                let different = competent.iter().filter(|(_, participation)| participation.counts_for != counts_for);
                receivers.extend(different.map(|(competent, _)| Receiver { party: party.word(), agreement: at, receiving, competent: *competent }));
            }
        }
        receivers.sort_unstable();
        InForceIndex { agreements: agreements.into(), receivers: receivers.into(), wide: wide.into() }
    }

    /// Every clause that applies between two districts, best first.
    pub(crate) fn applicable_clauses(&self, between: &Between<'_>) -> ApplicableClauses<'_> {
        let Between { receiving, competent, receiving_as, competent_as, on } = *between;
        if receiving == competent || self.is_retired(receiving, on) || self.is_retired(competent, on) {
            return ApplicableClauses::default();
        }
        let in_force = self.in_force_index(competent, competent_as, on);
        let pairs = in_force.pairs(receiving_as, competent_as);
        let of_each = || pairs.chunk_by(|one, other| one.0 == other.0);
        // Prefetch all versions, so that their cache misses overlap.
        of_each().for_each(|pairs| in_force.agreements[pairs[0].0 as usize].version.fetch());
        // The agreements are in the order of their numbers, so it is enough to group by mode.
        let mut by_mode: Vec<Vec<(ApplicableClause<'_>, MatterRange)>> = HandlingMode::ALL.iter().map(|_| Vec::new()).collect();
        for pairs in of_each() {
            let agreement = pairs[0].0;
            let IndexedVersion { at, number, place, version, .. } = &in_force.agreements[agreement as usize];
            for (clause, entry) in version.clauses().enumerate().filter(|(_, entry)| entry.is_in_date(on)) {
                let Some((_, receiving, competent)) = pairs.iter().find(|(_, receiving, competent)| entry.admits(*receiving, *competent)) else {
                    continue;
                };
                let source = Source::Agreement { at: *at, number: *number, version: *place as usize, receiving: *receiving, competent: *competent };
                by_mode[entry.mode as usize]
                    .push((ApplicableClause { source, clause, mode: entry.mode }, MatterRange { agreement, words: entry.words() }));
            }
        }
        for entry in self.policies.iter().filter(|entry| entry.policy.period().includes(on)) {
            let in_date = |clause: &usize| entry.policy.schedule[*clause].period.includes(on);
            let covers = |clause: &usize| self.policy_clause_covers(entry, *clause, receiving, receiving_as, competent, competent_as, on);
            for clause in (0..entry.clauses.len()).filter(in_date).filter(covers).map(|clause| policy_clause(entry, clause)) {
                let clauses = &mut by_mode[clause.mode as usize];
                let place = clauses.partition_point(|(other, _)| other.preference(&clause).is_lt());
                clauses.insert(place, (clause, MatterRange::default()));
            }
        }
        ApplicableClauses { in_force, clauses: by_mode.into_iter().flatten().collect() }
    }
}

pub(crate) fn policy_clause(entry: &PolicyEntry, clause: usize) -> ApplicableClause<'_> {
    ApplicableClause { source: Source::Policy(entry), clause, mode: entry.policy.schedule[clause].mode() }
}

/// The version of an agreement that is in force on a day.
fn version_in_force(entry: &AgreementEntry, on: Date) -> Option<usize> {
    let agreement = &entry.agreement;
    if agreement.voided.is_some() || agreement.emergency_stop(on).is_some() {
        return None;
    }
    reference_version(entry, on).filter(|at| agreement.versions[*at].term().is_some_and(|term| term.includes(on)))
}
