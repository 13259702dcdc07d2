//! The session of a request: found by its cookie, begun by signing in.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use domain::Message;
use pages::console;
use pages::request::PageRequest;
use pages::session::PageSession;
use registry::clock;
use registry::session::{self, Session};
use registry::viewer::Viewer;

use super::cookie;
use super::redirect::{local, private, redirect};
use crate::http::authentication::SignedIn;
use crate::http::page;
use crate::http::refusal::Refusal;
use crate::http::state::HttpState;

/// A request with the session of its cookie.
pub(super) struct Signed {
    pub(super) token: String,
    pub(super) session: Session,
    pub(super) caller: SignedIn,
}

/// The session of a request. `None`: there is none, it has ended, or its caller has lost its rights.
pub(super) async fn signed(state: &HttpState, headers: &HeaderMap) -> Result<Option<Signed>, Refusal> {
    let Some(token) = cookie::token(headers, is_encrypted(state)) else { return Ok(None) };
    let now = clock::now();
    let found = session::find(&state.app.store, &token, now).await.map_err(|error| unavailable(&error))?;
    let Some(session) = found else { return Ok(None) };
    match state.of_session(&session).await {
        Ok(caller) => Ok(Some(Signed { token, session, caller })),
        Err(refusal) if refusal.status() == StatusCode::UNAUTHORIZED => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

pub(super) fn unavailable(error: &persistence::Error) -> Refusal {
    tracing::warn!(%error, "a session cannot be looked up");
    Refusal::unavailable(Message::new("目前无法查询登录状态", "sessions cannot be looked up at the moment"))
}

/// Cookies are bound to encryption when clients reach the registry by HTTPS.
pub(super) fn is_encrypted(state: &HttpState) -> bool {
    state.settings.encrypted || state.app.settings().public_url.starts_with("https://")
}

pub(super) fn page_request(
    state: &HttpState,
    uri: &Uri,
    headers: &HeaderMap,
    session: &Session,
    caller: &SignedIn,
) -> PageRequest {
    let anonymous = page::request(&state.app, uri.path(), uri.query().map(str::to_owned), headers);
    let mut context = state.app.request_context(caller.viewer.clone());
    context.locale = anonymous.locale;
    PageRequest { context, session: Some(page_session(session, caller)), ..anonymous }
}

pub(super) fn page_session(session: &Session, caller: &SignedIn) -> PageSession {
    PageSession {
        csrf: session.csrf.clone(),
        capacities: caller.capacities.clone(),
        confirmed_at: session.confirmed_at,
    }
}

/// Begins a session, and goes on to the page that was asked for, or to the form that was kept.
pub(super) async fn begin(
    state: &HttpState,
    (uri, headers): (&Uri, &HeaderMap),
    session: &Session,
    (to, kept): (&str, &str),
) -> Result<Response, Refusal> {
    let now = clock::now();
    // The token of the last session ends: signing in twice leaves one session.
    if let Some(old) = cookie::token(headers, is_encrypted(state)) {
        session::end(&state.app.store, &old).await.map_err(|error| unavailable(&error))?;
    }
    let token = session::begin(&state.app.store, session, now).await.map_err(|error| match error {
        session::BeginError::Database(error) => unavailable(&error),
        session::BeginError::Randomness(error) => Refusal::internal(&error.to_string()),
    })?;
    tracing::info!(client = session.client(), outcome = "SIGNED_IN", "audit");
    let to = local(to);
    let mut response = if kept.is_empty() {
        redirect(to)
    } else {
        let caller = state.of_session(session).await?;
        let request = page_request(state, uri, headers, session, &caller);
        let session = page_session(session, &caller);
        private(page::respond(console::sign_in::resume(request, session, to, kept)))
    };
    response.headers_mut().append(header::SET_COOKIE, cookie::set(&token, is_encrypted(state)));
    Ok(response)
}

/// A request for a page without a caller.
pub(super) fn anonymous(state: &HttpState, uri: &Uri, headers: &HeaderMap) -> PageRequest {
    let mut request = page::request(&state.app, uri.path(), uri.query().map(str::to_owned), headers);
    request.context = state.app.request_context(Viewer::default());
    request
}

/// The caller of a download: that of its `Authorization`, else that of its session, else the anonymous one.
pub(crate) async fn viewer(state: &HttpState, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    if headers.contains_key(header::AUTHORIZATION) {
        return state.viewer(headers).await;
    }
    Ok(signed(state, headers).await?.map(|signed| signed.caller.viewer).unwrap_or_default())
}
