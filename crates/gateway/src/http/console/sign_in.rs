//! Signing in with an API key, signing out, and changing the capacity.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::Message;
use pages::console;
use pages::console::sign_in::SignIn;
use pages::submission::{CSRF, Submission};
use registry::clock;
use registry::rate_limit::Client;
use registry::session::{self, Session};

use super::cookie;
use super::redirect::{CONSOLE, local, private, redirect};
use super::session::{Signed, anonymous, begin, is_encrypted, signed, unavailable};
use super::submission::submitted;
use crate::http::client_address::ClientAddress;
use crate::http::page;
use crate::http::refusal::Refusal;
use crate::http::state::HttpState;

/// What the page of signing in offers here.
pub(super) fn options(state: &HttpState) -> SignIn {
    let provider = state.settings.identity_provider.as_ref();
    SignIn { has_provider: provider.is_some_and(|provider| provider.signs_in()), ..SignIn::default() }
}

pub(super) async fn page(State(state): State<HttpState>, request: Request) -> Response {
    let (Parts { uri, headers, .. }, _) = request.into_parts();
    let query = Submission::of_form(uri.query().unwrap_or_default().as_bytes());
    let sign_in = SignIn { to: local(query.get("to")).to_owned(), is_again: query.has("again"), ..options(&state) };
    draw(&state, &uri, &headers, StatusCode::OK, &sign_in)
}

pub(super) fn draw(
    state: &HttpState,
    uri: &Uri,
    headers: &HeaderMap,
    status: StatusCode,
    sign_in: &SignIn,
) -> Response {
    let answer = console::sign_in::page(anonymous(state, uri, headers), status.as_u16(), sign_in);
    let mut response = private(page::respond(answer));
    // The form leads on to the identity provider.
    if let Some(origin) = state.settings.identity_provider.as_ref().and_then(|provider| provider.sign_in_origin()) {
        let policy = crate::http::layers::telemetry::CONTENT_SECURITY_POLICY
            .replace("form-action 'self'", &format!("form-action 'self' {origin}"));
        if let Ok(policy) = HeaderValue::try_from(policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    response
}

pub(super) async fn with_key(
    State(state): State<HttpState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    request: Request,
) -> Result<Response, Refusal> {
    let (Parts { uri, headers, .. }, body) = request.into_parts();
    state.admission.check(&Client::at(address))?;
    let form = submitted(&state, &headers, body).await?;
    let key = match state.key(form.get("key")).await {
        Ok(key) => key,
        Err(refusal) if refusal.status() == StatusCode::UNAUTHORIZED => {
            state.admission.penalize_wrong_credential(address);
            let failure = Message::new(
                "密钥无效、已失效或已吊销，请核对后再试",
                "the key is wrong, has expired or was revoked; check it and try again",
            );
            let sign_in = SignIn {
                to: local(form.get("to")).to_owned(),
                kept: form.get("kept").to_owned(),
                failure: Some(failure),
                ..options(&state)
            };
            return Ok(draw(&state, &uri, &headers, StatusCode::UNAUTHORIZED, &sign_in));
        }
        Err(refusal) => return Err(refusal),
    };
    let session = Session::of_key(key.id, clock::now()).map_err(|error| Refusal::internal(&error.to_string()))?;
    begin(&state, (&uri, &headers), &session, (form.get("to"), form.get("kept"))).await
}

/// Ends the session, or all sessions of the caller.
pub(super) async fn sign_out(State(state): State<HttpState>, request: Request) -> Result<Response, Refusal> {
    let (Parts { headers, .. }, body) = request.into_parts();
    let form = submitted(&state, &headers, body).await?;
    if let Some(Signed { token, session, .. }) = signed(&state, &headers).await?
        && session.accepts(form.get(CSRF))
    {
        let store = &state.app.store;
        let ended = match form.get("everywhere") {
            "" => session::end(store, &token).await,
            _ => store.end_sessions_of(&session.client()).await.map(|_| ()),
        };
        ended.map_err(|error| unavailable(&error))?;
        tracing::info!(client = session.client(), outcome = "SIGNED_OUT", "audit");
    }
    let mut response = redirect("/console/sign-in");
    response.headers_mut().append(header::SET_COOKIE, cookie::removed(is_encrypted(&state)));
    Ok(response)
}

/// Lets a person act for another district.
pub(super) async fn choose_capacity(State(state): State<HttpState>, request: Request) -> Result<Response, Refusal> {
    let (Parts { headers, .. }, body) = request.into_parts();
    let form = submitted(&state, &headers, body).await?;
    let Some(Signed { token, session, .. }) = signed(&state, &headers).await? else {
        return Ok(redirect(CONSOLE));
    };
    if session.accepts(form.get(CSRF)) {
        let changed = Session { capacity: Some(form.get("capacity").to_owned()), ..session };
        session::change(&state.app.store, &token, &changed).await.map_err(|error| unavailable(&error))?;
    }
    Ok(redirect(local(form.get("to"))).into_response())
}
