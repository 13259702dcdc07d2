//! Null propagation as the specification has it (6.4.4). async-graphql leaves a failed field out, whether or not it is
//! nullable, and turns an object without fields into null. So each selection that may turn out empty gets a placeholder field,
//! and afterwards each error sets the nearest nullable field above it to null.

use std::collections::HashMap;

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, PathSegment, Pos, Positioned, Response, Value};

/// The alias of the placeholder: a `__typename` that keeps an object from being empty.
pub(super) const PLACEHOLDER: &str = "__witness";

/// Adds the placeholder to every selection in which all fields are conditional. Returns whether there is any.
pub(crate) fn add_placeholders(document: &mut ExecutableDocument) -> bool {
    let operations: Vec<&mut OperationDefinition> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => operations.values_mut().map(|operation| &mut operation.node).collect(),
    };
    // The root of a subscription has exactly one field.
    let answered = operations.into_iter().filter(|operation| operation.ty != OperationType::Subscription);
    let of_operations = answered.map(|operation| &mut operation.selection_set.node);
    let of_fragments = document.fragments.values_mut().map(|fragment| &mut fragment.node.selection_set.node);
    of_operations.chain(of_fragments).fold(false, |added, set| add_placeholder(set) | added)
}

fn add_placeholder(set: &mut SelectionSet) -> bool {
    let mut added = false;
    let mut certain = false;
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                certain |= field.node.directives.is_empty();
                if !field.node.selection_set.node.items.is_empty() {
                    added |= add_placeholder(&mut field.node.selection_set.node);
                }
            }
            Selection::InlineFragment(fragment) => added |= add_placeholder(&mut fragment.node.selection_set.node),
            // The selection of the fragment gets its own placeholder. Whether the fragment applies is not known here.
            Selection::FragmentSpread(_) => {}
        }
    }
    if !certain {
        let at = Pos::default();
        let field = Field {
            alias: Some(Positioned::new(Name::new(PLACEHOLDER), at)),
            name: Positioned::new(Name::new("__typename"), at),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::default(),
        };
        set.items.push(Positioned::new(Selection::Field(Positioned::new(field, at)), at));
    }
    added | !certain
}

/// Removes the placeholders from a response.
pub(crate) fn remove_placeholders(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove(PLACEHOLDER);
            fields.values_mut().for_each(remove_placeholders);
        }
        Value::List(items) => items.iter_mut().for_each(remove_placeholders),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => {}
    }
}

/// The type of every field of a schema.
#[derive(Debug)]
pub(crate) struct FieldTypes {
    fields: HashMap<String, HashMap<String, Type>>,
}

impl FieldTypes {
    /// Reads them from the text of the schema.
    pub(crate) fn of(sdl: &str) -> Self {
        let document = async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let fields = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => return None,
            };
            let types = fields.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node)).collect();
            Some((definition.node.name.node.to_string(), types))
        });
        Self { fields: fields.collect() }
    }
}

/// Sets the nearest nullable field above each error of a response to null.
pub(crate) fn propagate(response: &mut Response, document: &ExecutableDocument, operation: &OperationDefinition, types: &FieldTypes) {
    let root = operation.ty.to_string();
    let root = root[..1].to_uppercase() + &root[1..];
    let mut nulls: Vec<Vec<PathSegment>> = Vec::new();
    for error in &response.errors {
        if error.path.is_empty() || nulls.iter().any(|null| error.path.starts_with(null)) {
            continue;
        }
        let mut propagation = Propagation { document, types, path: &error.path, null: None };
        if propagation.object(&mut response.data, &[(root.clone(), &operation.selection_set.node)], 0) == Fate::Null {
            response.data = Value::Null;
            return;
        }
        nulls.extend(propagation.null.map(|depth| error.path[..depth].to_vec()));
    }
}

/// What an error does to the value that contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    /// The value is not nullable: its parent becomes null.
    Null,
}

/// A selection, with the name of its type.
type Selected<'a> = (String, &'a SelectionSet);

struct Propagation<'a> {
    document: &'a ExecutableDocument,
    types: &'a FieldTypes,
    path: &'a [PathSegment],
    /// The length of the path to the value that was set to null.
    null: Option<usize>,
}

