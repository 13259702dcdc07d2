//! The clauses that are in force between two districts on a day, whatever they list. It is kept of each competent district
//! who may receive for it, so that between two of them nothing is looked at but what joins them.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use domain::{Agreement, AgreementNumber, Date, HandlingMode, Revision};
use smallvec::SmallVec;

use crate::bits::Bits;
use crate::gathered::{Place, Weighed};
use crate::resolver::{Between, Parties, different_pairs, number_of, parties_as, reference_version};
use crate::snapshot::{AgreementEntry, Handle, Holding, Lived, PolicyEntry, Snapshot};
use crate::table::handle_of;
use crate::territory::Standpoint;
use crate::version::{PartyEntry, Places, VersionEntry};

/// A clause that is in force between two districts on a day, whatever it lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenClause<'a> {
    pub(crate) of: Of<'a>,
    /// The place of the clause in what the basis lists (`Agreement::clause_at`).
    pub(crate) clause: usize,
    pub(crate) mode: HandlingMode,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Of<'a> {
    /// A version of an agreement, by the places of both, and the parties through which the two meet, by theirs.
    Agreement {
        at: Handle,
        number: AgreementNumber,
        version: usize,
        receiving: u16,
        competent: u16,
    },
    Policy(&'a PolicyEntry),
}

impl OpenClause<'_> {
    /// A policy's clause needs a published offering; an agreement's promise stands unless the last offering was withdrawn.
    pub(crate) fn needs_offering(&self) -> bool {
        matches!(self.of, Of::Policy(_))
    }

    /// Best first: full online, then joint, then proxy; the number of the basis; the clause. The promised time is that of the
    /// competent district's offerings, the same for all of them.
    pub(crate) fn before(&self, other: &Self) -> Ordering {
        let by_number = || match (self.of, other.of) {
            (Of::Agreement { number: one, .. }, Of::Agreement { number: other, .. }) => one.cmp(&other),
            // The order of the numbers as texts, which among agreements is the same.
            (one, other) => one.number().cmp(&other.number()),
        };
        self.mode.cmp(&other.mode).then_with(by_number).then(self.clause.cmp(&other.clause))
    }
}

impl Of<'_> {
    /// As `Basis::number` has it.
    fn number(&self) -> String {
        match self {
            Self::Agreement { number, .. } => number.to_string(),
            Self::Policy(entry) => number_of(&entry.policy).to_owned(),
        }
    }
}

/// All clauses that are in force between two districts, best first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Open<'a> {
    in_force: Arc<InForce>,
    clauses: Vec<(OpenClause<'a>, Listed)>,
}

/// Where in the agreements in force it stands what an agreement's clause lists; a policy's lists it itself.
#[derive(Debug, Clone, Default)]
struct Listed {
    agreement: u32,
    words: Range<u32>,
}

impl<'a> Open<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Each clause, with the matters that it lists.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&OpenClause<'a>, Places<'_>)> {
        self.clauses.iter().map(|(clause, listed)| {
            let matters = match clause.of {
                Of::Agreement { .. } => self.in_force.agreements[listed.agreement as usize].version.places(&listed.words),
                Of::Policy(entry) => Places::new(&entry.clauses[clause.clause].matters),
            };
            (clause, matters)
        })
    }
}

/// The agreements that are in force for a competent district on a day, and who receives for it by them.
#[derive(Debug, Default)]
pub(crate) struct InForce {
    /// By their numbers.
    agreements: Box<[VersionInForce]>,
    /// By whom they are, and then in the order of the agreements.
    receivers: Box<[Receiver]>,
    /// The agreements with so many parties that these are looked through when somebody asks.
    wide: Box<[u32]>,
}

#[derive(Debug)]
struct VersionInForce {
    at: Handle,
    number: AgreementNumber,
    /// The place of the version.
    place: u32,
    version: VersionEntry,
    /// The parties that take part on the day; `None`: all.
    free: Option<Box<Bits>>,
}

/// A party that receives for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Receiver {
    /// The word of whom it names.
    party: u32,
    agreement: u32,
    receiving: u16,
    competent: u16,
}

/// Two different parties of an agreement by which two districts meet.
type Meeting = (u32, u16, u16);

/// An agreement with more parties than this is wide. Most have two to five.
const MANY: usize = 32;

