//! Every request has an id, which stands in the log and in the answer, and every answer is counted.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use persistence::SPANS;
use tower_http::timeout::TimeoutLayer;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::guard::Door;
use super::origin::Peer;
use crate::app::App;
use crate::metrics::{self, Told};
use crate::traces;

/// In which answers name the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, by which the log and the caller's answer find each other.
#[derive(Debug, Clone)]
struct RequestId(String);

/// Gives the request its id, and names it in the answer.
pub(super) async fn identify(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let trusted = app.operation().request_id_header.as_ref();
    let given = trusted.and_then(|name| request.headers().get(name)).and_then(|id| id.to_str().ok()).filter(|id| is_id(id));
    let id = given.map_or_else(made, str::to_owned);
    let header = HeaderValue::from_str(&id).ok();
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).await;
    if let Some(header) = header {
        response.headers_mut().insert(REQUEST_ID, header);
    }
    response
}

/// What others call it must fit into a line of the log.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte))
}

fn made() -> String {
    let mut bytes = [0; 16];
    // Without randomness the id is zeros: worth less, but no reason to turn anybody away.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}

/// Under which the log tells of a request. What is asked stays out of it: there may be secrets in an address.
pub(super) fn span<B>(request: &axum::http::Request<B>) -> Span {
    let id = request.extensions().get::<RequestId>().map_or("", |id| &id.0);
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

/// Follows the request through all that is done for it, for a collector of traces. Who looks whether the process is well
/// is not followed.
pub(super) async fn trace(State(door): State<Door>, route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path == "/metrics" || path.starts_with("/health/") {
        return next.run(request).await;
    }
    let (method, route) = (traces::method(request.method()), route.as_ref().map_or("other", MatchedPath::as_str));
    let span = tracing::trace_span!(
        target: SPANS,
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        request.id = request.extensions().get::<RequestId>().map_or("", |id| &id.0),
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        graphql.operation = Empty,
    );
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    if door.app.operation().trusts_traceparent && peer.is_some_and(|peer| door.guard.settings.proxies.trusts(peer)) {
        traces::go_on(&span, request.headers());
    }
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

/// Counts the answer.
pub(super) async fn count(State(app): State<Arc<App>>, route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let told = response.extensions_mut().remove::<Told>();
    app.metrics.answered(route.as_ref().map(MatchedPath::as_str), response.status(), told);
    response
}

/// Counted here, or at an address of its own only?
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    if app.operation().metrics_apart { StatusCode::NOT_FOUND.into_response() } else { page(State(app)).await }
}

async fn page(State(app): State<Arc<App>>) -> Response {
    app.measure().await;
    ([(header::CONTENT_TYPE, metrics::MEDIA), (header::CACHE_CONTROL, "no-store")], app.metrics_page()).into_response()
}

/// The server of the address that is for Prometheus alone.
pub fn router(app: Arc<App>) -> Router {
    let patience = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(10));
    Router::new().route("/metrics", get(page)).with_state(app).layer(patience)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_word() {
        assert!(is_id(&made()) && is_id("0b5c-77.a_1"));
        assert!(!is_id("") && !is_id("two words") && !is_id("line\nbreak") && !is_id(&"x".repeat(129)));
    }
}
