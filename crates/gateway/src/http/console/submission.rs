//! Reads submitted forms: `application/x-www-form-urlencoded`, and `multipart/form-data` with files.

use std::convert::Infallible;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::{HeaderMap, StatusCode, header};
use domain::Message;
use http_body_util::{BodyExt as _, Limited};
use pages::submission::{Submission, UploadedFile};
use registry::error::Code;

use crate::http::refusal::Refusal;
use crate::http::settings::Settings;
use crate::http::state::HttpState;

/// The longest form without files. A schedule of some thousand rows is shorter.
const MAX_FORM_BYTES: usize = 2 * 1024 * 1024;
/// The longest form of a browser without a session.
const MAX_ANONYMOUS_BYTES: usize = 512 * 1024;
/// The longest form with files.
const MAX_UPLOAD_BYTES: usize = 24 * 1024 * 1024;
/// The most parts of a form with files.
const MAX_PARTS: usize = 2_000;

/// The form of a caller with a session.
pub(super) async fn read(headers: &HeaderMap, body: Body, settings: &Settings) -> Result<Submission, Refusal> {
    read_within(headers, body, settings, [MAX_FORM_BYTES, MAX_UPLOAD_BYTES]).await
}

/// The form of a browser without a session: a long one is not read. `None`: it is too long.
pub(super) async fn read_anonymous(
    headers: &HeaderMap,
    body: Body,
    settings: &Settings,
) -> Result<Option<Submission>, Refusal> {
    match read_within(headers, body, settings, [MAX_ANONYMOUS_BYTES; 2]).await {
        Ok(form) => Ok(Some(form)),
        Err(refusal) if refusal.status() == StatusCode::PAYLOAD_TOO_LARGE => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

async fn read_within(
    headers: &HeaderMap,
    body: Body,
    settings: &Settings,
    [max_form, max_upload]: [usize; 2],
) -> Result<Submission, Refusal> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Ok(boundary) = multer::parse_boundary(media) {
        let body = whole(body, max_upload, settings).await?;
        return parts(body, boundary).await.ok_or_else(unreadable);
    }
    if media.split(';').next().is_some_and(|media| media.trim() == "application/x-www-form-urlencoded") {
        return Ok(Submission::of_form(&whole(body, max_form, settings).await?));
    }
    Err(unreadable())
}

async fn whole(body: Body, max_bytes: usize, settings: &Settings) -> Result<Bytes, Refusal> {
    let too_long = || {
        let message = Message::new(
            format!("提交的内容超过 {} KB", max_bytes / 1_024),
            format!("the form is longer than {} KB", max_bytes / 1_024),
        );
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadUserInput.name(), message)
    };
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(too_long());
    }
    let collecting = Limited::new(body, max_bytes).collect();
    match tokio::time::timeout(settings.timeout, collecting).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => Err(too_long()),
        Err(_) => {
            let message = Message::new("提交的内容没有按时送达", "the form did not arrive in time");
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::Timeout.name(), message))
        }
    }
}

async fn parts(body: Bytes, boundary: String) -> Option<Submission> {
    let stream = futures::stream::once(async move { Ok::<_, Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut submission = Submission::default();
    while let Some(part) = parts.next_field().await.ok()? {
        if submission.fields.len() + submission.files.len() >= MAX_PARTS {
            return None;
        }
        let field = part.name()?.to_owned();
        match part.file_name().map(str::to_owned) {
            Some(name) => {
                let content = part.bytes().await.ok()?.to_vec();
                submission.files.push(UploadedFile { field, name, content });
            }
            None => submission.fields.push((field, part.text().await.ok()?)),
        }
    }
    Some(submission)
}

fn unreadable() -> Refusal {
    Refusal::bad_request(Message::new("无法读取提交的表单", "the submitted form cannot be read"))
}

/// A form that another site has sent is refused before it is read.
pub(super) fn refuse_other_site(headers: &HeaderMap) -> Result<(), Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_other = match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = header("host").unwrap_or_default();
            origin.split_once("://").is_none_or(|(_, named)| named != host)
        }
        (None, None) => false,
    };
    if is_other {
        let message = Message::new("表单来自其他网站，未执行", "the form came from another site; nothing was done");
        return Err(Refusal::new(StatusCode::FORBIDDEN, Code::Forbidden.name(), message));
    }
    Ok(())
}

/// The form of a request that is submitted without a session.
pub(super) async fn submitted(state: &HttpState, headers: &HeaderMap, body: Body) -> Result<Submission, Refusal> {
    refuse_other_site(headers)?;
    read_within(headers, body, &state.settings, [MAX_ANONYMOUS_BYTES; 2]).await
}