impl<'a> Propagation<'a> {
    fn object(&mut self, value: &mut Value, selected: &[Selected<'a>], depth: usize) -> Fate {
        let Some(PathSegment::Field(key)) = self.path.get(depth) else { return Fate::Kept };
        // async-graphql turns an object of which every field failed into null.
        if *value == Value::Null {
            *value = Value::Object(Default::default());
        }
        let Value::Object(fields) = value else { return Fate::Kept };
        let mut of_key = Vec::new();
        for (of, set) in selected {
            self.find(of, set, key, &mut of_key);
        }
        let Some(ty) = of_key.iter().find_map(|(of, field)| self.types.fields.get(of)?.get(field.name.node.as_str())) else { return Fate::Kept };
        let inner: Vec<Selected<'a>> = of_key.iter().map(|(_, field)| (named(ty).to_owned(), &field.selection_set.node)).collect();
        let slot = fields.entry(Name::new(key)).or_insert(Value::Null);
        self.value(slot, ty, &inner, depth + 1)
    }

    fn value(&mut self, value: &mut Value, ty: &Type, selected: &[Selected<'a>], depth: usize) -> Fate {
        let is_null = match (self.path.get(depth), &ty.base) {
            (None, _) => *value == Value::Null,
            (Some(PathSegment::Field(_)), _) => self.object(value, selected, depth) == Fate::Null,
            (Some(PathSegment::Index(at)), BaseType::List(item)) => match value {
                Value::List(items) => items.get_mut(*at).is_some_and(|value| self.value(value, item, selected, depth + 1) == Fate::Null),
                // A non-nullable item failed: async-graphql left the whole list out.
                _ => *value == Value::Null,
            },
            (Some(PathSegment::Index(_)), BaseType::Named(_)) => false,
        };
        match (is_null, ty.nullable) {
            (false, _) => Fate::Kept,
            (true, false) => Fate::Null,
            (true, true) => {
                *value = Value::Null;
                self.null = Some(depth);
                Fate::Kept
            }
        }
    }

    /// All fields with a response key. Validation has made sure that they have the same type.
    fn find(&self, of: &str, set: &'a SelectionSet, key: &str, found: &mut Vec<(String, &'a Field)>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if field.node.response_key().node == key => found.push((of.to_owned(), &field.node)),
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let of = fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                    self.find(of, &fragment.node.selection_set.node, key, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.find(fragment.node.type_condition.node.on.node.as_str(), &fragment.node.selection_set.node, key, found);
                    }
                }
            }
        }
    }
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema, Union};
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::engine::prepared::Prepared;
    use crate::engine::run::answer;
    use registry::error::Error;

    struct Query;
    struct Inner;
    struct Other;

    #[derive(Union)]
    enum Either {
        Inner(Inner),
        Other(Other),
    }

    fn fails<T>() -> Result<T, Error> {
        Err(Error::Unavailable(persistence::UnavailableReason::Unreachable))
    }

    #[Object]
    impl Inner {
        async fn ok(&self) -> i32 {
            1
        }
        async fn nullable(&self) -> Result<Option<i32>, Error> {
            fails()
        }
        async fn required(&self) -> Result<i32, Error> {
            fails()
        }
        async fn items(&self) -> Vec<Result<i32, ItemError>> {
            vec![Ok(1), Err(ItemError)]
        }
        async fn nullable_items(&self) -> Vec<Option<Result<i32, ItemError>>> {
            vec![Some(Ok(1)), Some(Err(ItemError)), None]
        }
        async fn inner(&self) -> Option<Inner> {
            Some(Self)
        }
        async fn required_inner(&self) -> Inner {
            Self
        }
        async fn inners(&self) -> Vec<Inner> {
            vec![Self, Self]
        }
        async fn nullable_inners(&self) -> Vec<Option<Inner>> {
            vec![Some(Self), None]
        }
    }

    #[Object]
    impl Other {
        async fn ok(&self) -> i32 {
            2
        }
    }

    #[Object]
    impl Query {
        async fn ok(&self) -> i32 {
            1
        }
        async fn required(&self) -> Result<i32, Error> {
            fails()
        }
        async fn inner(&self) -> Option<Inner> {
            Some(Inner)
        }
        async fn nothing(&self) -> Option<Inner> {
            None
        }
        async fn required_inner(&self) -> Inner {
            Inner
        }
        async fn either(&self, other: bool) -> Option<Either> {
            Some(if other { Either::Other(Other) } else { Either::Inner(Inner) })
        }
    }

    /// Errors of list items must be `Clone`.
    #[derive(Debug, Clone)]
    struct ItemError;

    impl From<ItemError> for async_graphql::Error {
        fn from(_: ItemError) -> Self {
            Error::Unavailable(persistence::UnavailableReason::Unreachable).into()
        }
    }

    async fn answered(schema: &Schema<Query, EmptyMutation, EmptySubscription>, query: &str, types: &FieldTypes) -> Response {
        // Not validated: the rules are those of the registry's own schema.
        match crate::engine::prepare::parse(query).map(Prepared::of) {
            Ok(prepared) => {
                let variables = prepared.coerce(None, async_graphql::Variables::default()).expect("defaults");
                answer(schema, &prepared, Request::new(query).variables(variables), types).await
            }
            Err(refused) => refused,
        }
    }

    async fn ask(query: &str) -> Json {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let types = FieldTypes::of(&schema.sdl());
        let response = answered(&schema, query, &types).await;
        response.data.into_json().expect("JSON")
    }

    #[tokio::test]
    async fn a_failed_field_is_null_or_else_its_nearest_nullable_parent() {
        for (query, data) in [
            ("{ inner { ok nullable } }", json!({ "inner": { "ok": 1, "nullable": null } })),
            ("{ inner { nullable } }", json!({ "inner": { "nullable": null } })),
            ("{ inner { ok required } }", json!({ "inner": null })),
            ("{ inner { required } ok }", json!({ "inner": null, "ok": 1 })),
            ("{ inner { nullable required } }", json!({ "inner": null })),
            ("{ inner { required nullable } }", json!({ "inner": null })),
            ("{ inner { ok items } }", json!({ "inner": null })),
            ("{ inner { ok nullableItems } }", json!({ "inner": { "ok": 1, "nullableItems": [1, null, null] } })),
            ("{ inner { inner { ok required } ok } }", json!({ "inner": { "inner": null, "ok": 1 } })),
            ("{ inner { requiredInner { ok required } ok } }", json!({ "inner": null })),
            (
                "{ inner { requiredInner { inner { required } nullable } } }",
                json!({ "inner": { "requiredInner": { "inner": null, "nullable": null } } }),
            ),
            (
                "{ inner { inners { ok nullable } } }",
                json!({ "inner": { "inners": [{ "ok": 1, "nullable": null }, { "ok": 1, "nullable": null }] } }),
            ),
            ("{ inner { inners { ok required } } ok }", json!({ "inner": null, "ok": 1 })),
            ("{ inner { nullableInners { required } } }", json!({ "inner": { "nullableInners": [null, null] } })),
            ("{ required ok }", json!(null)),
            ("{ requiredInner { required } ok }", json!(null)),
            ("{ a: inner { b: nullable ok } }", json!({ "a": { "b": null, "ok": 1 } })),
            (
                "{ inner { ...F } } fragment F on Inner { ok nullable ...G } fragment G on Inner { inner { required } }",
                json!({ "inner": { "ok": 1, "nullable": null, "inner": null } }),
            ),
            ("{ either(other: false) { ... on Inner { ok n: nullable } ... on Other { ok } } }", json!({ "either": { "ok": 1, "n": null } })),
            ("{ either(other: false) { ... on Inner { required } } ok }", json!({ "either": null, "ok": 1 })),
        ] {
            assert_eq!(ask(query).await, data, "{query}");
        }
    }

    #[tokio::test]
    async fn an_object_without_selected_fields_is_empty_and_not_null() {
        for (query, data) in [
            ("{ ok @skip(if: true) }", json!({})),
            ("{ inner { ok @skip(if: true) } }", json!({ "inner": {} })),
            ("{ nothing { ok @skip(if: true) } }", json!({ "nothing": null })),
            ("{ requiredInner { ...F @include(if: false) } } fragment F on Inner { ok }", json!({ "requiredInner": {} })),
            ("{ either(other: true) { ... on Inner { ok } } }", json!({ "either": {} })),
            ("{ either(other: true) { ... on Inner { required } ... on Other { ok } } }", json!({ "either": { "ok": 2 } })),
            ("{ inner { ok @skip(if: true) required @skip(if: true) nullable } }", json!({ "inner": { "nullable": null } })),
            ("query ($yes: Boolean = true) { ok @include(if: $yes) }", json!({ "ok": 1 })),
        ] {
            assert_eq!(ask(query).await, data, "{query}");
        }
    }

    #[tokio::test]
    async fn a_refused_request_has_no_data() {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let types = FieldTypes::of(&schema.sdl());
        for (query, code) in [("{ ok", "GRAPHQL_PARSE_FAILED"), ("{ no }", "GRAPHQL_VALIDATION_FAILED"), ("", "GRAPHQL_PARSE_FAILED")] {
            let response = answered(&schema, query, &types).await;
            assert!(crate::engine::error::is_request_error(&response), "{query}");
            let given = response.errors[0].extensions.as_ref().and_then(|extensions| extensions.get("code").cloned());
            assert_eq!(given, Some(Value::from(code)), "{query}");
        }
        let response = answered(&schema, "{ required }", &types).await;
        assert!(!crate::engine::error::is_request_error(&response));
        let given = response.errors[0].extensions.as_ref().and_then(|extensions| extensions.get("code").cloned());
        assert_eq!(given, Some(Value::from("UNAVAILABLE")));
    }
}
