//! `GET /export`: the whole registry at one revision, as the caller sees it, streamed as lines that import reads. The
//! headers name the revision and the epoch from which a client goes on with the feed.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Message, Revision, Scope};
use futures::{Stream, StreamExt};
use persistence::UnavailableReason;
use registry::admission::{Admission, ExportSlot};
use registry::error::{Code, unavailable};
use registry::limits::EXPORT_LINES_PER_POINT;
use registry::rate_limit::Client;
use sha2::{Digest as _, Sha256};

use super::client_address::ClientAddress;
use super::refusal::Refusal;
use super::state::HttpState;

/// The points that starting an export costs.
const START_COST: u64 = 5;
/// Lines are paid for in blocks.
const LINES_PER_PAYMENT: u64 = 1_000;

/// The lines, as fast as the client has points for them.
fn throttled<T>(admission: Arc<Admission>, slot: ExportSlot, lines: impl Stream<Item = T>) -> impl Stream<Item = T> {
    let mut sent = 0u64;
    let numbered = lines.map(move |line| {
        sent += 1;
        (sent, line)
    });
    numbered.then(move |(sent, line)| {
        let payment = sent.is_multiple_of(LINES_PER_PAYMENT).then(|| (admission.clone(), slot.client.clone()));
        async move {
            if let Some((admission, client)) = payment {
                admission.spend_when_available(&client, LINES_PER_PAYMENT / EXPORT_LINES_PER_POINT).await;
            }
            line
        }
    })
}

pub(super) const PATH: &str = "/export";
/// The header with the revision of the export.
pub(super) const REVISION: &str = "tongban-revision";
/// The header with the epoch that the revision belongs to.
pub(super) const EPOCH: &str = "tongban-epoch";

pub(crate) async fn export(
    State(state): State<HttpState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let admission = &state.admission;
    admission.check(&Client::at(address))?;
    let viewer = state.viewer(&headers).await.inspect_err(|_| admission.penalize_wrong_credential(address))?;
    let client = Client::of(&viewer, address);
    admission.spend(client.clone(), START_COST).await?;
    let context = state.app.request_context(viewer);
    let headers_for = |epoch: &str, revision: Revision| {
        // A weak tag: compression changes the bytes.
        let tag = format!("W/\"{epoch}-{revision}-{}-{}\"", scope_tag(&context.scope), context.today);
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
    // A client that has the newest export needs no slot, also while an earlier one is still being sent.
    let head = context.snapshot.head();
    let (tag, unchanged) = headers_for(&head.epoch, head.revision);
    if has(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, unchanged).into_response());
    }
    let slot = admission.export_slot(client).ok_or_else(already_exporting)?;
    let export = state.app.store.export_shown(context.scope.clone(), context.reading(), context.today).await.map_err(
        |error| {
            tracing::warn!(%error, "an export could not be started");
            Refusal::unavailable(unavailable(error.unavailable_reason().unwrap_or(UnavailableReason::Unreachable)))
        },
    )?;
    let (tag, named) = headers_for(&export.epoch, export.revision);
    if has(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, named).into_response());
    }
    let lines = throttled(admission.clone(), slot, export.lines).map(|line| match line {
        Ok(mut line) => {
            line.push('\n');
            Ok(Bytes::from(line))
        }
        Err(error) => {
            // The connection is closed, so that the client does not take a part for the whole.
            tracing::error!(%error, "an export was cut off");
            Err(error)
        }
    });
    let content = [
        (header::CONTENT_TYPE.as_str(), "application/x-ndjson; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION.as_str(), format!("attachment; filename=\"tongban-{}.ndjson\"", export.revision)),
    ];
    Ok((named, content, Body::from_stream(lines)).into_response())
}

fn already_exporting() -> Refusal {
    let message = Message::new(
        "正在向您发送一份导出；请待其完成后再请求",
        "an export is being sent to you already; retry when it is complete",
    );
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited.name(), message).retry_after(5)
}

/// Differs between callers that see different records, and does not reveal who they are.
fn scope_tag(scope: &Scope) -> String {
    let digest = Sha256::digest(format!("{scope:?}"));
    hex::encode(&digest[..6])
}

/// Does the client have this export?
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags: &HeaderValue| tags.to_str().ok());
    let bare = tag.trim_start_matches("W/");
    given
        .flat_map(|tags| tags.split(','))
        .map(str::trim)
        .any(|given| given == "*" || given.trim_start_matches("W/") == bare)
}
