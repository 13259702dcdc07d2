//! A cache of so many bytes that drops what was not used for longest. Entries are in two generations: what is found in the old
//! one moves to the young one, and when the young one has half of the bytes, it is the old one and all that was old is dropped.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

#[derive(Debug)]
pub(super) struct Cache<K, V> {
    most_bytes: usize,
    kept: RwLock<Kept<K, V>>,
}

#[derive(Debug)]
struct Kept<K, V> {
    young: HashMap<K, Entry<V>>,
    old: HashMap<K, Entry<V>>,
    /// Of the young.
    bytes: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, kept: RwLock::new(Kept { young: HashMap::new(), old: HashMap::new(), bytes: 0 }) }
    }

    pub(super) fn find<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        {
            let kept = self.read();
            if let Some(entry) = kept.young.get(key) {
                return Some(entry.value.clone());
            }
            if !kept.old.contains_key(key) {
                return None;
            }
        }
        let mut kept = self.write();
        let (key, entry) = kept.old.remove_entry(key)?;
        let value = entry.value.clone();
        kept.keep(key, entry, self.most_bytes);
        Some(value)
    }

    /// Keeps what takes so many bytes; what is longer than half of the cache is not kept.
    pub(super) fn keep(&self, key: K, value: V, bytes: usize) {
        if bytes <= self.most_bytes / 2 {
            self.write().keep(key, Entry { value, bytes }, self.most_bytes);
        }
    }

    pub(super) fn clear(&self) {
        let mut kept = self.write();
        kept.young.clear();
        kept.old.clear();
        kept.bytes = 0;
    }

    fn read(&self) -> RwLockReadGuard<'_, Kept<K, V>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept<K, V>> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V> Kept<K, V> {
    fn keep(&mut self, key: K, entry: Entry<V>, most_bytes: usize) {
        if self.bytes + entry.bytes > most_bytes / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += entry.bytes;
        if let Some(before) = self.young.insert(key, entry) {
            self.bytes -= before.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_is_dropped() {
        let cache: Cache<u32, u32> = Cache::new(100);
        for key in 0..1_000 {
            cache.keep(key, key * 2, 10);
            assert_eq!(cache.find(&0), Some(0), "it is used all the time");
            assert_eq!(cache.find(&key), Some(key * 2));
        }
        assert_eq!((cache.find(&500), cache.find(&998)), (None, Some(1_996)));
        let kept = cache.read();
        assert!(kept.young.len() + kept.old.len() <= 10 && kept.bytes <= 50);
    }

    #[test]
    fn what_is_too_long_is_not_kept_and_drops_nothing() {
        let cache: Cache<u32, u32> = Cache::new(100);
        cache.keep(1, 1, 10);
        cache.keep(2, 2, 51);
        assert_eq!((cache.find(&1), cache.find(&2)), (Some(1), None));
        cache.clear();
        assert_eq!(cache.find(&1), None);
    }
}
