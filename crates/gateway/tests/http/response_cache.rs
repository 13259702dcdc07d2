//! The response cache: it changes nothing but the time of a response.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::Role;
use gateway::http::settings::Settings;
use registry::rate_limit::RateLimits;
use serde_json::json;

use crate::{TestResponse, TestServer};

const QUESTION: &str = r#"{ matter(code: "LGA000000001") { name } handling(matter: "LGA000000001", receiving: "440115", competent: "310112", on: "2026-11-25") { answer routes { mode } } }"#;

fn revise(name: &str) -> String {
    format!(
        r#"mutation {{ reviseMatter(input: {{ code: "LGA000000001", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "{name}" }}) {{ revision }} }}"#
    )
}

fn address(query: &str) -> String {
    let encode = |byte: u8| format!("%{byte:02x}");
    format!("/graphql?query={}", query.bytes().map(encode).collect::<String>())
}

async fn get(server: &TestServer, query: &str, headers: &[(header::HeaderName, &str)]) -> TestResponse {
    let mut request = Request::get(address(query));
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    server.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn a_cached_response_equals_a_new_one() {
    let (keeping, forgetting) =
        (TestServer::new().await, TestServer::with(Settings { response_cache_bytes: 0, ..Settings::default() }).await);
    for query in [
        QUESTION,
        "{ districts { totalCount edges { cursor node { name parent { code } } } } }",
        r#"{ availableMatters(receiving: "440115") { totalCount facets { domains { domain count } } edges { node { name } } } }"#,
        "{ agreements { edges { node { number standing } } } findings { totalCount } changes { readThrough } }",
        "query named($on: Date = \"2026-11-25\") { policies(on: $on) { totalCount } }",
        "{ __schema { queryType { name } } }",
        "{ district(code: \"nowhere\") { name } }",
        "{ nobody }",
        "{ a",
    ] {
        let first = keeping.ask(&[], query).await;
        let again = keeping.ask(&[], query).await;
        let (never, by_address) = (forgetting.ask(&[], query).await, get(&keeping, query, &[]).await);
        for other in [&again, &never, &by_address] {
            assert_eq!((other.status, &other.text), (first.status, &first.text), "{query}");
        }
        assert_eq!((again.headers, never.headers), (first.headers.clone(), first.headers), "{query}");
    }
}

#[tokio::test]
async fn the_next_revision_clears_the_cache() {
    let server = TestServer::new().await;
    server.key_for("tb_steward", Role::Steward, None, None).await;
    let steward = [("authorization", "Bearer tb_steward")];
    let mut tags = Vec::new();
    for name in ["换领甲", "换领乙"] {
        assert!(server.ask(&steward, &revise(name)).await.json()["data"]["reviseMatter"]["revision"].is_u64());
        for _ in 0..2 {
            let answer = server.ask(&[], QUESTION).await.json();
            assert_eq!(
                (&answer["data"]["matter"]["name"], &answer["extensions"]["revision"]),
                (&json!(name), &json!(server.app.revision()))
            );
        }
        tags.push(get(&server, QUESTION, &[]).await.header(header::ETAG).to_owned());
    }
    assert_ne!(tags[0], tags[1]);
}

#[tokio::test]
async fn responses_about_the_caller_are_not_cached() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    server.key_for("tb_too", Role::Signatory, Some("440115"), None).await;
    let who = "{ viewer { roles } }";
    // Two callers with the same scope.
    for _ in 0..2 {
        for (secret, role) in [("Bearer tb_nansha", "REGISTRAR"), ("Bearer tb_too", "SIGNATORY")] {
            assert_eq!(
                server.ask(&[("authorization", secret)], who).await.json()["data"]["viewer"]["roles"],
                json!([role])
            );
            assert_eq!(get(&server, who, &[(header::AUTHORIZATION, secret)]).await.header(header::ETAG), "");
        }
        assert_eq!(server.ask(&[], who).await.json()["data"]["viewer"]["roles"], json!([]));
    }
    assert_eq!(get(&server, who, &[]).await.header(header::CACHE_CONTROL), "no-store");
}

