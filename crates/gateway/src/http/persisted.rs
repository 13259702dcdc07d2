//! Documents that are asked for by their hash, once somebody has sent them in full: Apollo's automatic
//! persisted queries. It is a cache, and forgets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::refusal::Refusal;

/// The most bytes of documents that are kept.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The longest document that is kept.
const LONGEST: usize = 32 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Persisted {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_hash: HashMap<[u8; 32], Arc<str>>,
    bytes: usize,
}

/// The hash that a request names in `extensions.persistedQuery`.
pub(crate) fn named(extensions: &Map<String, Json>) -> Result<Option<[u8; 32]>, Refusal> {
    let Some(persisted) = extensions.get("persistedQuery") else { return Ok(None) };
    let expected = || Refusal::bad_request("`extensions.persistedQuery` has `version` 1 and in `sha256Hash` 64 hexadecimal digits");
    if persisted["version"] != 1 {
        return Err(expected());
    }
    let mut hash = [0; 32];
    let text = persisted["sha256Hash"].as_str().ok_or_else(expected)?;
    hex::decode_to_slice(text, &mut hash).map_err(|_| expected())?;
    Ok(Some(hash))
}

impl Persisted {
    pub(crate) fn find(&self, hash: &[u8; 32]) -> Option<Arc<str>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).by_hash.get(hash).cloned()
    }

    /// Keeps a document under the hash that it comes with, if that is its hash.
    pub(crate) fn keep(&self, hash: [u8; 32], document: &str) -> Result<(), Refusal> {
        if <[u8; 32]>::from(Sha256::digest(document)) != hash {
            return Err(Refusal::bad_request("`sha256Hash` is not the hash of `query`"));
        }
        if document.len() > LONGEST {
            return Ok(());
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + document.len() > MOST_BYTES {
            *kept = Kept::default();
        }
        if kept.by_hash.insert(hash, document.into()).is_none() {
            kept.bytes += document.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_kept_under_its_own_hash_only() {
        let persisted = Persisted::default();
        let hash: [u8; 32] = Sha256::digest("{ a }").into();
        assert!(persisted.find(&hash).is_none());
        assert!(persisted.keep(hash, "{ b }").is_err());
        assert!(persisted.keep(hash, "{ a }").is_ok());
        assert_eq!(persisted.find(&hash).as_deref(), Some("{ a }"));
    }

    #[test]
    fn only_so_much_is_kept() {
        let persisted = Persisted::default();
        for at in 0..600 {
            let document = format!("{{ a{at} {} }}", " ".repeat(LONGEST - 20));
            assert!(persisted.keep(Sha256::digest(&document).into(), &document).is_ok());
        }
        assert!(persisted.kept.lock().expect("a lock").bytes <= MOST_BYTES);
    }

    #[test]
    fn a_hash_is_named_in_one_way() {
        let named = |extensions: Json| named(extensions.as_object().expect("an object")).map(|hash| hash.is_some()).map_err(|_| ());
        assert_eq!(named(json!({})), Ok(false));
        assert_eq!(named(json!({ "persistedQuery": { "version": 1, "sha256Hash": "ab".repeat(32) } })), Ok(true));
        for wrong in [json!(7), json!({}), json!({ "version": 2, "sha256Hash": "ab".repeat(32) }), json!({ "version": 1, "sha256Hash": "ab" })] {
            assert_eq!(named(json!({ "persistedQuery": wrong })), Err(()));
        }
    }
}
