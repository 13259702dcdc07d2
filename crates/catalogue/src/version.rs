//! A version of an agreement with resolved codes, packed in one block of memory. There are tens of thousands of
//! versions, and queries scan them sequentially, so memory locality decides their cost.

use std::ops::Range;
use std::sync::Arc;

use chrono::Datelike as _;
use domain::{Date, HandlingMode, Period};

use crate::bits::{Positions, sorted};
use crate::handle::Handle;

/// Parties and clauses as a sequence of words: the number of parties, the parties; then for each clause the mode and
/// whether it is a second half, the first and the last day, the lengths of the lists of receiving parties, competent
/// parties and matters, and these lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionEntry(Arc<[u32]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartyEntry {
    pub(crate) district: Handle,
    pub(crate) subtree: bool,
}

impl PartyEntry {
    /// Packed in one word. The words of one district are adjacent, the one with its subtree last.
    pub(crate) fn word(self) -> u32 {
        self.district << 1 | u32::from(self.subtree)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClauseEntry<'a> {
    pub(crate) receiving: Roles<'a>,
    pub(crate) competent: Roles<'a>,
    pub(crate) matters: Positions<'a>,
    pub(crate) mode: HandlingMode,
    /// It is the second half of the clause before it, and has the same index.
    is_second_half: bool,
    from: i32,
    to: i32,
    /// The offset of its matters in the version.
    listed: u32,
}

/// One side of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Roles<'a>(&'a [u32]);

impl Roles<'_> {
    /// Whether a party is on this side. An empty side means all parties.
    pub(crate) fn include(self, party: u16) -> bool {
        self.0.is_empty() || self.0.binary_search(&party.into()).is_ok()
    }
}

/// A clause to be packed into a version.
#[derive(Debug, Clone)]
pub(crate) struct NewClause {
    /// Indexes of parties; empty: all.
    pub(crate) receiving: Vec<u32>,
    pub(crate) competent: Vec<u32>,
    pub(crate) matters: Vec<Handle>,
    pub(crate) period: Period,
    pub(crate) mode: HandlingMode,
    /// It is the second half of the clause before it.
    pub(crate) is_second_half: bool,
}

/// In the word of the mode.
const SECOND_HALF: u32 = 1 << 31;

/// Words of a clause before its lists.
const HEAD: usize = 6;

impl VersionEntry {
    pub(crate) fn new(parties: &[PartyEntry], clauses: Vec<NewClause>) -> Self {
        let count = |places: &[u32]| {
            u32::try_from(places.len()).expect("a version is shorter than four thousand million words")
        };
        let mut words = vec![u32::try_from(parties.len()).expect("a party has a place of two bytes")];
        words.extend(parties.iter().map(|party| party.word()));
        for NewClause { receiving, competent, matters, period, mode, is_second_half } in clauses {
            let [receiving, competent, matters] = [receiving, competent, matters].map(sorted);
            let from = period.from.map_or(i32::MIN, |from| from.num_days_from_ce());
            let to = period.to.map_or(i32::MAX, |to| to.num_days_from_ce());
            let mode = mode as u32 | if is_second_half { SECOND_HALF } else { 0 };
            words.extend([
                mode,
                from.cast_unsigned(),
                to.cast_unsigned(),
                count(&receiving),
                count(&competent),
                count(&matters),
            ]);
            words.extend([receiving, competent, matters].into_iter().flatten());
        }
        Self(words.into())
    }

    fn split(&self) -> (&[u32], &[u32]) {
        let (count, words) = self.0.split_first().expect("a version begins with the number of its parties");
        words.split_at(*count as usize)
    }

    pub(crate) fn parties(&self) -> impl ExactSizeIterator<Item = PartyEntry> {
        self.split().0.iter().map(|word| PartyEntry { district: word >> 1, subtree: word & 1 == 1 })
    }

