//! The console over HTTP: sessions by a cookie, forms with a token, and the pages of `pages::console`.

mod cookie;
mod provider;
mod sign_in;
mod submission;

use axum::body::Body;
use axum::extract::{RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use domain::Message;
use pages::console;
use pages::console::sign_in::SignIn;
use pages::request::PageRequest;
use pages::session::PageSession;
use pages::submission::{CSRF, Submission};
use registry::clock;
use registry::rate_limit::Client;
use registry::session::{self, Session};
use registry::viewer::Viewer;

use super::authentication::SignedIn;
use super::client_address::ClientAddress;
use super::page::{self, AdditionalCost};
use super::refusal::Refusal;
use super::state::HttpState;

/// The points that a page of the console costs at least.
const PAGE_COST: u64 = 50;
/// A longer form is not kept when its session has ended.
const MAX_KEPT_BYTES: usize = 200_000;
const CONSOLE: &str = "/console";

pub(super) fn router() -> Router<HttpState> {
    let mut router = Router::new()
        .route("/console/sign-in", get(sign_in::page).post(sign_in::with_key))
        .route("/console/sign-in/provider", post(provider::begin))
        .route("/console/signed-in", get(provider::end))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/capacity", post(sign_in::choose_capacity));
    for (path, page) in console::PAGES {
        let handler = move |State(state): State<HttpState>,
                            Extension(address): Extension<ClientAddress>,
                            parameters: RawPathParams,
                            request: Request| async move {
            let segments = parameters.iter().map(|(_, value)| value.to_owned()).collect();
            respond(&state, address, page, segments, request).await.unwrap_or_else(IntoResponse::into_response)
        };
        router = router.route(path, get(handler.clone()).post(handler));
    }
    router
}

/// A request with the session of its cookie.
struct Signed {
    token: String,
    session: Session,
    caller: SignedIn,
}

/// The session of a request. `None`: there is none, it has ended, or its caller has lost its rights.
async fn signed(state: &HttpState, headers: &HeaderMap) -> Result<Option<Signed>, Refusal> {
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

/// The caller of a download: that of its `Authorization`, else that of its session, else the anonymous one.
pub(super) async fn viewer(state: &HttpState, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    if headers.contains_key(header::AUTHORIZATION) {
        return state.viewer(headers).await;
    }
    Ok(signed(state, headers).await?.map(|signed| signed.caller.viewer).unwrap_or_default())
}

fn unavailable(error: &persistence::Error) -> Refusal {
    tracing::warn!(%error, "a session cannot be looked up");
    Refusal::unavailable(Message::new("目前无法查询登录状态", "sessions cannot be looked up at the moment"))
}

/// Cookies are bound to encryption when clients reach the registry by HTTPS.
fn is_encrypted(state: &HttpState) -> bool {
    state.settings.encrypted || state.app.settings().public_url.starts_with("https://")
}

async fn respond(
    state: &HttpState,
    ClientAddress(address): ClientAddress,
    page: console::Page,
    segments: Vec<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let (Parts { method, uri, headers, .. }, body) = request.into_parts();
    // Looking up a session is work, so an address whose rate limit is exhausted is refused before.
    state.admission.check(&Client::at(address))?;
    let is_submitted = method == Method::POST;
    if is_submitted {
        refuse_other_site(&headers)?;
    }
    let Some(Signed { session, caller, .. }) = signed(state, &headers).await? else {
        return asked_to_sign_in(state, &uri, &headers, is_submitted.then_some(body)).await;
    };
    let client = Client::of(&caller.viewer, address);
    state.admission.spend(client.clone(), PAGE_COST).await?;
    let mut prepayment = state.admission.prepayment(client, PAGE_COST, PAGE_COST);
    let submission = if is_submitted { Some(submission::read(&headers, body, &state.settings).await?) } else { None };
    let _permit = state.admission.run_permit().await?;
    prepayment.begin();
    let is_forged = submission.as_ref().is_some_and(|form| !session.accepts(form.get(CSRF)));
    let request = PageRequest { segments, submission, ..page_request(state, &uri, &headers, &session, &caller) };
    let answer = if is_forged { console::forged(request) } else { console::answer(page, request).await };
    prepayment.settle(PAGE_COST + answer.additional_cost);
    let mut response = page::respond(answer);
    response.extensions_mut().remove::<AdditionalCost>();
    Ok(private(response))
}

/// Nobody is signed in: a link leads to the page of signing in, and a submitted form is kept on it.
async fn asked_to_sign_in(
    state: &HttpState,
    uri: &Uri,
    headers: &HeaderMap,
    body: Option<Body>,
) -> Result<Response, Refusal> {
    let to = uri.path_and_query().map_or(CONSOLE, |to| to.as_str()).to_owned();
    let Some(body) = body else {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("to", &to).finish();
        return Ok(redirect(&format!("/console/sign-in?{query}")));
    };
    let kept = submission::read(headers, body, &state.settings).await?.kept();
    let kept = if kept.len() <= MAX_KEPT_BYTES { kept } else { String::new() };
    let sign_in = SignIn { to, kept, is_expired: true, ..sign_in::options(state) };
    Ok(sign_in::draw(state, uri, headers, StatusCode::UNAUTHORIZED, &sign_in))
}

/// A form that another site has sent is refused before it is read.
fn refuse_other_site(headers: &HeaderMap) -> Result<(), Refusal> {
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
        return Err(Refusal::new(StatusCode::FORBIDDEN, registry::error::Code::Forbidden.name(), message));
    }
    Ok(())
}

fn page_request(
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

fn page_session(session: &Session, caller: &SignedIn) -> PageSession {
    PageSession {
        csrf: session.csrf.clone(),
        capacities: caller.capacities.clone(),
        confirmed_at: session.confirmed_at,
    }
}

/// Nobody else may keep a page of the console.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn redirect(to: &str) -> Response {
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static(CONSOLE));
    private((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// A page of this site to go to: other addresses are not followed.
fn local(to: &str) -> &str {
    let is_local = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']);
    if is_local { to } else { CONSOLE }
}

/// Begins a session, and goes on to the page that was asked for, or to the form that was kept.
async fn begin(
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
fn anonymous(state: &HttpState, uri: &Uri, headers: &HeaderMap) -> PageRequest {
    let mut request = page::request(&state.app, uri.path(), uri.query().map(str::to_owned), headers);
    request.context = state.app.request_context(Viewer::default());
    request
}

/// The form of a request that is submitted without a session.
async fn submitted(state: &HttpState, headers: &HeaderMap, body: Body) -> Result<Submission, Refusal> {
    refuse_other_site(headers)?;
    submission::read(headers, body, &state.settings).await
}
