//! HTTP: the routes, and the headers of every response.

pub mod asset;
mod authentication;
pub(crate) mod client;
pub mod client_address;
mod console;
mod document;
mod export;
mod graphiql;
mod graphql;
mod health;
mod import;
pub(crate) mod language;
pub mod layers;
mod media;
pub mod oidc;
mod page;
mod refusal;
pub mod server;
pub mod service;
pub mod settings;
mod state;
mod unsent_responses;
mod workbook;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _, SizeAbove};
use tower_http::cors::{AllowHeaders, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use layers::{admission, telemetry};
use service::{GraphqlFastPath, HttpService};
use settings::Settings;
use state::HttpState;

/// Until the first byte of a response. GraphQL has its own, shorter limit, which is reported as an error of GraphQL.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Shorter responses are not compressed: they fit into one packet.
const MIN_COMPRESSED_BYTES: u16 = 1_400;

/// How long a browser caches a preflight response.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(600);

/// The whole server as one service.
pub fn router(app: Arc<App>, settings: Settings) -> HttpService {
    let state = HttpState::new(app, settings);
    let free = Router::new()
        .route(service::GRAPHQL, get(graphql::get).post(graphql::post).fallback(graphql::other))
        .route(service::GRAPHQL_SLASH, get(graphql::get).post(graphql::post).fallback(graphql::other))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(telemetry::metrics))
        .route("/export", get(export::export))
        .route("/imports", post(import::import).fallback(import::other))
        .route("/assets/{hash}/{*name}", get(asset::serve))
        .route("/favicon.ico", get(asset::icon));
    let pages = Router::new()
        .route("/schema.graphql", get(graphql::schema))
        .route("/documents/{id}", get(document::document))
        .route("/templates/{file}", get(workbook::template))
        .route("/agreements/{number}/versions/{version}/schedule.xlsx", get(workbook::schedule))
        .route("/between/{receiving}/{competent}/matters.xlsx", get(workbook::between))
        .merge(page::router().with_state(state.app.clone()))
        .fallback(page::not_found)
        .layer(from_fn_with_state((state.clone(), admission::PAGE_COST), admission::charge));
    let (compression, is_long) =
        (CompressionLayer::new().quality(CompressionLevel::Fastest), SizeAbove::new(MIN_COMPRESSED_BYTES));
    let timeout = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, RESPONSE_TIMEOUT);
    let mut router = free
        .merge(pages)
        .merge(console::router())
        .with_state(state.clone())
        // Both in one call: each call of `layer` boxes every response again.
        .layer((compression.clone().compress_when(DefaultPredicate::new().and(is_long)), timeout));
    let cors = cors(&state.settings);
    if let Some(cors) = &cors {
        router = router.layer(cors.clone());
    }
    let router = router.layer(from_fn_with_state(state.clone(), telemetry::trace_request));
    // JSON is worth compressing whenever it is long.
    let fast_path = GraphqlFastPath::new(state, (compression.compress_when(is_long), timeout), cors);
    HttpService { router, fast_path }
}

/// `None`: scripts of other sites may not read responses.
fn cors(settings: &Settings) -> Option<CorsLayer> {
    if settings.cors_origins.is_empty() {
        return None;
    }
    let cors = CorsLayer::new()
        .allow_origin(settings.cors_origins.clone())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(match &*settings.cors_headers {
            [] => AllowHeaders::mirror_request(),
            // A browser that caches a response must be able to revalidate it.
            named => AllowHeaders::list(named.iter().cloned().chain([header::IF_NONE_MATCH])),
        })
        .expose_headers([
            header::RETRY_AFTER,
            header::ETAG,
            telemetry::REQUEST_ID,
            HeaderName::from_static(export::REVISION),
            HeaderName::from_static(export::EPOCH),
        ])
        .max_age(PREFLIGHT_MAX_AGE);
    Some(cors)
}
