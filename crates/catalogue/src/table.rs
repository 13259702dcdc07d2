//! Lists that snapshots share piece by piece: whoever changes an entry copies the piece that it lies in, and no other.

use std::ops::Bound;
use std::sync::Arc;

use crate::snapshot::Handle;

/// A list that only grows. An entry keeps its place in every later snapshot.
///
/// It lies in pieces of so many entries, and these in branches, so that the list itself is copied in no time, too.
#[derive(Debug, Clone)]
pub(crate) struct Table<T, const PIECE: usize> {
    branches: Arc<Vec<Arc<Branch<T>>>>,
    len: usize,
}

type Branch<T> = Vec<Arc<Vec<T>>>;

/// How many pieces a branch has.
const BRANCH: usize = 64;

impl<T, const PIECE: usize> Default for Table<T, PIECE> {
    fn default() -> Self {
        Self { branches: Arc::default(), len: 0 }
    }
}

impl<T, const PIECE: usize> Table<T, PIECE> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes of its entries, without what hangs on them.
    pub(crate) fn room(&self) -> usize {
        self.pieces().map(|piece| piece.capacity() * size_of::<T>() + size_of::<Arc<Vec<T>>>() + size_of::<Vec<T>>()).sum()
    }

    pub(crate) fn last(&self) -> Option<&T> {
        self.branches.last()?.last()?.last()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces().flat_map(|piece| piece.iter())
    }

    fn pieces(&self) -> impl Iterator<Item = &Vec<T>> {
        self.branches.iter().flat_map(|branch| branch.iter().map(|piece| &**piece))
    }

    /// In a list that is sorted by a key: the place of an entry.
    pub(crate) fn search<K: Ord>(&self, key: &K, of: impl Fn(&T) -> K) -> Option<Handle> {
        let begins = |piece: &Vec<T>| of(&piece[0]) <= *key;
        let branch = self.branches.partition_point(|branch| begins(&branch[0])).checked_sub(1)?;
        let piece = self.branches[branch].partition_point(|piece| begins(piece)).checked_sub(1)?;
        let place = self.branches[branch][piece].binary_search_by(|entry| of(entry).cmp(key)).ok()?;
        Some(handle_of((branch * BRANCH + piece) * PIECE + place))
    }

    /// The branch, the piece and the place in it.
    fn way(at: Handle) -> (usize, usize, usize) {
        let at = at as usize;
        (at / (PIECE * BRANCH), at / PIECE % BRANCH, at % PIECE)
    }
}

impl<T: Clone, const PIECE: usize> Table<T, PIECE> {
    pub(crate) fn push(&mut self, entry: T) -> Handle {
        let at = handle_of(self.len);
        let (branch, piece, _) = Self::way(at);
        let branches = Arc::make_mut(&mut self.branches);
        if branch == branches.len() {
            branches.push(Arc::default());
        }
        let branch = Arc::make_mut(&mut branches[branch]);
        if piece == branch.len() {
            branch.push(Arc::default());
        }
        Arc::make_mut(&mut branch[piece]).push(entry);
        self.len += 1;
        at
    }

    pub(crate) fn get_mut(&mut self, at: Handle) -> &mut T {
        let (branch, piece, place) = Self::way(at);
        &mut Arc::make_mut(&mut Arc::make_mut(&mut Arc::make_mut(&mut self.branches)[branch])[piece])[place]
    }
}

impl<T, const PIECE: usize> std::ops::Index<Handle> for Table<T, PIECE> {
    type Output = T;

    fn index(&self, at: Handle) -> &T {
        let (branch, piece, place) = Self::way(at);
        &self.branches[branch][piece][place]
    }
}

/// Where keys lead, in the order of the keys: short lists one after the other, of which a change copies one.
#[derive(Debug, Clone)]
pub(crate) struct Index<K> {
    pieces: Arc<Vec<Arc<Vec<(K, Handle)>>>>,
    len: usize,
}

/// How many keys lie in one piece of an index, at most.
const KEYS: usize = 512;

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self { pieces: Arc::default(), len: 0 }
    }
}

