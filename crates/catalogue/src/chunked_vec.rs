//! A chunked copy-on-write vector, and a sorted copy-on-write index. A change copies one chunk; snapshots share the
//! rest.

use std::ops::Bound;
use std::sync::Arc;

use crate::handle::Handle;

/// An append-only vector. An entry keeps its handle in every later snapshot. Chunks are grouped in branches, so that
/// the top-level vector is short and cheap to copy.
#[derive(Debug, Clone)]
pub(crate) struct ChunkedVec<T, const CHUNK: usize> {
    branches: Arc<Vec<Arc<Branch<T>>>>,
    len: usize,
}

type Branch<T> = Vec<Arc<Vec<T>>>;

/// Chunks per branch.
const BRANCH: usize = 64;

impl<T, const CHUNK: usize> Default for ChunkedVec<T, CHUNK> {
    fn default() -> Self {
        Self { branches: Arc::default(), len: 0 }
    }
}

impl<T, const CHUNK: usize> ChunkedVec<T, CHUNK> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Memory of the entries in bytes, without what they own.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.chunks()
            .map(|chunk| chunk.capacity() * size_of::<T>() + size_of::<Arc<Vec<T>>>() + size_of::<Vec<T>>())
            .sum()
    }

    pub(crate) fn last(&self) -> Option<&T> {
        self.branches.last()?.last()?.last()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks().flat_map(|chunk| chunk.iter())
    }

    fn chunks(&self) -> impl Iterator<Item = &Vec<T>> {
        self.branches.iter().flat_map(|branch| branch.iter().map(|chunk| &**chunk))
    }

    /// Binary search in a vector that is sorted by a key.
    pub(crate) fn search<K: Ord>(&self, key: &K, of: impl Fn(&T) -> K) -> Option<Handle> {
        let begins = |chunk: &Vec<T>| of(&chunk[0]) <= *key;
        let branch = self.branches.partition_point(|branch| begins(&branch[0])).checked_sub(1)?;
        let chunk = self.branches[branch].partition_point(|chunk| begins(chunk)).checked_sub(1)?;
        let place = self.branches[branch][chunk].binary_search_by(|entry| of(entry).cmp(key)).ok()?;
        Some(handle_of((branch * BRANCH + chunk) * CHUNK + place))
    }

    /// The branch, the chunk in it, and the offset in the chunk.
    fn locate(at: Handle) -> (usize, usize, usize) {
        let at = at as usize;
        (at / (CHUNK * BRANCH), at / CHUNK % BRANCH, at % CHUNK)
    }
}

impl<T: Clone, const CHUNK: usize> ChunkedVec<T, CHUNK> {
    pub(crate) fn push(&mut self, entry: T) -> Handle {
        let at = handle_of(self.len);
        let (branch, chunk, _) = Self::locate(at);
        let branches = Arc::make_mut(&mut self.branches);
        if branch == branches.len() {
            branches.push(Arc::default());
        }
        let branch = Arc::make_mut(&mut branches[branch]);
        if chunk == branch.len() {
            branch.push(Arc::default());
        }
        Arc::make_mut(&mut branch[chunk]).push(entry);
        self.len += 1;
        at
    }

    pub(crate) fn get_mut(&mut self, at: Handle) -> &mut T {
        let (branch, chunk, place) = Self::locate(at);
        &mut Arc::make_mut(&mut Arc::make_mut(&mut Arc::make_mut(&mut self.branches)[branch])[chunk])[place]
    }
}

impl<T, const CHUNK: usize> std::ops::Index<Handle> for ChunkedVec<T, CHUNK> {
    type Output = T;

    fn index(&self, at: Handle) -> &T {
        let (branch, chunk, place) = Self::locate(at);
        &self.branches[branch][chunk][place]
    }
}

/// A sorted index in chunks, of which a change copies one.
#[derive(Debug, Clone)]
pub(crate) struct SortedIndex<K> {
    chunks: Arc<Branch<(K, Handle)>>,
    len: usize,
}

/// Maximum number of keys in a chunk of an index.
const MAX_KEYS: usize = 512;

impl<K> Default for SortedIndex<K> {
    fn default() -> Self {
        Self { chunks: Arc::default(), len: 0 }
    }
}

impl<K: Ord + Copy> SortedIndex<K> {
    /// The chunk of a key and its offset, or the offset to insert it at.
    fn locate(&self, key: K) -> (usize, Result<usize, usize>) {
        let chunk = self.chunks.partition_point(|chunk| chunk[0].0 <= key).saturating_sub(1);
        (chunk, self.chunks.get(chunk).map_or(Err(0), |chunk| chunk.binary_search_by_key(&key, |(key, _)| *key)))
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Memory of the entries in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.chunks
            .iter()
            .map(|chunk| chunk.capacity() * size_of::<(K, Handle)>() + size_of::<Arc<Vec<K>>>() + size_of::<Vec<K>>())
            .sum()
    }

    pub(crate) fn get(&self, key: K) -> Option<Handle> {
        let (chunk, Ok(offset)) = self.locate(key) else { return None };
        Some(self.chunks[chunk][offset].1)
    }

