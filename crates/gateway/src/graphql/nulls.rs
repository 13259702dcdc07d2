//! Nulls exactly as the GraphQL specification says. The engine leaves a field out when it fails, whether
//! it may be null or not, and takes an object of which nothing was selected for null. So every selection
//! that may turn out empty gets a witness, and where there are errors each is carried to the nearest
//! place that may be null.

use std::collections::HashMap;

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, PathSegment, Pos, Positioned, Response, Value};

/// The alias under which an object says that it is one, whatever else was selected of it.
pub(super) const WITNESS: &str = "__witness";

/// Adds the witness wherever a selection may turn out empty: where all of it is conditional. Was there any?
pub(crate) fn add_witnesses(document: &mut ExecutableDocument) -> bool {
    let operations: Vec<&mut OperationDefinition> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => operations.values_mut().map(|operation| &mut operation.node).collect(),
    };
    // Of a subscription's root exactly one field is selected, and the witness would be a second.
    let answered = operations.into_iter().filter(|operation| operation.ty != OperationType::Subscription);
    let of_operations = answered.map(|operation| &mut operation.selection_set.node);
    let of_fragments = document.fragments.values_mut().map(|fragment| &mut fragment.node.selection_set.node);
    of_operations.chain(of_fragments).fold(false, |added, set| witness(set) | added)
}

fn witness(set: &mut SelectionSet) -> bool {
    let mut added = false;
    let mut certain = false;
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                certain |= field.node.directives.is_empty();
                if !field.node.selection_set.node.items.is_empty() {
                    added |= witness(&mut field.node.selection_set.node);
                }
            }
            Selection::InlineFragment(fragment) => added |= witness(&mut fragment.node.selection_set.node),
            // Its own set gets the witness, if it needs one; whether it applies is for this one to say.
            Selection::FragmentSpread(_) => {}
        }
    }
    if !certain {
        let at = Pos::default();
        let field = Field {
            alias: Some(Positioned::new(Name::new(WITNESS), at)),
            name: Positioned::new(Name::new("__typename"), at),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::default(),
        };
        set.items.push(Positioned::new(Selection::Field(Positioned::new(field, at)), at));
    }
    added | !certain
}

/// Takes the witnesses out of an answer.
pub(crate) fn remove_witnesses(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove(WITNESS);
            fields.values_mut().for_each(remove_witnesses);
        }
        Value::List(items) => items.iter_mut().for_each(remove_witnesses),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => {}
    }
}

/// The type of every field of a schema.
#[derive(Debug)]
pub(crate) struct Shapes {
    fields: HashMap<String, HashMap<String, Type>>,
}

impl Shapes {
    /// Reads them from the schema's own text.
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

/// Carries every error of an answer to the nearest place that may be null.
pub(crate) fn settle(response: &mut Response, document: &ExecutableDocument, operation: &OperationDefinition, shapes: &Shapes) {
    let root = operation.ty.to_string();
    let root = root[..1].to_uppercase() + &root[1..];
    let mut settled: Vec<Vec<PathSegment>> = Vec::new();
    for error in &response.errors {
        if error.path.is_empty() || settled.iter().any(|null| error.path.starts_with(null)) {
            continue;
        }
        let mut settling = Settling { document, shapes, path: &error.path, null: None };
        if settling.object(&mut response.data, &[(root.clone(), &operation.selection_set.node)], 0) == Fate::Falls {
            response.data = Value::Null;
            return;
        }
        settled.extend(settling.null.map(|depth| error.path[..depth].to_vec()));
    }
}

/// Does what an error is in stand, or must it be null itself?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stands,
    Falls,
}

/// A selection with the type that it is of.
type Selected<'a> = (String, &'a SelectionSet);

struct Settling<'a> {
    document: &'a ExecutableDocument,
    shapes: &'a Shapes,
    path: &'a [PathSegment],
    /// How much of the path leads to the place that became null.
    null: Option<usize>,
}

