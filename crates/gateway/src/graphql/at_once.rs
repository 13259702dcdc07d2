//! What can be told at once. The engine makes a task of every field of every entry of a list, since it might have to wait for
//! something; most fields only read what lies there. So the entries of a page are told without the engine where all that is
//! selected of them can be, and by the engine where anything cannot. Which it was makes no difference to the answer.

use std::borrow::Cow;
use std::ops::Deref;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{EnumType, enum_value};
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ScalarType, ServerResult, Value};

use super::asked;
use crate::asked::Asked;

/// An object of which some fields can be told at once.
pub(crate) trait AtOnce: OutputType {
    /// What a field says, exactly as the engine would tell it; `None`: the engine has to be asked.
    fn at_once(&self, _asked: &Asked, _field: &Field) -> Option<Value> {
        None
    }
}

/// An object with what is selected of it.
pub(crate) fn object<T: AtOnce>(of: &T, asked: &Asked, selected: &SelectionSet) -> Option<Value> {
    let mut fields = IndexMap::with_capacity(selected.items.len());
    for selection in &selected.items {
        // What a fragment is about, and what a directive does, is for the engine to say.
        let Selection::Field(Positioned { node: field, .. }) = &selection.node else { return None };
        if !field.directives.is_empty() {
            return None;
        }
        let told = if field.name.node == "__typename" { Value::String(of.introspection_type_name().into_owned()) } else { of.at_once(asked, field)? };
        let is_asked_for_again = fields.insert(field.response_key().node.clone(), told).is_some();
        if is_asked_for_again {
            return None;
        }
    }
    Some(Value::Object(fields))
}

/// A list of objects with what is selected of each.
pub(crate) fn list<T: AtOnce>(of: &[T], asked: &Asked, selected: &SelectionSet) -> Option<Value> {
    of.iter().map(|entry| object(entry, asked, selected)).collect::<Option<Vec<_>>>().map(Value::List)
}

/// The object that a field leads to.
pub(crate) fn inner<T: AtOnce>(of: &T, asked: &Asked, field: &Field) -> Option<Value> {
    object(of, asked, &field.selection_set.node)
}

pub(crate) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(crate) fn scalar(scalar: &impl ScalarType) -> Value {
    scalar.to_value()
}

pub(crate) fn word(word: impl EnumType) -> Value {
    enum_value(word)
}

pub(crate) fn or_null<T>(value: Option<T>, told: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, told)
}

/// The entries of a page: to callers a list.
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

impl<T: AtOnce> OutputType for Edges<T> {
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
        match list(&self.0, asked(ctx), &ctx.item.node) {
            Some(told) => Ok(told),
            None => Box::pin(self.0.resolve(ctx, field)).await,
        }
    }
}

/// An object that a field leads to: to callers that object.
#[derive(Debug, Clone)]
pub(super) struct One<T>(pub(super) T);

impl<T: AtOnce> OutputType for One<T> {
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
        match object(&self.0, asked(ctx), &ctx.item.node) {
            Some(told) => Ok(told),
            None => Box::pin(self.0.resolve(ctx, field)).await,
        }
    }
}
