//! Signing in with the identity provider: to its page, and back with a code (OpenID Connect Core 3.1, with PKCE).

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use domain::Message;
use pages::console::sign_in::SignIn;
use pages::submission::Submission;
use registry::clock;
use registry::rate_limit::Client;
use registry::session::{self, Identity, Session, SigningIn, random_text};

use super::redirect::{CONSOLE, local, redirect};
use super::session::{begin as begin_session, is_encrypted, unavailable};
use super::submission::submitted;
use super::{cookie, sign_in};
use crate::http::client_address::ClientAddress;
use crate::http::oidc::provider::Invalid;
use crate::http::oidc::sign_in::Challenge;
use crate::http::refusal::Refusal;
use crate::http::state::HttpState;

/// Where the provider leads back to.
fn redirect_address(state: &HttpState) -> String {
    format!("{}/console/signed-in", state.app.settings().public_url)
}

/// Sends the browser to the identity provider.
pub(super) async fn begin(
    State(state): State<HttpState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    request: Request,
) -> Result<Response, Refusal> {
    let (Parts { uri, headers, .. }, body) = request.into_parts();
    state.admission.check(&Client::at(address))?;
    let form = submitted(&state, &headers, body).await?;
    let Some(provider) = state.settings.identity_provider.clone().filter(|provider| provider.signs_in()) else {
        return Ok(redirect("/console/sign-in"));
    };
    let now = clock::now();
    let randomness = |error: getrandom::Error| Refusal::internal(&error.to_string());
    let signing_in = SigningIn {
        state: random_text().map_err(randomness)?,
        nonce: random_text().map_err(randomness)?,
        verifier: random_text().map_err(randomness)?,
        to: local(form.get("to")).to_owned(),
        kept: form.get("kept").to_owned(),
    };
    let challenge = Challenge {
        state: &signing_in.state,
        nonce: &signing_in.nonce,
        verifier: &signing_in.verifier,
        again: !form.get("again").is_empty(),
    };
    let to = match provider.sign_in_address(&redirect_address(&state), &challenge).await {
        Ok(to) => to,
        Err(error) => {
            tracing::warn!(%error, "nobody can sign in with the identity provider");
            let failure = Message::new(
                "暂时连不上统一身份认证平台，请稍后再试",
                "the identity provider cannot be reached now; try again later",
            );
            let sign_in =
                SignIn { failure: Some(failure), to: signing_in.to, kept: signing_in.kept, ..sign_in::options(&state) };
            return Ok(sign_in::draw(&state, &uri, &headers, StatusCode::SERVICE_UNAVAILABLE, &sign_in));
        }
    };
    let session = Session::new(Identity::SigningIn(signing_in), now).map_err(randomness)?;
    let token = session::begin(&state.app.store, &session, now).await.map_err(|error| match error {
        session::BeginError::Database(error) => unavailable(&error),
        session::BeginError::Randomness(error) => randomness(error),
    })?;
    let mut response = redirect(&to);
    response.headers_mut().append(header::SET_COOKIE, cookie::set(&token, is_encrypted(&state)));
    Ok(response)
}

/// The browser comes back with a code.
pub(super) async fn end(
    State(state): State<HttpState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    request: Request,
) -> Result<Response, Refusal> {
    let (Parts { uri, headers, .. }, _) = request.into_parts();
    state.admission.check(&Client::at(address))?;
    let query = Submission::of_form(uri.query().unwrap_or_default().as_bytes());
    let pending = pending(&state, &headers).await?;
    let failed = |status: StatusCode, message: Message, pending: Option<SigningIn>| {
        failed(&state, (&uri, &headers), status, message, pending)
    };
    let Some(pending) = pending.filter(|pending| pending.state == query.get("state")) else {
        return Ok(failed(
            StatusCode::BAD_REQUEST,
            Message::new(
                "这次登录已过期，或不是从本浏览器发起的，请重新登录",
                "this sign-in has expired, or was not begun in this browser; sign in again",
            ),
            None,
        ));
    };
    let Some(provider) = state.settings.identity_provider.clone() else { return Ok(redirect("/console/sign-in")) };
    if query.get("code").is_empty() {
        tracing::info!(error = query.get("error"), "the identity provider did not sign anybody in");
        return Ok(failed(
            StatusCode::UNAUTHORIZED,
            Message::new("统一身份认证没有完成", "the identity provider did not sign you in"),
            Some(pending),
        ));
    }
    let code = query.get("code");
    let claimant = match provider.exchange(code, &redirect_address(&state), &pending.verifier, &pending.nonce).await {
        Ok(claimant) => claimant,
        Err(Invalid::NoKeys) => {
            return Ok(failed(
                StatusCode::SERVICE_UNAVAILABLE,
                Message::new(
                    "暂时连不上统一身份认证平台，请稍后再试",
                    "the identity provider cannot be reached now; try again later",
                ),
                Some(pending),
            ));
        }
        Err(invalid @ Invalid::Token(_)) => {
            state.refuse_token(invalid);
            state.admission.penalize_wrong_credential(address);
            return Ok(failed(
                StatusCode::UNAUTHORIZED,
                Message::new(
                    "统一身份认证返回的凭证无效，请重新登录",
                    "the identity provider's token is not valid; sign in again",
                ),
                Some(pending),
            ));
        }
    };
    let name = claimant.name.clone().unwrap_or_default();
    let now = clock::now();
    let store = &state.app.store;
    let known = store.person_by_subject(&claimant.person).await.map_err(|error| unavailable(&error))?;
    if let Some(row) = known {
        store.record_sign_in(row.person.id, &name, now).await.map_err(|error| unavailable(&error))?;
    }
    let identity = Identity::Person {
        issuer: claimant.person.issuer,
        subject: claimant.person.subject,
        name,
        claimed: claimant.claimed,
    };
    let session = Session::new(identity, now).map_err(|error| Refusal::internal(&error.to_string()))?;
    begin_session(&state, (&uri, &headers), &session, (&pending.to, &pending.kept)).await
}

/// The page of signing in, with the reason why it failed.
fn failed(
    state: &HttpState,
    (uri, headers): (&Uri, &HeaderMap),
    status: StatusCode,
    message: Message,
    pending: Option<SigningIn>,
) -> Response {
    let (to, kept) = pending.map_or_else(|| (CONSOLE.to_owned(), String::new()), |p| (p.to, p.kept));
    let sign_in = SignIn { failure: Some(message), to, kept, ..sign_in::options(state) };
    sign_in::draw(state, uri, headers, status, &sign_in)
}

/// The sign-in that this browser has begun.
async fn pending(state: &HttpState, headers: &HeaderMap) -> Result<Option<SigningIn>, Refusal> {
    let Some(token) = cookie::token(headers, is_encrypted(state)) else { return Ok(None) };
    let found = session::find(&state.app.store, &token, clock::now()).await.map_err(|error| unavailable(&error))?;
    Ok(found.and_then(|session| match session.identity {
        Identity::SigningIn(pending) => Some(pending),
        Identity::Key { .. } | Identity::Person { .. } => None,
    }))
}
