//! A response of GraphQL as JSON, with the facts that a transport needs.

use std::io;

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;
use domain::{Locale, Revision};
use registry::error::Code;
use registry::limits::MAX_RESPONSE_BYTES;
use registry::response_size::too_long;
use serde::Serialize;
use serde_json::json;

use super::call::{Call, Cost, Rejection};
use super::response_cache::CachedResponse;
use crate::engine::direct_json::write_json;
use crate::engine::error::is_request_error;
use crate::engine::error::{response as error_response, translate};

#[derive(Debug)]
pub struct GraphqlResponse {
    /// The JSON. A cached response is sent from where it is, without a copy, and its extensions after it.
    pub json: [Bytes; 2],
    /// The request was refused as a whole: there is no `data`.
    pub is_request_error: bool,
    /// It depends only on the revision, the day and the scope of the caller, so it may carry an entity tag.
    pub is_cacheable: bool,
    /// The codes of its errors.
    pub codes: Vec<String>,
    /// The cost of the operation in points.
    pub cost: Option<u64>,
}

/// The JSON up to the extensions, of data of about so many bytes. `None`: it is too long or cannot be written;
/// `written` says so.
pub(super) fn beginning(data: &Value, bytes: usize) -> Option<Bytes> {
    let mut body = BoundedBuffer::with_room_for(bytes);
    body.0.extend_from_slice(b"{\"data\":");
    write_json(&mut body, data).ok()?;
    body.0.extend_from_slice(b",\"extensions\":");
    Some(body.into_bytes())
}

/// A cached response with the extensions of this request.
pub(super) fn from_cache(
    cached: &CachedResponse,
    cost: Cost,
    revision: Revision,
) -> Result<GraphqlResponse, Rejection> {
    #[derive(Serialize)]
    struct Extensions {
        cost: Cost,
        revision: Revision,
    }
    let mut rest = Vec::with_capacity(256);
    serde_json::to_writer(&mut rest, &Extensions { cost, revision }).map_err(|error| not_json(&error))?;
    rest.push(b'}');
    let json = [cached.beginning.clone(), rest.into()];
    Ok(GraphqlResponse {
        json,
        is_request_error: false,
        is_cacheable: true,
        codes: Vec::new(),
        cost: Some(cached.actual),
    })
}

/// Any other response.
pub(super) fn written(response: Response, call: &Call) -> Result<GraphqlResponse, Rejection> {
    // A refusal has no data, however much was made before.
    let bytes = if response.data == Value::Null { 0 } else { call.context.size.bytes() };
    write(response, call.context.locale, bytes)
}

/// Writes a response with data of about so many bytes.
fn write(mut response: Response, locale: Locale, bytes: usize) -> Result<GraphqlResponse, Rejection> {
    translate(&mut response.errors, locale);
    // Fields stay in the order of the document. A request error has no `data`, not even null.
    let is_request_error = is_request_error(&response);
    let mut body = BoundedBuffer::with_room_for(bytes);
    let result = if is_request_error {
        serde_json::to_writer(&mut body, &json!({ "errors": response.errors, "extensions": response.extensions }))
    } else {
        write_json(&mut body, &response)
    };
    match result {
        Ok(()) => {
            let codes = response.errors.iter().filter_map(code).collect();
            let cost = cost(&response);
            Ok(GraphqlResponse {
                json: [body.into_bytes(), Bytes::new()],
                is_request_error,
                is_cacheable: false,
                codes,
                cost,
            })
        }
        Err(error) if error.is_io() => {
            // Too long. The extensions stay.
            let mut refused = error_response(Code::TooCostly, too_long());
            refused.extensions = response.extensions;
            write(refused, locale, 0)
        }
        Err(error) => Err(not_json(&error)),
    }
}

fn not_json(error: &serde_json::Error) -> Rejection {
    Rejection::Internal(format!("the response is not JSON: {error}"))
}

fn code(error: &ServerError) -> Option<String> {
    match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(Value::String(code)) => Some(code.clone()),
        Some(_) | None => None,
    }
}

fn cost(response: &Response) -> Option<u64> {
    let Some(Value::Object(cost)) = response.extensions.get("cost") else { return None };
    let Some(Value::Number(actual)) = cost.get("actual") else { return None };
    actual.as_u64()
}

/// A buffer that takes no more bytes than a response may have.
#[derive(Debug)]
struct BoundedBuffer(Vec<u8>);

/// The approximate length of the response without its data.
const EXTENSIONS_BYTES: usize = 512;

impl BoundedBuffer {
    /// Reserves the memory at once: a buffer that grows by doubling is in memory twice while it is copied.
    fn with_room_for(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes.min(MAX_RESPONSE_BYTES) + EXTENSIONS_BYTES))
    }

    /// The bytes, with little spare capacity: they may be in memory for long.
    fn into_bytes(mut self) -> Bytes {
        if self.0.capacity() > self.0.len() + self.0.len() / 4 + EXTENSIONS_BYTES {
            self.0.shrink_to_fit();
        }
        self.0.into()
    }
}

impl io::Write for BoundedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_RESPONSE_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const MIB: usize = 1024 * 1024;

    #[test]
    fn a_buffer_does_not_grow_when_the_length_is_known() {
        let mut buffer = BoundedBuffer::with_room_for(MIB);
        let reserved = buffer.0.as_ptr();
        (0..MIB / 1024).for_each(|_| buffer.write_all(&[b' '; 1024]).expect("there is room"));
        let bytes = buffer.into_bytes();
        assert_eq!((bytes.len(), bytes.as_ptr()), (MIB, reserved), "it was neither moved nor copied");
    }

    #[test]
    fn a_buffer_is_bounded_and_keeps_little_spare_capacity() {
        let mut buffer = BoundedBuffer::with_room_for(usize::MAX);
        assert!(buffer.0.capacity() <= MAX_RESPONSE_BYTES + MIB);
        buffer.write_all(&vec![b' '; MIB]).expect("there is room");
        buffer.write_all(&vec![b' '; MAX_RESPONSE_BYTES]).expect_err("it would be too long");
        let bytes = Vec::from(buffer.into_bytes());
        assert!(bytes.len() == MIB && bytes.capacity() < 2 * MIB, "{}", bytes.capacity());
    }
}
