//! Parses a GraphQL request: the JSON of a body, or the parameters of an address.

use axum::body::Bytes;
use axum::http::StatusCode;
use domain::Message;
use graphql::engine::call::GraphqlRequest;
use graphql::engine::document_cache::DocumentHash;
use registry::error::Code;
use registry::limits::{MAX_NON_TEXT_BYTES, MAX_REQUEST_BYTES};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::body::too_long;
use super::json;
use crate::http::refusal::Refusal;

pub(super) fn from_body(body: &Bytes) -> Result<GraphqlRequest, Refusal> {
    // Some editors and languages write a byte order mark (RFC 8259, section 8.1).
    let json = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    if json.len() > MAX_REQUEST_BYTES && non_text_bytes(json) > MAX_NON_TEXT_BYTES {
        let message = Message::new(
            format!(
                "请求超过 {MAX_REQUEST_BYTES} 字节时，文本以外的部分最多 {MAX_NON_TEXT_BYTES} 字节：请分成几次请求"
            ),
            format!(
                "a request longer than {MAX_REQUEST_BYTES} bytes may have {MAX_NON_TEXT_BYTES} bytes beside its texts: send several requests"
            ),
        );
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadUserInput.name(), message));
    }
    let parsed = if json.len() > MAX_REQUEST_BYTES {
        json::parse(body, json)
    } else {
        serde_json::from_slice(json).map(|json| (json, Vec::new()))
    };
    match parsed {
        Ok((Json::Object(fields), long_texts)) => Ok(GraphqlRequest { long_texts, ..from_fields(fields)? }),
        Ok((Json::Array(_), _)) => Err(Refusal::bad_request(Message::new(
            "不支持批量请求：请一次发送一个请求",
            "batched requests are not supported",
        ))),
        Ok((_, _)) => Err(Refusal::bad_request(Message::new(
            "请求应为带 `query` 的 JSON 对象",
            "the request is a JSON object with `query`",
        ))),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let message = Message::new(
                format!("正文不是 JSON：第 {line} 行第 {column} 列"),
                format!("the body is not JSON: line {line}, column {column}"),
            );
            Err(Refusal::bad_request(message))
        }
    }
}

pub(super) fn from_query(query: &[u8]) -> Result<GraphqlRequest, Refusal> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(query) {
        let value = match &*name {
            "query" | "operationName" | "documentId" => Json::String(value.into_owned()),
            "variables" | "extensions" if value.is_empty() => Json::Null,
            "variables" | "extensions" => serde_json::from_str(&value).map_err(|_| {
                Refusal::bad_request(Message::new(format!("`{name}` 不是 JSON"), format!("`{name}` is not JSON")))
            })?,
            _ => continue,
        };
        fields.insert(name.into_owned(), value);
    }
    from_fields(fields)
}

fn from_fields(mut fields: Map<String, Json>) -> Result<GraphqlRequest, Refusal> {
    let extensions = match fields.remove("extensions") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(extensions)) => extensions,
        Some(_) => {
            return Err(Refusal::bad_request(Message::new("`extensions` 应为对象", "`extensions` is an object")));
        }
    };
    let hash = match fields.remove("documentId") {
        None | Some(Json::Null) => persisted_query(&extensions)?,
        Some(id) => Some(document_id(&id)?),
    };
    let query = match fields.remove("query") {
        Some(Json::String(query)) if !query.trim().is_empty() => query,
        None | Some(Json::Null) if hash.is_some() => String::new(),
        None => return Err(Refusal::bad_request(Message::new("缺少 `query`", "`query` is missing"))),
        Some(_) => {
            return Err(Refusal::bad_request(Message::new(
                "`query` 应为非空文本",
                "`query` is a text that is not empty",
            )));
        }
    };
    if query.len() > MAX_REQUEST_BYTES {
        return Err(too_long(MAX_REQUEST_BYTES));
    }
    if let Some(hash) = &hash
        && !query.is_empty()
    {
        verify_hash(hash, &query)?;
    }
    let operation = match fields.remove("operationName") {
        None | Some(Json::Null) => None,
        Some(Json::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => {
            return Err(Refusal::bad_request(Message::new("`operationName` 应为文本", "`operationName` is a text")));
        }
    };
    let variables = match fields.remove("variables") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(variables)) => variables,
        Some(_) => return Err(Refusal::bad_request(Message::new("`variables` 应为对象", "`variables` is an object"))),
    };
    Ok(GraphqlRequest { query, hash, operation, variables, long_texts: Vec::new() })
}

