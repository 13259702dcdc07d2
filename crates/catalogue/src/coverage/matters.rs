//! The matters that clauses cover at a competent district on a day, as bitmaps.

use std::collections::BTreeMap;

use domain::HandlingMode;

use crate::bits::{Bits, Positions};
use crate::heap_size::HeapSize;

/// The matters that the clauses of one mode list.
#[derive(Debug)]
pub(crate) struct ApplicableMatters {
    pub(crate) mode: HandlingMode,
    /// Only matters with a published offering of the competent district apply.
    pub(crate) needs_offering: bool,
    pub(crate) matters: Bits,
}

impl ApplicableMatters {
    /// Unites the lists of clauses with the same mode and the same need of an offering.
    pub(crate) fn all<'a>(listed: impl IntoIterator<Item = (HandlingMode, bool, Positions<'a>)>) -> Vec<Self> {
        let mut alike: BTreeMap<(HandlingMode, bool), Vec<Positions<'a>>> = BTreeMap::new();
        listed
            .into_iter()
            .for_each(|(mode, needs_offering, matters)| alike.entry((mode, needs_offering)).or_default().push(matters));
        let put_together = |matters: Vec<Positions<'a>>| Bits::of_all(matters.iter().copied());
        alike
            .into_iter()
            .map(|((mode, needs_offering), matters)| Self { mode, needs_offering, matters: put_together(matters) })
            .collect()
    }
}

impl HeapSize for [ApplicableMatters] {
    fn heap_bytes(&self) -> usize {
        self.iter().map(|opening| size_of::<ApplicableMatters>() + opening.matters.heap_bytes()).sum()
    }
}
