//! Lists that snapshots share piece by piece: whoever changes an entry copies the piece that it lies in, and no other.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
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

/// Where keys lead: many small maps, of which a change copies one.
#[derive(Debug, Clone)]
pub(crate) struct Index<K> {
    maps: Arc<Vec<Arc<HashMap<K, Handle>>>>,
    len: usize,
}

const MAPS: usize = 64;

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self { maps: Arc::new(vec![Arc::default(); MAPS]), len: 0 }
    }
}

impl<K: Hash + Eq + Copy> Index<K> {
    fn map_of(key: K) -> usize {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(key) as usize % MAPS
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes of its entries.
    pub(crate) fn room(&self) -> usize {
        self.maps.iter().map(|map| map.capacity() * size_of::<(K, Handle, u8)>()).sum()
    }

    pub(crate) fn get(&self, key: K) -> Option<Handle> {
        self.maps[Self::map_of(key)].get(&key).copied()
    }

    pub(crate) fn insert(&mut self, key: K, to: Handle) {
        let map = Arc::make_mut(&mut Arc::make_mut(&mut self.maps)[Self::map_of(key)]);
        self.len += usize::from(map.insert(key, to).is_none());
    }

    pub(crate) fn remove(&mut self, key: K) {
        let map = Arc::make_mut(&mut Arc::make_mut(&mut self.maps)[Self::map_of(key)]);
        self.len -= usize::from(map.remove(&key).is_some());
    }
}

pub(crate) fn handle_of(place: usize) -> Handle {
    Handle::try_from(place).expect("a registry has fewer than four thousand million records of a kind")
}

#[cfg(test)]
mod tests {
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
    fn a_key_leads_where_it_was_put_and_the_index_before_a_change_stays_as_it_was() {
        let mut index = Index::default();
        (0..1_000u32).for_each(|key| index.insert(key, key * 3));
        let before = index.clone();
        index.insert(7, 0);
        index.remove(8);
        index.remove(8);

        assert_eq!((before.len(), before.get(7), before.get(8)), (1_000, Some(21), Some(24)));
        assert_eq!((index.len(), index.get(7), index.get(8)), (999, Some(0), None));
        let copied = before.maps.iter().zip(index.maps.iter()).filter(|(before, after)| !Arc::ptr_eq(before, after));
        assert!(copied.count() <= 2);
    }
}
