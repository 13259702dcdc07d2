//! Lists that the engine resolves entry by entry, so that it can stop when the response grows too long.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextBase, ContextSelectionSet, OutputType, Positioned, QueryPathSegment, ServerError, ServerResult, Value,
};
use registry::error::Code;
use registry::response_size::too_long;

use crate::context::request_context;
use crate::engine::error::error;

/// The least that a field of an object takes as the engine builds it: its place in a map takes more than its JSON.
const FIELD_BYTES: usize = 48;

/// A list whose entries are resolved one after the other. In the schema it is a list.
#[derive(Debug, Clone)]
pub(crate) struct Sequential<T>(pub(crate) Vec<T>);

impl<T: OutputType> OutputType for Sequential<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_sequentially(&self.0, ctx, field).await
    }
}

/// Resolves the entries of a list one after the other, and stops when the response is too long.
pub(crate) async fn resolve_sequentially<T: OutputType>(
    items: &[T],
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Value> {
    let size = &request_context(ctx).size;
    let root = root_key(ctx);
    let mut values = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let ctx = ctx.with_index(at);
        if size.is_too_much() {
            return Err(ctx.set_error_path(too_long_error()));
        }
        let before = size.of_root(root);
        let value = item.resolve(&ctx, field).await.map_err(|error| ctx.set_error_path(error))?;
        // Lists inside of the value have counted themselves.
        size.add_at(root, value_size(&value).saturating_sub(size.of_root(root) - before));
        values.push(value);
    }
    Ok(Value::List(values))
}

/// The key of the root field that a field belongs to.
pub(crate) fn root_key<'a, T>(ctx: &'a ContextBase<'_, T>) -> &'a str {
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

/// The error of a field that was given up. The whole response is refused in the end.
pub(crate) fn too_long_error() -> ServerError {
    error(Code::TooCostly, too_long(), None)
}

/// The size of a value in bytes of JSON, or a little more.
fn value_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Number(_) | Value::Boolean(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Enum(name) => name.len() + 2,
        Value::Binary(json) => json.len(),
        Value::List(items) => items.iter().map(value_size).sum::<usize>() + 2,
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.len() + 4 + value_size(value)).max(FIELD_BYTES)).sum::<usize>() + 2
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn the_size_of_a_value_is_at_least_that_of_its_json() {
        let value = value!({ "code": "440115", "list": [1, null, true, { "text": "一段很长的文字一段很长的文字一段很长的文字一段很长的文字" }] });
        assert!(value_size(&value) >= serde_json::to_vec(&value).expect("JSON").len());
    }
}
