//! Cache of responses to identical requests of callers that see the same. All entries belong to one generation: the
//! revision and the day. The next revision, or the next day, clears the cache, so nothing in it is stale.

use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use domain::{Date, Digest, Locale, Revision, Scope};
use registry::request_context::RequestContext;

use super::cache::Cache;

/// Everything that a response depends on within a generation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The request as it came: a body, or the query of an address.
    pub request: Bytes,
    pub queries_only: bool,
    pub scope: Scope,
    /// The language of texts for which the document names none.
    pub locale: Locale,
    /// May the caller introspect the schema?
    pub introspection: bool,
}

#[derive(Debug)]
pub struct CachedResponse {
    /// The JSON up to the extensions, which differ from request to request.
    pub beginning: Bytes,
    /// The price beforehand, and the actual cost.
    pub requested: u64,
    pub actual: u64,
    /// The operation's label in the metrics.
    pub label: &'static str,
}

/// The revision and the day that a response is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    revision: Revision,
    today: Date,
    /// The digest of the journal's head: after a restore the same revision number is another one.
    head: Digest,
}

impl Generation {
    pub fn of(context: &RequestContext) -> Self {
        let head = context.snapshot.head();
        Self { revision: head.revision, today: context.today, head: head.digest }
    }

    fn is_after(self, other: Self) -> bool {
        (self.revision, self.today) > (other.revision, other.today)
    }
}

#[derive(Debug)]
pub struct ResponseCache {
    /// Of keys and responses together; 0 switches the cache off.
    max_bytes: usize,
    generation: RwLock<Option<Generation>>,
    entries: Cache<CacheKey, Arc<CachedResponse>>,
}

impl CacheKey {
    fn len(&self) -> usize {
        let scope = match &self.scope {
            Scope::Public | Scope::Steward => 0,
            Scope::Partner(districts) | Scope::Districts(districts) => districts.len() * 16,
        };
        self.request.len() + scope
    }
}

/// The bytes of an entry beside its key and response.
const ENTRY_OVERHEAD: usize = 256;
/// A response is not stored if fewer of its size would fill the cache.
const MIN_ENTRIES: usize = 16;

impl ResponseCache {
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, generation: RwLock::default(), entries: Cache::new(max_bytes) }
    }

    pub fn is_on(&self) -> bool {
        self.max_bytes > 0
    }

    pub fn get(&self, key: &CacheKey, generation: Generation) -> Option<Arc<CachedResponse>> {
        let current = self.generation.read().unwrap_or_else(PoisonError::into_inner);
        if *current == Some(generation) { self.entries.get(key) } else { None }
    }

    pub fn insert(&self, key: CacheKey, generation: Generation, response: CachedResponse) {
        let bytes = key.len() + response.beginning.len() + ENTRY_OVERHEAD;
        if bytes > self.max_bytes / MIN_ENTRIES {
            return;
        }
        let current = self.generation.read().unwrap_or_else(PoisonError::into_inner);
        if *current == Some(generation) {
            self.entries.insert(key, Arc::new(response), bytes);
            return;
        }
        drop(current);
        let mut current = self.generation.write().unwrap_or_else(PoisonError::into_inner);
        // A response that took long may be of an older revision than the entries.
        if current.is_some_and(|current| current.is_after(generation)) {
            return;
        }
        if *current != Some(generation) {
            self.entries.clear();
            *current = Some(generation);
        }
        self.entries.insert(key, Arc::new(response), bytes);
    }
}
