//! Telemetry: every request has an id, a span in the log and in traces, and is counted. The same layer finds the
//! client's address, adds the headers of every response, and answers panics: each layer copies the request once more,
//! so there is one.

use std::any::Any;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::{Locale, Message};
use futures::FutureExt as _;
use persistence::SPAN_TARGET;
use registry::limits::REFUSAL_DELAY;
use tower_http::timeout::TimeoutLayer;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::app::App;
use crate::http::client_address::{ClientAddress, PeerAddress};
use crate::http::refusal::{InEnglish, Refusal};
use crate::http::state::HttpState;
use crate::http::{export, language};
use crate::metrics::{self, ResponseMetrics};
use crate::traces;

/// The response header with the request's id.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Pages load nothing from another site, run no inline script, and are shown in no frame.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The headers of every response that does not set them itself.
static HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

/// Browsers that connected with encryption once insist on it for a year.
static STRICT_TRANSPORT_SECURITY: (HeaderName, HeaderValue) =
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));

/// The layer of the router.
pub(crate) async fn trace_request(
    State(state): State<HttpState>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    traced(&state, route.as_ref().map(MatchedPath::as_str), request, |request| next.run(request)).await
}

/// The same around any handler.
pub(crate) async fn traced<A>(
    state: &HttpState,
    route: Option<&str>,
    mut request: Request,
    handler: impl FnOnce(Request) -> A,
) -> Response
where
    A: Future<Output = Response>,
{
    let peer = request.extensions().get::<PeerAddress>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    let address = state.settings.proxies.client_address(peer, request.headers());
    request.extensions_mut().insert(ClientAddress(address));
    let id = id_of(&state.app, request.headers());
    let locale = language::of(request.headers());
    let span =
        tracing::info_span!("request", id, method = %request.method(), path = request.uri().path(), origin = %address);
    let traced = async {
        let began = Instant::now();
        let trace = trace(state, &id, route, &request);
        // Load balancers ask every second whether a gateway is ready: a no is not logged as an error.
        let is_health = request.uri().path().starts_with("/health/");
        let names_host = names_one_host(&request);
        let responding = async {
            if names_host {
                handler(request).await
            } else {
                Refusal::bad_request(Message::new("请求应指明一个主机（Host）", "a request names one host"))
                    .into_response()
            }
        };
        let responding = AssertUnwindSafe(responding.instrument(trace.clone())).catch_unwind();
        let mut response = responding.await.unwrap_or_else(|panic| panicked(&*panic));
        let status = response.status();
        trace.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            trace.record("otel.status_code", "ERROR");
        }
        if status.is_server_error() && !is_health {
            tracing::error!(status = status.as_u16(), "a request failed");
        }
        tracing::debug!(status = status.as_u16(), microseconds = began.elapsed().as_micros(), "answered");
        if let Some(InEnglish(body)) = response.extensions_mut().remove()
            && locale == Locale::En
        {
            *response.body_mut() = body.into();
        }
        let metrics = response.extensions_mut().remove::<ResponseMetrics>();
        state.app.metrics.count_response(route, status.as_u16(), metrics);
        // Delay 429 and 401 responses, so that a client that retries in a loop slows only itself.
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED) {
            tracing::info!(origin = %address, status = status.as_u16(), "a request was refused");
            tokio::time::sleep(REFUSAL_DELAY).await;
        }
        response
    };
    let mut response = traced.instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    // The compression layer removes this header from the export.
    if route == Some(export::PATH) {
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
    }
    let strict = state.settings.encrypted.then_some(&STRICT_TRANSPORT_SECURITY);
    for (name, value) in HEADERS.iter().chain(strict) {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    response
}

/// Does a request of HTTP/1.1 have exactly one `Host` (RFC 9112, 3.2)?
fn names_one_host(request: &Request) -> bool {
    let is_from_network = request.extensions().get::<PeerAddress>().is_some();
    !is_from_network
        || request.version() != Version::HTTP_11
        || request.headers().get_all(header::HOST).iter().count() == 1
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Refusal::internal(&format!("panicked: {}", text.unwrap_or("without a text"))).into_response()
}

/// The id that a trusted proxy gave the request, or a new one.
fn id_of(app: &App, headers: &HeaderMap) -> String {
    let trusted = app.settings().request_id_header.as_ref();
    let given = trusted.and_then(|name| headers.get(name)).and_then(|id| id.to_str().ok()).filter(|id| is_id(id));
    given.map_or_else(new_id, str::to_owned)
}

/// An id fits into a line of the log.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte))
}

/// A random id. A counter would show how many requests there were.
fn new_id() -> String {
    static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let [high, low] = KEYS.each_ref().map(|key| key.hash_one(number));
    format!("{high:016x}{low:016x}")
}

/// The span of the request for a collector of traces. It has no query, no variable and no address: there may be secrets
/// in them.
fn trace(state: &HttpState, id: &str, route: Option<&str>, request: &Request) -> Span {
    let path = request.uri().path();
    if path == "/metrics" || path.starts_with("/health/") {
        return Span::none();
    }
    let (method, route) = (traces::method(request.method()), route.unwrap_or("other"));
    let span = tracing::trace_span!(
        target: SPAN_TARGET,
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        request.id = id,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        graphql.operation = Empty,
    );
    let peer = request.extensions().get::<PeerAddress>().map(|peer| peer.0.ip());
    if state.app.settings().trust_traceparent && peer.is_some_and(|peer| state.settings.proxies.trusts(peer)) {
        traces::set_remote_parent(&span, request.headers());
    }
    span
}

/// The metrics, unless they have an address of their own.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    if app.settings().separate_metrics { StatusCode::NOT_FOUND.into_response() } else { page(State(app)).await }
}

async fn page(State(app): State<Arc<App>>) -> Response {
    app.measure_catalogue().await;
    ([(header::CONTENT_TYPE, metrics::MEDIA), (header::CACHE_CONTROL, "no-store")], app.metrics_page()).into_response()
}

/// The server of the address for Prometheus alone.
pub fn metrics_router(app: Arc<App>) -> Router {
    let timeout = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(10));
    Router::new().route("/metrics", get(page)).with_state(app).layer(timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_unique_and_one_word() {
        let (one, other) = (new_id(), new_id());
        assert!(is_id(&one) && is_id(&other) && one != other && is_id("0b5c-77.a_1"));
        assert!(!is_id("") && !is_id("two words") && !is_id("line\nbreak") && !is_id(&"x".repeat(129)));
    }
}
