//! Coercion of variables.

use serde_json::{Value as Json, json};

use super::*;
use crate::engine::prepare::parse;
use crate::engine::prepared::Prepared;

fn coerced(declared: &str, given: Json) -> Result<Json, String> {
    let document = parse(&format!("query ($x: {declared}) {{ __typename }}")).expect("a document");
    let prepared = Prepared::of(document);
    match prepared.coerce(None, Variables::from_json(given)) {
        Ok(variables) => Ok(variables.into_value().into_json().expect("JSON")),
        Err(refused) => Err(refused.errors[0].message.clone()),
    }
}

#[test]
fn values_are_coerced_as_the_specification_says() {
    for (declared, given, becomes) in [
        ("String!", json!({ "x": "文" }), json!({ "x": "文" })),
        ("Int", json!({ "x": -2_147_483_648_i64 }), json!({ "x": -2_147_483_648_i64 })),
        ("Int", json!({ "x": 10.0 }), json!({ "x": 10 })),
        ("[Int!]", json!({ "x": 10.0 }), json!({ "x": [10] })),
        ("[[Int]]", json!({ "x": [1, [2, null], null] }), json!({ "x": [[1], [2, null], null] })),
        ("ID", json!({ "x": 7 }), json!({ "x": "7" })),
        ("Revision", json!({ "x": 5.0 }), json!({ "x": 5 })),
        ("Int", json!({}), json!({})),
        ("Int", json!({ "x": null }), json!({ "x": null })),
        ("Int! = 3", json!({}), json!({ "x": 3 })),
        ("[HandlingMode!]! = FULL_ONLINE", json!({}), json!({ "x": ["FULL_ONLINE"] })),
        ("[HandlingMode!]!", json!({ "x": "FULL_ONLINE" }), json!({ "x": ["FULL_ONLINE"] })),
        (
            "MatterCode!",
            json!({ "x": "not a code: its field says so" }),
            json!({ "x": "not a code: its field says so" }),
        ),
        (
            "RetireMatterInput!",
            json!({ "x": { "code": 1, "reason": "…" } }),
            json!({ "x": { "code": 1, "reason": "…" } }),
        ),
        ("Int", json!({ "x": 1, "another": {} }), json!({ "x": 1 })),
    ] {
        assert_eq!(coerced(declared, given.clone()), Ok(becomes), "{declared} {given}");
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    for (declared, given, message) in [
        ("String!", json!({}), "variable $x: String! is expected; it is missing"),
        ("String!", json!({ "x": null }), "variable $x: String! is expected; it is null"),
        ("String", json!({ "x": 1 }), "variable $x: String is expected; 1 is given"),
        ("Int", json!({ "x": 2_147_483_648_i64 }), "variable $x: Int is expected; 2147483648 is given"),
        ("Int", json!({ "x": 1.5 }), "variable $x: Int is expected; 1.5 is given"),
        ("Int", json!({ "x": "1" }), "variable $x: Int is expected; \"1\" is given"),
        ("Boolean", json!({ "x": "true" }), "variable $x: Boolean is expected; \"true\" is given"),
        ("ID", json!({ "x": true }), "variable $x: ID is expected; true is given"),
        (
            "[HandlingMode!]",
            json!({ "x": ["FULL_ONLINE", "BY_POST"] }),
            "variable $x[1]: HandlingMode! is expected; \"BY_POST\" is given",
        ),
        ("[HandlingMode!]", json!({ "x": [null] }), "variable $x[0]: HandlingMode! is expected; it is null"),
        (
            "HandlingMode",
            json!({ "x": ["FULL_ONLINE"] }),
            "variable $x: HandlingMode is expected; [\"FULL_ONLINE\"] is given",
        ),
        ("RetireMatterInput!", json!({ "x": 1 }), "variable $x: RetireMatterInput! is expected; 1 is given"),
        (
            "RetireMatterInput!",
            json!({ "x": { "reason": "…" } }),
            "variable $x.code: MatterCode! is expected; it is missing",
        ),
        (
            "RetireMatterInput!",
            json!({ "x": { "code": "1", "reason": "…", "why": 1 } }),
            "variable $x.why: RetireMatterInput! is expected; there is no such field",
        ),
        (
            "ModeTermsInput!",
            json!({ "x": {} }),
            "variable $x: ModeTermsInput! is expected; exactly one of its fields must be given",
        ),
        (
            "ModeTermsInput!",
            json!({ "x": { "fullOnline": null } }),
            "variable $x.fullOnline: FullOnlineTermsInput is expected; it is null",
        ),
    ] {
        assert_eq!(coerced(declared, given.clone()), Err(message.to_owned()), "{declared} {given}");
    }
}

#[test]
fn an_error_has_a_message_and_extensions_for_programs() {
    let document = parse("query ($x: [[Int]]) { __typename }").expect("a document");
    let prepared = Prepared::of(document);
    let refused = prepared.coerce(None, Variables::from_json(json!({ "x": [[1, "2"]] }))).expect_err("no number");
    let told = serde_json::to_value(&refused.errors[0].extensions).expect("JSON");
    assert_eq!(
        told,
        json!({
            "code": "BAD_USER_INPUT",
            "variable": "x",
            "at": [0, 1],
            "index": 0,
            "expected": { "zh": "Int 类型的值", "en": "a value of the type Int" },
            "type": "Int",
        })
    );
}

#[test]
fn an_argument_with_an_absent_variable_is_left_out() {
    let text = "query ($x: String, $y: Int) { a(b: $x, c: {d: $x, e: $y, f: [$x, 1]}) { ...F } } fragment F on A { g(h: $x, i: 2) }";
    let mut document = parse(text).expect("a document");
    remove_absent(&mut document, &HashSet::from([Name::new("x")]));
    let (_, operation) = document.operations.iter().next().expect("an operation");
    let arguments = |set: &SelectionSet| match &set.items[0].node {
        Selection::Field(field) => field
            .node
            .arguments
            .iter()
            .map(|(name, value)| format!("{}: {}", name.node, value.node))
            .collect::<Vec<_>>(),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => panic!("a field"),
    };
    assert_eq!(arguments(&operation.node.selection_set.node), ["c: {e: $y, f: [null, 1]}"]);
    assert_eq!(arguments(&document.fragments["F"].node.selection_set.node), ["i: 2"]);
}
