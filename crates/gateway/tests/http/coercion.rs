//! Request errors: the whole request is refused before anything runs.

use axum::http::StatusCode;
use domain::Role;
use serde_json::{Value, json};

use crate::{RESPONSE, TestServer};

/// The header with a steward's key.
async fn steward(server: &TestServer) -> &'static str {
    server.key_for("tb_steward", Role::Steward, None, None).await;
    "Bearer tb_steward"
}

async fn sent(server: &TestServer, key: &str, query: &str, variables: Value) -> (StatusCode, Value) {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let answer = server.post(&[("authorization", key), ("accept", RESPONSE)], body).await;
    (answer.status, answer.json())
}

const MATTER: &str = r#"a: registerMatter(input: {code: "LYB000000077", name: "示例", domain: OTHER, audience: [NATURAL_PERSON]}) { revision problems { rule path } }"#;

#[tokio::test]
async fn a_request_error_executes_no_mutation_field() {
    let server = TestServer::new().await;
    let key = steward(&server).await;
    let before = server.app.revision();
    let retire = |input: &str| format!("b: retireMatter(input: {{ {input} }}) {{ revision }}");
    for (declared, second, variables) in [
        ("($k: String!)", retire(r#"code: "LYB000000001", reason: $k"#), json!({})),
        ("($k: String!)", retire(r#"code: "LYB000000001", reason: $k"#), json!({ "k": null })),
        ("($k: String!)", retire(r#"code: "LYB000000001", reason: $k"#), json!({ "k": 5 })),
        ("($k: Int!)", retire(r#"code: "LYB000000001", reason: $k"#), json!({ "k": 5 })),
        ("($k: RetireMatterInput!)", "b: retireMatter(input: $k) { revision }".to_owned(), json!({})),
        (
            "($k: RetireMatterInput!)",
            "b: retireMatter(input: $k) { revision }".to_owned(),
            json!({ "k": { "code": "x", "reason": "…", "why": 1 } }),
        ),
        ("", retire(r#"code: "LYB000000001", reason: 5"#), json!({})),
        ("", retire(r#"code: "LYB000000001", code: "LYB000000001", reason: "…""#), json!({})),
    ] {
        let (status, answer) =
            sent(&server, key, &format!("mutation {declared} {{ {MATTER} {second} }}"), variables.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{second} {variables} {answer}");
        assert!(answer.get("data").is_none() && answer["errors"][0]["path"].is_null(), "{second} {variables} {answer}");
        assert_eq!(server.app.revision(), before, "{second} {variables}");
    }
    // A malformed code is no request error but a problem; the neighbours are executed.
    let (status, answer) =
        sent(&server, key, &format!("mutation {{ {MATTER} {} }}", retire(r#"code: "x", reason: "…""#)), json!({}))
            .await;
    assert_eq!(
        (status, answer["data"]["b"]["revision"].is_null(), answer["data"]["a"]["revision"].is_u64()),
        (StatusCode::OK, true, true),
        "{answer}"
    );
}

#[tokio::test]
async fn a_response_does_not_depend_on_earlier_requests() {
    let server = TestServer::new().await;
    let key = steward(&server).await;
    let query = "query A($x: Int) { matters(search: $x, first: 0) { totalCount } }";
    for variables in [json!({ "x": 5 }), json!({}), json!({ "x": 5 }), json!({ "x": null })] {
        let (status, answer) = sent(&server, key, query, variables).await;
        assert_eq!(
            (status, answer["errors"][0]["extensions"]["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("GRAPHQL_VALIDATION_FAILED"))
        );
    }
    let query = "query A($x: Int) { matters(first: $x) { totalCount } }";
    for _ in 0..2 {
        assert_eq!(sent(&server, key, query, json!({ "x": "5" })).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(sent(&server, key, query, json!({ "x": 5.0 })).await.0, StatusCode::OK);
        assert_eq!(sent(&server, key, query, json!({})).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_single_value_is_coerced_to_a_list_in_literals_and_variables() {
    let server = TestServer::new().await;
    let key = steward(&server).await;
    let literal = r#"mutation { registerMatter(input: {code: "LYB000000078", name: "示例", domain: OTHER, audience: NATURAL_PERSON, aliases: "别名"}) { problems { rule path } matter { aliases audience } } }"#;
    let (_, answer) = sent(&server, key, literal, json!({})).await;
    assert_eq!(
        answer["data"]["registerMatter"],
        json!({ "problems": [], "matter": { "aliases": ["别名"], "audience": ["NATURAL_PERSON"] } }),
        "{answer}"
    );
    let by_variable =
        "mutation ($x: MatterInput!) { registerMatter(input: $x) { problems { rule path } matter { aliases } } }";
    let input = json!({ "code": "LYB000000079", "name": "示例二", "domain": "OTHER", "audience": "NATURAL_PERSON", "aliases": "别名" });
    let (_, answer) = sent(&server, key, by_variable, json!({ "x": input })).await;
    assert_eq!(
        answer["data"]["registerMatter"],
        json!({ "problems": [], "matter": { "aliases": ["别名"] } }),
        "{answer}"
    );
}

#[tokio::test]
async fn an_input_field_whose_variable_is_missing_is_absent() {
    let server = TestServer::new().await;
    let key = steward(&server).await;
    let query = "mutation ($e: Revision, $n: String, $k: String) { registerMatter(input: {code: \"LYB000000080\", name: \"示例\", englishName: $n, domain: OTHER, audience: [NATURAL_PERSON], expectedRevision: $e, idempotencyKey: $k}) { problems { rule path } revision } }";
    let (_, answer) = sent(&server, key, query, json!({})).await;
    assert_eq!(answer["data"]["registerMatter"]["problems"], json!([]), "{answer}");
    // An argument with a default.
    let query = "query ($first: Int) { matters(first: $first) { totalCount edges { cursor } } }";
    let (_, answer) = sent(&server, key, query, json!({})).await;
    assert!(
        answer["errors"].is_null() && !answer["data"]["matters"]["edges"].as_array().expect("a list").is_empty(),
        "{answer}"
    );
}

#[tokio::test]
async fn nested_fields_are_in_the_order_of_the_document() {
    let server = TestServer::new().await;
    for (query, keys) in [
        (
            r#"{ a: changes(first: 1) { readThrough edges { node { record { id __typename } digest } } totalCount } b: registry { name } c: node(id: "chg_1") { id __typename ... on Change { digest action } } e: __typename }"#,
            "a readThrough edges node record id __typename digest totalCount b name c id __typename digest action e",
        ),
        (
            r#"{ z: nodes(ids: ["chg_2"]) { ... on Change { record { __typename id } id } } y: district(code: "440115") { name history(first: 1) { totalCount edges { cursor } } code } x: registry { epoch name } }"#,
            "z record __typename id id y name history totalCount edges cursor code x epoch name",
        ),
        (
            r#"{ a: handling(matter: "LGA000000001", receiving: "440115", competent: "310112") { routes { terms { __typename ... on ProxyCollectionTerms { transferDays } } basis { title ... on AgreementVersion { agreement { history(first: 1) { totalCount } } } id } mode } answer } b: __typename }"#,
            "a routes terms basis title agreement history totalCount id mode answer b",
        ),
    ] {
        let answer = server.ask(&[], query).await;
        assert!(answer.json()["errors"].is_null(), "{}", answer.text);
        let mut rest = answer.text.as_str();
        for key in keys.split(' ') {
            let Some((_, after)) = rest.split_once(&format!("\"{key}\":")) else {
                panic!("`{key}` is not where it was asked: {}", answer.text)
            };
            rest = after;
        }
    }
}
