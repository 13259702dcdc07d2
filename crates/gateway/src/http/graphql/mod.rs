//! GraphQL over HTTP, after the specification of that name: which requests are taken, and in which form and with which
//! status a response goes out.

pub(super) mod body;
mod entity_tag;
mod json;
mod request;

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Message;
use graphql::engine::response::GraphqlResponse;
use graphql::schema::sdl;
use http_body::{Frame, SizeHint};
use registry::error::Code;
use registry::limits::{MAX_REQUEST_BYTES, MAX_SIGNED_IN_REQUEST_BYTES};
use registry::rate_limit::Client;
use registry::request_context::RequestContext;
use registry::viewer::Viewer;

use super::client_address::ClientAddress;
use super::media::{Media, respond};
use super::refusal::Refusal;
use super::state::HttpState;
use super::{graphiql, language};
use crate::metrics::ResponseMetrics;
use entity_tag::EntityTag;

/// How long a request waits for the revision that `Tongban-Min-Revision` names.
const MIN_REVISION_TIMEOUT: Duration = Duration::from_secs(2);
/// The points that waiting costs: the request is in memory meanwhile.
const MIN_REVISION_COST: u64 = 20;
const MIN_REVISION: &str = "tongban-min-revision";

pub(crate) async fn get(
    State(state): State<HttpState>,
    Extension(address): Extension<ClientAddress>,
    request: axum::extract::Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let offered: &[Media] = if state.settings.graphiql {
        &[Media::Json, Media::GraphqlResponse, Media::Html]
    } else {
        &[Media::Json, Media::GraphqlResponse]
    };
    let Some(media) = Media::negotiate(&parts.headers, offered) else { return not_acceptable() };
    if media == Media::Html {
        return graphiql::page();
    }
    let viewer = match viewer(&state, address, &parts.headers).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.in_media(media).into_response(),
    };
    let query = Bytes::from(parts.uri.query().unwrap_or_default().to_owned());
    answer(&state, address, viewer, &parts.headers, media, Received::Query(query)).await
}

pub(crate) async fn post(
    State(state): State<HttpState>,
    Extension(address): Extension<ClientAddress>,
    request: axum::extract::Request,
) -> Response {
    let (Parts { headers, .. }, body) = request.into_parts();
    let Some(media) = Media::negotiate(&headers, &[Media::Json, Media::GraphqlResponse]) else {
        return not_acceptable();
    };
    let read = async {
        let encoding = body::Encoding::of(&headers).ok_or_else(unsupported_encoding)?;
        if !body::is_json(&headers) {
            let message =
                Message::new("请求应为 UTF-8 的 application/json", "send the request as application/json in UTF-8");
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput.name(), message));
        }
        // Authenticate before reading the body.
        let viewer = viewer(&state, address, &headers).await?;
        // Reject before reading when the rate limit is exhausted.
        state.admission.check(&Client::of(&viewer, address.0))?;
        let max_bytes = if viewer.client.is_some() { MAX_SIGNED_IN_REQUEST_BYTES } else { MAX_REQUEST_BYTES };
        let body = body::read(body, encoding, max_bytes, state.settings.timeout).await?;
        Ok::<_, Refusal>((viewer, body))
    };
    match read.await {
        Ok((viewer, body)) => answer(&state, address, viewer, &headers, media, Received::Body(body)).await,
        Err(refusal) => refusal.in_media(media).into_response(),
    }
}

/// Authenticates the caller. Looking up a credential is work, so an address whose rate limit is exhausted is refused
/// before.
pub(super) async fn viewer(
    state: &HttpState,
    ClientAddress(address): ClientAddress,
    headers: &HeaderMap,
) -> Result<Viewer, Refusal> {
    if headers.contains_key(header::AUTHORIZATION) {
        state.admission.check(&Client::at(address))?;
    }
    let viewer = state.viewer(headers).await;
    if viewer.is_err() {
        state.admission.penalize_wrong_credential(address);
    }
    viewer
}

/// The schema in SDL. It is public even where introspection is not: the text is made once, while introspection can be
/// expensive.
pub(crate) async fn schema() -> Response {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| sdl().into());
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], TEXT.clone()).into_response()
}

/// Any other method than GET and POST.
pub(crate) async fn other() -> Refusal {
    let message = Message::new("GraphQL 请用 GET 或 POST", "send GraphQL requests by GET or POST");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput.name(), message)
        .with(header::ALLOW, "GET, HEAD, POST")
}

