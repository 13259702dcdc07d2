//! GraphQL over HTTP, after the specification of that name: what may come in, in which form the answer
//! goes out, and with which status. Everything about GraphQL itself is asked of `crate::graphql`.

use std::io::Read as _;
use std::sync::LazyLock;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Message;
use serde_json::{Map, Value as Json};

use super::budget::Client;
use super::guard::Door;
use super::inquiry::Inquiry;
use super::origin::Origin;
use super::refusal::Refusal;
use super::{credential, graphiql, known, language};
use crate::error::Code;
use crate::graphql::sdl;
use crate::limits::{MAX_NON_TEXT_BYTES, MAX_REQUEST_BYTES, MAX_SIGNED_IN_REQUEST_BYTES};
use crate::viewer::Viewer;

/// How long to wait for a revision that is on its way.
const PATIENCE_FOR_REVISION: Duration = Duration::from_secs(2);
/// What waiting for it costs.
const WAITING: u64 = 20;
/// From this revision on, please.
pub(super) const MIN_REVISION: &str = "tongban-min-revision";

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`: the status says nothing about what GraphQL thinks of the request.
    Json,
    /// `application/graphql-response+json`: the status tells.
    GraphqlResponse,
    /// A person with a browser.
    Html,
}

impl Media {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    fn header(self) -> &'static HeaderValue {
        static JSON: HeaderValue = HeaderValue::from_static(Media::Json.name());
        static GRAPHQL_RESPONSE: HeaderValue = HeaderValue::from_static(Media::GraphqlResponse.name());
        static HTML: HeaderValue = HeaderValue::from_static(Media::Html.name());
        match self {
            Self::Json => &JSON,
            Self::GraphqlResponse => &GRAPHQL_RESPONSE,
            Self::Html => &HTML,
        }
    }

    /// The best of what the caller takes, among what is offered here. `None`: nothing fits.
    fn negotiate(headers: &HeaderMap, offered: &[Self]) -> Option<Self> {
        let accepted: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let accepted = accepted.join(",");
        if accepted.trim().is_empty() {
            return Some(Self::Json);
        }
        let quality = |media: Self| {
            let (wanted, _) = media.name().split_once(';').unwrap_or((media.name(), ""));
            let (family, _) = wanted.split_once('/').unwrap_or((wanted, ""));
            let ranges = accepted.split(',').filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let range = parts.next()?.to_ascii_lowercase();
                let quality: f32 = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse).unwrap_or(0.0);
                // The more exactly a range names it, the more it counts.
                let closeness = if range == wanted {
                    3
                } else if range.strip_suffix("/*") == Some(family) {
                    2
                } else if range == "*/*" {
                    1
                } else {
                    return None;
                };
                Some((closeness, quality))
            });
            ranges.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).filter(|(_, quality)| *quality > 0.0)
        };
        // What is named wins over what merely fits, then the higher quality, then our own order.
        let fitting = offered.iter().rev().filter_map(|media| quality(*media).map(|quality| (quality, *media)));
        let named = |closeness: u8| closeness == 3;
        fitting.max_by(|((a, x), _), ((b, y), _)| x.total_cmp(y).then(named(*a).cmp(&named(*b)))).map(|(_, media)| media)
    }
}

/// On what an answer depends beside its address.
pub(super) static VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Language, Authorization");

/// How many headers an answer has in the end, at most.
const HEADERS: usize = 16;

/// An answer in its form, which nobody keeps and nobody guesses at.
pub(crate) fn respond(status: StatusCode, media: Media, body: impl Into<Body>) -> Response {
    static NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(header::CONTENT_TYPE, media.header().clone());
    headers.insert(header::CACHE_CONTROL, NO_STORE.clone());
    headers.insert(header::VARY, VARY.clone());
    response
}

/// What a caller asks, before anything of it is understood.
pub(super) struct Asking {
    /// Empty: the one that the hash names.
    pub(super) query: String,
    pub(super) hash: Option<known::Hash>,
    pub(super) operation: Option<String>,
    pub(super) variables: Map<String, Json>,
}

/// A request as it came.
#[derive(Debug)]
pub(super) enum Wording {
    /// What stands in the address of a GET.
    Address(Bytes),
    /// The body of a POST.
    Body(Bytes),
}

pub(crate) async fn get(State(door): State<Door>, Extension(origin): Extension<Origin>, request: axum::extract::Request) -> Response {
    let (parts, _) = request.into_parts();
    let offered: &[Media] =
        if door.guard.settings.graphiql { &[Media::Json, Media::GraphqlResponse, Media::Html] } else { &[Media::Json, Media::GraphqlResponse] };
    let Some(media) = Media::negotiate(&parts.headers, offered) else { return not_acceptable() };
    if media == Media::Html {
        return graphiql::page();
    }
    let viewer = match viewer(&door, origin, &parts.headers).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.in_form(media).into_response(),
    };
    let query = parts.uri.query().unwrap_or_default();
    answer(&door, origin, viewer, &parts.headers, media, Wording::Address(query.to_owned().into())).await
}

pub(crate) async fn post(State(door): State<Door>, Extension(origin): Extension<Origin>, request: axum::extract::Request) -> Response {
    let (Parts { headers, .. }, body) = request.into_parts();
    let Some(media) = Media::negotiate(&headers, &[Media::Json, Media::GraphqlResponse]) else { return not_acceptable() };
    let Some(encoding) = Encoding::of(&headers) else {
        let message = Message::new("请求正文请不压缩，或用 Content-Encoding: gzip", "send the request plain or with Content-Encoding: gzip");
        return Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput.name(), message)
            .with(header::ACCEPT_ENCODING, "gzip")
            .in_form(media)
            .into_response();
    };
    if !is_json(&headers) {
        let message = Message::new("请求应为 UTF-8 的 application/json", "send the request as application/json in UTF-8");
        return Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput.name(), message).in_form(media).into_response();
    }
    // Nobody is listened to at length before it is known who speaks.
    let viewer = match viewer(&door, origin, &headers).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.in_form(media).into_response(),
    };
    // Who has nothing left to spend is not listened to either.
    if let Err(spent) = door.guard.check(&Client::of(&viewer, origin.0)) {
        return Refusal::spent(spent).in_form(media).into_response();
    }
    let most = if viewer.client.is_some() { MAX_SIGNED_IN_REQUEST_BYTES } else { MAX_REQUEST_BYTES };
    // What is announced as too long is not waited for.
    if body.size_hint().lower() > most as u64 {
        return too_long(most).in_form(media).into_response();
    }
    let patience = door.guard.settings.timeout;
    let body = match tokio::time::timeout(patience, to_bytes(body, most)).await {
        Ok(Ok(body)) => match encoding.decode(body, most) {
            Ok(body) => body,
            Err(refusal) => return refusal.in_form(media).into_response(),
        },
        Ok(Err(_)) => return too_long(most).in_form(media).into_response(),
        Err(_) => {
            let seconds = patience.as_secs();
            let message = Message::new(format!("请求未在 {seconds} 秒内送达"), format!("the request did not arrive within {seconds} seconds"));
            return Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::Timeout.name(), message).in_form(media).into_response();
        }
    };
    answer(&door, origin, viewer, &headers, media, Wording::Body(body)).await
}

/// How the body of a request is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Gzip,
}

impl Encoding {
    /// `None`: in a way that is not read here.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(header::CONTENT_ENCODING).iter().map(|encoding| encoding.to_str().unwrap_or_default().trim());
        match (given.next().map(str::to_ascii_lowercase).as_deref(), given.next()) {
            (None | Some("identity"), None) => Some(Self::Plain),
            (Some("gzip" | "x-gzip"), None) => Some(Self::Gzip),
            _ => None,
        }
    }

    /// The body as it was meant, no longer than it may be plain.
    fn decode(self, body: Bytes, most: usize) -> Result<Bytes, Refusal> {
        if self == Self::Plain {
            return Ok(body);
        }
        let mut plain = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(&*body).take(most as u64 + 1);
        decoder
            .read_to_end(&mut plain)
            .map_err(|_| Refusal::bad_request(Message::new("正文不是 gzip，或不完整", "the body is not gzip, or is cut off")))?;
        if plain.len() > most { Err(too_long(most)) } else { Ok(plain.into()) }
    }
}

fn too_long(most: usize) -> Refusal {
    let message = Message::new(format!("请求超过 {most} 字节"), format!("the request is longer than {most} bytes"));
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadUserInput.name(), message)
}

/// Who asks. Looking that up is work, which an address that has spent all it may does not get.
async fn viewer(door: &Door, Origin(address): Origin, headers: &HeaderMap) -> Result<Viewer, Refusal> {
    if headers.contains_key(header::AUTHORIZATION) {
        door.guard.check_address(address)?;
    }
    let viewer = credential::viewer(&door.app, headers).await;
    if viewer.is_err() {
        door.guard.note_wrong_credential(address);
    }
    viewer
}

/// The schema in the language of schemas. It is public, wherever introspection is closed: a text is made once, what may be asked
/// about the schema may be dear.
pub(crate) async fn schema() -> Response {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| sdl().into());
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], TEXT.clone()).into_response()
}

/// Anything but GET and POST.
pub(crate) async fn other() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        Code::BadUserInput.name(),
        Message::new("GraphQL 请用 GET 或 POST", "GraphQL is asked by GET or POST"),
    )
    .with(header::ALLOW, "GET, HEAD, POST")
}

fn not_acceptable() -> Response {
    let message = Message::new(
        "该地址只回答 application/json 与 application/graphql-response+json",
        "this address answers in application/json and application/graphql-response+json",
    );
    Refusal::new(StatusCode::NOT_ACCEPTABLE, Code::BadUserInput.name(), message).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(given), None) = (given.next().and_then(|value| value.to_str().ok()), given.next()) else { return false };
    let mut parts = given.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => value.trim_matches('"').eq_ignore_ascii_case("utf-8"),
            _ => true,
        })
}

/// How many bytes of a JSON text are in none of its strings.
fn beside_text(json: &[u8]) -> usize {
    let mut beside = 0;
    let mut rest = json;
    while let Some(begins) = memchr::memchr(b'"', rest) {
        beside += begins + 1;
        rest = &rest[begins + 1..];
        while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
            let is_end = rest[at] == b'"';
            rest = &rest[(at + if is_end { 1 } else { 2 }).min(rest.len())..];
            if is_end {
                break;
            }
        }
    }
    beside + rest.len()
}

impl Asking {
    fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        // Some editors and languages write a mark before UTF-8 (RFC 8259, section 8.1).
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        if body.len() > MAX_REQUEST_BYTES && beside_text(body) > MAX_NON_TEXT_BYTES {
            let message = Message::new(
                format!("请求超过 {MAX_REQUEST_BYTES} 字节时，文本以外的部分最多 {MAX_NON_TEXT_BYTES} 字节：请分成几次请求"),
                format!(
                    "a request longer than {MAX_REQUEST_BYTES} bytes may have {MAX_NON_TEXT_BYTES} bytes beside its texts: send several requests"
                ),
            );
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadUserInput.name(), message));
        }
        match serde_json::from_slice(body) {
            Ok(Json::Object(fields)) => Self::from_fields(fields),
            Ok(Json::Array(_)) => Err(Refusal::bad_request(Message::new("一次一个请求：不接受列表", "one request at a time: a list is not taken"))),
            Ok(_) => Err(Refusal::bad_request(Message::new("请求应为带 `query` 的 JSON 对象", "the request is a JSON object with `query`"))),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let message =
                    Message::new(format!("正文不是 JSON：第 {line} 行第 {column} 列"), format!("the body is not JSON: line {line}, column {column}"));
                Err(Refusal::bad_request(message))
            }
        }
    }

    fn from_address(query: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(query) {
            let value = match &*name {
                "query" | "operationName" | "documentId" => Json::String(value.into_owned()),
                "variables" | "extensions" if value.is_empty() => Json::Null,
                "variables" | "extensions" => serde_json::from_str(&value)
                    .map_err(|_| Refusal::bad_request(Message::new(format!("`{name}` 不是 JSON"), format!("`{name}` is not JSON"))))?,
                _ => continue,
            };
            fields.insert(name.into_owned(), value);
        }
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Json>) -> Result<Self, Refusal> {
        let extensions = match fields.remove("extensions") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(extensions)) => extensions,
            Some(_) => return Err(Refusal::bad_request(Message::new("`extensions` 应为对象", "`extensions` is an object"))),
        };
        let hash = match fields.remove("documentId") {
            None | Some(Json::Null) => known::named(&extensions)?,
            Some(id) => Some(known::by_id(&id)?),
        };
        let query = match fields.remove("query") {
            Some(Json::String(query)) if !query.trim().is_empty() => query,
            None | Some(Json::Null) if hash.is_some() => String::new(),
            None => return Err(Refusal::bad_request(Message::new("缺少 `query`", "`query` is missing"))),
            Some(_) => return Err(Refusal::bad_request(Message::new("`query` 应为非空文本", "`query` is a text that is not empty"))),
        };
        if query.len() > MAX_REQUEST_BYTES {
            return Err(too_long(MAX_REQUEST_BYTES));
        }
        if let Some(hash) = &hash
            && !query.is_empty()
        {
            known::check_hash(hash, &query)?;
        }
        let operation = match fields.remove("operationName") {
            None | Some(Json::Null) => None,
            Some(Json::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(Refusal::bad_request(Message::new("`operationName` 应为文本", "`operationName` is a text"))),
        };
        let variables = match fields.remove("variables") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(variables)) => variables,
            Some(_) => return Err(Refusal::bad_request(Message::new("`variables` 应为对象", "`variables` is an object"))),
        };
        Ok(Self { query, hash, operation, variables })
    }
}

impl Wording {
    pub(super) fn bytes(&self) -> &Bytes {
        match self {
            Self::Address(wording) | Self::Body(wording) => wording,
        }
    }

    pub(super) fn read(&self) -> Result<Asking, Refusal> {
        match self {
            Self::Address(query) => Asking::from_address(query),
            Self::Body(body) => Asking::from_body(body),
        }
    }
}

async fn answer(door: &Door, Origin(address): Origin, viewer: Viewer, headers: &HeaderMap, media: Media, wording: Wording) -> Response {
    let answered = async {
        reach_revision(door, Client::of(&viewer, address), headers).await?;
        let inquiry = Inquiry::new(door, address, viewer, language::of(headers), media, wording);
        if let Some(response) = inquiry.again(headers).await? {
            return Ok(response);
        }
        // What this takes is more than all the rest: who is answered again need not make room for it.
        Box::pin(inquiry.answer()).await
    };
    let answered = answered.await.and_then(|response| door.guard.unsent.count(address, response));
    answered.unwrap_or_else(|refusal: Refusal| refusal.in_form(media).into_response())
}

/// Waits for the revision that the caller has seen elsewhere.
async fn reach_revision(Door { app, guard }: &Door, client: Client, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(wanted) = headers.get(MIN_REVISION) else { return Ok(()) };
    let wanted = wanted.to_str().ok().and_then(|text| text.parse().ok());
    let wanted =
        wanted.ok_or_else(|| Refusal::bad_request(Message::new("`Tongban-Min-Revision` 应为整数", "`Tongban-Min-Revision` is a whole number")))?;
    if wanted > app.revision() {
        // Who waits keeps a place here meanwhile.
        guard.spend(client, WAITING).await.map_err(Refusal::spent)?;
    }
    app.wait_for_revision(wanted, PATIENCE_FOR_REVISION).await.map_err(|_| {
        let here = app.revision();
        Refusal::unavailable(Message::new(
            format!("数据版本 {wanted} 尚未到达本网关；目前为 {here}"),
            format!("revision {wanted} has not arrived here yet; this is revision {here}"),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str, offered: &[Media]) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).expect("a header"));
        Media::negotiate(&headers, offered)
    }

    #[test]
    fn the_form_is_the_one_that_is_asked_for() {
        let machine = &[Media::Json, Media::GraphqlResponse];
        let all = &[Media::Json, Media::GraphqlResponse, Media::Html];
        assert_eq!(negotiated("*/*", machine), Some(Media::Json));
        assert_eq!(negotiated("application/*", machine), Some(Media::Json));
        assert_eq!(negotiated("application/graphql-response+json", machine), Some(Media::GraphqlResponse));
        assert_eq!(
            negotiated("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8;q=0.9", machine),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(negotiated("application/json;q=0.5, application/graphql-response+json;q=0.4", machine), Some(Media::Json));
        assert_eq!(negotiated("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", all), Some(Media::Html));
        assert_eq!(negotiated("application/json, */*;q=0.1", all), Some(Media::Json));
        assert_eq!(negotiated("text/html", machine), None);
        assert_eq!(negotiated("application/json;q=0", machine), None);
        assert_eq!(Media::negotiate(&HeaderMap::new(), all), Some(Media::Json));
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        let is = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(value).expect("a header"));
            is_json(&headers)
        };
        assert!(is("application/json") && is("application/json; charset=utf-8") && is("Application/JSON; Charset=\"UTF-8\""));
        assert!(!is("text/plain") && !is("application/json; charset=utf-16") && !is("multipart/form-data; boundary=x") && !is("application/jsonp"));
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn what_is_not_a_request_is_told_what_is() {
        for (body, why) in [
            ("", "the body is not JSON"),
            ("[]", "one request at a time"),
            ("7", "the request is a JSON object"),
            ("{}", "`query` is missing"),
            (r#"{"query":7}"#, "`query` is a text"),
            (r#"{"query":" "}"#, "`query` is a text"),
            (r#"{"query":"{a}","variables":[1]}"#, "`variables` is an object"),
            (r#"{"query":"{a}","operationName":{}}"#, "`operationName` is a text"),
            (r#"{"query":"{a}","extensions":"x"}"#, "`extensions` is an object"),
        ] {
            let refusal = Asking::from_body(body.as_bytes()).err().expect(body);
            let said = format!("{refusal:?}");
            assert!(said.contains(why), "{body}: {said}");
        }
        assert!(Asking::from_body(br#"{"query":"{a}","variables":null,"operationName":null,"extensions":null}"#).is_ok());
    }
}
