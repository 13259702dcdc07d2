//! Is the process alive, and is the registry in it fit to answer? It is, as long as it is in memory and not too old:
//! a database that is down shows in the answer, and only after a while in the status.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::{App, Health};

pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

pub(crate) async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Health>) {
    let health = app.health();
    (if health.status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(health))
}
