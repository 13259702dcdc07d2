//! `GET /documents/{id}`: the content of a document, for callers who may see it. It is sent as a download and never
//! shown as a page, so that an attached file runs no script here.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::{Document, Id, Message, Scope};
use futures::TryStreamExt as _;
use futures::stream;

use super::page;
use super::refusal::Refusal;
use super::state::HttpState;

/// A browser gets a page in place of a refusal.
pub(crate) async fn document(
    State(state): State<HttpState>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match content(&state, id, &headers).await {
        Ok(response) => response,
        Err(refusal) => page::explain(&state.app, refusal.into_response(), &uri, &headers),
    }
}

async fn content(state: &HttpState, id: String, headers: &HeaderMap) -> Result<Response, Refusal> {
    let context = state.app.request_context(super::console::session::viewer(state, headers).await?);
    let id = id.parse::<Id<Document>>().ok();
    let document =
        id.and_then(|id| context.snapshot.document_by_id(id, &context.scope)).ok_or_else(no_such_document)?;
    // Caches may store a public document if they revalidate it; no cache stores the others.
    let is_public = context.snapshot.document_by_id(document.id, &Scope::Public).is_some();
    let named = [
        (header::CACHE_CONTROL, if is_public { "no-cache" } else { "private, no-store" }.to_owned()),
        (header::VARY, "Authorization, Cookie".to_owned()),
        (header::ETAG, format!("\"{}\"", document.digest)),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'".to_owned()),
    ];
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == document.digest.to_string())
    {
        return Ok((StatusCode::NOT_MODIFIED, named).into_response());
    }
    let content = state.app.store.content(document.digest).await.map_err(|error| match error {
        persistence::Error::Unavailable(_) => {
            tracing::warn!(%error, "the content of a document cannot be read");
            Refusal::unavailable(Message::new(
                "目前取不到文件内容，请稍后再试",
                "the content cannot be read now; retry later",
            ))
        }
        error => Refusal::internal(&format!("the content of {}: {error}", document.id)),
    })?;
    let content = content.ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "CONTENT_MISSING",
            Message::new(
                "这里没有保存该文件的内容：导入不带内容，请重新上传",
                "the content of this document is not stored here: an import carries none; attach it again",
            ),
        )
    })?;
    let described = [
        (header::CONTENT_TYPE, document.media_type.name().to_owned()),
        (header::CONTENT_LENGTH, content.bytes().to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", encoded(&document.name))),
    ];
    let id = document.id;
    let chunks = stream::try_unfold(content, async |mut content| {
        Ok(content.next_chunk().await?.map(|chunk| (Bytes::from(chunk), content)))
    });
    let chunks = chunks.inspect_err(move |error: &persistence::Error| {
        // The connection is closed, so that the client does not take a part for the whole.
        tracing::error!(%error, document = %id, "the content of a document was cut off");
    });
    Ok((named, described, Body::from_stream(chunks)).into_response())
}

/// The same response for a document that does not exist and one that the caller may not see.
fn no_such_document() -> Refusal {
    let message = Message::new("没有这个文件，或您无权查看", "there is no such document, or you may not see it");
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}

/// A file name as RFC 8187 encodes it in a header.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_encoded_for_a_header() {
        assert_eq!(encoded("a-b_c.pdf"), "a-b_c.pdf");
        assert_eq!(encoded("协议 1\";.pdf"), "%E5%8D%8F%E8%AE%AE%201%22%3B.pdf");
    }
}
