//! The whole registry at one revision, as the caller sees it, streamed as lines that import reads. Where to go
//! on is in the header.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use persistence::{Form, Trouble};

use super::credential;
use super::refusal::Refusal;
use crate::app::App;
use crate::graphql::error::unavailable;

/// Of which revision the export speaks.
pub(super) const REVISION: &str = "tongban-revision";

pub(crate) async fn export(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Refusal> {
    let asked = app.ask(credential::viewer(&app, &headers).await?);
    let export = app.store.export(Form::Ndjson, asked.eyes, asked.today).await.map_err(|error| {
        tracing::warn!(%error, "no export");
        Refusal::unavailable(unavailable(error.trouble().unwrap_or(Trouble::Unreachable)))
    })?;
    let lines = export.lines.map(|line| match line {
        Ok(mut line) => {
            line.push('\n');
            Ok(Bytes::from(line))
        }
        Err(error) => {
            // The connection breaks off, so that nobody takes a part for the whole.
            tracing::error!(%error, "an export broke off");
            Err(error)
        }
    });
    let named = [
        (header::CONTENT_TYPE.as_str(), "application/x-ndjson; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION.as_str(), format!("attachment; filename=\"tongban-{}.ndjson\"", export.revision)),
        (header::CACHE_CONTROL.as_str(), "no-store".to_owned()),
        (REVISION, export.revision.to_string()),
    ];
    Ok((named, Body::from_stream(lines)).into_response())
}
