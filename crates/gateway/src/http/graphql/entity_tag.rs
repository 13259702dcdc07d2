//! The entity tag of a response to a GET, by which a client revalidates what it has cached.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use domain::Scope;
use graphql::engine::response_cache::CacheKey;
use registry::request_context::RequestContext;
use sha2::{Digest as _, Sha256};

use crate::http::media::{Media, VARY};

pub(super) struct EntityTag {
    value: String,
    /// May shared caches store the response?
    is_public: bool,
}

impl EntityTag {
    /// Made of everything that the response depends on.
    pub(super) fn of(key: &CacheKey, context: &RequestContext, media: Media) -> Self {
        let head = context.snapshot.head();
        let mut digest = Sha256::new();
        let CacheKey { request, queries_only: _, scope, locale, introspection } = key;
        digest.update(format!(
            "{}\n{}\n{}\n{scope:?}\n{locale}\n{introspection}\n{media:?}\n",
            head.epoch, head.revision, context.today
        ));
        digest.update(request);
        // A weak tag: compression changes the bytes of the response.
        Self { value: format!("W/\"{}\"", hex::encode(&digest.finalize()[..16])), is_public: *scope == Scope::Public }
    }

    /// Does the client have the response?
    pub(super) fn is_among(&self, headers: &HeaderMap) -> bool {
        let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        given.flat_map(|tags| tags.split(',')).map(str::trim).any(|tag| tag == self.value || tag == "*")
    }

    pub(super) fn put_on(&self, mut response: Response) -> Response {
        let cache_control = if self.is_public { "public, no-cache" } else { "private, no-cache" };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
        headers.insert(header::VARY, VARY.clone());
        if let Ok(value) = HeaderValue::from_str(&self.value) {
            headers.insert(header::ETAG, value);
        }
        response
    }
}
