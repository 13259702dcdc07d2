//! The state that all handlers share.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use axum::http::HeaderMap;
use domain::{ApiKey, Recorded};
use graphql::engine::Engine;
use graphql::engine::document_cache::DocumentCache;
use graphql::engine::response_cache::ResponseCache;
use registry::admission::Admission;
use registry::session::Session;
use registry::viewer::Viewer;

use super::authentication::{Authenticator, SignedIn};
use super::oidc::provider::Invalid;
use super::refusal::Refusal;
use super::settings::Settings;
use super::unsent_responses::UnsentResponses;
use crate::app::App;

/// One pointer: it is cloned for every request.
#[derive(Debug, Clone)]
pub(crate) struct HttpState(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) app: Arc<App>,
    pub(super) engine: Engine,
    pub(super) admission: Arc<Admission>,
    authenticator: Authenticator,
    pub(super) unsent: Arc<UnsentResponses>,
    pub(super) settings: Settings,
}

impl HttpState {
    pub(super) fn new(app: Arc<App>, settings: Settings) -> Self {
        let admission = Arc::new(Admission::new(settings.rates, settings.max_running));
        let engine = Engine {
            schemas: app.engines.clone(),
            admission: admission.clone(),
            times: app.metrics.operations.clone(),
            documents: Arc::new(DocumentCache::default()),
            responses: ResponseCache::new(settings.response_cache_bytes),
            introspection: settings.introspection,
            timeout: settings.timeout,
        };
        let authenticator = Authenticator::new(settings.identity_provider.clone());
        Self(Arc::new(Shared { app, engine, admission, authenticator, unsent: Arc::default(), settings }))
    }

    /// Authenticates the caller.
    pub(super) async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, Refusal> {
        self.authenticator.viewer(&self.app, headers).await
    }

    /// The caller of a session.
    pub(super) async fn of_session(&self, session: &Session) -> Result<SignedIn, Refusal> {
        self.authenticator.of_session(&self.app, session).await
    }

    /// The valid API key with this secret.
    pub(super) async fn key(&self, secret: &str) -> Result<Recorded<ApiKey>, Refusal> {
        self.authenticator.key(&self.app, secret).await
    }

    /// Logs why a token is refused.
    pub(super) fn refuse_token(&self, invalid: Invalid) -> Refusal {
        self.authenticator.refuse_token(invalid)
    }
}

impl Deref for HttpState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<HttpState> for Arc<App> {
    fn from_ref(state: &HttpState) -> Self {
        state.app.clone()
    }
}
