//! A response of GraphQL as JSON, with what a transport has to know of it.

use std::io;

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;
use domain::{Locale, Revision};
use serde::Serialize;
use serde_json::json;

use super::call::{Call, Cost, Rejection};
use super::response_cache::CachedResponse;
use crate::error::Code;
use crate::graphql::error::{response as error_response, translate};
use crate::graphql::{is_request_error, write_json};
use crate::limits::MAX_RESPONSE_BYTES;
use crate::response_size::too_long;

#[derive(Debug)]
pub(crate) struct GraphqlResponse {
    /// The JSON. A cached response is sent from where it is, without a copy, and its extensions after it.
    pub(crate) json: [Bytes; 2],
    /// The request was refused as a whole: there is no `data`.
    pub(crate) is_request_error: bool,
    /// It follows from the revision, the day and what the caller sees, so it may carry an entity tag.
    pub(crate) is_cacheable: bool,
    /// The codes of its errors.
    pub(crate) codes: Vec<String>,
    /// What it cost.
    pub(crate) cost: Option<u64>,
}

/// The JSON up to the extensions. `None`: it is too long or cannot be written; `written` says so.
pub(super) fn beginning(data: &Value) -> Option<Bytes> {
    let mut body = BoundedBuffer::default();
    body.0.extend_from_slice(b"{\"data\":");
    write_json(&mut body, data).ok()?;
    body.0.extend_from_slice(b",\"extensions\":");
    Some(body.0.into())
}

/// A cached response with the extensions of this request.
pub(super) fn from_cache(cached: &CachedResponse, cost: Cost, revision: Revision) -> Result<GraphqlResponse, Rejection> {
    #[derive(Serialize)]
    struct Extensions {
        cost: Cost,
        revision: Revision,
    }
    let mut rest = Vec::with_capacity(256);
    serde_json::to_writer(&mut rest, &Extensions { cost, revision }).map_err(|error| not_json(&error))?;
    rest.push(b'}');
    let json = [cached.beginning.clone(), rest.into()];
    Ok(GraphqlResponse { json, is_request_error: false, is_cacheable: true, codes: Vec::new(), cost: Some(cached.actual) })
}

/// Any other response.
pub(super) fn written(response: Response, call: &Call) -> Result<GraphqlResponse, Rejection> {
    write(response, call.context.locale)
}

fn write(mut response: Response, locale: Locale) -> Result<GraphqlResponse, Rejection> {
    translate(&mut response.errors, locale);
    // Fields stay in the order of the document. A request error has no `data`, not even null.
    let is_request_error = is_request_error(&response);
    let mut body = BoundedBuffer::default();
    let result = if is_request_error {
        serde_json::to_writer(&mut body, &json!({ "errors": response.errors, "extensions": response.extensions }))
    } else {
        write_json(&mut body, &response)
    };
    match result {
        Ok(()) => {
            let codes = response.errors.iter().filter_map(code).collect();
            let cost = cost(&response);
            Ok(GraphqlResponse { json: [body.0.into(), Bytes::new()], is_request_error, is_cacheable: false, codes, cost })
        }
        Err(error) if error.is_io() => {
            // Too long. The extensions stay.
            let mut refused = error_response(Code::TooCostly, too_long());
            refused.extensions = response.extensions;
            write(refused, locale)
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
#[derive(Debug, Default)]
struct BoundedBuffer(Vec<u8>);

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
