//! The server over HTTP.
//!
//! The attacks on a public API, and the tests of each. A test without the name of a file is in this folder;
//! `query_complexity`, `rate_limit` and `client_address` are unit tests in `src`, `oidc` and `command_line` are beside
//! this folder, `registry` and `faults` are in `tests/tests`.
//!
//! | attack or fault | tests |
//! | --- | --- |
//! | alias overload, also in fragments | `query_complexity: too_many_aliases_are_refused_also_in_a_fragment`, `a_document_beyond_a_limit_is_refused_at_once_and_others_are_answered` |
//! | batches | `batched_requests_are_refused` |
//! | fragment bombs, 2^16 to 2^60 | `query_complexity: nested_fragments_are_measured_without_expanding_them`, `a_document_beyond_a_limit_is_refused_at_once_and_others_are_answered` |
//! | circles of fragments | `query_complexity: circular_fragments_are_refused`, `a_circle_of_fragments_is_refused` |
//! | field duplication | `query_complexity: too_many_fields_are_refused`, `a_document_beyond_a_limit_is_refused_at_once_and_others_are_answered` |
//! | directive overload | `query_complexity: too_many_directives_are_refused`, `a_document_beyond_a_limit_is_refused_at_once_and_others_are_answered` |
//! | depth | `query_complexity: depth_is_bounded` |
//! | cost | `every_response_has_its_cost`, `an_operation_of_the_maximum_cost_passes_and_a_more_expensive_one_does_not` |
//! | floods from one client | `rate_limit: a_bucket_drains_and_refills`, `rate_limit: each_client_has_its_own_bucket`, `a_client_beyond_its_rate_limit_is_refused_and_others_are_not`, `more_requests_than_may_run_are_refused_with_retry_after` |
//! | many operations, many tokens | `query_complexity: too_many_operations_are_refused`, `query_complexity: too_many_tokens_are_refused_before_parsing` |
//! | introspection | `introspection_follows_its_setting`, `circular_introspection_is_refused_and_that_of_tools_is_answered` |
//! | suggestions | `errors_suggest_no_names` |
//! | GraphiQL | `graphiql_can_be_off`, `pages_load_nothing_from_other_sites` |
//! | CSRF | `requests_that_an_html_form_can_send_are_refused`, `get_takes_queries_only` |
//! | CORS | `cross_site_requests_need_a_preflight_and_do_not_pass_it` |
//! | slow operations | `an_operation_that_takes_too_long_times_out` |
//! | slowloris | `slowloris_a_slow_head_is_cut_off`, `slowloris_a_slow_body_is_answered_with_408`, `slowloris_a_handshake_that_stalls_is_cut_off`, `slowloris_a_client_that_does_not_read_is_cut_off`, `an_idle_connection_is_closed` |
//! | thousands of connections | `the_connections_of_an_address_are_limited` |
//! | long bodies | `a_body_of_5_mib_is_refused`, `a_long_request_requires_a_credential` |
//! | long answers | `a_response_that_would_be_too_long_is_refused` |
//! | uploads | `uploads_are_refused` |
//! | forged forms of the console | `session: a_form_without_the_token_or_from_another_site_does_nothing` |
//! | stolen or idle sessions | `session: a_session_ends_when_it_is_idle_or_its_key_is_revoked`, `session: signing_out_everywhere_ends_the_sessions_at_every_gateway` |
//! | forged sign-ins | `oidc: a_sign_in_that_was_not_begun_here_is_refused` |
//! | long forms without a session | `session: a_long_form_without_a_session_is_not_read` |
//! | websockets | there are none yet |
//! | JWTs | `oidc: an_invalid_token_of_every_kind_is_refused_and_never_anonymous`, `oidc: unknown_keys_do_not_cause_repeated_fetches` |
//! | API keys | `a_wrong_key_is_refused`, `command_line: a_secret_is_alone_on_stdout`, `registry: a_key_revoked_at_another_gateway_cannot_write` |
//! | records of other districts | `registry: every_query_shows_each_role_what_it_may_see`, `registry: hidden_records_look_like_missing_ones` |
//! | state kept between requests | `a_caller_does_not_see_the_records_of_another`, `responses_about_the_caller_are_not_cached`, `a_document_is_found_by_its_hash` |
//! | replayed mutations | `registry: an_idempotency_key_is_used_once_by_concurrent_clients`, `registry: the_same_mutation_at_two_gateways_is_done_once` |
//! | writes without an audit entry | `every_mutation_has_one_audit_line_and_every_change_one_journal_entry`, `registry: a_changed_byte_in_any_row_fails_verification` |
//! | secrets in logs | `command_line: no_secret_is_logged_at_any_level`, `command_line: the_password_of_the_database_is_never_shown` |
//! | unsafe settings | `command_line: production_does_not_start_with_unsafe_settings` |
//! | plain text, old certificates | `a_server_with_tls_refuses_plain_requests`, `a_new_certificate_is_loaded_and_a_broken_one_is_not`, `command_line: health_works_with_tls_and_a_new_certificate_is_loaded` |
//! | forged `X-Forwarded-For` | `client_address: a_forged_x_forwarded_for_is_ignored`, `a_forged_x_forwarded_for_buys_no_more_points` |
//! | headers | `every_response_has_security_headers` |
//! | errors that reveal internals | `an_internal_error_is_masked_and_its_cause_is_logged`, `faults: database_errors_go_to_the_log_only` |
//! | panics | `a_panic_is_an_error_with_an_id_and_its_cause_is_logged`, `a_panic_closes_neither_the_connection_nor_the_process` |
//! | supply chain | `deploy/check`: cargo-deny, bill of materials |
//! | injection | `search_words_are_text_and_never_a_pattern_or_sql`, `user_input_is_escaped_on_pages` |

