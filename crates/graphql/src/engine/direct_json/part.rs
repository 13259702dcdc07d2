//! The parts of a response that are written directly: pages and single objects.

use std::borrow::Cow;
use std::ops::Deref;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use super::{JsonWriter, WriteJson, WriteValue};
use crate::context::direct_document;
use crate::engine::sequential::{resolve_sequentially, root_key, too_long_error};

/// The edges of a page, written directly where possible. In the schema it is a list.
#[derive(Debug, Clone)]
pub struct Edges<T>(Vec<T>);

impl<T> FromIterator<T> for Edges<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<T> Deref for Edges<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: WriteJson> OutputType for Edges<T> {
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
        match part(ctx, |json| json.each(&self.0, |json, entry| json.object(entry, &ctx.item.node)))? {
            Some(part) => Ok(part),
            None => Box::pin(resolve_sequentially(&self.0, ctx, field)).await,
        }
    }
}

impl<T: WriteJson> WriteValue for Edges<T> {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        self.0.write_value(json, field)
    }
}

/// An object that is written directly where possible. In the schema it is the same object.
#[derive(Debug, Clone)]
pub(crate) struct DirectObject<T>(pub(crate) T);

impl<T: WriteJson> OutputType for DirectObject<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match part(ctx, |json| json.object(&self.0, &ctx.item.node))? {
            Some(part) => Ok(part),
            None => Box::pin(self.0.resolve(ctx, field)).await,
        }
    }
}

impl<T: WriteJson> WriteValue for DirectObject<T> {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        self.0.write_value(json, field)
    }
}

/// Writes a part of the response, if it can be written directly and the response will be JSON.
fn part(
    ctx: &ContextSelectionSet<'_>,
    write: impl FnOnce(&mut JsonWriter<'_>) -> Option<()>,
) -> ServerResult<Option<Value>> {
    let Some((views, document)) = direct_document(ctx) else { return Ok(None) };
    let request = views.newest();
    let mut json = JsonWriter::new(request, document, ctx.query_env);
    match write(&mut json).and_then(|()| json.count()) {
        Some(()) => {
            request.size.settle(root_key(ctx), json.counted);
            views.count(json.fields);
            Ok(Some(json.into_value()))
        }
        None if request.size.is_too_much() => Err(too_long_error()),
        None => {
            // async-graphql resolves the field instead.
            request.size.take_back(json.counted);
            Ok(None)
        }
    }
}
