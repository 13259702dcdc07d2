//! Cache of lazily computed results per (competent district, day), shared by snapshots until a change invalidates them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::{Date, Revision};

use crate::coverage::in_force::InForceIndex;
use crate::coverage::matters::ApplicableMatters;
use crate::handle::Handle;
use crate::heap_size::HeapSize;

/// Shared by snapshots as long as districts, policies and retired matters do not change.
#[derive(Debug, Default)]
pub(crate) struct DerivedCache {
    pub(crate) matters: BoundedCache<[ApplicableMatters]>,
    pub(crate) in_force: BoundedCache<InForceIndex>,
    /// The partners of a district, each with the number of agreements.
    pub(crate) partners: BoundedCache<[(Handle, u32)]>,
}

impl HeapSize for [(Handle, u32)] {
    fn heap_bytes(&self) -> usize {
        size_of_val(self)
    }
}

impl DerivedCache {
    pub(crate) fn heap_bytes(&self) -> usize {
        self.matters.heap_bytes() + self.in_force.heap_bytes() + self.partners.heap_bytes()
    }
}

/// The key of a cached result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    pub(crate) competent: Handle,
    pub(crate) on: Date,
    /// The published part of an agreement depends on the current day.
    pub(crate) today: Date,
}

/// A cache with a memory bound. An entry is valid for one revision of the agreements that it depends on.
#[derive(Debug)]
pub(crate) struct BoundedCache<T: ?Sized>(RwLock<Entries<T>>);

#[derive(Debug)]
struct Entries<T: ?Sized> {
    bytes: usize,
    by_key: HashMap<CacheKey, (Revision, Arc<T>)>,
}

impl<T: ?Sized> Default for Entries<T> {
    fn default() -> Self {
        Self { bytes: 0, by_key: HashMap::new() }
    }
}

impl<T: ?Sized> Default for BoundedCache<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

/// The cache is cleared when it would exceed this.
const MAX_BYTES: usize = 24 * 1024 * 1024;
/// Memory of an entry beside its value.
const ENTRY_OVERHEAD: usize = 64;

impl<T: HeapSize + ?Sized> BoundedCache<T> {
    pub(crate) fn get_or_compute(&self, key: CacheKey, as_of: Revision, compute: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner).by_key.get(&key).cloned();
        if let Some((revision, entries)) = entries
            && revision == as_of
        {
            return entries;
        }
        let found = compute();
        let bytes = ENTRY_OVERHEAD + (*found).heap_bytes();
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if entries.bytes + bytes > MAX_BYTES {
            *entries = Entries::default();
        }
        let before = entries.by_key.insert(key, (as_of, found.clone()));
        entries.bytes = entries.bytes + bytes - before.map_or(0, |(_, before)| ENTRY_OVERHEAD + (*before).heap_bytes());
        found
    }

    fn heap_bytes(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).bytes
    }
}

#[cfg(test)]
mod tests {
    use domain::HandlingMode;

    use super::*;
    use crate::bits::Positions;

    fn applicable(matters: &[Handle]) -> Arc<[ApplicableMatters]> {
        ApplicableMatters::all([(HandlingMode::FullOnline, false, Positions::new(matters))]).into()
    }

    #[test]
    fn the_cache_has_a_memory_bound() {
        let cache = BoundedCache::default();
        let matters: Vec<Handle> = (0..8_000).step_by(2).collect();
        for competent in 0..40_000 {
            let key = CacheKey { competent, on: Date::MIN, today: Date::MIN };
            let found = cache.get_or_compute(key, 1, || applicable(&matters));
            assert!(found[0].matters.iter().eq(matters.iter().copied()));
            assert!(cache.heap_bytes() <= MAX_BYTES);
        }
        let again = CacheKey { competent: 39_999, on: Date::MIN, today: Date::MIN };
        cache.get_or_compute(again, 1, || panic!("the entry is cached"));
    }

    #[test]
    fn an_entry_of_an_earlier_revision_is_replaced() {
        let cache = BoundedCache::default();
        let key = CacheKey { competent: 1, on: Date::MIN, today: Date::MIN };
        cache.get_or_compute(key, 1, || applicable(&[1]));
        let bytes = cache.heap_bytes();
        for (revision, matter) in [(2, 5), (3, 6)] {
            assert!(cache.get_or_compute(key, revision, || applicable(&[matter]))[0].matters.contains(matter));
        }
        assert_eq!(cache.heap_bytes(), bytes);
    }
}
