//! Answers GraphQL requests of callers that are known, free of any transport: HTTP, and later sockets, hand in a request and write the
//! response.

pub(crate) mod cache;
pub(crate) mod call;
pub mod document_cache;
pub(crate) mod execute;
pub(crate) mod query_complexity;
pub(crate) mod response;
pub(crate) mod response_cache;

use std::sync::Arc;
use std::time::Duration;

use crate::admission::Admission;
use crate::graphql::engine::Engines;
use crate::metrics::Metrics;
use crate::viewer::Viewer;
use document_cache::DocumentCache;
use response_cache::ResponseCache;

/// Who may introspect the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Introspection {
    #[default]
    Open,
    SignedIn,
    Off,
}

impl Introspection {
    pub(crate) fn is_open_to(self, viewer: &Viewer) -> bool {
        match self {
            Self::Open => true,
            Self::SignedIn => viewer.client.is_some(),
            Self::Off => false,
        }
    }
}

/// Everything that answers requests: the schema, the caches, and what admits requests.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) schemas: Arc<Engines>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) documents: Arc<DocumentCache>,
    pub(crate) responses: ResponseCache,
    pub(crate) introspection: Introspection,
    /// How long an operation may take.
    pub(crate) timeout: Duration,
}
