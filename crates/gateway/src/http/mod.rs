//! HTTP: the routes, and what every answer carries.

mod answers;
pub mod asset;
mod budget;
mod cache;
pub mod credential;
mod document;
mod export;
mod front;
mod graphiql;
mod graphql;
mod guard;
mod health;
mod inquiry;
mod known;
pub(crate) mod language;
mod limit;
pub mod observe;
pub mod oidc;
mod origin;
mod refusal;
pub mod server;
mod unsent;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tower::Layer as _;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _, SizeAbove};
use tower_http::cors::{AllowHeaders, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::page;
use front::Questions;
use guard::{Door, Guard};

pub use budget::RateLimits;
pub use front::HttpService;
pub use guard::{Introspection, Settings};
pub use known::measure;
pub use origin::{Network, Proxies, ProxyHeader};

/// Until the first byte of an answer; GraphQL has its own, shorter limit and says so in its own form.
const PATIENCE: Duration = Duration::from_secs(30);

/// From how many bytes on an answer is compressed for those who take it so: what fits into one packet is not.
const WORTH_COMPRESSING: u16 = 1_400;

/// How long a browser remembers that another site may ask.
const PREFLIGHT: Duration = Duration::from_secs(600);

/// Pages load nothing from anywhere else, run no script of their own text, and stand in no other page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What every answer carries unless it says otherwise.
static HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

/// How long browsers insist on an encrypted connection once they had one.
static STRICT_TRANSPORT_SECURITY: (HeaderName, HeaderValue) =
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));

/// The whole server as one service.
pub fn router(app: Arc<App>, settings: Settings) -> HttpService {
    let door = Door { app, guard: Arc::new(Guard::new(settings)) };
    let settings = &door.guard.settings;
    let cors = CorsLayer::new()
        .allow_origin(settings.origins.clone())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(match &*settings.cors_headers {
            [] => AllowHeaders::mirror_request(),
            // Who keeps an answer may always ask whether it is still the same.
            named => AllowHeaders::list(named.iter().cloned().chain([header::IF_NONE_MATCH])),
        })
        .expose_headers([
            header::RETRY_AFTER,
            header::ETAG,
            observe::REQUEST_ID,
            HeaderName::from_static(export::REVISION),
            HeaderName::from_static(export::EPOCH),
        ])
        .max_age(PREFLIGHT);
    let is_shared = !settings.origins.is_empty();
    let priced = |router: Router<Door>, price: u64| router.layer(from_fn_with_state((door.clone(), price), guard::charge));
    let free = Router::new()
        .route(front::GRAPHQL, get(graphql::get).post(graphql::post).fallback(graphql::other))
        .route(front::GRAPHQL_SLASH, get(graphql::get).post(graphql::post).fallback(graphql::other))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(observe::metrics))
        .route("/export", get(export::export))
        .route("/assets/{hash}/{*name}", get(asset::serve))
        .route("/favicon.ico", get(asset::icon));
    let pages = Router::new()
        .route("/schema.graphql", get(graphql::schema))
        .route("/documents/{id}", get(document::document))
        .merge(page::router().with_state(door.app.clone()))
        .fallback(page::nowhere);
    let (compression, is_worth_it) = (CompressionLayer::new().quality(CompressionLevel::Fastest), SizeAbove::new(WORTH_COMPRESSING));
    let patience = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE);
    let mut router = free
        .merge(priced(pages, guard::PAGE))
        .with_state(door.clone())
        // Both at once: each call of `layer` boxes every answer anew.
        .layer((compression.clone().compress_when(DefaultPredicate::new().and(is_worth_it)), patience));
    if is_shared {
        router = router.layer(cors);
    }
    let router = router.layer(from_fn_with_state(door.clone(), observe::accompany));
    // Questions are answered in JSON, which is worth compressing whenever it is long.
    let layers = (compression.compress_when(is_worth_it), patience);
    let straight = (!is_shared).then(|| (door.clone(), layers.layer(Questions(door.clone()))));
    HttpService { router, straight }
}

/// To whom this process itself speaks: over TLS it trusts whom the machine trusts.
pub(crate) fn connector() -> Result<HttpsConnector<HttpConnector>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| format!("the certificates that this machine trusts cannot be read: {error}"))?;
    Ok(roots.https_or_http().enable_http1().build())
}
