//! The export: its headers, and one at a time for each client.

use axum::body::Body;
use axum::http::Request;
use axum::http::StatusCode;
use axum::http::header;
use gateway::http::settings::Settings;
use registry::rate_limit::RateLimits;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::TestServer;

#[tokio::test]
async fn the_export_names_its_revision_and_epoch() {
    let server = TestServer::new().await;
    let export = server.get("/export").await;
    assert_eq!(export.header("tongban-revision"), server.app.revision().to_string());
    assert_eq!(export.header("content-type"), "application/x-ndjson; charset=utf-8");
    assert!(
        export.text.lines().count() >= 15
            && export.text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
    // Lines have ids, and an export that the client has is not sent again.
    let first: Value = serde_json::from_str(export.text.lines().next().expect("a line")).expect("JSON");
    assert_eq!((first["id"].as_str(), first["revision"].as_u64()), (Some("dis_1"), Some(1)));
    let epoch = server.ask(&[], "{ registry { epoch } }").await.json()["data"]["registry"]["epoch"].clone();
    assert_eq!(export.header("tongban-epoch"), epoch.as_str().expect("an epoch"));
    assert_eq!((export.header("accept-ranges"), export.header("vary")), ("none", "Authorization, Accept-Encoding"));
    let held = |name: header::HeaderName, value: &str| {
        Request::get("/export").header(name, value).body(Body::empty()).expect("a request")
    };
    let tag = export.header("etag").to_owned();
    let again = server.send(held(header::IF_NONE_MATCH, &format!("\"other\", {tag}"))).await;
    assert_eq!(
        (again.status, again.header("etag"), again.header("tongban-epoch"), again.text.len()),
        (StatusCode::NOT_MODIFIED, &*tag, export.header("tongban-epoch"), 0)
    );
    for encoding in ["gzip", "zstd"] {
        let response = server.router.clone().oneshot(held(header::ACCEPT_ENCODING, encoding)).await.expect("an answer");
        let header = |name: header::HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!((header(header::CONTENT_ENCODING), header(header::ACCEPT_RANGES)), (Some(encoding), Some("none")));
    }
    let health = server.get("/health/ready").await.json();
    assert_eq!((health["revision"].as_u64(), health["database"].as_str()), (Some(server.app.revision()), Some("up")));
    assert_eq!(server.get("/health/live").await.status, StatusCode::OK);
    assert!(server.get("/schema.graphql").await.text.contains("type Handling"));
}

#[tokio::test]
async fn a_client_gets_one_export_at_a_time_and_pays_by_lines() {
    let server =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 2, signed_in: 100 }), ..Settings::default() })
            .await;
    server.key("tb_good", None).await;
    let export = |headers: &[(&str, &str)]| {
        let request =
            headers.iter().fold(Request::get("/export"), |request, (name, value)| request.header(*name, *value));
        server.router.clone().oneshot(request.body(Body::empty()).expect("a request"))
    };
    let first = export(&[]).await.expect("an answer");
    assert_eq!(first.status(), StatusCode::OK);
    let second = export(&[]).await.expect("an answer");
    assert_eq!(
        (second.status(), second.headers().contains_key(header::RETRY_AFTER)),
        (StatusCode::TOO_MANY_REQUESTS, true)
    );
    let tag = first.headers()[header::ETAG].to_str().expect("a tag").to_owned();
    let same = export(&[("if-none-match", &tag)]).await.expect("an answer");
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED, "whoever has it needs no place");
    assert_eq!(
        export(&[("authorization", "Bearer tb_good")]).await.expect("an answer").status(),
        StatusCode::OK,
        "somebody else has a place too"
    );
    drop(first);
    assert_eq!(export(&[]).await.expect("an answer").status(), StatusCode::OK);
    let cost = server.ask(&[], "{ __typename }").await.json()["extensions"]["cost"].clone();
    assert!(cost["remaining"].as_u64().expect("a number") >= 90, "a few lines cost little: {cost}");
}
