//! This registry as an application of the identity provider.

use axum::http::Uri;
use serde_json::Value;

/// How this registry is known to the provider as an application.
#[derive(Clone)]
pub struct Application {
    pub client_id: String,
    /// `None`: a public client, which PKCE alone protects.
    pub client_secret: Option<String>,
    pub scopes: String,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// The addresses of the provider for signing in.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    pub(super) authorization: Uri,
    pub(super) token: Uri,
}

impl Endpoints {
    pub(super) fn of(document: &Value, is_safe: impl Fn(&Uri) -> bool + Copy) -> Option<Self> {
        let address = |field: &str| document[field].as_str().and_then(|address| address.parse().ok()).filter(is_safe);
        Some(Self { authorization: address("authorization_endpoint")?, token: address("token_endpoint")? })
    }
}
