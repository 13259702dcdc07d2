//! Lists of enums.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use super::to_schema;
use crate::engine::direct_json::{JsonWriter, WriteValue};

/// A list of values of the domain's enum `D`. In the schema it is a list of the enum `G`.
#[derive(Debug)]
pub struct EnumList<'a, D, G> {
    values: &'a [D],
    schema: PhantomData<G>,
}

impl<'a, D, G> EnumList<'a, D, G> {
    pub(crate) fn new(values: &'a [D]) -> Self {
        Self { values, schema: PhantomData }
    }
}

impl<D: Copy + Into<G> + Sync, G: OutputType> OutputType for EnumList<'_, D, G> {
    fn type_name() -> Cow<'static, str> {
        <Vec<G> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<G> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<G> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        to_schema::<D, G>(self.values).resolve(ctx, field).await
    }
}

impl<D: Copy + Into<G>, G: WriteValue> WriteValue for EnumList<'_, D, G> {
    fn write_value(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        json.each(self.values, |json, value| (*value).into().write_value(json, field))
    }
}
