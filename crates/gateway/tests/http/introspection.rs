//! Introspection and its setting.

use axum::http::StatusCode;
use gateway::http::settings::Settings;
use graphql::engine::Introspection;

use crate::TestServer;

#[tokio::test]
async fn introspection_follows_its_setting() {
    let schema = "{ __schema { queryType { name } } __type(name: \"Query\") { name } }";
    for (policy, anybody, signed_in) in
        [(Introspection::Open, true, true), (Introspection::SignedIn, false, true), (Introspection::Off, false, false)]
    {
        let server = TestServer::with(Settings { introspection: policy, ..Settings::default() }).await;
        server.key("tb_good", None).await;
        for (headers, allowed) in [(vec![], anybody), (vec![("authorization", "Bearer tb_good")], signed_in)] {
            let answer = server.ask(&headers, schema).await.json();
            assert_eq!(answer["data"]["__type"].is_object(), allowed, "{policy:?} {answer}");
        }
        // The SDL is always public.
        assert_eq!(server.get("/schema.graphql").await.status, StatusCode::OK, "{policy:?}");
    }
}

#[tokio::test]
async fn circular_introspection_is_refused_and_that_of_tools_is_answered() {
    let server = TestServer::new().await;
    let whole = server.ask(&[], include_str!("../../../graphql/tests/introspection.graphql")).await.json();
    assert!(whole["errors"].is_null() && whole["data"]["__schema"]["types"].is_array());
    let circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(server.ask(&[], circle).await.code(), "OPERATION_TOO_COSTLY");
}

#[tokio::test]
async fn errors_suggest_no_names() {
    let server = TestServer::new().await;
    for query in [
        "{ registr { name } }",
        "{ registry { nam } }",
        "{ district(cod: 1) { name } }",
        "{ node(id: 1) { ... on Distric { name } } }",
    ] {
        assert!(!server.ask(&[], query).await.text.to_lowercase().contains("did you mean"), "{query}");
    }
}
