//! Every request has an id, which stands in the log and in the answer, and every answer is counted.

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
use tower_http::timeout::TimeoutLayer;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::export;
use super::guard::Door;
use super::origin::{Origin, Peer};
use super::refusal::{InEnglish, Refusal};
use super::{HEADERS, STRICT_TRANSPORT_SECURITY, language};
use crate::app::App;
use crate::limits;
use crate::metrics::{self, ResponseMetrics};
use crate::traces;

/// In which answers name the request.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Goes with every request from its first byte to its answer: notes where it comes from, gives it the id by which the log and
/// the answer find each other, counts it, and says so where something inside breaks.
///
/// One layer for all of it, since each copies whatever lies below it, for each request.
pub(super) async fn accompany(State(door): State<Door>, route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    accompanied(&door, route.as_ref().map(MatchedPath::as_str), request, |request| next.run(request)).await
}

/// The same, whoever answers.
pub(super) async fn accompanied<A>(door: &Door, route: Option<&str>, mut request: Request, answer: impl FnOnce(Request) -> A) -> Response
where
    A: Future<Output = Response>,
{
    let Door { app, guard } = door;
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    let origin = guard.settings.proxies.origin(peer, request.headers());
    request.extensions_mut().insert(Origin(origin));
    let id = id_of(app, request.headers());
    let locale = language::of(request.headers());
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path(), %origin);
    let accompanied = async {
        let began = Instant::now();
        let trace = trace(door, &id, route, &request);
        // That a gateway is not ready is an answer, not a failure: it is asked every second.
        let asks_health = request.uri().path().starts_with("/health/");
        let is_addressed = is_addressed(&request);
        let answering = async {
            if is_addressed {
                answer(request).await
            } else {
                Refusal::bad_request(Message::new("请求应指明一个主机（Host）", "a request names one host")).into_response()
            }
        };
        let answering = AssertUnwindSafe(answering.instrument(trace.clone())).catch_unwind();
        let mut response = answering.await.unwrap_or_else(|panic| panicked(&*panic));
        let status = response.status();
        trace.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            trace.record("otel.status_code", "ERROR");
        }
        if status.is_server_error() && !asks_health {
            tracing::error!(status = status.as_u16(), "a request failed");
        }
        tracing::debug!(status = status.as_u16(), microseconds = began.elapsed().as_micros(), "answered");
        if let Some(InEnglish(body)) = response.extensions_mut().remove()
            && locale == Locale::En
        {
            *response.body_mut() = body.into();
        }
        let told = response.extensions_mut().remove::<ResponseMetrics>();
        app.metrics.answered(route, status, told);
        // Who is sent away for what he has spent, or for who he says he is, hears it a moment later: who asks on and on waits for
        // himself, and costs the others next to nothing.
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED) {
            tracing::info!(%origin, status = status.as_u16(), "a request was turned away");
            tokio::time::sleep(limits::REFUSAL_DELAY).await;
        }
        response
    };
    let mut response = accompanied.instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    // Compression takes away what the export says of ranges.
    if route == Some(export::PATH) {
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
    }
    let strict = guard.settings.encrypted.then_some(&STRICT_TRANSPORT_SECURITY);
    for (name, value) in HEADERS.iter().chain(strict) {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    response
}

/// Does a request on a connection of HTTP/1.1 name one host (RFC 9112, 3.2)?
fn is_addressed(request: &Request) -> bool {
    let is_from_outside = request.extensions().get::<Peer>().is_some();
    !is_from_outside || request.version() != Version::HTTP_11 || request.headers().get_all(header::HOST).iter().count() == 1
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Refusal::internal(&format!("panicked: {}", said.unwrap_or("with something that is no text"))).into_response()
}

/// What a trusted proxy calls the request, or a new one.
fn id_of(app: &App, headers: &HeaderMap) -> String {
    let trusted = app.settings().request_id_header.as_ref();
    let given = trusted.and_then(|name| headers.get(name)).and_then(|id| id.to_str().ok()).filter(|id| is_id(id));
    given.map_or_else(made, str::to_owned)
}

/// What others call it must fit into a line of the log.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte))
}

/// A name that no other request has. It does not tell how many there were before this one.
fn made() -> String {
    static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let [high, low] = KEYS.each_ref().map(|key| key.hash_one(number));
    format!("{high:016x}{low:016x}")
}

/// Follows the request through all that is done for it, for a collector of traces. Who looks whether the process is well
/// is not followed. What is asked stays out of it: there may be secrets in an address.
fn trace(door: &Door, id: &str, route: Option<&str>, request: &Request) -> Span {
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
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    if door.app.settings().trust_traceparent && peer.is_some_and(|peer| door.guard.settings.proxies.trusts(peer)) {
        traces::go_on(&span, request.headers());
    }
    span
}

/// Counted here, or at an address of its own only?
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    if app.settings().separate_metrics { StatusCode::NOT_FOUND.into_response() } else { page(State(app)).await }
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
        let (one, other) = (made(), made());
        assert!(is_id(&one) && is_id(&other) && one != other && is_id("0b5c-77.a_1"));
        assert!(!is_id("") && !is_id("two words") && !is_id("line\nbreak") && !is_id(&"x".repeat(129)));
    }
}
