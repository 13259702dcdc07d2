//! Answers GraphQL requests of callers that are known, free of any transport: HTTP, and later sockets, hand in a
//! request and write the response.

pub mod cache;
pub mod call;
mod cooperative;
pub(crate) mod direct_json;
pub mod document_cache;
pub mod error;
pub mod execute;
pub mod field_order;
mod null_propagation;
mod offload;
pub(crate) mod prepare;
pub mod prepared;
pub(crate) mod price;
pub mod query_complexity;
pub mod response;
pub mod response_cache;
pub mod run;
pub(crate) mod sequential;
mod syntax;
pub mod timing;
mod variables;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use registry::admission::Admission;
use registry::viewer::Viewer;

use crate::engine::run::Engines;
use document_cache::DocumentCache;
use response_cache::ResponseCache;
use timing::OperationTimes;

/// Who may introspect the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Introspection {
    #[default]
    Open,
    SignedIn,
    Off,
}

/// A name that is none of `Introspection::NAMES`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("open, signed-in or off")]
pub struct UnknownIntrospection;

impl FromStr for Introspection {
    type Err = UnknownIntrospection;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Open, Self::SignedIn, Self::Off]
            .into_iter()
            .find(|introspection| introspection.name() == name)
            .ok_or(UnknownIntrospection)
    }
}

impl Introspection {
    /// The names in settings.
    pub const NAMES: [&str; 3] = [Self::Open.name(), Self::SignedIn.name(), Self::Off.name()];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SignedIn => "signed-in",
            Self::Off => "off",
        }
    }

    pub fn is_open_to(self, viewer: &Viewer) -> bool {
        match self {
            Self::Open => true,
            Self::SignedIn => viewer.client.is_some(),
            Self::Off => false,
        }
    }
}

/// Everything that answers requests: the schema, the caches, and the admission of requests.
#[derive(Debug)]
pub struct Engine {
    pub schemas: Arc<Engines>,
    pub admission: Arc<Admission>,
    pub times: OperationTimes,
    pub documents: Arc<DocumentCache>,
    pub responses: ResponseCache,
    pub introspection: Introspection,
    /// How long an operation may take.
    pub timeout: Duration,
}