/// The hash in `documentId`: `sha256:` and its digits, or the digits alone.
fn document_id(id: &Json) -> Result<DocumentHash, Refusal> {
    let mut hash = [0; 32];
    let digits = id.as_str().map(|id| id.strip_prefix("sha256:").unwrap_or(id));
    match digits.map(|digits| hex::decode_to_slice(digits, &mut hash)) {
        Some(Ok(())) => Ok(hash),
        Some(Err(_)) | None => Err(Refusal::bad_request(Message::new(
            "`documentId` 应为文档的 SHA-256：`sha256:` 加 64 位十六进制数",
            "`documentId` is the SHA-256 of a document: `sha256:` and 64 hexadecimal digits",
        ))),
    }
}

/// The hash in `extensions.persistedQuery` (Apollo's automatic persisted queries).
fn persisted_query(extensions: &Map<String, Json>) -> Result<Option<DocumentHash>, Refusal> {
    let Some(persisted) = extensions.get("persistedQuery") else { return Ok(None) };
    let expected = || {
        Refusal::bad_request(Message::new(
            "`extensions.persistedQuery` 的 `version` 应为 1，`sha256Hash` 应为 64 位十六进制数",
            "`extensions.persistedQuery` has `version` 1 and in `sha256Hash` 64 hexadecimal digits",
        ))
    };
    if persisted["version"] != 1 {
        return Err(expected());
    }
    let mut hash = [0; 32];
    let text = persisted["sha256Hash"].as_str().ok_or_else(expected)?;
    hex::decode_to_slice(text, &mut hash).map_err(|_| expected())?;
    Ok(Some(hash))
}

fn verify_hash(hash: &DocumentHash, document: &str) -> Result<(), Refusal> {
    if DocumentHash::from(Sha256::digest(document)) == *hash {
        Ok(())
    } else {
        Err(Refusal::bad_request(Message::new(
            "`sha256Hash` 不是 `query` 的摘要",
            "`sha256Hash` is not the hash of `query`",
        )))
    }
}

/// How many bytes of a JSON text are outside of strings.
fn non_text_bytes(json: &[u8]) -> usize {
    let mut outside = 0;
    let mut rest = json;
    while let Some(begins) = memchr::memchr(b'"', rest) {
        outside += begins + 1;
        rest = &rest[begins + 1..];
        while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
            let is_end = rest[at] == b'"';
            rest = &rest[(at + if is_end { 1 } else { 2 }).min(rest.len())..];
            if is_end {
                break;
            }
        }
    }
    outside + rest.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_malformed_request_is_refused_with_what_is_expected() {
        for (body, why) in [
            ("", "the body is not JSON"),
            ("[]", "batched requests are not supported"),
            ("7", "the request is a JSON object"),
            ("{}", "`query` is missing"),
            (r#"{"query":7}"#, "`query` is a text"),
            (r#"{"query":" "}"#, "`query` is a text"),
            (r#"{"query":"{a}","variables":[1]}"#, "`variables` is an object"),
            (r#"{"query":"{a}","operationName":{}}"#, "`operationName` is a text"),
            (r#"{"query":"{a}","extensions":"x"}"#, "`extensions` is an object"),
        ] {
            let refusal = from_body(&Bytes::from(body)).expect_err(body);
            let text = format!("{refusal:?}");
            assert!(text.contains(why), "{body}: {text}");
        }
        let body = Bytes::from(r#"{"query":"{a}","variables":null,"operationName":null,"extensions":null}"#);
        assert!(from_body(&body).is_ok());
    }

    #[test]
    fn a_persisted_query_has_a_version_and_a_hash() {
        let parsed = |extensions: Json| {
            persisted_query(extensions.as_object().expect("an object")).map(|hash| hash.is_some()).map_err(|_| ())
        };
        assert_eq!(parsed(json!({})), Ok(false));
        assert_eq!(parsed(json!({ "persistedQuery": { "version": 1, "sha256Hash": "ab".repeat(32) } })), Ok(true));
        for wrong in [
            json!(7),
            json!({}),
            json!({ "version": 2, "sha256Hash": "ab".repeat(32) }),
            json!({ "version": 1, "sha256Hash": "ab" }),
        ] {
            assert_eq!(parsed(json!({ "persistedQuery": wrong })), Err(()));
        }
    }

    #[test]
    fn a_document_id_is_a_hash_with_or_without_its_algorithm() {
        let hash = [0xab; 32];
        for id in ["ab".repeat(32), format!("sha256:{}", "AB".repeat(32))] {
            assert_eq!(document_id(&json!(id)).map_err(|_| ()), Ok(hash));
        }
        for wrong in [json!(7), json!(""), json!("sha256:ab"), json!(format!("md5:{}", "ab".repeat(32)))] {
            assert!(document_id(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_hash_belongs_to_its_document() {
        let hash: DocumentHash = Sha256::digest("{ a }").into();
        assert!(verify_hash(&hash, "{ a }").is_ok() && verify_hash(&hash, "{ b }").is_err());
    }
}
