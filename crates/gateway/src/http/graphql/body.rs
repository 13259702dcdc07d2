//! The body of a POST: its media type, its encoding, and reading it within a limit of bytes and of time.

use std::io::Read as _;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use domain::Message;
use http_body_util::BodyExt as _;
use registry::error::Code;
use registry::limits::MAX_REQUEST_BYTES;

use crate::http::refusal::Refusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
}

impl Encoding {
    /// `None`: it is not supported.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .map(|encoding| encoding.to_str().unwrap_or_default().trim());
        match (given.next().map(str::to_ascii_lowercase).as_deref(), given.next()) {
            (None | Some("identity"), None) => Some(Self::Plain),
            (Some("gzip" | "x-gzip"), None) => Some(Self::Gzip),
            _ => None,
        }
    }

    fn decode(self, body: Bytes, max_bytes: usize) -> Result<Bytes, Refusal> {
        if self == Self::Plain {
            return Ok(body);
        }
        let mut plain = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(&*body).take(max_bytes as u64 + 1);
        decoder.read_to_end(&mut plain).map_err(|_| {
            Refusal::bad_request(Message::new("正文不是 gzip，或不完整", "the body is not gzip, or is cut off"))
        })?;
        if plain.len() > max_bytes { Err(too_long(max_bytes)) } else { Ok(plain.into()) }
    }
}

/// Reads a body of at most so many bytes, decoded.
pub(crate) async fn read(
    body: Body,
    encoding: Encoding,
    max_bytes: usize,
    timeout: Duration,
) -> Result<Bytes, Refusal> {
    // A body that is announced as too long is refused without reading it.
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(too_long(max_bytes));
    }
    match tokio::time::timeout(timeout, collect(body, max_bytes)).await {
        Ok(Some(body)) => encoding.decode(body, max_bytes),
        Ok(None) => Err(too_long(max_bytes)),
        Err(_) => {
            let seconds = timeout.as_secs();
            let message = Message::new(
                format!("请求未在 {seconds} 秒内送达"),
                format!("the request did not arrive within {seconds} seconds"),
            );
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::Timeout.name(), message))
        }
    }
}

/// `None`: it is too long, or was broken off. A long body goes into memory that is reserved at once: collecting its
/// frames and then joining them would hold it twice.
async fn collect(mut body: Body, max_bytes: usize) -> Option<Bytes> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(max_bytes);
    if announced <= MAX_REQUEST_BYTES {
        return to_bytes(body, max_bytes).await.ok();
    }
    let mut whole = Vec::with_capacity(announced.min(max_bytes));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if data.len() > max_bytes - whole.len() {
            return None;
        }
        whole.extend_from_slice(&data);
    }
    Some(whole.into())
}

pub(super) fn too_long(max_bytes: usize) -> Refusal {
    let message =
        Message::new(format!("请求超过 {max_bytes} 字节"), format!("the request is longer than {max_bytes} bytes"));
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadUserInput.name(), message)
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(given), None) = (given.next().and_then(|value| value.to_str().ok()), given.next()) else { return false };
    let mut parts = given.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_body_is_json_in_utf_8() {
        let is = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(value).expect("a header"));
            is_json(&headers)
        };
        assert!(
            is("application/json")
                && is("application/json; charset=utf-8")
                && is("Application/JSON; Charset=\"UTF-8\"")
        );
        assert!(
            !is("text/plain")
                && !is("application/json; charset=utf-16")
                && !is("multipart/form-data; boundary=x")
                && !is("application/jsonp")
        );
        assert!(!is_json(&HeaderMap::new()));
    }
}
