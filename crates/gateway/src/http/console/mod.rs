//! The console over HTTP: sessions by a cookie, forms with a token, and the pages of `pages::console`.

mod cookie;
mod provider;
mod redirect;
pub(super) mod session;
mod sign_in;
mod submission;

use axum::body::Body;
use axum::extract::{RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use pages::console;
use pages::console::sign_in::SignIn;
use pages::request::PageRequest;
use pages::submission::CSRF;
use registry::rate_limit::Client;

use super::client_address::ClientAddress;
use super::page::{self, AdditionalCost};
use super::refusal::Refusal;
use super::state::HttpState;
use redirect::{CONSOLE, private, redirect};
use session::{Signed, page_request, signed};
use submission::refuse_other_site;

/// The points that a page of the console costs at least.
const PAGE_COST: u64 = 50;
/// A longer form is not kept when its session has ended.
const MAX_KEPT_BYTES: usize = 200_000;

pub(super) fn router() -> Router<HttpState> {
    let mut router = Router::new()
        .route("/console/sign-in", get(sign_in::page).post(sign_in::with_key))
        .route("/console/sign-in/provider", post(provider::begin))
        .route("/console/signed-in", get(provider::end))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/capacity", post(sign_in::choose_capacity));
    for &(path, page) in console::PAGES {
        let handler = move |State(state): State<HttpState>,
                            Extension(address): Extension<ClientAddress>,
                            parameters: RawPathParams,
                            request: Request| async move {
            let segments = parameters.iter().map(|(_, value)| value.to_owned()).collect();
            respond(&state, address, page, segments, request).await.unwrap_or_else(IntoResponse::into_response)
        };
        router = router.route(path, get(handler).post(handler));
    }
    router
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

/// Without a session a read is redirected to the sign-in page; a submitted form is kept on that page.
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
    let form = submission::read_anonymous(headers, body, &state.settings).await?;
    let kept = form.map(|form| form.kept()).filter(|kept| kept.len() <= MAX_KEPT_BYTES).unwrap_or_default();
    let sign_in = SignIn { to, kept, is_expired: true, ..sign_in::options(state) };
    Ok(sign_in::draw(state, uri, headers, StatusCode::UNAUTHORIZED, &sign_in))
}