impl Weighed for InForce {
    fn bytes(&self) -> usize {
        let free = self.agreements.iter().flat_map(|agreement| &agreement.free).map(|free| size_of::<Bits>() + free.bytes());
        size_of_val(&*self.agreements) + size_of_val(&*self.receivers) + size_of_val(&*self.wide) + free.sum::<usize>()
    }
}

impl VersionInForce {
    fn is_free(&self, party: u16) -> bool {
        self.free.as_ref().is_none_or(|free| free.contains(party.into()))
    }

    fn parties_as(&self, standpoints: &[Standpoint]) -> Parties {
        let mut parties = parties_as(&self.version, standpoints);
        parties.retain(|(party, _)| self.is_free(*party));
        parties
    }
}

impl InForce {
    /// The parties that receive for the district where somebody stands, agreement by agreement.
    fn meetings(&self, receiving_as: &[Standpoint], competent_as: &[Standpoint]) -> SmallVec<[Meeting; 64]> {
        let mut meetings = SmallVec::new();
        for standpoint in receiving_as {
            let word = |subtree| PartyEntry { district: standpoint.named, subtree }.word();
            let named = word(!standpoint.covers(false))..=word(true);
            let begin = self.receivers.partition_point(|receiver| receiver.party < *named.start());
            let those = self.receivers[begin..].iter().take_while(|receiver| named.contains(&receiver.party));
            meetings.extend(those.map(|receiver| (receiver.agreement, receiver.receiving, receiver.competent)));
        }
        for &at in &self.wide {
            let agreement = &self.agreements[at as usize];
            let receiving = agreement.parties_as(receiving_as);
            if !receiving.is_empty() {
                let pairs = different_pairs(&receiving, &agreement.parties_as(competent_as)).into_iter();
                meetings.extend(pairs.map(|pair| (at, pair.receiving.0, pair.competent.0)));
            }
        }
        // A few runs, each in its order.
        meetings.sort();
        meetings
    }
}

/// A version that is in force on a day.
#[derive(Debug)]
pub(crate) struct Current<'a> {
    at: Handle,
    number: AgreementNumber,
    /// The place of the version.
    place: usize,
    pub(crate) version: &'a VersionEntry,
    /// `None`: all its parties take part for as long as it holds.
    agreement: Option<&'a Agreement>,
    on: Date,
}

impl Current<'_> {
    /// Is the party bound by it, a member on the day, and not suspended?
    pub(crate) fn is_free(&self, party: u16) -> bool {
        let Some(agreement) = self.agreement else { return true };
        let version = &agreement.versions[self.place];
        let party = &version.parties[usize::from(party)];
        version.binds(party)
            && agreement.membership(version, party, self.on).includes(self.on)
            && agreement.suspension_of(party.district, self.on).is_none()
    }

    fn keep(&self) -> VersionInForce {
        let free = || (0u16..).zip(self.version.parties()).map(|(party, _)| party).filter(|party| self.is_free(*party)).map(Handle::from);
        VersionInForce {
            at: self.at,
            number: self.number,
            place: handle_of(self.place),
            version: self.version.clone(),
            free: self.agreement.map(|_| Box::new(free().collect())),
        }
    }
}

