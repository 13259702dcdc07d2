//! What HTTP carries: forms of a request that are taken, and what is said of those that are not.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use gateway::engine::Introspection;
use gateway::http::settings::Settings;
use gateway::rate_limit::RateLimits;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Door, RESPONSE};

const TYPENAME: &str = r#"{"query":"{ __typename }"}"#;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn a_request_is_taken_as_programs_write_it() {
    let door = Door::new().await;
    assert_eq!(door.post(&[], format!("\u{feff}{TYPENAME}")).await.json()["data"]["__typename"], "Query");
    let slash = Request::post("/graphql/").header("content-type", "application/json").body(Body::from(TYPENAME)).expect("a request");
    assert_eq!(door.send(slash).await.json()["data"]["__typename"], "Query");
    assert_eq!(door.get("/graphql/?query=%7B__typename%7D").await.json()["data"]["__typename"], "Query");
    assert_eq!(door.post(&[("content-encoding", "gzip")], gzip(TYPENAME)).await.json()["data"]["__typename"], "Query");
    assert_eq!(door.post(&[("content-encoding", "identity")], TYPENAME).await.status, StatusCode::OK);
    let other = door.post(&[("content-encoding", "br")], TYPENAME).await;
    assert_eq!((other.status, other.header("accept-encoding")), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "gzip"));
    assert_eq!(door.post(&[("content-encoding", "gzip")], TYPENAME).await.status, StatusCode::BAD_REQUEST);
    let bomb = gzip(&format!(r#"{{"query":"{{ __typename }}{}"}}"#, " ".repeat(20_000_000)));
    assert!(bomb.len() < 250_000);
    assert_eq!(door.post(&[("content-encoding", "gzip")], bomb).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let put = Request::builder().method(Method::PUT).uri("/graphql").body(Body::empty()).expect("a request");
    assert_eq!(door.send(put).await.header("allow"), "GET, HEAD, POST");
}

#[tokio::test]
async fn a_document_of_2025_is_answered() {
    let door = Door::new().await;
    let query = r#"
        "Which district it is." query q("Its code." $code: DistrictCode = "440115" @deprecated) { district(code: $code) { ...f } }
        """What is shown.""" fragment f on District { code }
    "#;
    // A directive that does not exist there is another rule's.
    let answer = door.ask(&[], &query.replace(" @deprecated", "")).await;
    assert_eq!(answer.json()["data"]["district"]["code"], "440115", "{}", answer.text);
    let unknown = door.ask(&[], &query.replace("@deprecated", "@unknown")).await;
    assert_eq!(unknown.code(), "GRAPHQL_VALIDATION_FAILED", "{}", unknown.text);
    for escaped in [r"\u{20BB7}", r"\uD83D\uDE00", r"\u529e"] {
        let answer = door.ask(&[], &format!("{{ matters(search: \"{escaped}\", first: 0) {{ totalCount }} }}")).await;
        assert!(answer.json()["errors"].is_null(), "{escaped}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_document_can_be_asked_for_by_its_id() {
    let door = Door::new().await;
    let query = "{ registry { name } }";
    let id = hex::encode(Sha256::digest(query));
    let by_id = |id: &str| json!({ "documentId": id }).to_string();
    assert_eq!(door.post(&[], by_id(&format!("sha256:{id}"))).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    let with = door.post(&[], json!({ "query": query, "documentId": format!("sha256:{id}") }).to_string()).await;
    assert!(with.json()["data"]["registry"]["name"].is_string(), "{}", with.text);
    for again in
        [by_id(&format!("sha256:{id}")), by_id(&id), json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": id } } }).to_string()]
    {
        assert_eq!(door.post(&[], again).await.json()["data"], with.json()["data"]);
    }
    assert_eq!(door.get(&format!("/graphql?documentId=sha256:{id}")).await.json()["data"], with.json()["data"]);
    for wrong in [by_id("nothing"), json!({ "documentId": 7 }).to_string(), json!({ "query": "{ __typename }", "documentId": id }).to_string()] {
        assert_eq!(door.post(&[], wrong).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn other_sites_that_may_ask_may_send_and_read_what_clients_need() {
    let origin = "https://gov.example.cn";
    let preflight = |header: &str| {
        let request = Request::builder().method(Method::OPTIONS).uri("/graphql").header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", header)
            .body(Body::empty())
            .expect("a request")
    };
    let settings = || Settings { cors_origins: vec![origin.parse().expect("a header")], ..Settings::default() };
    let open = Door::with(settings()).await;
    for header in ["apollographql-client-name", "traceparent", "if-none-match", "content-type"] {
        assert!(open.send(preflight(header)).await.header("access-control-allow-headers").contains(header), "{header}");
    }
    let read = open.post(&[("origin", origin)], TYPENAME).await;
    let exposed = read.header("access-control-expose-headers").to_owned();
    for header in ["x-request-id", "etag", "tongban-revision", "tongban-epoch", "retry-after"] {
        assert!(exposed.contains(header), "{header}: {exposed}");
    }
    let named = Door::with(Settings { cors_headers: vec!["content-type".parse().expect("a name")], ..settings() }).await;
    assert!(!named.send(preflight("traceparent")).await.header("access-control-allow-headers").contains("traceparent"));
}

#[tokio::test]
async fn closed_introspection_says_that_it_is() {
    let door = Door::with(Settings { introspection: Introspection::Off, ..Settings::default() }).await;
    for query in ["{ __schema { types { name } } }", "{ ...f } fragment f on Query { registry { name } __type(name: \"Query\") { name } }"] {
        let answer = door.ask(&[("accept", RESPONSE), ("accept-language", "en")], query).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "FORBIDDEN"));
        assert!(answer.text.contains("introspection is disabled") && answer.json().get("data").is_none(), "{}", answer.text);
    }
    assert!(door.ask(&[], "{ registry { __typename } }").await.json()["errors"].is_null());
}

#[tokio::test]
async fn whoever_has_any_answer_is_told_so() {
    let door = Door::new().await;
    let address = "/graphql?query=%7Bregistry%7Bepoch%7D%7D";
    let request = Request::get(address).header("if-none-match", "*").body(Body::empty()).expect("a request");
    assert_eq!(door.send(request).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn waiting_for_a_revision_costs_something() {
    let door = Door::with(Settings { rates: Some(RateLimits { anonymous: 1, signed_in: 1 }), ..Settings::default() }).await;
    let remaining = async || {
        let answer = door.ask(&[], "{ __typename }").await.json();
        answer["extensions"]["cost"]["remaining"].as_u64().expect("points")
    };
    let before = remaining().await;
    let waited = door.ask(&[("tongban-min-revision", "99999")], "{ __typename }").await;
    assert_eq!(waited.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(remaining().await + 10 < before);
    let here: Value = door.ask(&[("tongban-min-revision", "1")], "{ __typename }").await.json();
    assert!(here["errors"].is_null());
}