fn not_acceptable() -> Response {
    let message = Message::new(
        "该地址只回答 application/json 与 application/graphql-response+json",
        "this address answers in application/json and application/graphql-response+json",
    );
    Refusal::new(StatusCode::NOT_ACCEPTABLE, Code::BadUserInput.name(), message).into_response()
}

pub(super) fn unsupported_encoding() -> Refusal {
    let message = Message::new(
        "请求正文请不压缩，或用 Content-Encoding: gzip",
        "send the request plain or with Content-Encoding: gzip",
    );
    Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput.name(), message)
        .with(header::ACCEPT_ENCODING, "gzip")
}

/// A request as it came.
#[derive(Debug)]
enum Received {
    /// The query of an address, by GET.
    Query(Bytes),
    /// The body of a POST.
    Body(Bytes),
}

async fn answer(
    state: &HttpState,
    ClientAddress(address): ClientAddress,
    viewer: Viewer,
    headers: &HeaderMap,
    media: Media,
    received: Received,
) -> Response {
    let answered = async {
        let client = Client::of(&viewer, address);
        wait_for_min_revision(state, &client, headers).await?;
        let context = RequestContext { locale: language::of(headers), ..state.app.request_context(viewer) };
        respond_to(state, address, client, context, headers, media, received).await
    };
    let answered = answered.await.and_then(|response| state.unsent.count(address, response));
    answered.unwrap_or_else(|refusal: Refusal| refusal.in_media(media).into_response())
}

async fn respond_to(
    state: &HttpState,
    address: IpAddr,
    client: Client,
    context: RequestContext,
    headers: &HeaderMap,
    media: Media,
    received: Received,
) -> Result<Response, Refusal> {
    let (bytes, is_query) = match received {
        Received::Query(query) => (query, true),
        Received::Body(body) => (body, false),
    };
    let call = state.engine.call(context, client, bytes, is_query);
    let tag = call.key.as_ref().filter(|_| is_query).map(|key| EntityTag::of(key, &call.context, media));
    if let Some(tag) = &tag
        && tag.is_among(headers)
    {
        state.engine.spend(&call, 1).await?;
        return Ok(tag.put_on(StatusCode::NOT_MODIFIED.into_response()));
    }
    let check = || state.unsent.check(address);
    let parse = |bytes: &Bytes| if is_query { request::from_query(bytes) } else { request::from_body(bytes) };
    let response = state.engine.execute(call, check, parse).await?;
    let tag = tag.filter(|_| response.is_cacheable);
    let written = write(response, media);
    Ok(match tag {
        Some(tag) => tag.put_on(written),
        None => written,
    })
}

fn write(
    GraphqlResponse { json, is_request_error, is_cacheable: _, codes, cost }: GraphqlResponse,
    media: Media,
) -> Response {
    let status =
        if is_request_error && media == Media::GraphqlResponse { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = respond(status, media, Body::new(TwoPartBody(json)));
    response.extensions_mut().insert(ResponseMetrics { codes, cost });
    response
}

/// Waits for the revision that the caller has seen elsewhere.
async fn wait_for_min_revision(state: &HttpState, client: &Client, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(wanted) = headers.get(MIN_REVISION) else { return Ok(()) };
    let wanted = wanted.to_str().ok().and_then(|text| text.parse().ok());
    let wanted = wanted.ok_or_else(|| {
        Refusal::bad_request(Message::new(
            "`Tongban-Min-Revision` 应为整数",
            "`Tongban-Min-Revision` is a whole number",
        ))
    })?;
    if wanted > state.app.revision() {
        state.admission.spend(client.clone(), MIN_REVISION_COST).await?;
    }
    state.app.wait_for_revision(wanted, MIN_REVISION_TIMEOUT).await.map_err(|_| {
        let here = state.app.revision();
        Refusal::unavailable(Message::new(
            format!("数据版本 {wanted} 尚未到达本网关；目前为 {here}"),
            format!("revision {wanted} has not arrived here yet; this is revision {here}"),
        ))
    })
}

/// A body of two parts: a cached response is sent without copying it.
#[derive(Debug)]
struct TwoPartBody([Bytes; 2]);

impl HttpBody for TwoPartBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.iter_mut().find(|part| !part.is_empty()).map(std::mem::take);
        Poll::Ready(next.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.iter().all(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|part| part.len() as u64).sum())
    }
}
