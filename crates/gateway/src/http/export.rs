//! The whole registry at one revision, as the caller sees it, streamed as lines that import reads. Where to go
//! on is in the header.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use persistence::{Form, Trouble};

use super::budget::Client;
use super::credential;
use super::guard::{Door, Exporting, Guard};
use super::origin::Origin;
use super::refusal::Refusal;
use crate::graphql::error::unavailable;
use crate::limits::LINES_OF_A_POINT;

/// What it costs to begin.
const STARTING: u64 = 5;
/// After how many lines they are paid for.
const PAID: u64 = 1_000;

/// The lines as fast as the client has points for them.
fn paced<T>(guard: Arc<Guard>, exporting: Exporting, lines: impl Stream<Item = T>) -> impl Stream<Item = T> {
    let mut sent = 0u64;
    let numbered = lines.map(move |line| {
        sent += 1;
        (sent, line)
    });
    numbered.then(move |(sent, line)| {
        let paid = sent.is_multiple_of(PAID).then(|| (guard.clone(), exporting.client.clone()));
        async move {
            if let Some((guard, client)) = paid {
                guard.pace(&client, PAID / LINES_OF_A_POINT).await;
            }
            line
        }
    })
}

/// Of which revision the export speaks.
pub(super) const REVISION: &str = "tongban-revision";

pub(crate) async fn export(
    State(Door { app, guard }): State<Door>,
    Extension(Origin(origin)): Extension<Origin>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    guard.check_address(origin)?;
    let viewer = credential::viewer(&app, &headers).await.inspect_err(|_| guard.note_wrong_credential(origin))?;
    let client = Client::of(&viewer, origin);
    guard.spend(client.clone(), STARTING).await.map_err(Refusal::spent)?;
    let exporting = guard.export(client)?;
    let asked = app.ask(viewer);
    let export = app.store.export(Form::Ndjson, asked.eyes, asked.today).await.map_err(|error| {
        tracing::warn!(%error, "no export");
        Refusal::unavailable(unavailable(error.trouble().unwrap_or(Trouble::Unreachable)))
    })?;
    let lines = paced(guard, exporting, export.lines).map(|line| match line {
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
