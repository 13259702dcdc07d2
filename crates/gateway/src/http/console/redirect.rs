//! Redirections within the console, and responses that nobody else may keep.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// The first page of the console.
pub(super) const CONSOLE: &str = "/console";

/// Nobody else may keep a page of the console.
pub(super) fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn redirect(to: &str) -> Response {
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static(CONSOLE));
    private((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// A page of this site to go to: other addresses are not followed.
pub(super) fn local(to: &str) -> &str {
    let is_local = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']);
    if is_local { to } else { CONSOLE }
}
