//! Dense bitmaps, for kinds of records that number in the thousands, such as matters.

use std::ops::{BitAndAssign, BitOrAssign, SubAssign};

use fixedbitset::FixedBitSet;

use crate::handle::Handle;

#[derive(Debug, Clone, Default)]
pub struct Bits(FixedBitSet);

impl Bits {
    /// The handles below `end`.
    pub(crate) fn below(end: Handle) -> Self {
        let mut bits = FixedBitSet::with_capacity(end as usize);
        bits.insert_range(..);
        Self(bits)
    }

    pub(crate) fn insert(&mut self, place: Handle) {
        self.0.grow_and_insert(place as usize);
    }

    pub(crate) fn remove(&mut self, place: Handle) {
        if self.contains(place) {
            self.0.remove(place as usize);
        }
    }

    pub(crate) fn contains(&self, place: Handle) -> bool {
        self.0.contains(place as usize)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_clear()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.count_ones(..)
    }

    /// The size of the intersection.
    pub(crate) fn in_common(&self, other: &Self) -> usize {
        self.0.intersection_count(&other.0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Handle> {
        self.0.ones().map(|place| place as Handle)
    }

    /// The intersection.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self &= other;
        self
    }

    /// The difference.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut left = self.clone();
        left -= other;
        left
    }

    /// Heap memory in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.len().div_ceil(8)
    }

    /// The union of sorted lists.
    pub(crate) fn of_all<'a>(sets: impl Iterator<Item = Positions<'a>> + Clone) -> Self {
        let most = sets.clone().filter_map(Positions::last).max();
        let mut bits = FixedBitSet::with_capacity(most.map_or(0, |most| most as usize + 1));
        sets.flat_map(Positions::iter).for_each(|place| bits.insert(place as usize));
        Self(bits)
    }
}

impl FromIterator<Handle> for Bits {
    fn from_iter<T: IntoIterator<Item = Handle>>(places: T) -> Self {
        let mut bits = Self::default();
        places.into_iter().for_each(|place| bits.insert(place));
        bits
    }
}

impl BitOrAssign<&Self> for Bits {
    fn bitor_assign(&mut self, other: &Self) {
        self.0.union_with(&other.0);
    }
}

impl BitAndAssign<&Self> for Bits {
    fn bitand_assign(&mut self, other: &Self) {
        self.0.intersect_with(&other.0);
    }
}

impl SubAssign<&Self> for Bits {
    fn sub_assign(&mut self, other: &Self) {
        self.0.difference_with(&other.0);
    }
}

/// A sorted set of handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Positions<'a>(&'a [Handle]);

impl<'a> Positions<'a> {
    /// `places` must be sorted and without duplicates.
    pub(crate) fn new(places: &'a [Handle]) -> Self {
        debug_assert!(places.is_sorted_by(|a, b| a < b));
        Self(places)
    }

    pub(crate) fn contains(self, place: Handle) -> bool {
        self.0.binary_search(&place).is_ok()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Handle> + use<'a> {
        self.0.iter().copied()
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn last(self) -> Option<Handle> {
        self.0.last().copied()
    }
}

/// Sorts and deduplicates.
pub(crate) fn sorted(mut places: Vec<Handle>) -> Vec<Handle> {
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set() -> impl Strategy<Value = BTreeSet<Handle>> {
        prop::collection::btree_set(0u32..700, 0..40)
    }

    fn listed(bits: &Bits) -> Vec<Handle> {
        bits.iter().collect()
    }

    proptest! {
        #[test]
        fn bitmaps_behave_like_sets(one in set(), other in set(), place in 0u32..800) {
            let (a, b): (Bits, Bits) = (one.iter().copied().collect(), other.iter().copied().collect());
            prop_assert_eq!(listed(&a), one.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!((a.len(), a.is_empty(), a.contains(place)), (one.len(), one.is_empty(), one.contains(&place)));
            prop_assert_eq!(a.in_common(&b), one.intersection(&other).count());
            let changed = |change: &dyn Fn(&mut Bits)| { let mut a = a.clone(); change(&mut a); listed(&a) };
            prop_assert_eq!(changed(&|a| *a |= &b), one.union(&other).copied().collect::<Vec<_>>());
            prop_assert_eq!(changed(&|a| *a &= &b), one.intersection(&other).copied().collect::<Vec<_>>());
            prop_assert_eq!(changed(&|a| *a -= &b), one.difference(&other).copied().collect::<Vec<_>>());
            prop_assert_eq!(changed(&|a| a.remove(place)), one.iter().copied().filter(|at| *at != place).collect::<Vec<_>>());
        }

        #[test]
        fn a_union_has_all_listed_handles(sets in prop::collection::vec(set(), 0..9)) {
            let sets: Vec<Vec<Handle>> = sets.into_iter().map(|set| set.into_iter().collect()).collect();
            let all: BTreeSet<Handle> = sets.iter().flatten().copied().collect();
            prop_assert_eq!(listed(&Bits::of_all(sets.iter().map(|set| Positions::new(set)))), all.into_iter().collect::<Vec<_>>());
        }
    }
}
