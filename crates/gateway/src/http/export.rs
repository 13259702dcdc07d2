//! The whole registry at one revision, as the caller sees it, streamed as lines that import reads. Where to go
//! on is in the headers.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Revision, Scope};
use futures::{Stream, StreamExt};
use persistence::UnavailableReason;
use sha2::{Digest as _, Sha256};

use super::budget::Client;
use super::credential;
use super::guard::{Door, Exporting, Guard};
use super::origin::Origin;
use super::refusal::Refusal;
use crate::error::unavailable;
use crate::limits::EXPORT_LINES_PER_POINT;

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
                guard.pace(&client, PAID / EXPORT_LINES_PER_POINT).await;
            }
            line
        }
    })
}

/// Where it is fetched.
pub(super) const PATH: &str = "/export";
/// Of which revision the export speaks.
pub(super) const REVISION: &str = "tongban-revision";
/// To which epoch of the registry that revision belongs.
pub(super) const EPOCH: &str = "tongban-epoch";

pub(crate) async fn export(
    State(Door { app, guard }): State<Door>,
    Extension(Origin(origin)): Extension<Origin>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    guard.check_address(origin)?;
    let viewer = credential::viewer(&app, &headers).await.inspect_err(|_| guard.note_wrong_credential(origin))?;
    let client = Client::of(&viewer, origin);
    guard.spend(client.clone(), STARTING).await.map_err(Refusal::spent)?;
    let asked = app.request_context(viewer);
    let named = |epoch: &str, revision: Revision| {
        // Compression keeps the content, not the bytes: a weak tag.
        let tag = format!("W/\"{epoch}-{revision}-{}-{}\"", eyes_tag(&asked.eyes), asked.today);
        let headers = [
            (header::CACHE_CONTROL.as_str(), "private, no-cache".to_owned()),
            (header::VARY.as_str(), "Authorization, Accept-Encoding".to_owned()),
            (header::ACCEPT_RANGES.as_str(), "none".to_owned()),
            (header::ETAG.as_str(), tag.clone()),
            (REVISION, revision.to_string()),
            (EPOCH, epoch.to_owned()),
        ];
        (tag, headers)
    };
    // Whoever holds the newest one needs none, also while an earlier one is still being sent.
    let head = asked.snapshot.head();
    let (tag, unchanged) = named(&head.epoch, head.revision);
    if has(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, unchanged).into_response());
    }
    let exporting = guard.export(client)?;
    let export = app.store.export_shown(asked.eyes.clone(), asked.reading(), asked.today).await.map_err(|error| {
        tracing::warn!(%error, "no export");
        Refusal::unavailable(unavailable(error.unavailable_reason().unwrap_or(UnavailableReason::Unreachable)))
    })?;
    let (tag, named) = named(&export.epoch, export.revision);
    if has(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, named).into_response());
    }
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
    let content = [
        (header::CONTENT_TYPE.as_str(), "application/x-ndjson; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION.as_str(), format!("attachment; filename=\"tongban-{}.ndjson\"", export.revision)),
    ];
    Ok((named, content, Body::from_stream(lines)).into_response())
}

/// Tells apart what different callers see, without telling who they are.
fn eyes_tag(eyes: &Scope) -> String {
    let digest = Sha256::digest(format!("{eyes:?}"));
    hex::encode(&digest[..6])
}

/// Does the caller hold this export already?
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags: &HeaderValue| tags.to_str().ok());
    let bare = tag.trim_start_matches("W/");
    given.flat_map(|tags| tags.split(',')).map(str::trim).any(|given| given == "*" || given.trim_start_matches("W/") == bare)
}