impl<K: Ord + Copy> Index<K> {
    /// The piece and the place in it where a key is, or where it would be.
    fn way(&self, key: K) -> (usize, Result<usize, usize>) {
        let piece = self.pieces.partition_point(|piece| piece[0].0 <= key).saturating_sub(1);
        (piece, self.pieces.get(piece).map_or(Err(0), |piece| piece.binary_search_by_key(&key, |(key, _)| *key)))
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes of its entries.
    pub(crate) fn room(&self) -> usize {
        self.pieces.iter().map(|piece| piece.capacity() * size_of::<(K, Handle)>() + size_of::<Arc<Vec<K>>>() + size_of::<Vec<K>>()).sum()
    }

    pub(crate) fn get(&self, key: K) -> Option<Handle> {
        let (piece, place) = self.way(key);
        Some(self.pieces[piece][place.ok()?].1)
    }

    /// The keys between two bounds, in their order.
    pub(crate) fn range(&self, from: Bound<K>, to: Bound<K>) -> impl DoubleEndedIterator<Item = (K, Handle)> {
        let is_early = move |key: K| match from {
            Bound::Unbounded => false,
            Bound::Included(from) => key < from,
            Bound::Excluded(from) => key <= from,
        };
        let is_late = move |key: K| match to {
            Bound::Unbounded => false,
            Bound::Included(to) => key > to,
            Bound::Excluded(to) => key >= to,
        };
        let first = self.pieces.partition_point(|piece| is_early(piece[piece.len() - 1].0));
        let end = self.pieces.partition_point(|piece| !is_late(piece[0].0));
        self.pieces[first..end.max(first)].iter().flat_map(move |piece| {
            let first = piece.partition_point(|(key, _)| is_early(*key));
            let end = piece.partition_point(|(key, _)| !is_late(*key));
            piece[first..end.max(first)].iter().copied()
        })
    }

    pub(crate) fn insert(&mut self, key: K, to: Handle) {
        let (at, place) = self.way(key);
        let pieces = Arc::make_mut(&mut self.pieces);
        let Some(piece) = pieces.get_mut(at).map(Arc::make_mut) else {
            pieces.push(Arc::new(vec![(key, to)]));
            self.len = 1;
            return;
        };
        match place {
            Ok(place) => piece[place].1 = to,
            Err(place) if piece.len() < KEYS => {
                piece.insert(place, (key, to));
                self.len += 1;
            }
            // What comes in order fills one piece after the other.
            Err(KEYS) => {
                pieces.insert(at + 1, Arc::new(vec![(key, to)]));
                self.len += 1;
            }
            Err(_) => {
                let rest = piece.split_off(KEYS / 2);
                pieces.insert(at + 1, Arc::new(rest));
                self.insert(key, to);
            }
        }
    }

    pub(crate) fn remove(&mut self, key: K) {
        let (at, Ok(place)) = self.way(key) else { return };
        let pieces = Arc::make_mut(&mut self.pieces);
        let piece = Arc::make_mut(&mut pieces[at]);
        piece.remove(place);
        if piece.is_empty() {
            pieces.remove(at);
        }
        self.len -= 1;
    }
}

pub(crate) fn handle_of(place: usize) -> Handle {
    Handle::try_from(place).expect("a registry has fewer than four thousand million records of a kind")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ops::RangeBounds as _;

    use proptest::prelude::*;

    use super::*;

    fn table(count: u32) -> Table<u32, 4> {
        let mut table = Table::default();
        (0..count).for_each(|number| assert_eq!(table.push(number * 2), number));
        table
    }

    #[test]
    fn what_was_put_in_is_found_at_its_place_and_by_its_key() {
        for count in [0, 1, 2, 4, 5, 19, 255, 256, 257, 700] {
            let table = table(count);
            assert_eq!(table.len(), count as usize);
            assert_eq!(table.iter().copied().collect::<Vec<_>>(), (0..count).map(|number| number * 2).collect::<Vec<_>>());
            assert_eq!(table.last().copied(), count.checked_sub(1).map(|last| last * 2));
            for place in 0..count {
                assert_eq!(table[place], place * 2);
                assert_eq!(table.search(&(place * 2), |entry| *entry), Some(place));
                assert_eq!(table.search(&(place * 2 + 1), |entry| *entry), None);
            }
        }
    }

    #[test]
    fn a_change_leaves_the_list_before_it_as_it_was_and_copies_one_piece() {
        let before = table(10);
        let mut after = before.clone();
        *after.get_mut(5) = 1;
        after.push(20);

        assert_eq!((before[5], before.len()), (10, 10));
        assert_eq!((after[5], after[10], after.len()), (1, 20, 11));
        let shared = before.pieces().zip(after.pieces()).map(|(before, after)| std::ptr::eq(before, after));
        assert_eq!(shared.collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn a_change_of_an_index_leaves_the_one_before_it_as_it_was_and_copies_one_piece() {
        let mut index = Index::default();
        (0..1_000u32).for_each(|key| index.insert(key, key * 3));
        let before = index.clone();
        index.insert(7, 0);
        index.remove(8);
        index.remove(8);

        assert_eq!((before.len(), before.get(7), before.get(8)), (1_000, Some(21), Some(24)));
        assert_eq!((index.len(), index.get(7), index.get(8)), (999, Some(0), None));
        let shared = before.pieces.iter().zip(index.pieces.iter()).map(|(before, after)| Arc::ptr_eq(before, after));
        assert_eq!(shared.collect::<Vec<_>>(), [false, true]);
    }

    fn bound() -> impl Strategy<Value = Bound<u32>> {
        prop_oneof![Just(Bound::Unbounded), (0u32..3_000).prop_map(Bound::Included), (0u32..3_000).prop_map(Bound::Excluded)]
    }

    proptest! {
        #[test]
        fn an_index_is_what_a_sorted_map_is(
            step in 1u32..3_000, count in 0u32..2_000, removed in prop::collection::vec(0u32..3_000, 0..200), from in bound(), to in bound(),
        ) {
            let (mut index, mut map) = (Index::default(), BTreeMap::new());
            for (at, key) in (0..count).map(|at| at * step % 2_999).enumerate() {
                let to = handle_of(at);
                index.insert(key, to);
                map.insert(key, to);
            }
            for key in removed {
                index.remove(key);
                map.remove(&key);
            }
            prop_assert_eq!(index.len(), map.len());
            prop_assert!((0..3_000).all(|key| index.get(key) == map.get(&key).copied()));
            prop_assert!(index.pieces.iter().all(|piece| (1..=KEYS).contains(&piece.len())));
            let (begins, ends) = ((from, Bound::Unbounded), (Bound::Unbounded, to));
            let expected: Vec<_> = map.iter().filter(|(key, _)| begins.contains(*key) && ends.contains(*key)).map(|(key, to)| (*key, *to)).collect();
            prop_assert_eq!(index.range(from, to).collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(index.range(from, to).rev().collect::<Vec<_>>(), expected.into_iter().rev().collect::<Vec<_>>());
        }
    }
}