impl Snapshot {
    /// The agreements that are in force on a day and name somebody as whom a district takes part.
    pub(crate) fn current<'s>(&'s self, standpoints: &[Standpoint], on: Date) -> impl Iterator<Item = Current<'s>> {
        let current = move |Holding { at, number, life }: Holding<'s>| {
            let (place, version, agreement) = match life {
                Lived::Plainly(version) => (0, version, None),
                Lived::Variously(entry) => {
                    let place = version_in_force(entry, on)?;
                    (place, &entry.versions[place], Some(&entry.agreement.record))
                }
            };
            Some(Current { at, number, place, version, agreement, on })
        };
        self.agreements_as(standpoints).into_iter().filter_map(move |at| self.holding_at(at, on)).filter_map(current)
    }

    /// The newest change of an agreement that bears on what a district takes part in.
    pub(crate) fn agreements_as_of(&self, standpoints: &[Standpoint]) -> Revision {
        standpoints.iter().map(|standpoint| self.district_at(standpoint.named).agreements_as_of).max().unwrap_or_default()
    }

    fn gathered_in_force(&self, competent: Handle, competent_as: &[Standpoint], on: Date) -> Arc<InForce> {
        let place = Place { competent, on, today: self.today };
        self.gathered.in_force.at(place, self.agreements_as_of(competent_as), || Arc::new(self.gather(competent_as, on)))
    }

    fn gather(&self, competent_as: &[Standpoint], on: Date) -> InForce {
        let mut agreements: Vec<VersionInForce> = self.current(competent_as, on).map(|current| current.keep()).collect();
        agreements.sort_by_key(|agreement| agreement.number);
        let (mut receivers, mut wide) = (Vec::new(), Vec::new());
        for (at, agreement) in (0u32..).zip(&agreements) {
            if agreement.version.parties().len() > MANY {
                wide.push(at);
                continue;
            }
            let competent = agreement.parties_as(competent_as);
            for (receiving, party) in (0u16..).zip(agreement.version.parties()).filter(|(party, _)| agreement.is_free(*party)) {
                let Some(counts_for) = self.counts_for(party.district, on) else { continue };
                let different = competent.iter().filter(|(_, standpoint)| standpoint.counts_for != counts_for);
                receivers.extend(different.map(|(competent, _)| Receiver { party: party.word(), agreement: at, receiving, competent: *competent }));
            }
        }
        receivers.sort_unstable();
        InForce { agreements: agreements.into(), receivers: receivers.into(), wide: wide.into() }
    }

    /// Every clause that is in force between two districts, best first.
    pub(crate) fn open_clauses(&self, between: &Between<'_>) -> Open<'_> {
        let Between { receiving, competent, receiving_as, competent_as, on } = *between;
        if receiving == competent || self.is_retired(receiving, on) || self.is_retired(competent, on) {
            return Open::default();
        }
        let in_force = self.gathered_in_force(competent, competent_as, on);
        let meetings = in_force.meetings(receiving_as, competent_as);
        let of_each = || meetings.chunk_by(|one, other| one.0 == other.0);
        // Where one waits for memory, others can wait beside it.
        of_each().for_each(|meetings| in_force.agreements[meetings[0].0 as usize].version.fetch());
        // What joins two districts comes in the order of its numbers, so that all that is left to sort by is the mode.
        let mut by_mode: Vec<Vec<(OpenClause<'_>, Listed)>> = HandlingMode::ALL.iter().map(|_| Vec::new()).collect();
        for meetings in of_each() {
            let agreement = meetings[0].0;
            let VersionInForce { at, number, place, version, .. } = &in_force.agreements[agreement as usize];
            for (clause, entry) in version.clauses().enumerate().filter(|(_, entry)| entry.is_in_date(on)) {
                let Some((_, receiving, competent)) = meetings.iter().find(|(_, receiving, competent)| entry.admits(*receiving, *competent)) else {
                    continue;
                };
                let of = Of::Agreement { at: *at, number: *number, version: *place as usize, receiving: *receiving, competent: *competent };
                by_mode[entry.mode as usize].push((OpenClause { of, clause, mode: entry.mode }, Listed { agreement, words: entry.words() }));
            }
        }
        for entry in self.policies.iter().filter(|entry| entry.policy.period().includes(on)) {
            let in_date = |clause: &usize| entry.policy.schedule[*clause].period.includes(on);
            let covers = |clause: &usize| self.policy_clause_covers(entry, *clause, receiving, receiving_as, competent, competent_as, on);
            for clause in (0..entry.clauses.len()).filter(in_date).filter(covers).map(|clause| policy_clause(entry, clause)) {
                let clauses = &mut by_mode[clause.mode as usize];
                let place = clauses.partition_point(|(other, _)| other.before(&clause).is_lt());
                clauses.insert(place, (clause, Listed::default()));
            }
        }
        Open { in_force, clauses: by_mode.into_iter().flatten().collect() }
    }
}

pub(crate) fn policy_clause(entry: &PolicyEntry, clause: usize) -> OpenClause<'_> {
    OpenClause { of: Of::Policy(entry), clause, mode: entry.policy.schedule[clause].mode() }
}

/// The version of an agreement that holds on a day, unless the registry has stopped the agreement.
fn version_in_force(entry: &AgreementEntry, on: Date) -> Option<usize> {
    let agreement = &entry.agreement;
    if agreement.voided.is_some() || agreement.emergency_stop(on).is_some() {
        return None;
    }
    reference_version(entry, on).filter(|at| agreement.versions[*at].term().is_some_and(|term| term.includes(on)))
}
