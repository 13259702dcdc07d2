//! Nulls of fields that may not be null.

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

async fn answered(
    schema: &Schema<Query, EmptyMutation, EmptySubscription>,
    query: &str,
    types: &FieldTypes,
) -> Response {
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
        (
            "{ either(other: false) { ... on Inner { ok n: nullable } ... on Other { ok } } }",
            json!({ "either": { "ok": 1, "n": null } }),
        ),
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
        (
            "{ inner { ok @skip(if: true) required @skip(if: true) nullable } }",
            json!({ "inner": { "nullable": null } }),
        ),
        ("query ($yes: Boolean = true) { ok @include(if: $yes) }", json!({ "ok": 1 })),
    ] {
        assert_eq!(ask(query).await, data, "{query}");
    }
}

#[tokio::test]
async fn a_refused_request_has_no_data() {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let types = FieldTypes::of(&schema.sdl());
    for (query, code) in
        [("{ ok", "GRAPHQL_PARSE_FAILED"), ("{ no }", "GRAPHQL_VALIDATION_FAILED"), ("", "GRAPHQL_PARSE_FAILED")]
    {
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
