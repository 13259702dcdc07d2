//! Fields in the order in which they were asked (7.2.2). The engine answers the fields of a query, of interfaces and of unions
//! all at once and puts each into the answer as it is done.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container_serial};
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};

/// An interface or a union, the fields of which are answered one after the other: to callers it is the same.
#[derive(Debug, Clone)]
pub struct InOrder<T>(pub(crate) T);

impl<T: ContainerType> OutputType for InOrder<T> {
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

/// Puts the fields at the top of an answer in order: those of an operation are all of one type.
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

/// Tells the key of each field of a selection, whatever fragments it is in.
fn keys_in_order(document: &ExecutableDocument, set: &SelectionSet, tell: &mut impl FnMut(&Name)) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => tell(&field.node.response_key().node),
            Selection::InlineFragment(fragment) => keys_in_order(document, &fragment.node.selection_set.node, tell),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    keys_in_order(document, &fragment.node.selection_set.node, tell);
                }
            }
        }
    }
}
