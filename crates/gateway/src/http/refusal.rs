//! A request that is turned away at the door, said as GraphQL says errors: JSON with a stable code.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::graphql::Media;
use crate::graphql::Code;
use crate::metrics::Told;

/// Why a request is turned away.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    media: Media,
    headers: Vec<(HeaderName, &'static str)>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), media: Media::Json, headers: Vec::new() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadUserInput.name(), message)
    }

    /// Our own mistake; what it was stands in the log.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal.name(), "something went wrong inside; it has been logged")
    }

    /// The credential opens nothing. It does not say which part of it is wrong.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated.name(), "the credential is not valid, has expired or was revoked")
            .with(header::WWW_AUTHENTICATE, "Bearer realm=\"tongban\", error=\"invalid_token\"")
    }

    /// The same again, a little later, may do.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable.name(), message).with(header::RETRY_AFTER, "1")
    }

    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    #[must_use]
    pub(crate) fn in_form(self, media: Media) -> Self {
        Self { media, ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "errors": [{ "message": self.message, "extensions": { "code": self.code } }] });
        let mut response = super::graphql::respond(self.status, self.media, body.to_string());
        response.extensions_mut().insert(Told { codes: vec![self.code.to_owned()], cost: None });
        response.headers_mut().extend(self.headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))));
        response
    }
}
