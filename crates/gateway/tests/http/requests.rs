//! The forms of a request that are accepted, and how others are refused.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use gateway::http::settings::Settings;
use graphql::engine::Introspection;
use registry::rate_limit::RateLimits;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{RESPONSE, TestServer};

const TYPENAME: &str = r#"{"query":"{ __typename }"}"#;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn requests_in_every_usual_form_are_accepted() {
    let server = TestServer::new().await;
    assert_eq!(server.post(&[], format!("\u{feff}{TYPENAME}")).await.json()["data"]["__typename"], "Query");
    let slash = Request::post("/graphql/")
        .header("content-type", "application/json")
        .body(Body::from(TYPENAME))
        .expect("a request");
    assert_eq!(server.send(slash).await.json()["data"]["__typename"], "Query");
    assert_eq!(server.get("/graphql/?query=%7B__typename%7D").await.json()["data"]["__typename"], "Query");
    assert_eq!(
        server.post(&[("content-encoding", "gzip")], gzip(TYPENAME)).await.json()["data"]["__typename"],
        "Query"
    );
    assert_eq!(server.post(&[("content-encoding", "identity")], TYPENAME).await.status, StatusCode::OK);
    let other = server.post(&[("content-encoding", "br")], TYPENAME).await;
    assert_eq!((other.status, other.header("accept-encoding")), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "gzip"));
    assert_eq!(server.post(&[("content-encoding", "gzip")], TYPENAME).await.status, StatusCode::BAD_REQUEST);
    let bomb = gzip(&format!(r#"{{"query":"{{ __typename }}{}"}}"#, " ".repeat(20_000_000)));
    assert!(bomb.len() < 250_000);
    assert_eq!(server.post(&[("content-encoding", "gzip")], bomb).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let put = Request::builder().method(Method::PUT).uri("/graphql").body(Body::empty()).expect("a request");
    assert_eq!(server.send(put).await.header("allow"), "GET, HEAD, POST");
}

#[tokio::test]
async fn a_document_of_the_september_2025_edition_is_answered() {
    let server = TestServer::new().await;
    let query = r#"
        "Which district it is." query q("Its code." $code: DistrictCode = "440115" @deprecated) { district(code: $code) { ...f } }
        """What is shown.""" fragment f on District { code }
    "#;
    // An unknown directive is a validation error.
    let answer = server.ask(&[], &query.replace(" @deprecated", "")).await;
    assert_eq!(answer.json()["data"]["district"]["code"], "440115", "{}", answer.text);
    let unknown = server.ask(&[], &query.replace("@deprecated", "@unknown")).await;
    assert_eq!(unknown.code(), "GRAPHQL_VALIDATION_FAILED", "{}", unknown.text);
    for escaped in [r"\u{20BB7}", r"\uD83D\uDE00", r"\u529e"] {
        let answer = server.ask(&[], &format!("{{ matters(search: \"{escaped}\", first: 0) {{ totalCount }} }}")).await;
        assert!(answer.json()["errors"].is_null(), "{escaped}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_document_is_found_by_its_id() {
    let server = TestServer::new().await;
    let query = "{ registry { name } }";
    let id = hex::encode(Sha256::digest(query));
    let by_id = |id: &str| json!({ "documentId": id }).to_string();
    assert_eq!(server.post(&[], by_id(&format!("sha256:{id}"))).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    let with = server.post(&[], json!({ "query": query, "documentId": format!("sha256:{id}") }).to_string()).await;
    assert!(with.json()["data"]["registry"]["name"].is_string(), "{}", with.text);
    for again in [
        by_id(&format!("sha256:{id}")),
        by_id(&id),
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": id } } }).to_string(),
    ] {
        assert_eq!(server.post(&[], again).await.json()["data"], with.json()["data"]);
    }
    assert_eq!(server.get(&format!("/graphql?documentId=sha256:{id}")).await.json()["data"], with.json()["data"]);
    for wrong in [
        by_id("nothing"),
        json!({ "documentId": 7 }).to_string(),
        json!({ "query": "{ __typename }", "documentId": id }).to_string(),
    ] {
        assert_eq!(server.post(&[], wrong).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn allowed_sites_may_send_and_read_the_headers_that_clients_need() {
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
    let open = TestServer::with(settings()).await;
    for header in ["apollographql-client-name", "traceparent", "if-none-match", "content-type"] {
        assert!(open.send(preflight(header)).await.header("access-control-allow-headers").contains(header), "{header}");
    }
    let read = open.post(&[("origin", origin)], TYPENAME).await;
    let exposed = read.header("access-control-expose-headers").to_owned();
    for header in ["x-request-id", "etag", "tongban-revision", "tongban-epoch", "retry-after"] {
        assert!(exposed.contains(header), "{header}: {exposed}");
    }
    let named =
        TestServer::with(Settings { cors_headers: vec!["content-type".parse().expect("a name")], ..settings() }).await;
    assert!(!named.send(preflight("traceparent")).await.header("access-control-allow-headers").contains("traceparent"));
}

#[tokio::test]
async fn disabled_introspection_is_named_in_the_error() {
    let server = TestServer::with(Settings { introspection: Introspection::Off, ..Settings::default() }).await;
    for query in [
        "{ __schema { types { name } } }",
        "{ ...f } fragment f on Query { registry { name } __type(name: \"Query\") { name } }",
    ] {
        let answer = server.ask(&[("accept", RESPONSE), ("accept-language", "en")], query).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "FORBIDDEN"));
        assert!(
            answer.text.contains("introspection is disabled") && answer.json().get("data").is_none(),
            "{}",
            answer.text
        );
    }
    assert!(server.ask(&[], "{ registry { __typename } }").await.json()["errors"].is_null());
}

#[tokio::test]
async fn if_none_match_with_a_star_is_not_modified() {
    let server = TestServer::new().await;
    let address = "/graphql?query=%7Bregistry%7Bepoch%7D%7D";
    let request = Request::get(address).header("if-none-match", "*").body(Body::empty()).expect("a request");
    assert_eq!(server.send(request).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn waiting_for_a_revision_costs_points() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 1, signed_in: 1 }), ..Settings::default() })
            .await;
    let remaining = async || {
        let answer = server.ask(&[], "{ __typename }").await.json();
        answer["extensions"]["cost"]["remaining"].as_u64().expect("points")
    };
    let before = remaining().await;
    let waited = server.ask(&[("tongban-min-revision", "99999")], "{ __typename }").await;
    assert_eq!(waited.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(remaining().await + 10 < before);
    let here: Value = server.ask(&[("tongban-min-revision", "1")], "{ __typename }").await.json();
    assert!(here["errors"].is_null());
}

#[tokio::test]
async fn the_media_type_is_negotiated() {
    let server = TestServer::new().await;
    let plain = server.ask(&[], "{ __typename }").await;
    assert_eq!((plain.status, plain.header("content-type")), (StatusCode::OK, "application/json; charset=utf-8"));
    assert_eq!(plain.json()["data"], json!({ "__typename": "Query" }));
    assert_eq!(plain.header("cache-control"), "no-store");
    assert_eq!(plain.header("x-content-type-options"), "nosniff");
    assert!(plain.header("vary").contains("Authorization"));

    let newer = server.ask(&[("accept", RESPONSE)], "{ __typename }").await;
    assert_eq!(
        (newer.status, newer.header("content-type")),
        (StatusCode::OK, "application/graphql-response+json; charset=utf-8")
    );
    assert_eq!(server.ask(&[("accept", "text/csv")], "{ __typename }").await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_request_error_has_no_data() {
    let server = TestServer::new().await;
    for (query, code) in [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")] {
        let plain = server.ask(&[], query).await;
        assert_eq!((plain.status, plain.code().as_str()), (StatusCode::OK, code));
        let newer = server.ask(&[("accept", RESPONSE)], query).await;
        assert_eq!((newer.status, newer.code().as_str()), (StatusCode::BAD_REQUEST, code));
        assert!(newer.json().get("data").is_none());
    }
    for body in ["", "[]", "{}", r#"{"query":7}"#] {
        let answer = server.post(&[], body).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{body}");
    }
    let long = server.post(&[], format!(r#"{{"query":"{{a}}{}"}}"#, " ".repeat(256 * 1024))).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
    let form = Request::post("/graphql")
        .header("content-type", "text/plain")
        .body(Body::from(r#"{"query":"{__typename}"}"#))
        .expect("a request");
    assert_eq!(server.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn fields_are_in_the_order_of_the_document() {
    let server = TestServer::new().await;
    let answer = server.ask(&[], r#"{ matter(code: "LGA000000001") { name code domain audience } }"#).await;
    let places: Vec<_> =
        ["\"name\"", "\"code\"", "\"domain\"", "\"audience\""].map(|field| answer.text.find(field)).into();
    assert!(places.is_sorted() && places[0].is_some(), "{}", answer.text);
}

#[tokio::test]
async fn get_takes_queries_only() {
    let server = TestServer::new().await;
    assert_eq!(server.get("/graphql?query=%7B__typename%7D").await.json()["data"]["__typename"], "Query");
    let change = server.get("/graphql?query=mutation%7B__typename%7D").await;
    assert_eq!((change.status, change.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    assert_eq!(server.get("/graphql").await.status, StatusCode::BAD_REQUEST);
    let put = Request::builder().method(Method::PUT).uri("/graphql").body(Body::empty()).expect("a request");
    assert_eq!(server.send(put).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_request_can_name_a_minimum_revision() {
    let server = TestServer::new().await;
    let now = server.app.revision().to_string();
    assert_eq!(server.ask(&[("tongban-min-revision", &now)], "{ __typename }").await.status, StatusCode::OK);
    let later = server.ask(&[("tongban-min-revision", "99999")], "{ __typename }").await;
    assert_eq!((later.status, later.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    assert_eq!(server.ask(&[("tongban-min-revision", "soon")], "{ __typename }").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn batched_requests_are_refused() {
    let server = TestServer::new().await;
    let batch = json!(vec![json!({ "query": "{ __typename }" }); 11]);
    assert_eq!(server.post(&[], batch.to_string()).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_of_5_mib_is_refused() {
    let server = TestServer::new().await;
    let body = json!({ "query": "{ __typename }", "variables": { "a": "x".repeat(5 * 1024 * 1024) } }).to_string();
    assert_eq!(server.post(&[], body).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_document_is_found_by_its_hash() {
    let server = TestServer::new().await;
    let query = "{ __typename }";
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hex::encode(Sha256::digest(query)) } });
    let by_hash = json!({ "extensions": extensions }).to_string();
    let unknown = server.post(&[], by_hash.clone()).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::OK, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");
    let poison = json!({ "query": "{ a: __typename }", "extensions": extensions }).to_string();
    assert_eq!(server.post(&[], poison).await.code(), "BAD_USER_INPUT");
    assert_eq!(
        server.post(&[], json!({ "query": query, "extensions": extensions }).to_string()).await.status,
        StatusCode::OK
    );
    assert_eq!(server.post(&[], by_hash).await.json()["data"]["__typename"], "Query");
}