    /// In the order of the schedule.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = ClauseEntry<'_>> {
        let (parties, mut words) = self.split();
        let mut at = 1 + parties.len();
        std::iter::from_fn(move || {
            let ([mode, from, to, receiving, competent, matters], rest) = words.split_first_chunk::<HEAD>()?;
            let (receiving, rest) = rest.split_at(*receiving as usize);
            let (competent, rest) = rest.split_at(*competent as usize);
            let (matters, rest) = rest.split_at(*matters as usize);
            let listed = at + (words.len() - rest.len() - matters.len());
            at += words.len() - rest.len();
            words = rest;
            Some(ClauseEntry {
                receiving: Roles(receiving),
                competent: Roles(competent),
                matters: Positions::new(matters),
                mode: HandlingMode::ALL[(*mode & !SECOND_HALF) as usize],
                is_second_half: *mode & SECOND_HALF != 0,
                from: from.cast_signed(),
                to: to.cast_signed(),
                listed: u32::try_from(listed).expect("a version is shorter than four thousand million words"),
            })
        })
    }

    /// The clauses with their indexes in the list of `Agreement::clause_at`.
    pub(crate) fn indexed_clauses(&self) -> impl Iterator<Item = (usize, ClauseEntry<'_>)> {
        let mut next = 0;
        self.clauses().map(move |clause| {
            next += usize::from(!clause.is_second_half);
            (next - 1, clause)
        })
    }

    /// The matters in a range of words.
    pub(crate) fn positions(&self, words: &Range<u32>) -> Positions<'_> {
        Positions::new(&self.0[words.start as usize..words.end as usize])
    }

    /// Prefetches the first cache lines, as the version is read next.
    pub(crate) fn fetch(&self) {
        const LINE: usize = 64 / size_of::<u32>();
        const LINES: usize = 16;
        std::hint::black_box(self.0.iter().step_by(LINE).take(LINES).fold(0, |read, word| read ^ word));
    }

    /// Heap memory in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}

impl ClauseEntry<'_> {
    pub(crate) fn is_in_date(&self, on: Date) -> bool {
        let on = on.num_days_from_ce();
        self.from <= on && on <= self.to
    }

    /// The range of words of its matters.
    pub(crate) fn words(&self) -> Range<u32> {
        self.listed..self.listed + self.matters.len() as u32
    }

    /// Whether the one party may receive for the other.
    pub(crate) fn admits(&self, receiving: u16, competent: u16) -> bool {
        self.receiving.include(receiving) && self.competent.include(competent)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn date() -> impl Strategy<Value = Option<Date>> {
        prop::option::of(
            (1..3_652_000i32)
                .prop_map(|day| Date::from_num_days_from_ce_opt(day).expect("a day of the years 1 to 9999")),
        )
    }

    fn places() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::vec(0u32..50, 0..9)
    }

    proptest! {
        #[test]
        fn a_packed_version_reads_back(
            parties in prop::collection::vec((0u32..1 << 31, any::<bool>()), 0..9),
            clauses in prop::collection::vec((places(), places(), places(), (date(), date()), 0..HandlingMode::ALL.len(), any::<bool>()), 0..9),
            on in date(),
        ) {
            let parties: Vec<PartyEntry> = parties.into_iter().map(|(district, subtree)| PartyEntry { district, subtree }).collect();
            let clause = |(receiving, competent, matters, (from, to), mode, is_second_half)| {
                NewClause { receiving, competent, matters, period: Period::new(from, to), mode: HandlingMode::ALL[mode], is_second_half }
            };
            let clauses: Vec<NewClause> = clauses.into_iter().map(clause).collect();
            let version = VersionEntry::new(&parties, clauses.clone());
            prop_assert_eq!(version.parties().collect::<Vec<_>>(), parties);
            prop_assert_eq!(version.clauses().count(), clauses.len());
            for (read, put) in version.clauses().zip(&clauses) {
                prop_assert_eq!((read.mode, read.is_second_half), (put.mode, put.is_second_half));
                let listed: BTreeSet<Handle> = put.matters.iter().copied().collect();
                prop_assert!(read.matters.iter().eq(listed.iter().copied()));
                prop_assert_eq!(read.matters.last(), listed.last().copied());
                prop_assert_eq!(version.positions(&read.words()), read.matters);
                for place in 0..50u16 {
                    prop_assert_eq!(read.matters.contains(place.into()), listed.contains(&place.into()));
                    let receives = put.receiving.is_empty() || put.receiving.contains(&place.into());
                    let is_competent = put.competent.is_empty() || put.competent.contains(&place.into());
                    prop_assert_eq!((read.receiving.include(place), read.competent.include(place)), (receives, is_competent));
                    prop_assert_eq!(read.admits(place, place), receives && is_competent);
                }
                if let Some(on) = on {
                    prop_assert_eq!(read.is_in_date(on), put.period.includes(on));
                }
            }
        }
    }
}
