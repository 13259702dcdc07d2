//! A request that is turned away at the door, said as GraphQL says errors: JSON with a stable code.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::budget::Spent;
use super::graphql::Media;
use crate::graphql::Code;
use crate::graphql::error::error_id;
use crate::metrics::Told;

/// Why a request is turned away.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    media: Media,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What the answer says beside the error.
    extensions: Map<String, Json>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), media: Media::Json, headers: Vec::new(), extensions: Map::new() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadUserInput.name(), message)
    }

    /// Our own mistake; what it was stands in the log.
    pub(crate) fn internal(cause: &str) -> Self {
        let id = error_id();
        tracing::error!(error_id = id, cause, "a request could not be answered");
        let message = format!("something went wrong inside the registry; tell its steward the error id {id}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal.name(), message)
    }

    /// The client has no points left for what it asks.
    pub(crate) fn spent(Spent { standing, wait }: Spent) -> Self {
        let message = match wait {
            Some(wait) => format!("too much was asked in a short while; ask again in {wait} seconds"),
            None => format!("the operation costs more than the {} points that may be spent at once", standing.allowance.points),
        };
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited.name(), message);
        if let Some(wait) = wait {
            refusal.headers.push((header::RETRY_AFTER, wait.into()));
        }
        refusal
    }

    /// With this beside the error, as an answer has it.
    #[must_use]
    pub(crate) fn telling(mut self, name: &str, what: Json) -> Self {
        self.extensions.insert(name.to_owned(), what);
        self
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
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    #[must_use]
    pub(crate) fn in_form(self, media: Media) -> Self {
        Self { media, ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "errors": [{ "message": self.message, "extensions": { "code": self.code } }] });
        if !self.extensions.is_empty() {
            body["extensions"] = self.extensions.into();
        }
        let mut response = super::graphql::respond(self.status, self.media, body.to_string());
        response.extensions_mut().insert(Told { codes: vec![self.code.to_owned()], cost: None });
        response.headers_mut().extend(self.headers);
        response
    }
}
