//! A cache of rows that were looked up at one head of the journal. Changes of keys and grants are entries of the
//! journal, so the next head clears the cache.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Digest;

/// The most rows in a cache.
const MAX_ROWS: usize = 10_000;

#[derive(Debug)]
pub(super) struct AtHead<K, V>(Mutex<(Option<Digest>, HashMap<K, V>)>);

impl<K, V> Default for AtHead<K, V> {
    fn default() -> Self {
        Self(Mutex::new((None, HashMap::new())))
    }
}

impl<K: Hash + Eq, V: Clone> AtHead<K, V> {
    fn lock(&self) -> MutexGuard<'_, (Option<Digest>, HashMap<K, V>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &K, head: Digest) -> Option<V> {
        let cached = self.lock();
        if cached.0 == Some(head) { cached.1.get(key).cloned() } else { None }
    }

    pub(super) fn insert(&self, key: K, value: V, head: Digest) {
        let mut cached = self.lock();
        if cached.0 != Some(head) || cached.1.len() >= MAX_ROWS {
            cached.1.clear();
            cached.0 = Some(head);
        }
        cached.1.insert(key, value);
    }
}
