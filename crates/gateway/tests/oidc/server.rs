//! A registry that accepts the tokens of an identity provider.

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use gateway::app::App;
use gateway::http;
use gateway::http::oidc::provider::{Provider, Settings};
use persistence::{Mode, OpenOptions, Store, import};
use registry::clock;
use registry::viewer::Viewer;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const AUDIENCE: &str = "https://tongban.example.cn";

/// A registry that accepts the provider's tokens.
pub(crate) struct TestServer {
    router: http::service::HttpService,
    app: Arc<App>,
    _directory: TempDir,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) challenge: String,
    pub(crate) viewer: Value,
}

impl TestServer {
    pub(crate) async fn new(settings: Settings) -> Self {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("tongban.db").display());
        let store = Store::open(&url, OpenOptions { migrate: true, read_only: false, ..OpenOptions::default() })
            .await
            .expect("it opens");
        let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records.ndjson");
        import(&store, &[records], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
        let app = App::load(store).await.expect("it loads");
        let provider = Provider::new(settings).expect("the certificates of this machine");
        let settings = http::settings::Settings { identity_provider: Some(Arc::new(provider)), ..Default::default() };
        Self { router: http::router(app.clone(), settings), app, _directory: directory }
    }

    /// Grants a role from today.
    pub(crate) async fn grant(&self, issuer: &str, subject: &str, role: &str, district: &str) {
        let viewer =
            Viewer { client: Some("test".to_owned()), roles: vec![domain::Role::Steward], ..Viewer::default() };
        let context = self.app.request_context(viewer);
        let input = json!({
            "issuer": issuer, "subject": subject, "displayName": "王小明", "role": role, "district": district,
            "from": context.today,
        });
        let Value::Object(input) = input else { unreachable!("it is an object") };
        let outcome = registry::acts::person::grant(&context, input).await.expect("it is done");
        assert_eq!(outcome.problems, []);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    pub(crate) async fn show(&self, token: &str) -> Response {
        let body = json!({ "query": "{ viewer { name roles district { code } } }" }).to_string();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body))
            .expect("a request");
        let (parts, body) = self.router.clone().oneshot(request).await.expect("an answer").into_parts();
        let body: Value = serde_json::from_slice(&to_bytes(body, usize::MAX).await.expect("a body")).expect("JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let challenge = parts
            .headers
            .get(header::WWW_AUTHENTICATE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        Response {
            status: parts.status,
            code: text(&body["errors"][0]["extensions"]["code"]),
            challenge,
            viewer: body["data"]["viewer"].clone(),
        }
    }

    pub(crate) async fn accepts(&self, token: &str) -> Value {
        let answer = self.show(token).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.viewer
    }

    pub(crate) async fn refuses(&self, what: &str, token: &str) {
        let answer = self.show(token).await;
        assert_eq!(
            (answer.status, answer.code.as_str()),
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            "{what}: {answer:?}"
        );
        assert!(answer.challenge.starts_with("Bearer "), "{what}: {answer:?}");
        assert_eq!(answer.viewer, Value::Null, "{what}");
    }
}
