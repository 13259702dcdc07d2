//! Headers and other sites.

use axum::body::Body;
use axum::http::Method;
use axum::http::Request;
use axum::http::StatusCode;
use gateway::http::settings::Settings;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{RESPONSE, TestResponse, TestServer};

#[tokio::test]
async fn cross_site_requests_need_a_preflight_and_do_not_pass_it() {
    let preflight = |origin: &str| {
        let request = Request::builder().method(Method::OPTIONS).uri("/graphql").header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(Body::empty())
    };
    let closed = TestServer::new().await;
    let answer = closed.send(preflight("https://evil.example").expect("a request")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");

    let open = TestServer::with(Settings {
        cors_origins: vec!["https://gov.example.cn".parse().expect("a header")],
        ..Settings::default()
    })
    .await;
    let allowed = open.send(preflight("https://gov.example.cn").expect("a request")).await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://gov.example.cn");
    assert_eq!(allowed.header("access-control-allow-credentials"), "");
    assert_eq!(
        open.send(preflight("https://evil.example").expect("a request")).await.header("access-control-allow-origin"),
        ""
    );

    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
    ] {
        let request = Request::post("/graphql")
            .header("content-type", kind)
            .body(Body::from(r#"{"query":"{__typename}"}"#))
            .expect("a request");
        assert_eq!(closed.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let server = TestServer::with(Settings { encrypted: true, ..Settings::default() }).await;
    for address in ["/", "/graphql?query=%7B__typename%7D", "/nowhere", "/health/live"] {
        let answer = server.get(address).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{address}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{address}");
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{address}");
    }
    assert_eq!(TestServer::new().await.get("/").await.header("strict-transport-security"), "");
}

/// The layer for other sites changes nothing else of a response.
#[tokio::test]
async fn the_layer_for_other_sites_changes_no_response() {
    let straight = TestServer::new().await;
    let layered = TestServer::with(Settings {
        cors_origins: vec!["https://portal.example.cn".parse().expect("an origin")],
        ..Settings::default()
    })
    .await;
    let long = "{ districts(first: 50) { edges { node { name code kind } } } matters { edges { node { name } } } }";
    for headers in [
        &[][..],
        &[("accept", RESPONSE)],
        &[("accept", "text/csv")],
        &[("authorization", "Bearer tb_wrong")],
        &[("tongban-min-revision", "x")],
    ] {
        for query in [long, "{ __typename }", "{ nothing }", "{"] {
            let (one, other) = (straight.ask(headers, query).await, layered.ask(headers, query).await);
            // Without this header, the connection adds the length.
            let said = |answer: &TestResponse| {
                let mut headers = answer.headers.clone();
                for name in ["vary", "content-length", "access-control-expose-headers"] {
                    headers.remove(name);
                }
                (answer.status, headers, answer.text.clone())
            };
            assert_eq!(said(&one), said(&other), "{headers:?} {query}");
            let vary = |answer: &TestResponse| {
                answer
                    .headers
                    .get_all("vary")
                    .iter()
                    .filter_map(|value| value.to_str().ok())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            assert!(vary(&other).starts_with(&vary(&one)), "{} {}", vary(&one), vary(&other));
        }
    }
    for server in [straight, layered] {
        let request =
            Request::post("/graphql").header("content-type", "application/json").header("accept-encoding", "gzip");
        let longer =
            format!("{{ a: {0} b: {0} }}", "districts(first: 50) { edges { node { id name code kind } cursor } }");
        let request = request.body(Body::from(json!({ "query": longer }).to_string())).expect("a request");
        let response = server.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.headers()["content-encoding"], "gzip");
    }
}

/// The layer for other sites runs on the fast path, too, so `--cors-origin` does not switch the fast path off.
#[tokio::test]
async fn graphql_takes_the_fast_path_also_when_other_sites_may_send_requests() {
    let origin = "https://portal.example.cn";
    let server =
        TestServer::with(Settings { cors_origins: vec![origin.parse().expect("an origin")], ..Settings::default() })
            .await;
    let request = || Request::post("/graphql").header("content-type", "application/json").header("origin", origin);
    let request = request().body(Body::from(r#"{"query":"{ __typename }"}"#)).expect("a request");
    assert!(server.router.takes_fast_path(&request));
    let response = server.send(request).await;
    assert_eq!((response.status, response.header("access-control-allow-origin")), (StatusCode::OK, origin));
}
