//! Is the process alive, and is the registry in it fit to answer? It is, as long as it is in memory: a
//! database that is down shows in the answer, not in the status.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::{App, Health};

pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

pub(crate) async fn ready(State(app): State<Arc<App>>) -> Json<Health> {
    Json(app.health())
}
