//! A cache bounded by bytes. It has two generations: an entry that is found in the old one moves to the young one; when
//! the young one holds half of the bytes it becomes the old one, and the entries of the old one are dropped. So entries
//! that were used lately stay.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

#[derive(Debug)]
pub(super) struct Cache<K, V> {
    max_bytes: usize,
    generations: RwLock<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, Entry<V>>,
    old: HashMap<K, Entry<V>>,
    young_bytes: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            generations: RwLock::new(Generations { young: HashMap::new(), old: HashMap::new(), young_bytes: 0 }),
        }
    }

    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        {
            let generations = self.read();
            if let Some(entry) = generations.young.get(key) {
                return Some(entry.value.clone());
            }
            if !generations.old.contains_key(key) {
                return None;
            }
        }
        let mut generations = self.write();
        let (key, entry) = generations.old.remove_entry(key)?;
        let value = entry.value.clone();
        generations.insert(key, entry, self.max_bytes);
        Some(value)
    }

    /// Stores a value of so many bytes. One of more than half of the cache is not stored.
    pub(super) fn insert(&self, key: K, value: V, bytes: usize) {
        if bytes <= self.max_bytes / 2 {
            self.write().insert(key, Entry { value, bytes }, self.max_bytes);
        }
    }

    pub(super) fn clear(&self) {
        let mut generations = self.write();
        generations.young.clear();
        generations.old.clear();
        generations.young_bytes = 0;
    }

    fn read(&self) -> RwLockReadGuard<'_, Generations<K, V>> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Generations<K, V>> {
        self.generations.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V> Generations<K, V> {
    fn insert(&mut self, key: K, entry: Entry<V>, max_bytes: usize) {
        if self.young_bytes + entry.bytes > max_bytes / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += entry.bytes;
        if let Some(before) = self.young.insert(key, entry) {
            self.young_bytes -= before.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_entries_are_dropped() {
        let cache: Cache<u32, u32> = Cache::new(100);
        for key in 0..1_000 {
            cache.insert(key, key * 2, 10);
            assert_eq!(cache.get(&0), Some(0), "it is used all the time");
            assert_eq!(cache.get(&key), Some(key * 2));
        }
        assert_eq!((cache.get(&500), cache.get(&998)), (None, Some(1_996)));
        let generations = cache.read();
        assert!(generations.young.len() + generations.old.len() <= 10 && generations.young_bytes <= 50);
    }

    #[test]
    fn a_value_that_is_too_large_is_not_stored_and_drops_nothing() {
        let cache: Cache<u32, u32> = Cache::new(100);
        cache.insert(1, 1, 10);
        cache.insert(2, 2, 51);
        assert_eq!((cache.get(&1), cache.get(&2)), (Some(1), None));
        cache.clear();
        assert_eq!(cache.get(&1), None);
    }
}
