//! The settings of the HTTP server.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use graphql::engine::Introspection;
use registry::limits::OPERATION_TIMEOUT;
use registry::rate_limit::RateLimits;

use super::client_address::Proxies;
use super::oidc::provider::Provider;

/// The size of the response cache by default.
const RESPONSE_CACHE_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct Settings {
    pub introspection: Introspection,
    pub graphiql: bool,
    /// `None`: no rate limit.
    pub rates: Option<RateLimits>,
    pub proxies: Proxies,
    /// Access tokens of this provider are accepted beside API keys.
    pub identity_provider: Option<Arc<Provider>>,
    /// Sites whose scripts may read responses in a browser.
    pub cors_origins: Vec<HeaderValue>,
    /// The headers that those scripts may send; empty: all.
    pub cors_headers: Vec<HeaderName>,
    /// How many requests run at once.
    pub max_running: usize,
    /// 0: no response cache.
    pub response_cache_bytes: usize,
    /// Every connection is encrypted, so browsers are told to insist on it.
    pub encrypted: bool,
    /// How long the body of a request may take to arrive, and how long an operation may run.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            introspection: Introspection::Open,
            graphiql: true,
            rates: None,
            proxies: Proxies::default(),
            identity_provider: None,
            cors_origins: Vec::new(),
            cors_headers: Vec::new(),
            max_running: 256,
            response_cache_bytes: RESPONSE_CACHE_BYTES,
            encrypted: false,
            timeout: OPERATION_TIMEOUT,
        }
    }
}
