//! Index of the agreements in force for a competent district on a day, by the parties that may receive for it.

use domain::AgreementNumber;
use smallvec::SmallVec;

use crate::between::{Participation, Parties, different_pairs, parties_as};
use crate::bits::Bits;
use crate::coverage::stop::Stop;
use crate::handle::Handle;
use crate::heap_size::HeapSize;
use crate::version::{PartyEntry, VersionEntry};

/// The agreements in force for a competent district on a day, and the parties that may receive for it.
#[derive(Debug, Default)]
pub(crate) struct InForceIndex {
    /// By number.
    pub(super) agreements: Box<[IndexedVersion]>,
    /// By district, then in the order of the agreements.
    receivers: Box<[Receiver]>,
    /// Agreements with many parties, which are scanned per query instead of indexed.
    wide: Box<[u32]>,
}

#[derive(Debug)]
pub(crate) struct IndexedVersion {
    pub(super) at: Handle,
    pub(super) number: AgreementNumber,
    /// The index of the version.
    pub(super) version_index: u32,
    pub(super) version: VersionEntry,
    /// The parties that are not absent on the day; `None`: all.
    pub(super) present: Option<Box<Bits>>,
    /// The suspensions with a scope that apply on the day.
    pub(super) stops: Box<[Stop]>,
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
pub(crate) type PartyPair = (u32, u16, u16);
pub(super) type PartyPairs = SmallVec<[PartyPair; 64]>;

/// Agreements with more parties than this are scanned. Most have two to five.
const WIDE: usize = 32;

impl HeapSize for InForceIndex {
    fn heap_bytes(&self) -> usize {
        let present = self
            .agreements
            .iter()
            .flat_map(|agreement| &agreement.present)
            .map(|present| size_of::<Bits>() + present.heap_bytes());
        size_of_val(&*self.agreements)
            + size_of_val(&*self.receivers)
            + size_of_val(&*self.wide)
            + present.sum::<usize>()
            + self.agreements.iter().map(|agreement| agreement.stops.heap_bytes()).sum::<usize>()
    }
}

impl IndexedVersion {
    fn is_present(&self, party: u16) -> bool {
        self.present.as_ref().is_none_or(|present| present.contains(party.into()))
    }

    fn parties_as(&self, participations: &[Participation]) -> Parties {
        let mut parties = parties_as(&self.version, participations);
        parties.retain(|(party, _)| self.is_present(*party));
        parties
    }
}

impl InForceIndex {
    /// Indexes the agreements of a competent district. `counts_for` returns the district that a named one stands for on
    /// the day.
    pub(super) fn new(
        mut agreements: Vec<IndexedVersion>,
        competent_as: &[Participation],
        counts_for: impl Fn(Handle) -> Option<Handle>,
    ) -> Self {
        agreements.sort_by_key(|agreement| agreement.number);
        let (mut receivers, mut wide) = (Vec::new(), Vec::new());
        for (at, agreement) in (0u32..).zip(&agreements) {
            if agreement.version.parties().len() > WIDE {
                wide.push(at);
                continue;
            }
            let competent = agreement.parties_as(competent_as);
            for (receiving, party) in
                (0u16..).zip(agreement.version.parties()).filter(|(party, _)| agreement.is_present(*party))
            {
                let Some(counts_for) = counts_for(party.district) else { continue };
                let different = competent.iter().filter(|(_, participation)| participation.counts_for != counts_for);
                receivers.extend(different.map(|(competent, _)| Receiver {
                    party: party.word(),
                    agreement: at,
                    receiving,
                    competent: *competent,
                }));
            }
        }
        receivers.sort_unstable();
        Self { agreements: agreements.into(), receivers: receivers.into(), wide: wide.into() }
    }

    /// The pairs of parties through which the two districts meet, grouped by agreement.
    pub(super) fn pairs(&self, receiving_as: &[Participation], competent_as: &[Participation]) -> PartyPairs {
        let mut pairs = PartyPairs::new();
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