impl<'a> Settling<'a> {
    fn object(&mut self, value: &mut Value, selected: &[Selected<'a>], depth: usize) -> Fate {
        let Some(PathSegment::Field(key)) = self.path.get(depth) else { return Fate::Stands };
        // Of an object of which every field failed the engine leaves nothing.
        if *value == Value::Null {
            *value = Value::Object(Default::default());
        }
        let Value::Object(fields) = value else { return Fate::Stands };
        let mut of_key = Vec::new();
        for (of, set) in selected {
            self.find(of, set, key, &mut of_key);
        }
        let Some(ty) = of_key.iter().find_map(|(of, field)| self.shapes.fields.get(of)?.get(field.name.node.as_str())) else { return Fate::Stands };
        let inner: Vec<Selected<'a>> = of_key.iter().map(|(_, field)| (named(ty).to_owned(), &field.selection_set.node)).collect();
        let slot = fields.entry(Name::new(key)).or_insert(Value::Null);
        self.value(slot, ty, &inner, depth + 1)
    }

    fn value(&mut self, value: &mut Value, ty: &Type, selected: &[Selected<'a>], depth: usize) -> Fate {
        let falls = match (self.path.get(depth), &ty.base) {
            (None, _) => *value == Value::Null,
            (Some(PathSegment::Field(_)), _) => self.object(value, selected, depth) == Fate::Falls,
            (Some(PathSegment::Index(at)), BaseType::List(item)) => match value {
                Value::List(items) => items.get_mut(*at).is_some_and(|value| self.value(value, item, selected, depth + 1) == Fate::Falls),
                // An item that may not be null failed, and took the list with it.
                _ => *value == Value::Null,
            },
            (Some(PathSegment::Index(_)), BaseType::Named(_)) => false,
        };
        match (falls, ty.nullable) {
            (false, _) => Fate::Stands,
            (true, false) => Fate::Falls,
            (true, true) => {
                *value = Value::Null;
                self.null = Some(depth);
                Fate::Stands
            }
        }
    }

    /// Every field that answers to a key. That they have one shape is a rule of validation.
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
    use crate::graphql::Prepared;
    use crate::graphql::error::Fault;

    struct Query;
    struct Inner;
    struct Other;

    #[derive(Union)]
    enum Either {
        Inner(Inner),
        Other(Other),
    }

    fn fails<T>() -> Result<T, Fault> {
        Err(Fault::Unavailable(persistence::UnavailableReason::Unreachable))
    }

    #[Object]
    impl Inner {
        async fn ok(&self) -> i32 {
            1
        }
        async fn nullable(&self) -> Result<Option<i32>, Fault> {
            fails()
        }
        async fn required(&self) -> Result<i32, Fault> {
            fails()
        }
        async fn items(&self) -> Vec<Result<i32, Fault2>> {
            vec![Ok(1), Err(Fault2)]
        }
        async fn nullable_items(&self) -> Vec<Option<Result<i32, Fault2>>> {
            vec![Some(Ok(1)), Some(Err(Fault2)), None]
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
        async fn required(&self) -> Result<i32, Fault> {
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

    /// Errors of list items must be cloned.
    #[derive(Debug, Clone)]
    struct Fault2;

    impl From<Fault2> for async_graphql::Error {
        fn from(_: Fault2) -> Self {
            Fault::Unavailable(persistence::UnavailableReason::Unreachable).into()
        }
    }

    async fn answered(schema: &Schema<Query, EmptyMutation, EmptySubscription>, query: &str, shapes: &Shapes) -> Response {
        // The rules of the registry's own schema are not theirs.
        match crate::graphql::parse(query).map(Prepared::of) {
            Ok(prepared) => {
                let variables = prepared.coerce(None, async_graphql::Variables::default()).expect("defaults");
                crate::graphql::answer(schema, &prepared, Request::new(query).variables(variables), shapes).await
            }
            Err(refused) => refused,
        }
    }

    async fn ask(query: &str) -> Json {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let shapes = Shapes::of(&schema.sdl());
        let response = answered(&schema, query, &shapes).await;
        response.data.into_json().expect("JSON")
    }

    /// The table of what the engine gets wrong, and of what the specification says.
    #[tokio::test]
    async fn a_failed_field_is_null_where_it_may_be_and_else_its_parent() {
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
    async fn an_object_of_which_nothing_is_selected_is_empty_and_not_null() {
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
        let shapes = Shapes::of(&schema.sdl());
        for (query, code) in [("{ ok", "GRAPHQL_PARSE_FAILED"), ("{ no }", "GRAPHQL_VALIDATION_FAILED"), ("", "GRAPHQL_PARSE_FAILED")] {
            let response = answered(&schema, query, &shapes).await;
            assert!(crate::graphql::is_request_error(&response), "{query}");
            let given = response.errors[0].extensions.as_ref().and_then(|extensions| extensions.get("code").cloned());
            assert_eq!(given, Some(Value::from(code)), "{query}");
        }
        let response = answered(&schema, "{ required }", &shapes).await;
        assert!(!crate::graphql::is_request_error(&response));
        let given = response.errors[0].extensions.as_ref().and_then(|extensions| extensions.get("code").cloned());
        assert_eq!(given, Some(Value::from("UNAVAILABLE")));
    }
}
