//! A request that is refused before there is a GraphQL response: a status, and JSON `errors` with a stable code.

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Locale, Message};
use graphql::engine::call::Rejection;
use registry::admission::Busy;
use registry::error::{Code, internal, unauthenticated};
use registry::rate_limit::QuotaExceeded;
use serde_json::{Map, Value as Json, json};

use super::media::{Media, respond};
use crate::metrics::ResponseMetrics;

#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Message,
    media: Media,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// `extensions` of the response, beside `errors`.
    extensions: Map<String, Json>,
    /// After so many seconds the same request may succeed.
    retry_after: Option<u64>,
}

/// The body of a refusal in English. A refusal is made without the request's language, in Chinese; the telemetry layer
/// puts this body in its place for a client that prefers English.
#[derive(Debug, Clone)]
pub(super) struct InEnglish(pub(super) Bytes);

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: Message) -> Self {
        Self {
            status,
            code,
            message,
            media: Media::Json,
            headers: Vec::new(),
            extensions: Map::new(),
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(message: Message) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadUserInput.name(), message)
    }

    /// Our own mistake. The cause goes to the log.
    pub(crate) fn internal(cause: &str) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            Code::Internal.name(),
            internal(cause, "a request could not be answered"),
        )
    }

    /// The credential is not valid. The response does not say which part of it is wrong.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated.name(), unauthenticated())
            .with(header::WWW_AUTHENTICATE, "Bearer realm=\"tongban\", error=\"invalid_token\"")
    }

    /// The same request may succeed a little later.
    pub(crate) fn unavailable(message: Message) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable.name(), message).retry_after(1)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    #[must_use]
    pub(crate) fn in_media(self, media: Media) -> Self {
        Self { media, ..self }
    }

    fn body(&self, locale: Locale) -> String {
        let mut body =
            json!({ "errors": [{ "message": self.message.text(locale), "extensions": { "code": self.code } }] });
        if let Some(seconds) = self.retry_after {
            body["errors"][0]["extensions"]["retryAfter"] = seconds.into();
        }
        if !self.extensions.is_empty() {
            body["extensions"] = self.extensions.clone().into();
        }
        body.to_string()
    }
}

impl From<QuotaExceeded> for Refusal {
    fn from(QuotaExceeded { quota, retry_after }: QuotaExceeded) -> Self {
        let message = match retry_after {
            Some(seconds) => Message::new(
                format!("请求过于频繁，已超出速率限制；请在 {seconds} 秒后重试"),
                format!("rate limit exceeded; retry after {seconds} seconds"),
            ),
            None => Message::new(
                format!("该操作的点数超过一次可用的 {} 点", quota.allowance.points),
                format!(
                    "the operation costs more than the {} points that may be spent at once",
                    quota.allowance.points
                ),
            ),
        };
        Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited.name(), message) }
    }
}

impl From<Busy> for Refusal {
    fn from(Busy: Busy) -> Self {
        Self::unavailable(Message::new("目前请求太多，请稍后再试", "too many requests are running; retry later"))
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::RateLimited(exceeded, None) => exceeded.into(),
            Rejection::RateLimited(exceeded, Some((cost, revision))) => {
                let mut refusal = Self::from(exceeded);
                refusal.extensions.insert("cost".to_owned(), json!(cost));
                refusal.extensions.insert("revision".to_owned(), revision.into());
                refusal
            }
            Rejection::Busy => Busy.into(),
            Rejection::Timeout(seconds) => {
                let message = Message::new(
                    format!("该查询超过了 {seconds} 秒"),
                    format!("the query took longer than {seconds} seconds"),
                );
                Self::new(StatusCode::GATEWAY_TIMEOUT, Code::Timeout.name(), message)
            }
            Rejection::NotAQuery => {
                let message = Message::new("写操作请用 POST", "send mutations by POST");
                Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput.name(), message)
                    .with(header::ALLOW, "POST")
            }
            Rejection::Internal(cause) => Self::internal(&cause),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = respond(self.status, self.media, self.body(Locale::Zh));
        response.extensions_mut().insert(InEnglish(self.body(Locale::En).into()));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(ResponseMetrics { codes: vec![self.code.to_owned()], cost: None });
        response.headers_mut().extend(self.headers);
        response
    }
}
