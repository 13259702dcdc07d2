//! Documents that were asked before. Programs ask the same few documents again and again, each time with other
//! variables, so what has passed the guard is kept as it was read: found by its text, or by its hash (Apollo's
//! automatic persisted queries). It is a cache, and forgets.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_graphql::{Request, Response};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::limit;
use super::refusal::Refusal;
use crate::graphql::{Prepared, parse};

/// The most bytes that documents take which are kept.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The longest document that is kept.
const LONGEST: usize = 32 * 1024;
/// What is made of a token, twice: an argument, or a field with room for what it may have.
const TOKEN: usize = 512;

/// Documents that were asked before.
#[derive(Debug, Default)]
pub(crate) struct Known {
    kept: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_text: HashMap<Arc<str>, Arc<Prepared>>,
    by_hash: HashMap<Hash, Arc<Prepared>>,
    bytes: usize,
}

/// The SHA-256 of a document.
pub(crate) type Hash = [u8; 32];

/// The hash that a request names in `extensions.persistedQuery`.
pub(crate) fn named(extensions: &Map<String, Json>) -> Result<Option<Hash>, Refusal> {
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

/// Is it the hash of this document?
pub(crate) fn check_hash(hash: &Hash, document: &str) -> Result<(), Refusal> {
    if Hash::from(Sha256::digest(document)) == *hash { Ok(()) } else { Err(Refusal::bad_request("`sha256Hash` is not the hash of `query`")) }
}

impl Known {
    /// The document with this text, or without one the one of this hash.
    pub(crate) fn find(&self, document: &str, hash: Option<Hash>) -> Option<Arc<Prepared>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        match hash {
            Some(hash) => kept.by_hash.get(&hash).cloned(),
            None => kept.by_text.get(document).cloned(),
        }
    }

    /// Reads a document of so many tokens, and knows it from then on; or says why it is refused as a whole.
    pub(crate) fn read(&self, document: &str, tokens: usize, hash: Option<Hash>) -> Result<Arc<Prepared>, Box<Response>> {
        let prepared = Arc::new(read(document)?);
        self.keep(document, tokens, hash, &prepared);
        Ok(prepared)
    }

    /// Keeps a document of so many tokens, also under the hash that it came with.
    fn keep(&self, document: &str, tokens: usize, hash: Option<Hash>, prepared: &Arc<Prepared>) {
        let bytes = document.len() + tokens * TOKEN;
        if document.len() > LONGEST {
            return;
        }
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + bytes > MOST_BYTES {
            *kept = Kept::default();
        }
        if kept.by_text.insert(document.into(), prepared.clone()).is_none() {
            kept.bytes += bytes;
        }
        if let Some(hash) = hash {
            kept.by_hash.insert(hash, prepared.clone());
        }
    }
}

/// Measures a request before the engine sees it: what it costs, in points, or why it is not even looked at.
pub fn measure(request: &mut Request) -> Result<u64, Box<Response>> {
    limit::check_text(&request.query).map_err(|excess| Box::new(excess.into()))?;
    let prepared = read(&request.query)?;
    let name = request.operation_name.as_deref();
    prepared.add_defaults(name, &mut request.variables);
    let cost = prepared.price(name, &request.variables);
    request.set_parsed_query(prepared.run().clone());
    Ok(cost)
}

/// Reads a document that is not too long, and may pass.
fn read(document: &str) -> Result<Prepared, Box<Response>> {
    let document = parse(document).map_err(Box::new)?;
    limit::check(&document).map_err(|excess| Box::new(excess.into()))?;
    Ok(Prepared::of(document))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(known: &Known, document: &str) -> Result<Arc<Prepared>, Box<Response>> {
        known.read(document, 3, Some(Sha256::digest(document).into()))
    }

    #[test]
    fn a_document_is_found_by_its_text_and_by_the_hash_that_it_came_with() {
        let known = Known::default();
        let hash: Hash = Sha256::digest("{ a }").into();
        assert!(check_hash(&hash, "{ a }").is_ok() && check_hash(&hash, "{ b }").is_err());
        let by_text = known.read("{ a }", 3, None).expect("a document");
        assert!(known.find("", Some(hash)).is_none(), "it came without its hash");
        let by_hash = known.read("{ a }", 3, Some(hash)).expect("a document");
        let again = |document, hash| known.find(document, hash).expect("it is known");
        assert!(Arc::ptr_eq(&again("", Some(hash)), &by_hash));
        assert!(Arc::ptr_eq(&again("{ a }", None), &by_hash) || Arc::ptr_eq(&again("{ a }", None), &by_text));
    }

    #[test]
    fn only_so_much_is_kept() {
        let known = Known::default();
        for at in 0..600 {
            let document = format!("{{ a{at} {} }}", " ".repeat(LONGEST - 20));
            assert!(read(&known, &document).is_ok());
        }
        let kept = known.kept.read().expect("a lock");
        assert!(kept.bytes <= MOST_BYTES && kept.by_text.len() == kept.by_hash.len());
    }

    #[test]
    fn what_is_refused_is_not_kept() {
        let known = Known::default();
        for refused in ["{ a", "{ ...f } fragment f on Query { ...f }"] {
            assert!(read(&known, refused).is_err(), "{refused}");
        }
        assert_eq!(known.kept.read().expect("a lock").by_text.len(), 0);
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
