//! Fields in the order of the selection (7.2.2). async-graphql resolves the fields of a query, of interfaces and of
//! unions concurrently and adds each to the response when it is done.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container_serial};
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};

/// An interface or a union whose fields are resolved one after the other. In the schema it is the same type.
#[derive(Debug, Clone)]
pub struct Serial<T>(pub(crate) T);

impl<T: ContainerType> OutputType for Serial<T> {
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

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container_serial(ctx, &self.0).await
    }
}

/// Puts the root fields of a response into the order of the operation.
pub(super) fn arrange(data: &mut Value, document: &ExecutableDocument, operation: &OperationDefinition) {
    let Value::Object(fields) = data else { return };
    let mut fields = std::mem::take(fields);
    let mut arranged = IndexMap::with_capacity(fields.len());
    keys_in_order(document, &operation.selection_set.node, &mut |key| {
        if let Some(value) = fields.swap_remove(key) {
            arranged.insert(key.clone(), value);
        }
    });
    arranged.append(&mut fields);
    *data = Value::Object(arranged);
}

/// Calls `visit` with the response key of each field of a selection, including those of fragments.
fn keys_in_order(document: &ExecutableDocument, set: &SelectionSet, visit: &mut impl FnMut(&Name)) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => visit(&field.node.response_key().node),
            Selection::InlineFragment(fragment) => keys_in_order(document, &fragment.node.selection_set.node, visit),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    keys_in_order(document, &fragment.node.selection_set.node, visit);
                }
            }
        }
    }
}