mod audit;
mod browser;
mod clerk;
mod coercion;
mod connection;
mod console;
mod credentials;
mod direct_json;
mod documents;
mod errors;
mod export;
mod imports;
mod introspection;
mod language;
mod limits;
mod log;
mod next_steps;
mod nullability;
mod pages;
mod portal;
mod portal_life;
mod prepayment;
mod rate_limit;
mod requests;
mod response_cache;
mod routes;
mod security;
mod session;
mod workbooks;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::{DateTime, Utc};
use domain::{ApiKey, Digest, Extent, Id, Role, calendar};
use gateway::app::App;
use gateway::http;
use gateway::http::settings::Settings;
use graphql::engine::run::Engines;
use persistence::{Mode, OpenOptions, Store, WriteContext, import};
use registry::clock;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A server with a few records, in this process.
struct TestServer {
    router: http::service::HttpService,
    store: Store,
    app: Arc<App>,
    _directory: TempDir,
}

struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl TestResponse {
    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl TestServer {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        Self::opened(settings, None).await
    }

    /// A server with fields that fail, by their aliases.
    async fn failing(settings: Settings) -> Self {
        Self::opened(settings, Some(errors::failing())).await
    }

    /// A server with settings of the process.
    async fn configured(settings: gateway::app::Settings) -> Self {
        let server = Self::new().await;
        let app = App::load(server.store.clone()).await.expect("it loads");
        app.configure(settings);
        Self { router: http::router(app.clone(), Settings::default()), app, ..server }
    }

    /// A server with the records of the demo.
    async fn demo() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
        let kinds = ["districts", "matters", "offerings", "windows", "agreements", "policies"];
        let records = kinds.map(|kind| folder.join(format!("{kind}.ndjson")));
        Self::of_records(Settings::default(), None, &records).await
    }

    async fn opened(settings: Settings, engines: Option<Engines>) -> Self {
        let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records.ndjson");
        Self::of_records(settings, engines, &[records]).await
    }

    async fn of_records(settings: Settings, engines: Option<Engines>, records: &[PathBuf]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("tongban.db").display());
        let store = Store::open(&url, OpenOptions { migrate: true, read_only: false, ..OpenOptions::default() })
            .await
            .expect("it opens");
        let report = import(&store, records, Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
        assert_eq!(report.faults, []);
        let mut app = App::load(store.clone()).await.expect("it loads");
        if let Some(engines) = engines {
            Arc::get_mut(&mut app).expect("it is not shared yet").engines = Arc::new(engines);
        }
        app.start_background();
        Self { router: http::router(app.clone(), settings), store, app, _directory: directory }
    }

    async fn send(&self, request: Request<Body>) -> TestResponse {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (mut parts, body) = response.into_parts();
        // The id differs; everything else may be compared.
        assert!(parts.headers.remove("x-request-id").is_some());
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    async fn get(&self, address: &str) -> TestResponse {
        self.send(Request::get(address).body(Body::empty()).expect("a request")).await
    }

    async fn get_as(&self, address: &str, accept: &str) -> TestResponse {
        self.send(Request::get(address).header(header::ACCEPT, accept).body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> TestResponse {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).expect("a request")).await
    }

    async fn ask(&self, headers: &[(&str, &str)], query: &str) -> TestResponse {
        self.post(headers, json!({ "query": query }).to_string()).await
    }

    /// Issues a key, and waits until the server has applied it.
    async fn key(&self, secret: &str, expires_at: Option<DateTime<Utc>>) -> Id<ApiKey> {
        self.key_for(secret, Role::Partner, None, expires_at).await
    }

    async fn key_for(
        &self,
        secret: &str,
        role: Role,
        district: Option<&str>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Id<ApiKey> {
        let mut work = self
            .store
            .begin(WriteContext {
                actor: "test".to_owned(),
                on_behalf_of: None,
                now: clock::now(),
                today: calendar::day_in_china(clock::now()),
            })
            .await
            .expect("a work");
        let key = ApiKey {
            name: "伙伴".to_owned(),
            roles: vec![role],
            district: district.map(|code| code.parse().expect("a code")),
            extent: Extent::Itself,
            prefix: "tb_test".to_owned(),
            seal: Digest::GENESIS,
            expires_at,
            revoked_at: None,
        };
        let key = work.issue_key(key, hex::encode(Sha256::digest(secret))).await.expect("a key");
        work.commit().await.expect("it commits");
        self.app.wait_for_revision(key.revision, std::time::Duration::from_secs(5)).await.expect("the server follows");
        key.id
    }
}

const RESPONSE: &str = "application/graphql-response+json";
