//! Documents that were asked before. Programs ask the same few documents again and again, each time with other
//! variables, so what has passed the guard is kept as it was read: found by its text, or by its hash (Apollo's
//! automatic persisted queries). It is a cache, and forgets.

use std::sync::Arc;

use async_graphql::{Request, Response};
use catalogue::Lengths;
use domain::Message;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::cache::Cache;
use super::limit;
use super::refusal::Refusal;
use crate::graphql::{Prepared, parse};

/// The most bytes that documents take which are kept.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The longest document that is kept.
const LONGEST: usize = 32 * 1024;
/// What is made of a token, twice: an argument, or a field with room for what it may have.
const TOKEN: usize = 512;

/// Documents that were asked before, and break no rule.
#[derive(Debug)]
pub(crate) struct Known {
    by_text: Cache<Arc<str>, Arc<Prepared>>,
    by_hash: Cache<Hash, Arc<Prepared>>,
}

impl Default for Known {
    fn default() -> Self {
        Self { by_text: Cache::new(MOST_BYTES / 2), by_hash: Cache::new(MOST_BYTES / 2) }
    }
}

/// The SHA-256 of a document.
pub(crate) type Hash = [u8; 32];

/// The hash that a request names in `documentId`: `sha256:` and its digits, or the digits alone.
pub(crate) fn by_id(id: &Json) -> Result<Hash, Refusal> {
    let mut hash = [0; 32];
    let digits = id.as_str().map(|id| id.strip_prefix("sha256:").unwrap_or(id));
    match digits.map(|digits| hex::decode_to_slice(digits, &mut hash)) {
        Some(Ok(())) => Ok(hash),
        Some(Err(_)) | None => Err(Refusal::bad_request(Message::new(
            "`documentId` 应为文档的 SHA-256：`sha256:` 加 64 位十六进制数",
            "`documentId` is the SHA-256 of a document: `sha256:` and 64 hexadecimal digits",
        ))),
    }
}

/// The hash that a request names in `extensions.persistedQuery`.
pub(crate) fn named(extensions: &Map<String, Json>) -> Result<Option<Hash>, Refusal> {
    let Some(persisted) = extensions.get("persistedQuery") else { return Ok(None) };
    let expected = || {
        Refusal::bad_request(Message::new(
            "`extensions.persistedQuery` 的 `version` 应为 1，`sha256Hash` 应为 64 位十六进制数",
            "`extensions.persistedQuery` has `version` 1 and in `sha256Hash` 64 hexadecimal digits",
        ))
    };
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
    if Hash::from(Sha256::digest(document)) == *hash {
        Ok(())
    } else {
        Err(Refusal::bad_request(Message::new("`sha256Hash` 不是 `query` 的摘要", "`sha256Hash` is not the hash of `query`")))
    }
}

impl Known {
    /// The document with this text, or without one the one of this hash.
    pub(crate) fn find(&self, document: &str, hash: Option<Hash>) -> Option<Arc<Prepared>> {
        match hash {
            Some(hash) => self.by_hash.find(&hash),
            None => self.by_text.find(document),
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
        self.by_text.keep(document.into(), prepared.clone(), bytes);
        if let Some(hash) = hash {
            self.by_hash.keep(hash, prepared.clone(), bytes);
        }
    }
}

/// Measures a request before the engine sees it: what it costs, in points, or why it is not even looked at.
pub fn measure(request: &mut Request) -> Result<u64, Box<Response>> {
    limit::check_text(&request.query).map_err(|excess| Box::new(excess.into()))?;
    let prepared = read(&request.query)?;
    let name = request.operation_name.as_deref();
    request.variables = prepared.coerce(name, std::mem::take(&mut request.variables))?;
    let cost = prepared.price(name, &request.variables, &Lengths::default()).most;
    request.set_parsed_query(prepared.run().clone());
    Ok(cost)
}

/// Reads a document that is not too long, breaks no rule, and may pass.
fn read(document: &str) -> Result<Prepared, Box<Response>> {
    let document = parse(document).map_err(Box::new)?;
    limit::check(&document).map_err(|excess| Box::new(excess.into()))?;
    Prepared::validated(document).map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DOCUMENT: &str = "{ registry { name } }";

    #[test]
    fn a_document_is_found_by_its_text_and_by_the_hash_that_it_came_with() {
        let known = Known::default();
        let hash: Hash = Sha256::digest(DOCUMENT).into();
        assert!(check_hash(&hash, DOCUMENT).is_ok() && check_hash(&hash, "{ b }").is_err());
        let by_text = known.read(DOCUMENT, 3, None).expect("a document");
        assert!(known.find("", Some(hash)).is_none(), "it came without its hash");
        let by_hash = known.read(DOCUMENT, 3, Some(hash)).expect("a document");
        let again = |document, hash| known.find(document, hash).expect("it is known");
        assert!(Arc::ptr_eq(&again("", Some(hash)), &by_hash));
        assert!(Arc::ptr_eq(&again(DOCUMENT, None), &by_hash) || Arc::ptr_eq(&again(DOCUMENT, None), &by_text));
    }

    #[test]
    fn what_is_refused_is_not_kept_and_drops_nothing() {
        let known = Known::default();
        let hash: Hash = Sha256::digest(DOCUMENT).into();
        known.read(DOCUMENT, 3, Some(hash)).expect("a document");
        for at in 0..40 {
            for refused in [
                format!("{{ nonsense{at} {} }}", "a ".repeat(4_000)),
                format!("{{ a{at}"),
                format!("{{ ...f }} fragment f on Query {{ a{at} ...f }}"),
            ] {
                assert!(known.read(&refused, 4_000, Some(Sha256::digest(&refused).into())).is_err(), "{at}");
                assert!(known.find(&refused, None).is_none());
            }
        }
        assert!(known.find("", Some(hash)).is_some() && known.find(DOCUMENT, None).is_some());
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

    #[test]
    fn a_document_has_an_id() {
        let hash = [0xab; 32];
        for id in ["ab".repeat(32), format!("sha256:{}", "AB".repeat(32))] {
            assert_eq!(by_id(&json!(id)).map_err(|_| ()), Ok(hash));
        }
        for wrong in [json!(7), json!(""), json!("sha256:ab"), json!(format!("md5:{}", "ab".repeat(32)))] {
            assert!(by_id(&wrong).is_err(), "{wrong}");
        }
    }
}