    /// The keys between two bounds, in order.
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
        let first = self.chunks.partition_point(|chunk| is_early(chunk[chunk.len() - 1].0));
        let end = self.chunks.partition_point(|chunk| !is_late(chunk[0].0));
        self.chunks[first..end.max(first)].iter().flat_map(move |chunk| {
            let first = chunk.partition_point(|(key, _)| is_early(*key));
            let end = chunk.partition_point(|(key, _)| !is_late(*key));
            chunk[first..end.max(first)].iter().copied()
        })
    }

    pub(crate) fn insert(&mut self, key: K, to: Handle) {
        let (at, place) = self.locate(key);
        let chunks = Arc::make_mut(&mut self.chunks);
        let Some(chunk) = chunks.get_mut(at).map(Arc::make_mut) else {
            chunks.push(Arc::new(vec![(key, to)]));
            self.len = 1;
            return;
        };
        match place {
            Ok(place) => chunk[place].1 = to,
            Err(place) if chunk.len() < MAX_KEYS => {
                chunk.insert(place, (key, to));
                self.len += 1;
            }
            // Keys that arrive in order fill one chunk after the other.
            Err(MAX_KEYS) => {
                chunks.insert(at + 1, Arc::new(vec![(key, to)]));
                self.len += 1;
            }
            Err(_) => {
                let rest = chunk.split_off(MAX_KEYS / 2);
                chunks.insert(at + 1, Arc::new(rest));
                self.insert(key, to);
            }
        }
    }

    pub(crate) fn remove(&mut self, key: K) {
        let (at, Ok(place)) = self.locate(key) else { return };
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(&mut chunks[at]);
        chunk.remove(place);
        if chunk.is_empty() {
            chunks.remove(at);
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

    fn table(count: u32) -> ChunkedVec<u32, 4> {
        let mut table = ChunkedVec::default();
        (0..count).for_each(|number| assert_eq!(table.push(number * 2), number));
        table
    }

    #[test]
    fn an_entry_is_found_by_handle_and_by_key() {
        for count in [0, 1, 2, 4, 5, 19, 255, 256, 257, 700] {
            let table = table(count);
            assert_eq!(table.len(), count as usize);
            assert_eq!(
                table.iter().copied().collect::<Vec<_>>(),
                (0..count).map(|number| number * 2).collect::<Vec<_>>()
            );
            assert_eq!(table.last().copied(), count.checked_sub(1).map(|last| last * 2));
            for place in 0..count {
                assert_eq!(table[place], place * 2);
                assert_eq!(table.search(&(place * 2), |entry| *entry), Some(place));
                assert_eq!(table.search(&(place * 2 + 1), |entry| *entry), None);
            }
        }
    }

    #[test]
    fn a_change_copies_one_chunk_and_leaves_the_clone_unchanged() {
        let before = table(10);
        let mut after = before.clone();
        *after.get_mut(5) = 1;
        after.push(20);

        assert_eq!((before[5], before.len()), (10, 10));
        assert_eq!((after[5], after[10], after.len()), (1, 20, 11));
        let shared = before.chunks().zip(after.chunks()).map(|(before, after)| std::ptr::eq(before, after));
        assert_eq!(shared.collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn a_change_of_an_index_copies_one_chunk_and_leaves_the_clone_unchanged() {
        let mut index = SortedIndex::default();
        (0..1_000u32).for_each(|key| index.insert(key, key * 3));
        let before = index.clone();
        index.insert(7, 0);
        index.remove(8);
        index.remove(8);

        assert_eq!((before.len(), before.get(7), before.get(8)), (1_000, Some(21), Some(24)));
        assert_eq!((index.len(), index.get(7), index.get(8)), (999, Some(0), None));
        let shared = before.chunks.iter().zip(index.chunks.iter()).map(|(before, after)| Arc::ptr_eq(before, after));
        assert_eq!(shared.collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn an_empty_index_has_no_key() {
        assert_eq!(SortedIndex::<u32>::default().get(7), None);
    }

    fn bound() -> impl Strategy<Value = Bound<u32>> {
        prop_oneof![
            Just(Bound::Unbounded),
            (0u32..3_000).prop_map(Bound::Included),
            (0u32..3_000).prop_map(Bound::Excluded)
        ]
    }

    proptest! {
        #[test]
        fn an_index_behaves_like_a_sorted_map(
            step in 1u32..3_000, count in 0u32..2_000, removed in prop::collection::vec(0u32..3_000, 0..200), from in bound(), to in bound(),
        ) {
            let (mut index, mut map) = (SortedIndex::default(), BTreeMap::new());
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
            prop_assert!(index.chunks.iter().all(|chunk| (1..=MAX_KEYS).contains(&chunk.len())));
            let (begins, ends) = ((from, Bound::Unbounded), (Bound::Unbounded, to));
            let expected: Vec<_> = map.iter().filter(|(key, _)| begins.contains(*key) && ends.contains(*key)).map(|(key, to)| (*key, *to)).collect();
            prop_assert_eq!(index.range(from, to).collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(index.range(from, to).rev().collect::<Vec<_>>(), expected.into_iter().rev().collect::<Vec<_>>());
        }
    }
}
