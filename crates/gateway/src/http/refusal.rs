//! A request that is turned away at the door, said as GraphQL says errors: JSON with a stable code.

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Locale, Message};
use serde_json::{Map, Value as Json, json};

use super::budget::Spent;
use super::graphql::Media;
use crate::error::Code;
use crate::error::{internal, unauthenticated};
use crate::metrics::ResponseMetrics;

/// Why a request is turned away.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Message,
    media: Media,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What the answer says beside the error.
    extensions: Map<String, Json>,
    /// In how many seconds the same may be asked again.
    retry_after: Option<u64>,
}

/// The body of a refusal in English. A refusal does not know its reader: it is made in Chinese, and the layer that accompanies
/// every request puts this in its place for whoever asks for English.
#[derive(Debug, Clone)]
pub(super) struct InEnglish(pub(super) Bytes);

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: Message) -> Self {
        Self { status, code, message, media: Media::Json, headers: Vec::new(), extensions: Map::new(), retry_after: None }
    }

    pub(crate) fn bad_request(message: Message) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadUserInput.name(), message)
    }

    /// Our own mistake; what it was stands in the log.
    pub(crate) fn internal(cause: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal.name(), internal(cause, "a request could not be answered"))
    }

    /// The client has no points left for what it asks.
    pub(crate) fn spent(Spent { standing, wait }: Spent) -> Self {
        let message = match wait {
            Some(wait) => Message::new(
                format!("短时间内问得太多；请在 {wait} 秒后再问"),
                format!("too much was asked in a short while; ask again in {wait} seconds"),
            ),
            None => Message::new(
                format!("该操作的点数超过一次可用的 {} 点", standing.allowance.points),
                format!("the operation costs more than the {} points that may be spent at once", standing.allowance.points),
            ),
        };
        Self { retry_after: wait, ..Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited.name(), message) }
    }

    /// With this beside the error, as an answer has it.
    #[must_use]
    pub(crate) fn telling(mut self, name: &str, what: Json) -> Self {
        self.extensions.insert(name.to_owned(), what);
        self
    }

    /// The credential opens nothing. It does not say which part of it is wrong.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated.name(), unauthenticated())
            .with(header::WWW_AUTHENTICATE, "Bearer realm=\"tongban\", error=\"invalid_token\"")
    }

    /// The same again, a little later, may do.
    pub(crate) fn unavailable(message: Message) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable.name(), message).retried_after(1)
    }

    /// The same may be asked again in so many seconds.
    #[must_use]
    pub(crate) fn retried_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
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

    fn body(&self, locale: Locale) -> String {
        let mut body = json!({ "errors": [{ "message": self.message.text(locale), "extensions": { "code": self.code } }] });
        if let Some(seconds) = self.retry_after {
            body["errors"][0]["extensions"]["retryAfter"] = seconds.into();
        }
        if !self.extensions.is_empty() {
            body["extensions"] = self.extensions.clone().into();
        }
        body.to_string()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = super::graphql::respond(self.status, self.media, self.body(Locale::Zh));
        response.extensions_mut().insert(InEnglish(self.body(Locale::En).into()));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(ResponseMetrics { codes: vec![self.code.to_owned()], cost: None });
        response.headers_mut().extend(self.headers);
        response
    }
}
