//! How long an answer grows while it is made: it is given up once it is longer than an answer may be, and not built first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::Field;
use async_graphql::{ContextBase, ContextSelectionSet, OutputType, Positioned, QueryPathSegment, ServerError, ServerResult, Value};
use domain::Message;

use super::asked;
use super::error::Code;
use crate::limits::MAX_RESPONSE_BYTES;

/// What a field of an object takes at least, where the engine makes it: its place in a map takes more than its JSON.
const FIELD: usize = 48;

/// The bytes of one request's answer so far.
#[derive(Debug, Default)]
pub(crate) struct Size {
    all: AtomicUsize,
    /// Of each field at the top, by its key: these are answered at the same time, what is in one of them is not.
    tops: Mutex<HashMap<String, usize>>,
}

impl Size {
    fn top(&self, key: &str) -> usize {
        self.tops().get(key).copied().unwrap_or_default()
    }

    fn tops(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.tops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what a field at the top has grown by.
    pub(super) fn add_at(&self, key: &str, bytes: usize) {
        self.add(bytes);
        *self.tops().entry(key.to_owned()).or_default() += bytes;
    }

    /// The same, before it is known of which field: `settle` or `take_back` follows.
    pub(super) fn add(&self, bytes: usize) {
        self.all.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn take_back(&self, bytes: usize) {
        self.all.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Notes of which field it was.
    pub(super) fn settle(&self, key: &str, bytes: usize) {
        *self.tops().entry(key.to_owned()).or_default() += bytes;
    }

    /// Is the answer longer than it may be?
    pub(crate) fn is_too_much(&self) -> bool {
        self.all.load(Ordering::Relaxed) > MAX_RESPONSE_BYTES
    }

    /// Has a part of so many bytes room left?
    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        self.all.load(Ordering::Relaxed) + bytes <= MAX_RESPONSE_BYTES
    }
}

/// The key of the field at the top that something is in.
pub(super) fn top_of<'a, T>(ctx: &'a ContextBase<'_, T>) -> &'a str {
    let mut key = "";
    let mut at = ctx.path_node.as_ref();
    while let Some(node) = at {
        if let QueryPathSegment::Name(name) = node.segment {
            key = name;
        }
        at = node.parent;
    }
    key
}

/// A field that was given up. The whole answer is refused in the end.
pub(super) fn given_up() -> ServerError {
    Code::TooCostly.error(too_long(), None)
}

pub(crate) fn too_long() -> Message {
    Message::new(
        format!("答案将超过 {MAX_RESPONSE_BYTES} 字节：请把每页要得短一些"),
        format!("the answer would be longer than {MAX_RESPONSE_BYTES} bytes: ask for shorter pages"),
    )
}

/// The entries of a list by the engine, one after the other, so that it can stop between them.
pub(super) async fn one_by_one<T: OutputType>(items: &[T], ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
    let size = &asked(ctx).size;
    let top = top_of(ctx);
    let mut values = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let ctx = ctx.with_index(at);
        if size.is_too_much() {
            return Err(ctx.set_error_path(given_up()));
        }
        let before = size.top(top);
        let value = item.resolve(&ctx, field).await.map_err(|error| ctx.set_error_path(error))?;
        // Lists within it have been counted.
        size.add_at(top, weight(&value).saturating_sub(size.top(top) - before));
        values.push(value);
    }
    Ok(Value::List(values))
}

/// What a value takes, in bytes of JSON or a little more.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Number(_) | Value::Boolean(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Enum(name) => name.len() + 2,
        Value::Binary(json) => json.len(),
        Value::List(items) => items.iter().map(weight).sum::<usize>() + 2,
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.len() + 4 + weight(value)).max(FIELD)).sum::<usize>() + 2,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn a_value_weighs_what_its_json_does_or_more() {
        let value = value!({ "code": "440115", "list": [1, null, true, { "text": "一段很长的文字一段很长的文字一段很长的文字一段很长的文字" }] });
        assert!(weight(&value) >= serde_json::to_vec(&value).expect("JSON").len());
    }
}