#[tokio::test]
async fn a_cached_response_costs_the_same() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 2, signed_in: 100 }), ..Settings::default() })
            .await;
    let page = "{ changes(first: 0) { readThrough } }";
    for remaining in [99, 78, 57, 36, 15] {
        let cost = server.ask(&[], page).await.json()["extensions"]["cost"].clone();
        assert_eq!((&cost["requested"], &cost["actual"]), (&json!(21), &json!(21)));
        // On a busy machine some points are refilled meanwhile.
        assert!((remaining..remaining + 8).contains(&cost["remaining"].as_u64().expect("a number")), "{cost}");
    }
    assert_eq!(server.ask(&[], page).await.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn a_client_revalidates_a_response_by_its_entity_tag() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    let first = get(&server, QUESTION, &[]).await;
    let tag = first.header(header::ETAG).to_owned();
    assert!(tag.starts_with("W/\"") && first.header(header::CACHE_CONTROL) == "public, no-cache", "{tag}");
    for tags in [tag.clone(), format!("\"other\", {tag}")] {
        let same = get(&server, QUESTION, &[(header::IF_NONE_MATCH, &tags)]).await;
        assert_eq!(
            (same.status, same.text.as_str(), same.header(header::ETAG)),
            (StatusCode::NOT_MODIFIED, "", tag.as_str())
        );
    }
    assert_eq!(get(&server, QUESTION, &[(header::IF_NONE_MATCH, "\"other\"")]).await.status, StatusCode::OK);
    let theirs =
        get(&server, QUESTION, &[(header::AUTHORIZATION, "Bearer tb_nansha"), (header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!(
        (theirs.status, theirs.header(header::CACHE_CONTROL)),
        (StatusCode::OK, "private, no-cache"),
        "another scope has another tag"
    );
    assert_eq!(
        get(&server, "{ district(code: \"nowhere\") { name } }", &[]).await.header(header::ETAG),
        "",
        "a refusal has none"
    );
}

#[tokio::test]
async fn the_variables_of_a_cached_document_are_coerced_again() {
    const DOCUMENT: &str =
        "query Q($code: MatterCode!, $on: Date, $mode: [HandlingMode!], $first: Int = 1, $brief: Boolean! = false, $search: String) {
        matter(code: $code) { name @skip(if: $brief) }
        availableMatters(receiving: \"440115\", on: $on, mode: $mode, first: $first, search: $search) { totalCount edges { node { code } } } }";
    let right = json!({ "code": "LGA000000001" });
    let told = |answer: &TestResponse| {
        let mut told = answer.json();
        // Reading a document is paid for once.
        drop(told["extensions"].take());
        (answer.status, told)
    };
    let server = TestServer::new().await;
    let asked = |document: String, variables: &serde_json::Value| {
        json!({ "query": document, "variables": variables }).to_string()
    };
    assert_eq!(server.post(&[], asked(DOCUMENT.to_owned(), &right)).await.status, StatusCode::OK);
    for (nth, variables) in [
        right,
        json!({ "code": "LGA000000001", "on": "2026-11-25", "mode": ["PROXY_COLLECTION", "FULL_ONLINE"], "first": 3, "brief": true, "search": "证" }),
        json!({ "code": "LGA000000001", "search": null, "on": null, "mode": null }),
        json!({ "code": "LGA000000001", "first": null }),
        json!({ "code": "LGA000000001", "brief": null }),
        json!({ "code": "LGA000000001", "mode": "FULL_ONLINE" }),
        json!({ "code": "LGA000000001", "mode": [null] }),
        json!({ "code": "LGA000000001", "mode": ["BY_POST"] }),
        json!({ "code": "LGA000000001", "mode": [] }),
        json!({ "code": "LGA000000001", "first": "3" }),
        json!({ "code": "LGA000000001", "first": 3_000_000_000_u64 }),
        json!({ "code": "LGA000000001", "first": 101 }),
        json!({ "code": "LGA000000001", "search": 3, "brief": "yes" }),
        json!({ "code": "LGA000000001", "on": "2026-02-30" }),
        json!({ "code": "44", "on": 2026 }),
        json!({ "code": { "of": "LGA000000001" } }),
        json!({ "code": null }),
        json!({}),
        json!({ "code": "LGA000000001", "more": [] }),
    ]
    .into_iter()
    .enumerate()
    {
        let again = server.post(&[], asked(DOCUMENT.to_owned(), &variables)).await;
        let anew = server.post(&[], asked(format!("{DOCUMENT} # {nth}"), &variables)).await;
        assert_eq!(told(&again), told(&anew), "{variables}");
    }
}
