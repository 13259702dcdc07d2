//! HTTP: the routes, and what every answer carries.

pub mod asset;
pub mod credential;
mod document;
mod export;
mod graphiql;
mod graphql;
mod health;
mod limit;
pub mod observe;
mod refusal;
pub mod token;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::page;
use refusal::Refusal;

/// Until the first byte of an answer; GraphQL has its own, shorter limit and says so in its own form.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pages load nothing from anywhere else, run no script of their own text, and stand in no other page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What every answer carries unless it says otherwise.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// The whole server as one service.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post).fallback(graphql::other))
        .route("/schema.graphql", get(graphql::schema))
        .route("/export", get(export::export))
        .route("/documents/{id}", get(document::document))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(observe::metrics))
        .route("/assets/{hash}/{*name}", get(asset::serve))
        .route("/favicon.ico", get(asset::icon))
        .merge(page::router())
        .fallback(page::nowhere)
        .with_state(app.clone())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE))
        .layer(CompressionLayer::new());
    for (name, value) in HEADERS {
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)));
    }
    router
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| panicked(&*panic)))
        .layer(from_fn_with_state(app.clone(), observe::count))
        .layer(TraceLayer::new_for_http().make_span_with(observe::span))
        .layer(from_fn_with_state(app, observe::identify))
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = said.unwrap_or("something that is no text"), "a request came to a bad end");
    Refusal::internal().into_response()
}
