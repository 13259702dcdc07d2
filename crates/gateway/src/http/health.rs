//! Health checks. A gateway is ready while its snapshot is not too old. A database that is down shows in the body at
//! once, and in the status only when the snapshot is stale.

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
