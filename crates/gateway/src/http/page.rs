//! The pages of the portal over HTTP: their routes, and the responses of `pages` sent.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawPathParams, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pages::portal;
use pages::request::PageRequest;
use pages::response::{Body, PageResponse};
use pages::view::View;
use registry::viewer::Viewer;

use crate::app::App;
use crate::http::language;

/// An extension of a response: what it costs in addition, in points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdditionalCost(pub(crate) u64);

pub(super) fn router() -> Router<Arc<App>> {
    let mut router = Router::new();
    for (path, page) in portal::PAGES {
        let handler = move |State(app): State<Arc<App>>,
                            parameters: RawPathParams,
                            uri: Uri,
                            RawQuery(query): RawQuery,
                            headers: HeaderMap| async move {
            let segments = parameters.iter().map(|(_, value)| value.to_owned()).collect();
            let request = PageRequest { segments, ..request(&app, uri.path(), query, &headers) };
            respond(portal::answer(page, request).await)
        };
        router = router.route(path, get(handler));
    }
    // Further methods of a path that has a page.
    router.route(portal::FEEDBACK, post(feedback).layer(DefaultBodyLimit::max(MAX_FORM_BYTES)))
}

/// The most bytes of a form: 2,000 characters, percent-encoded.
const MAX_FORM_BYTES: usize = 32 * 1024;

/// Takes the form for feedback. There is no session that another site could use, so it is enough that a browser says
/// where the form comes from.
async fn feedback(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap, form: Bytes) -> Response {
    let request = request(&app, uri.path(), uri.query().map(str::to_owned), &headers);
    if is_foreign(&headers, &request.context.public_url) {
        return respond(portal::foreign_form(request));
    }
    respond(portal::submit_feedback(request, &form).await)
}

/// Whether a browser sent the form from a page of another site. Old browsers send `Origin` alone.
fn is_foreign(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    // A proxy may have changed the host.
    let rest = public_url.strip_prefix(origin);
    let is_public = authority.is_some() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !is_public && (authority.is_none() || authority != text("host"))
}

/// The page for an unknown address.
pub(super) async fn not_found(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    respond(portal::not_found(request(&app, uri.path(), uri.query().map(str::to_owned), &headers)))
}

/// Puts a page in place of a refusal, for a browser. Status and headers stay.
pub(super) fn explain(app: &App, refused: Response, uri: &Uri, headers: &HeaderMap) -> Response {
    if !wants_html(headers) {
        return refused;
    }
    let retry_after = refused.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let request = request(app, uri.path(), uri.query().map(str::to_owned), headers);
    let answer = match refused.status() {
        StatusCode::TOO_MANY_REQUESTS => portal::too_many_requests(request, retry_after),
        StatusCode::SERVICE_UNAVAILABLE => portal::unavailable(request),
        StatusCode::NOT_FOUND => portal::no_file(request),
        _ => return refused,
    };
    let mut response = respond(answer);
    if let Some(seconds) = refused.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    response
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

pub(super) fn request(app: &App, path: &str, query: Option<String>, headers: &HeaderMap) -> PageRequest {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<&str> = cookies.collect();
    PageRequest {
        context: app.request_context(Viewer::default()),
        site: app.settings().site.clone(),
        cache: app.pages.clone(),
        path: path.to_owned(),
        segments: Vec::new(),
        query: query.unwrap_or_default(),
        locale: language::of(headers),
        view: View::of_cookies(&cookies.join(";")),
        session: None,
        submission: None,
    }
}

pub(super) fn respond(answer: PageResponse) -> Response {
    let PageResponse { status, body, additional_cost } = answer;
    let status = StatusCode::from_u16(status).expect("pages answers with statuses of HTTP");
    let location = |address: String| {
        (status, [(header::LOCATION, HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/")))])
    };
    let mut response = match body {
        Body::Page(markup) => {
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
        }
        Body::Text { media, text } => ([(header::CONTENT_TYPE, media)], text).into_response(),
        Body::File { media, name, content } => {
            let disposition = format!("attachment; filename*=UTF-8''{}", percent_encoded(&name));
            ([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content)
                .into_response()
        }
        Body::Redirect(address) => location(address).into_response(),
        Body::Switch(view, address) => ([(header::SET_COOKIE, view.cookie())], location(address)).into_response(),
    };
    *response.status_mut() = status;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    response.extensions_mut().insert(AdditionalCost(additional_cost));
    response
}

/// The name of a file in a header (RFC 8187).
fn percent_encoded(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}
