//! Operation: metrics, request ids, health.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use gateway::app::{App, Settings};
use gateway::http;
use persistence::{Mode, OpenOptions, Store, import};
use registry::clock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

struct Server {
    router: http::service::HttpService,
    app: Arc<App>,
    _folder: TempDir,
}

impl Server {
    /// A server without background tasks.
    async fn new(operation: Settings, read_only: bool) -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("tongban.db").display());
        let store = Store::open(&url, OpenOptions { migrate: true, ..OpenOptions::default() }).await.expect("it opens");
        let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records.ndjson");
        import(&store, &[records], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
        let store = Store::open(&url, OpenOptions { read_only, ..OpenOptions::default() }).await.expect("it opens");
        let app = App::load(store).await.expect("it loads");
        app.configure(operation);
        Self { router: http::router(app.clone(), http::settings::Settings::default()), app, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Option<String>, String) {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let id = response.headers().get("x-request-id").map(|id| id.to_str().expect("text").to_owned());
        let (status, body) = (response.status(), to_bytes(response.into_body(), usize::MAX).await.expect("a body"));
        (status, id, String::from_utf8(body.to_vec()).expect("text"))
    }

    async fn get(&self, address: &str) -> (StatusCode, Option<String>, String) {
        self.send(Request::get(address).body(Body::empty()).expect("a request")).await
    }

    async fn ask(&self, query: &str) -> (StatusCode, Option<String>, String) {
        let body = json!({ "query": query }).to_string();
        self.send(
            Request::post("/graphql")
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.into())
                .expect("a request"),
        )
        .await
    }
}

#[tokio::test]
async fn metrics_have_labels_that_are_known_beforehand() {
    let server = Server::new(Settings::default(), false).await;
    server.ask("{ a: registry { revision } b: registry { name } }").await;
    server.ask("query Whatever { nothing }").await;
    server.ask("{ registry { name } matters { totalCount } }").await;
    server.ask("{ __schema { queryType { name } } }").await;
    server.get("/nowhere/at/all").await;
    server.get("/documents/doc_77").await;
    let (status, _, page) = server.get("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        r#"tongban_graphql_operation_seconds_count{operation="registry"} 1"#,
        r#"tongban_graphql_operation_seconds_count{operation="introspection"} 1"#,
        r#"tongban_graphql_operation_seconds_count{operation="other"} 1"#,
        r#"tongban_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1"#,
        r#"tongban_http_requests_total{route="/graphql",status="200"} 4"#,
        r#"tongban_http_requests_total{route="other",status="404"} 1"#,
        r#"tongban_http_requests_total{route="/documents/{id}",status="404"} 1"#,
        "tongban_database_up 1",
        &format!("tongban_revision {}", server.app.revision()),
        concat!("tongban_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        r#"tongban_pool_connections{state="used"}"#,
        r#"tongban_catalogue_bytes{part="offerings"} "#,
        "tongban_snapshot_age_seconds ",
        "# EOF",
    ] {
        assert!(page.contains(line), "{line} is missing in:\n{page}");
    }
    assert!(!page.contains("Whatever") && !page.contains("nowhere"), "{page}");
}

#[tokio::test]
async fn metrics_can_have_an_address_of_their_own() {
    let server = Server::new(Settings { separate_metrics: true, ..Settings::default() }, false).await;
    assert_eq!(server.get("/metrics").await.0, StatusCode::NOT_FOUND);
    let apart = http::layers::telemetry::metrics_router(server.app.clone());
    let answer =
        apart.oneshot(Request::get("/metrics").body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers()[header::CONTENT_TYPE].to_str().expect("text").starts_with("application/openmetrics-text"));
}

#[tokio::test]
async fn every_request_has_an_id_and_only_the_trusted_header_gives_it() {
    let named =
        |name: &str, id: &str| Request::get("/health/live").header(name, id).body(Body::empty()).expect("a request");
    let server = Server::new(Settings::default(), false).await;
    let (_, first, _) = server.send(named("x-request-id", "forged")).await;
    let (_, second, _) = server.get("/nowhere").await;
    assert!(first.is_some() && second.is_some() && first != second && first.as_deref() != Some("forged"));

    let trusting =
        Settings { request_id_header: Some("x-amzn-trace-id".parse().expect("a name")), ..Settings::default() };
    let server = Server::new(trusting, false).await;
    assert_eq!(server.send(named("x-amzn-trace-id", "Root=1-67a")).await.1.as_deref(), Some("Root=1-67a"));
    assert_ne!(server.send(named("x-amzn-trace-id", "two words")).await.1.as_deref(), Some("two words"));
    assert_ne!(server.send(named("x-request-id", "forged")).await.1.as_deref(), Some("forged"));
}

#[tokio::test]
async fn a_snapshot_that_is_too_old_is_not_ready() {
    let server = Server::new(Settings { stale_after: Duration::from_secs(6), ..Settings::default() }, false).await;
    let health = |(status, _, text): (StatusCode, Option<String>, String)| {
        let health: Value = serde_json::from_str(&text).expect("JSON");
        (status, health["status"].as_str().map(str::to_owned))
    };
    assert_eq!(health(server.get("/health/ready").await), (StatusCode::OK, Some("ready".to_owned())));
    tokio::time::sleep(Duration::from_millis(6_200)).await;
    assert_eq!(health(server.get("/health/ready").await), (StatusCode::SERVICE_UNAVAILABLE, Some("stale".to_owned())));
    assert_eq!(server.get("/health/live").await.0, StatusCode::OK);
    // Following the journal makes it ready again.
    server.app.start_background();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if server.get("/health/ready").await.0 == StatusCode::OK {
            break;
        }
    }
    assert_eq!(server.get("/health/ready").await.0, StatusCode::OK);
    server.app.background.stop().await;
}

#[tokio::test]
async fn a_draining_gateway_is_not_ready_and_still_answers() {
    let server = Server::new(Settings::default(), false).await;
    server.app.drain();
    let (status, _, health) = server.get("/health/ready").await;
    assert!(status == StatusCode::SERVICE_UNAVAILABLE && health.contains("\"status\":\"draining\""), "{health}");
    assert!(server.ask("{ registry { name } }").await.2.contains("\"data\""));
    assert_eq!(server.get("/health/live").await.0, StatusCode::OK);
}
