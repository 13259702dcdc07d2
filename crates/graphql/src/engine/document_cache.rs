//! Cache of documents that were parsed, measured and validated. Programs send the same few documents with other
//! variables, so a document is found by its text, or by its hash (Apollo's automatic persisted queries). Refused
//! documents are not stored.

use std::sync::Arc;

use async_graphql::{Request, Response};
use catalogue::Lengths;

use super::cache::Cache;
use super::query_complexity;
use crate::engine::prepare::parse;
use crate::engine::prepared::Prepared;

/// Half for lookups by text, half for lookups by hash.
const MAX_CACHE_BYTES: usize = 16 * 1024 * 1024;
/// The longest document that is stored.
const MAX_DOCUMENT_BYTES: usize = 32 * 1024;
/// The memory of a token in a parsed document, which is held twice: as it came, and as the engine runs it.
const BYTES_PER_TOKEN: usize = 512;

/// Documents that break no rule.
#[derive(Debug)]
pub struct DocumentCache {
    by_text: Cache<Arc<str>, Arc<Prepared>>,
    by_hash: Cache<DocumentHash, Arc<Prepared>>,
}

impl Default for DocumentCache {
    fn default() -> Self {
        Self { by_text: Cache::new(MAX_CACHE_BYTES / 2), by_hash: Cache::new(MAX_CACHE_BYTES / 2) }
    }
}

/// The SHA-256 of a document.
pub type DocumentHash = [u8; 32];

impl DocumentCache {
    /// Finds a document by its hash, where the request names one, else by its text.
    pub fn get(&self, document: &str, hash: Option<DocumentHash>) -> Option<Arc<Prepared>> {
        match hash {
            Some(hash) => self.by_hash.get(&hash),
            None => self.by_text.get(document),
        }
    }

    /// Prepares a document of so many tokens and stores it; or says why it is refused as a whole.
    pub fn prepare(
        &self,
        document: &str,
        tokens: usize,
        hash: Option<DocumentHash>,
    ) -> Result<Arc<Prepared>, Box<Response>> {
        let prepared = Arc::new(prepare(document)?);
        self.insert(document, tokens, hash, &prepared);
        Ok(prepared)
    }

    fn insert(&self, document: &str, tokens: usize, hash: Option<DocumentHash>, prepared: &Arc<Prepared>) {
        let bytes = document.len() + tokens * BYTES_PER_TOKEN;
        if document.len() > MAX_DOCUMENT_BYTES {
            return;
        }
        self.by_text.insert(document.into(), prepared.clone(), bytes);
        if let Some(hash) = hash {
            self.by_hash.insert(hash, prepared.clone(), bytes);
        }
    }
}

/// The most that a request can cost, in points; or why it is refused before it runs.
pub fn measure(request: &mut Request) -> Result<u64, Box<Response>> {
    query_complexity::count_tokens(&request.query).map_err(|excess| Box::new(excess.into()))?;
    let prepared = prepare(&request.query)?;
    let name = request.operation_name.as_deref();
    request.variables = prepared.coerce(name, std::mem::take(&mut request.variables))?;
    let cost = prepared.price(name, &request.variables, &Lengths::default()).most;
    request.set_parsed_query(prepared.run().clone());
    Ok(cost)
}

/// Parses a document, checks its complexity, and validates it.
fn prepare(document: &str) -> Result<Prepared, Box<Response>> {
    let document = parse(document).map_err(Box::new)?;
    query_complexity::check(&document).map_err(|excess| Box::new(excess.into()))?;
    Prepared::validated(document).map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    const DOCUMENT: &str = "{ registry { name } }";

    #[test]
    fn a_document_is_found_by_its_text_and_by_the_hash_that_came_with_it() {
        let cache = DocumentCache::default();
        let hash: DocumentHash = Sha256::digest(DOCUMENT).into();
        let by_text = cache.prepare(DOCUMENT, 3, None).expect("a document");
        assert!(cache.get("", Some(hash)).is_none(), "it came without its hash");
        let by_hash = cache.prepare(DOCUMENT, 3, Some(hash)).expect("a document");
        let again = |document, hash| cache.get(document, hash).expect("it is stored");
        assert!(Arc::ptr_eq(&again("", Some(hash)), &by_hash));
        assert!(Arc::ptr_eq(&again(DOCUMENT, None), &by_hash) || Arc::ptr_eq(&again(DOCUMENT, None), &by_text));
    }

    #[test]
    fn a_refused_document_is_not_stored_and_drops_nothing() {
        let cache = DocumentCache::default();
        let hash: DocumentHash = Sha256::digest(DOCUMENT).into();
        cache.prepare(DOCUMENT, 3, Some(hash)).expect("a document");
        for at in 0..40 {
            for refused in [
                format!("{{ nonsense{at} {} }}", "a ".repeat(4_000)),
                format!("{{ a{at}"),
                format!("{{ ...f }} fragment f on Query {{ a{at} ...f }}"),
            ] {
                assert!(cache.prepare(&refused, 4_000, Some(Sha256::digest(&refused).into())).is_err(), "{at}");
                assert!(cache.get(&refused, None).is_none());
            }
        }
        assert!(cache.get("", Some(hash)).is_some() && cache.get(DOCUMENT, None).is_some());
    }
}
