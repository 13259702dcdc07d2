//! The door from outside: what HTTP carries, who gets in, what people see.
//!
//! What a public API is attacked by, and the test that shows what then happens. Without a name of a file it is in this
//! folder; `limit`, `budget`, `origin` are the tests in `src/http`, `token`, `command_line` the files beside this folder,
//! `registry`, `faults` those of `tests/tests`.
//!
//! | attack or fault | tests |
//! | --- | --- |
//! | alias overload, also in fragments | `limit: alias_overload_is_refused_also_in_a_fragment`, `a_document_that_is_too_much_is_refused_at_once_and_the_door_stays_open` |
//! | batches | `batches_are_refused` |
//! | fragment bombs, 2^16 to 2^60 | `limit: fragment_bombs_are_measured_not_followed`, `a_document_that_is_too_much_is_refused_at_once_and_the_door_stays_open` |
//! | circles of fragments | `limit: a_circle_of_fragments_is_found`, `a_circle_of_fragments_is_refused` |
//! | field duplication | `limit: field_duplication_is_refused`, `a_document_that_is_too_much_is_refused_at_once_and_the_door_stays_open` |
//! | directive overload | `limit: directive_overload_is_refused`, `a_document_that_is_too_much_is_refused_at_once_and_the_door_stays_open` |
//! | depth | `limit: depth_is_bounded` |
//! | cost | `every_answer_tells_what_it_cost`, `an_operation_that_costs_the_most_passes_and_one_that_costs_a_point_more_does_not` |
//! | floods from one client | `budget: a_bucket_drains_and_refills`, `budget: everybody_has_a_bucket_of_their_own`, `a_client_that_asks_too_much_waits_and_others_do_not`, `more_than_may_run_at_once_is_told_to_come_back` |
//! | many operations, many tokens | `limit: many_operations_are_refused`, `limit: many_tokens_are_refused_before_they_are_parsed` |
//! | introspection | `introspection_is_for_whom_it_is_meant`, `circular_introspection_is_refused_and_that_of_the_tools_is_answered` |
//! | suggestions | `suggestions_are_not_made` |
//! | GraphiQL | `graphiql_can_be_off`, `pages_load_nothing_from_outside` |
//! | CSRF | `what_another_sites_form_can_send_is_refused`, `by_get_one_may_ask_and_no_more` |
//! | CORS | `cross_site_requests_need_a_preflight_that_they_do_not_pass` |
//! | slow operations | `an_operation_that_takes_too_long_is_told_so` |
//! | slowloris | `slowloris_a_head_that_dribbles_is_cut_off`, `slowloris_a_body_that_dribbles_is_told_so`, `slowloris_a_handshake_that_stalls_is_cut_off`, `slowloris_who_does_not_read_the_answer_is_cut_off`, `who_says_nothing_is_sent_away` |
//! | thousands of connections | `one_address_has_so_many_connections_and_no_more` |
//! | long bodies | `a_body_of_5_mib_is_refused`, `a_long_request_is_for_those_who_say_who_they_are` |
//! | long answers | `an_answer_that_would_be_too_long_is_refused` |
//! | uploads | `uploads_are_refused` |
//! | websockets | there are none yet |
//! | JWTs | `token: a_wrong_token_of_every_kind_is_turned_away_and_never_anonymous`, `token: unknown_keys_do_not_make_us_ask_the_provider_again_and_again` |
//! | API keys | `who_brings_a_key_that_opens_nothing_is_turned_away`, `command_line: a_secret_stands_alone_on_stdout`, `registry: a_key_that_was_revoked_elsewhere_writes_nothing_more` |
//! | other people's rows | `registry: every_question_tells_everybody_what_they_may_see_and_nothing_else`, `registry: what_one_may_not_see_looks_like_what_does_not_exist` |
//! | what is kept between requests | `what_one_caller_saw_the_next_one_does_not`, `what_is_about_the_caller_is_never_kept`, `a_document_can_be_asked_for_by_its_hash` |
//! | replayed mutations | `registry: a_key_is_used_once_however_many_use_it`, `registry: the_same_act_at_two_gateways_is_done_once` |
//! | deeds without a trace | `every_mutation_leaves_one_line_and_what_was_done_one_entry`, `registry: one_changed_byte_in_any_row_is_noticed` |
//! | secrets in logs | `command_line: no_secret_stands_in_the_log_however_much_is_logged`, `command_line: the_password_of_the_database_is_told_to_nobody` |
//! | unsafe settings | `command_line: production_does_not_start_with_what_is_unsafe` |
//! | plain text, old certificates | `an_encrypted_door_answers_those_who_encrypt_and_nobody_else`, `a_new_certificate_is_taken_and_a_broken_one_is_not`, `command_line: a_gateway_that_encrypts_is_asked_for_its_health_and_takes_a_new_certificate` |
//! | forged `X-Forwarded-For` | `origin: a_forged_x_forwarded_for_is_not_believed`, `a_forged_x_forwarded_for_buys_no_more_points` |
//! | headers | `security_headers_are_on_every_answer` |
//! | errors that tell too much | `an_error_inside_is_masked_and_its_cause_stands_in_the_log`, `faults: what_the_database_says_is_for_the_log` |
//! | panics | `a_panic_is_an_error_with_an_id_whose_cause_stands_in_the_log`, `a_panic_leaves_the_connection_and_the_process_as_they_were` |
//! | supply chain | `deploy/check`: cargo-deny, bill of materials |
//! | injection | `what_is_searched_for_is_text_and_never_a_pattern_or_a_statement`, `what_is_written_is_shown_and_not_run` |

mod at_once;
mod audit;
mod boundary;
mod carried;
mod coercion;
mod connection;
mod fault;
mod kept;
mod language;
mod limits;
mod log;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use domain::{ApiKey, Digest, Extent, Id, Role};
use gateway::app::App;
use gateway::engine::Introspection;
use gateway::graphql::Engines;
use gateway::http::settings::Settings;
use gateway::limits::{REFUSAL_DELAY, THROTTLE_DELAY};
use gateway::rate_limit::RateLimits;
use gateway::{clock, http};
use persistence::{Mode, OpenOptions, Store, WriteContext, import};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A server over a few records, in this process.
struct Door {
    router: http::service::HttpService,
    store: Store,
    app: Arc<App>,
    _directory: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
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

impl Door {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        Self::opened(settings, None).await
    }

    /// A door behind which fields stumble.
    async fn stumbling(settings: Settings) -> Self {
        Self::opened(settings, Some(fault::stumbling())).await
    }

    async fn opened(settings: Settings, engines: Option<Engines>) -> Self {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("tongban.db").display());
        let store = Store::open(&url, OpenOptions { migrate: true, read_only: false, ..OpenOptions::default() }).await.expect("it opens");
        let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records.ndjson");
        let report = import(&store, &[records], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
        assert_eq!(report.faults, []);
        let mut app = App::load(store.clone()).await.expect("it loads");
        if let Some(engines) = engines {
            Arc::get_mut(&mut app).expect("nobody has it yet").engines = Arc::new(engines);
        }
        app.start_background();
        Self { router: http::router(app.clone(), settings), store, app, _directory: directory }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (mut parts, body) = response.into_parts();
        // Every answer has one of its own; all else may be compared.
        assert!(parts.headers.remove("x-request-id").is_some());
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(body.to_vec()).expect("text") }
    }

    async fn get(&self, address: &str) -> Answer {
        self.send(Request::get(address).body(Body::empty()).expect("a request")).await
    }

    async fn get_as(&self, address: &str, accept: &str) -> Answer {
        self.send(Request::get(address).header(header::ACCEPT, accept).body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).expect("a request")).await
    }

    async fn ask(&self, headers: &[(&str, &str)], query: &str) -> Answer {
        self.post(headers, json!({ "query": query }).to_string()).await
    }

    /// Issues a key, and waits until the door knows of it.
    async fn key(&self, secret: &str, expires_at: Option<DateTime<Utc>>) -> Id<ApiKey> {
        self.key_for(secret, Role::Partner, None, expires_at).await
    }

    async fn key_for(&self, secret: &str, role: Role, district: Option<&str>, expires_at: Option<DateTime<Utc>>) -> Id<ApiKey> {
        let mut work = self
            .store
            .begin(WriteContext { actor: "test".to_owned(), on_behalf_of: None, now: clock::now(), today: clock::day_in_china(clock::now()) })
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
        self.app.wait_for_revision(key.revision, std::time::Duration::from_secs(5)).await.expect("the door follows");
        key.id
    }
}

const RESPONSE: &str = "application/graphql-response+json";

#[tokio::test]
async fn the_form_of_an_answer_is_the_one_asked_for() {
    let door = Door::new().await;
    let plain = door.ask(&[], "{ __typename }").await;
    assert_eq!((plain.status, plain.header("content-type")), (StatusCode::OK, "application/json; charset=utf-8"));
    assert_eq!(plain.json()["data"], json!({ "__typename": "Query" }));
    assert_eq!(plain.header("cache-control"), "no-store");
    assert_eq!(plain.header("x-content-type-options"), "nosniff");
    assert!(plain.header("vary").contains("Authorization"));

    let newer = door.ask(&[("accept", RESPONSE)], "{ __typename }").await;
    assert_eq!((newer.status, newer.header("content-type")), (StatusCode::OK, "application/graphql-response+json; charset=utf-8"));
    assert_eq!(door.ask(&[("accept", "text/csv")], "{ __typename }").await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_request_that_is_none_has_no_data() {
    let door = Door::new().await;
    for (query, code) in [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")] {
        let plain = door.ask(&[], query).await;
        assert_eq!((plain.status, plain.code().as_str()), (StatusCode::OK, code));
        let newer = door.ask(&[("accept", RESPONSE)], query).await;
        assert_eq!((newer.status, newer.code().as_str()), (StatusCode::BAD_REQUEST, code));
        assert!(newer.json().get("data").is_none());
    }
    for body in ["", "[]", "{}", r#"{"query":7}"#] {
        let answer = door.post(&[], body).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{body}");
    }
    let long = door.post(&[], format!(r#"{{"query":"{{a}}{}"}}"#, " ".repeat(256 * 1024))).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
    let form = Request::post("/graphql").header("content-type", "text/plain").body(Body::from(r#"{"query":"{__typename}"}"#)).expect("a request");
    assert_eq!(door.send(form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn fields_come_in_the_order_they_were_asked_in() {
    let door = Door::new().await;
    let answer = door.ask(&[], r#"{ matter(code: "LGA000000001") { name code domain audience } }"#).await;
    let places: Vec<_> = ["\"name\"", "\"code\"", "\"domain\"", "\"audience\""].map(|field| answer.text.find(field)).into();
    assert!(places.is_sorted() && places[0].is_some(), "{}", answer.text);
}

#[tokio::test]
async fn by_get_one_may_ask_and_no_more() {
    let door = Door::new().await;
    assert_eq!(door.get("/graphql?query=%7B__typename%7D").await.json()["data"]["__typename"], "Query");
    let change = door.get("/graphql?query=mutation%7B__typename%7D").await;
    assert_eq!((change.status, change.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    assert_eq!(door.get("/graphql").await.status, StatusCode::BAD_REQUEST);
    let put = Request::builder().method(Method::PUT).uri("/graphql").body(Body::empty()).expect("a request");
    assert_eq!(door.send(put).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn who_brings_a_key_that_opens_nothing_is_turned_away() {
    let door = Door::new().await;
    for credential in ["Bearer tb_wrong", "Bearer", "Basic dTpw", "tb_wrong", ""] {
        let answer = door.ask(&[("authorization", credential)], "{ __typename }").await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"), "{credential}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert!(answer.json().get("data").is_none());
    }
    door.key("tb_expired", DateTime::from_timestamp(1_600_000_000, 0)).await;
    assert_eq!(door.ask(&[("authorization", "Bearer tb_expired")], "{ __typename }").await.status, StatusCode::UNAUTHORIZED);

    let id = door.key("tb_good", None).await;
    let viewer = "{ viewer { name roles } }";
    let answer = door.ask(&[("authorization", "bearer tb_good")], viewer).await;
    assert_eq!(answer.json()["data"]["viewer"], json!({ "name": "伙伴", "roles": ["PARTNER"] }));
    assert_eq!(door.ask(&[], viewer).await.json()["data"]["viewer"]["name"], Value::Null);

    let mut work = door
        .store
        .begin(WriteContext { actor: "test".to_owned(), on_behalf_of: None, now: clock::now(), today: clock::day_in_china(clock::now()) })
        .await
        .expect("a work");
    let revoked = work.revoke_key(id, clock::now()).await.expect("it revokes").expect("the key");
    work.commit().await.expect("it commits");
    door.app.wait_for_revision(revoked.revision, std::time::Duration::from_secs(5)).await.expect("the door follows");
    assert_eq!(door.ask(&[("authorization", "Bearer tb_good")], viewer).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_answer_can_be_asked_not_to_be_older() {
    let door = Door::new().await;
    let now = door.app.revision().to_string();
    assert_eq!(door.ask(&[("tongban-min-revision", &now)], "{ __typename }").await.status, StatusCode::OK);
    let later = door.ask(&[("tongban-min-revision", "99999")], "{ __typename }").await;
    assert_eq!((later.status, later.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    assert_eq!(door.ask(&[("tongban-min-revision", "soon")], "{ __typename }").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_export_says_where_to_go_on() {
    let door = Door::new().await;
    let export = door.get("/export").await;
    assert_eq!(export.header("tongban-revision"), door.app.revision().to_string());
    assert_eq!(export.header("content-type"), "application/x-ndjson; charset=utf-8");
    assert!(export.text.lines().count() >= 15 && export.text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    // Lines are named, and what a caller holds already is not sent again.
    let first: Value = serde_json::from_str(export.text.lines().next().expect("a line")).expect("JSON");
    assert_eq!((first["id"].as_str(), first["revision"].as_u64()), (Some("dis_1"), Some(1)));
    let epoch = door.ask(&[], "{ registry { epoch } }").await.json()["data"]["registry"]["epoch"].clone();
    assert_eq!(export.header("tongban-epoch"), epoch.as_str().expect("an epoch"));
    assert_eq!((export.header("accept-ranges"), export.header("vary")), ("none", "Authorization, Accept-Encoding"));
    let held = |name: header::HeaderName, value: &str| Request::get("/export").header(name, value).body(Body::empty()).expect("a request");
    let tag = export.header("etag").to_owned();
    let again = door.send(held(header::IF_NONE_MATCH, &format!("\"other\", {tag}"))).await;
    assert_eq!(
        (again.status, again.header("etag"), again.header("tongban-epoch"), again.text.len()),
        (StatusCode::NOT_MODIFIED, &*tag, export.header("tongban-epoch"), 0)
    );
    for encoding in ["gzip", "zstd"] {
        let response = door.router.clone().oneshot(held(header::ACCEPT_ENCODING, encoding)).await.expect("an answer");
        let header = |name: header::HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!((header(header::CONTENT_ENCODING), header(header::ACCEPT_RANGES)), (Some(encoding), Some("none")));
    }
    let health = door.get("/health/ready").await.json();
    assert_eq!((health["revision"].as_u64(), health["database"].as_str()), (Some(door.app.revision()), Some("up")));
    assert_eq!(door.get("/health/live").await.status, StatusCode::OK);
    assert!(door.get("/schema.graphql").await.text.contains("type Handling"));
}

const PAGES: [&str; 8] = [
    "/",
    "/?receiving=440115",
    "/?competent=310112",
    "/?receiving=440115&competent=310112",
    "/?receiving=%E9%BC%93%E6%A5%BC%E5%8C%BA",
    "/matter/LGA000000001",
    "/matter/LGA000000001?receiving=440115&competent=310112",
    "/matter/LGA000000001?receiving=310112&competent=440115",
];

#[tokio::test]
async fn pages_load_nothing_from_outside() {
    let door = Door::new().await;
    for address in PAGES {
        for lang in ["zh", "en"] {
            let with = if address.contains('?') { '&' } else { '?' };
            let page = door.get(&format!("{address}{with}lang={lang}")).await;
            assert_eq!(page.status, StatusCode::OK, "{address} {}", page.header("location"));
            assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{address}");
            assert!(page.header("content-security-policy").starts_with("default-src 'self'"));
            let html_lang = if lang == "zh" { "zh-Hans" } else { "en" };
            assert!(page.text.contains(&format!("<html lang=\"{html_lang}\">")));
            for own in page.text.split("=\"/assets/").skip(1) {
                let own = own.split('"').next().expect("an address");
                let asset = door.get(&format!("/assets/{own}")).await;
                assert_eq!((asset.status, asset.header("cache-control")), (StatusCode::OK, "public, max-age=31536000, immutable"));
            }
        }
    }
    let graphiql = door.get_as("/graphql", "text/html,*/*;q=0.8").await;
    assert!(graphiql.text.contains("graphiql.min.js") && !graphiql.text.contains("//unpkg") && !graphiql.text.contains("https://"));
}

#[tokio::test]
async fn a_route_tells_all_that_a_person_needs() {
    let door = Door::new().await;
    let page = door.get("/matter/LGA000000001?receiving=440115&competent=310112&lang=zh").await.text;
    for told in [
        "可以办",
        "异地代收代办",
        "TB-2021-000001",
        "凤凰大道1号一楼",
        "20 个工作日",
        "22 个工作日",
        "自受理之日起算",
        "核对人像",
        "可容缺后补",
        "示例数据",
        "020-00000000",
    ] {
        assert!(page.contains(told), "{told}");
    }
    let page = door.get("/matter/LGA000000001?receiving=310112&competent=440115&lang=zh").await.text;
    assert!(page.contains("这两地之间不能办") && page.contains("ONLY_OTHER_DIRECTION") && page.contains("怎么办"));
    let page = door.get("/matter/LGA000000001?receiving=440115&competent=310112&lang=en").await.text;
    for told in ["Yes, it can be done", "Renewal of a resident identity card", "Nansha District", "22 working days", "Sample data"] {
        assert!(page.contains(told), "{told}");
    }
}

#[tokio::test]
async fn what_is_written_is_shown_and_not_run() {
    let door = Door::new().await;
    let page = door.get("/?receiving=440115&competent=310112&q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(page.text.contains("&lt;script&gt;alert(1)") && !page.text.contains("<script>alert"));
    let page = door.get("/matter/LYB000000001?receiving=440115&competent=310112&lang=zh").await;
    assert!(page.text.contains("异地就医&lt;备案&gt;"));
}

#[tokio::test]
async fn an_address_becomes_one_that_can_be_shared() {
    let door = Door::new().await;
    let to = async |address: &str| {
        let answer = door.get(address).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}");
        answer.header("location").to_owned()
    };
    assert_eq!(to("/?receiving=%E5%8D%97%E6%B2%99&competent=minhang&q=&on=&lang=en").await, "/?receiving=440115&competent=310112&lang=en");
    assert_eq!(to("/?receiving=440115000000&competent=310112").await, "/?receiving=440115&competent=310112");
    assert_eq!(to("/?receiving=440115&competent=310112&swap=1").await, "/?receiving=310112&competent=440115");
    let several = door.get("/?receiving=%E9%BC%93%E6%A5%BC%E5%8C%BA&lang=zh").await.text;
    assert!(several.contains("您说的是哪一个") && several.contains("320106") && several.contains("320302"));
}

#[tokio::test]
async fn what_cannot_be_read_or_found_is_said_kindly() {
    let door = Door::new().await;
    for (address, status, said) in [
        ("/?receiving=999999&lang=zh", StatusCode::NOT_FOUND, "没有找到“999999”"),
        ("/?receiving=zzzz&lang=en", StatusCode::NOT_FOUND, "No district “zzzz” is known"),
        ("/?on=2026-02-30&lang=zh", StatusCode::BAD_REQUEST, "不是日期"),
        ("/?mode=PIGEON&lang=en", StatusCode::BAD_REQUEST, "There is no filter"),
        ("/matter/LGA000000999?lang=zh", StatusCode::NOT_FOUND, "没有这个事项"),
        ("/matter/identity?lang=en", StatusCode::BAD_REQUEST, "not the code of a matter"),
        ("/nowhere", StatusCode::NOT_FOUND, "没有这个页面"),
    ] {
        let answer = door.get(address).await;
        assert_eq!(answer.status, status, "{address}");
        assert!(answer.text.contains(said), "{address}: {said}");
    }
}

#[tokio::test]
async fn what_is_in_memory_is_answered_without_the_database() {
    let door = Door::new().await;
    door.store.close().await.expect("it closes");
    let database = async || door.get("/health/ready").await.json()["database"].as_str().map(str::to_owned);
    for _ in 0..50 {
        if database().await.as_deref() == Some("down") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(database().await.as_deref(), Some("down"));
    let asked = door.ask(&[], r#"{ handling(matter: "LGA000000001", receiving: "440115", competent: "310112") { answer } }"#).await;
    assert_eq!(asked.json()["data"]["handling"]["answer"], "AVAILABLE");
    let page = door.get("/matter/LGA000000001?receiving=440115&competent=310112&lang=zh").await;
    assert!(page.status.is_success() && page.text.contains("凤凰大道1号一楼") && page.text.contains("办事指南暂时读不到"));
    assert_eq!(door.get("/export").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(door.ask(&[("authorization", "Bearer tb_any")], "{ __typename }").await.code(), "UNAVAILABLE");
}

const ATTACH: &str =
    "mutation($input: AttachDocumentInput!) { attachDocument(input: $input) { problems { rule } agreement { documents { id url digest } } } }";

fn attaching(content: &[u8], released: bool) -> String {
    let input = json!({
        "number": "TB-2021-000001", "party": "440115", "name": "协议 扫描件.pdf", "mediaType": "application/pdf",
        "content": STANDARD.encode(content), "released": released,
    });
    json!({ "query": ATTACH, "variables": { "input": input } }).to_string()
}

#[tokio::test]
async fn a_document_is_handed_to_those_who_may_see_it_and_to_nobody_else() {
    let door = Door::new().await;
    door.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    door.key_for("tb_minhang", Role::Signatory, Some("310112"), None).await;
    door.key("tb_partner", None).await;
    let (nansha, minhang) = ([("authorization", "Bearer tb_nansha")], [("authorization", "Bearer tb_minhang")]);
    let attached = door.post(&nansha, attaching(b"%PDF-1.7", false)).await.json();
    let document = &attached["data"]["attachDocument"]["agreement"]["documents"][0];
    let url = document["url"].as_str().expect("an address").to_owned();
    let fetch = async |header: Option<(&str, &str)>| {
        let request = header.into_iter().fold(Request::get(&url), |request, (name, value)| request.header(name, value));
        door.send(request.body(Body::empty()).expect("a request")).await
    };

    let fetched = fetch(Some(minhang[0])).await;
    assert_eq!((fetched.status, fetched.text.as_str()), (StatusCode::OK, "%PDF-1.7"));
    let expected = [
        ("content-type", "application/pdf"),
        ("content-disposition", "attachment; filename*=UTF-8''%E5%8D%8F%E8%AE%AE%20%E6%89%AB%E6%8F%8F%E4%BB%B6.pdf"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "private, no-store"),
        ("etag", &format!("\"{}\"", document["digest"].as_str().expect("a digest"))),
    ];
    for (name, value) in expected {
        assert_eq!(fetched.header(name), value, "{name}");
    }
    // For all others it is not there, like one that was never there.
    let never = door.get("/documents/doc_fffff").await;
    assert_eq!((never.status, never.code().as_str()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    assert_eq!(door.get("/documents/doc_0f").await.text, never.text);
    for header in [None, Some(("authorization", "Bearer tb_partner"))] {
        let hidden = fetch(header).await;
        assert_eq!((hidden.status, hidden.text), (never.status, never.text.clone()));
        assert_eq!(hidden.headers, never.headers);
    }
    assert_eq!(fetch(Some(("authorization", "Bearer tb_nobody"))).await.status, StatusCode::UNAUTHORIZED);

    door.post(&nansha, attaching(b"%PDF-1.7", true)).await;
    let released = fetch(None).await;
    assert_eq!((released.status, released.header("cache-control")), (StatusCode::OK, "no-cache"));
    let etag = released.header("etag").to_owned();
    let known = fetch(Some(("if-none-match", &etag))).await;
    assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
}

#[tokio::test]
async fn a_long_request_is_for_those_who_say_who_they_are() {
    let door = Door::new().await;
    door.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    let nansha = [("authorization", "Bearer tb_nansha")];
    let with = |bytes: usize| attaching(&[b"%PDF-1.7".to_vec(), vec![b' '; bytes - 8]].concat(), false);
    let whole = with(10 << 20);
    assert_eq!(door.post(&[], whole.clone()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(door.post(&[("authorization", "Bearer tb_nobody")], whole.clone()).await.status, StatusCode::UNAUTHORIZED);
    let attached = door.post(&nansha, whole).await.json();
    assert_eq!(attached["data"]["attachDocument"]["problems"], json!([]), "{attached}");
    let problems = &door.post(&nansha, with((10 << 20) + 1)).await.json()["data"]["attachDocument"]["problems"];
    assert_eq!(*problems, json!([{ "rule": "TOO_LARGE" }]));
    assert_eq!(door.post(&nansha, with(11 << 20)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // The document itself is no longer for that.
    let long = format!("{{__typename}}{}", " ".repeat(256 * 1024));
    assert_eq!(door.ask(&nansha, &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_long_request_is_long_by_its_texts() {
    let door = Door::new().await;
    door.key("tb_nansha", None).await;
    let nansha = [("authorization", "Bearer tb_nansha")];
    let with = |variable: &str| format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"x\":{variable}}}}}");
    // Six million numbers would be a gigabyte of values.
    for many in
        [format!("[{}1]", "1,".repeat(500_000)), format!("{}{}", "[".repeat(300_000), "]".repeat(300_000)), format!("[{}1]", "\"\",".repeat(200_000))]
    {
        let refused = door.post(&nansha, with(&many)).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT"));
    }
    let text = format!("\"{}\"", "\\\" , \\\\".repeat(100_000));
    assert_eq!(door.post(&nansha, with(&text)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_tells_what_it_cost() {
    let door = Door::new().await;
    let cost = async |query: &str| door.ask(&[], query).await.json()["extensions"]["cost"].clone();
    assert_eq!(cost("{ __typename }").await, json!({ "requested": 2, "actual": 2, "maximum": 50_000 }));
    assert_eq!(cost("{ changes(first: 3) { edges { cursor } } }").await["requested"], 20 + 1);
    let histories = (0..40).fold(String::new(), |text, at| text + &format!("h{at}: history {{ totalCount }} "));
    let wide = format!("{{ nodes(ids: [{}]) {{ ... on Matter {{ {histories} }} }} }}", "\"mat_1\" ".repeat(100));
    let refused = door.ask(&[("accept", RESPONSE)], &wide).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "OPERATION_TOO_COSTLY"));
    assert!(refused.json()["extensions"]["cost"]["requested"].as_u64().expect("a price") > 50_000);
    assert_eq!(refused.json()["extensions"]["cost"]["actual"], 2);
    for bomb in ["{ a: __typename ".repeat(3), format!("{{ {} }}", "__typename ".repeat(500)), "{".repeat(10_000)] {
        let refused = door.ask(&[], &bomb).await.json();
        assert!(refused.get("data").is_none() && refused["extensions"]["cost"]["requested"] == 2, "{refused}");
    }
    let limits =
        door.ask(&[], "{ registry { limits { maxDepth maxCost maxTokens maxAliases maxRootFields maxBodyBytes maxPageSize points } } }").await;
    assert_eq!(
        limits.json()["data"]["registry"]["limits"],
        json!({ "maxDepth": 20, "maxCost": 50_000, "maxTokens": 5_000, "maxAliases": 50, "maxRootFields": 20, "maxBodyBytes": 262_144, "maxPageSize": 100, "points": null })
    );
}

#[tokio::test]
async fn a_client_that_asks_too_much_waits_and_others_do_not() {
    let door = Door::with(Settings { rates: Some(RateLimits { anonymous: 2, signed_in: 100 }), ..Settings::default() }).await;
    door.key("tb_good", None).await;
    let first = door.ask(&[], "{ registry { limits { points pointsPerSecond } } }").await.json();
    assert_eq!(first["data"]["registry"]["limits"], json!({ "points": 120, "pointsPerSecond": 2 }));
    let cost = &first["extensions"]["cost"];
    let told = ["requested", "actual", "maximum", "limit", "restoreRate"].map(|name| cost[name].as_u64());
    assert_eq!(told, [2, 2, 120, 120, 2].map(Some));
    assert!(cost["remaining"].as_u64().is_some_and(|remaining| remaining >= 118), "{cost}");
    let feeds = |count: usize| (0..count).fold(String::from("{"), |text, at| text + &format!(" f{at}: changes(first: 0) {{ readThrough }}")) + " }";
    let page = &*feeds(5);
    assert_eq!(door.ask(&[], page).await.status, StatusCode::OK);
    let begun = Instant::now();
    let refused = door.ask(&[("accept", RESPONSE)], page).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
    assert!(begun.elapsed() >= REFUSAL_DELAY, "who asks on and on waits");
    assert!(refused.header("retry-after").parse::<u64>().expect("seconds") > 30);
    assert_eq!(refused.json()["extensions"]["cost"]["requested"], 101);
    assert_eq!(door.ask(&[("authorization", "Bearer tb_good")], page).await.json()["extensions"]["cost"]["limit"], 6_000);
    assert_eq!(door.get("/").await.status, StatusCode::TOO_MANY_REQUESTS);
    // What can never be is not told to come back.
    let never = door.ask(&[], &feeds(6)).await.json();
    assert_eq!(never["errors"][0]["extensions"]["code"], "OPERATION_TOO_COSTLY");
    assert_eq!((&never["extensions"]["cost"]["requested"], &never["extensions"]["cost"]["actual"]), (&json!(122), &json!(2)));
    assert_eq!(door.get("/health/live").await.status, StatusCode::OK);
    let begun = Instant::now();
    assert_eq!(door.ask(&[("authorization", "Bearer tb_wrong")], "{ __typename }").await.status, StatusCode::UNAUTHORIZED);
    assert!(begun.elapsed() >= REFUSAL_DELAY, "and who guesses");
    assert_eq!(door.ask(&[("authorization", "Bearer tb_wrong")], "{ __typename }").await.code(), "RATE_LIMITED", "guessing costs too");
}

#[tokio::test]
async fn what_an_answer_did_not_have_is_given_back() {
    let door = Door::with(Settings { rates: Some(RateLimits { anonymous: 2, signed_in: 100 }), ..Settings::default() }).await;
    door.key("tb_good", None).await;
    let good = [("authorization", "Bearer tb_good")];
    let query = format!("{{ nodes(ids: [{}]) {{ ... on Matter {{ history {{ totalCount }} }} }} }}", "\"mat_ffff\" ".repeat(40));
    let cost = door.ask(&good, &query).await.json()["extensions"]["cost"].clone();
    // Looking for them was work; their histories were not looked at.
    assert_eq!((&cost["requested"], &cost["actual"]), (&json!(40 * 25 + 9), &json!(40 * 5 + 1)));
    assert!(cost["remaining"].as_u64().expect("a number") >= 6_000 - 201, "{cost}");
}

#[tokio::test]
async fn an_export_is_sent_to_each_client_one_at_a_time_and_paid_by_its_lines() {
    let door = Door::with(Settings { rates: Some(RateLimits { anonymous: 2, signed_in: 100 }), ..Settings::default() }).await;
    door.key("tb_good", None).await;
    let export = |headers: &[(&str, &str)]| {
        let request = headers.iter().fold(Request::get("/export"), |request, (name, value)| request.header(*name, *value));
        door.router.clone().oneshot(request.body(Body::empty()).expect("a request"))
    };
    let first = export(&[]).await.expect("an answer");
    assert_eq!(first.status(), StatusCode::OK);
    let second = export(&[]).await.expect("an answer");
    assert_eq!((second.status(), second.headers().contains_key(header::RETRY_AFTER)), (StatusCode::TOO_MANY_REQUESTS, true));
    let tag = first.headers()[header::ETAG].to_str().expect("a tag").to_owned();
    let same = export(&[("if-none-match", &tag)]).await.expect("an answer");
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED, "whoever has it needs no place");
    assert_eq!(export(&[("authorization", "Bearer tb_good")]).await.expect("an answer").status(), StatusCode::OK, "somebody else has a place too");
    drop(first);
    assert_eq!(export(&[]).await.expect("an answer").status(), StatusCode::OK);
    let cost = door.ask(&[], "{ __typename }").await.json()["extensions"]["cost"].clone();
    assert!(cost["remaining"].as_u64().expect("a number") >= 90, "a few lines cost little: {cost}");
}

#[tokio::test]
async fn an_address_that_asks_much_in_a_short_while_is_slowed() {
    let door = Door::with(Settings { rates: Some(RateLimits { anonymous: 5, signed_in: 5 }), ..Settings::default() }).await;
    let begun = Instant::now();
    let page = door.ask(&[], "{ a: changes(first: 0) { readThrough } b: changes(first: 0) { readThrough } }").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(begun.elapsed() >= THROTTLE_DELAY, "it costs more than comes back in five seconds");
}

#[tokio::test]
async fn what_there_is_to_read_costs_too_once_and_also_where_it_is_refused() {
    let rates = Some(RateLimits { anonymous: 20, signed_in: 100 });
    let door = Door::with(Settings { rates, response_cache_bytes: 0, ..Settings::default() }).await;
    let long = format!("{{ registry {{ {} }} }}", "name ".repeat(295));
    let mut before = 1_200;
    let began = Instant::now();
    // 200 of its 300 tokens cost something, until it is known; and meanwhile some points come back.
    for reading in [25, 0, 0] {
        let cost = door.ask(&[], &long).await.json()["extensions"]["cost"].clone();
        let (requested, remaining) = (cost["requested"].as_i64().expect("a price"), cost["remaining"].as_i64().expect("a number"));
        let back = (began.elapsed().as_secs() as i64 + 1) * 20;
        assert!((reading - back..=reading).contains(&(before - remaining - requested)), "{cost}, and {before} before");
        before = remaining;
    }
    // Of no use, and 4,000 tokens of 20 KB to find that out.
    let unreadable = format!("{{ registry {{ {}", "name ".repeat(3_997));
    let door = Door::with(Settings { rates, ..Settings::default() }).await;
    for _ in 0..2 {
        assert_eq!(door.ask(&[], &unreadable).await.code(), "GRAPHQL_PARSE_FAILED");
    }
    assert_eq!(door.ask(&[], &unreadable).await.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn who_has_nothing_left_is_not_listened_to() {
    let door = Door::with(Settings { rates: Some(RateLimits { anonymous: 1, signed_in: 100 }), ..Settings::default() }).await;
    let never =
        || Body::from_stream(futures::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Vec<u8>, std::io::Error>>> { panic!("it was read") }));
    let feeds = "{ a: changes(first: 0) { readThrough } b: changes(first: 0) { readThrough } }";
    assert_eq!(door.ask(&[], feeds).await.json()["extensions"]["cost"]["remaining"], 60 - 41);
    // A wrong credential takes all points that are left.
    assert_eq!(door.ask(&[("authorization", "Bearer tb_wrong")], "{ __typename }").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(door.post(&[], never()).await.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn long_documents_are_read_one_after_the_other_and_all_of_them() {
    let door = Door::new().await;
    let documents: Vec<String> = (0..30).map(|at| format!("{{ registry {{ {} }} }} # {at}", "name ".repeat(1_500))).collect();
    let answers = futures::future::join_all(documents.iter().map(|document| door.ask(&[], document))).await;
    for answer in answers {
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE), "{}", answer.text);
    }
}

#[tokio::test]
async fn introspection_is_for_whom_it_is_meant() {
    let schema = "{ __schema { queryType { name } } __type(name: \"Query\") { name } }";
    for (policy, anybody, signed_in) in
        [(Introspection::Open, true, true), (Introspection::SignedIn, false, true), (Introspection::Off, false, false)]
    {
        let door = Door::with(Settings { introspection: policy, ..Settings::default() }).await;
        door.key("tb_good", None).await;
        for (headers, allowed) in [(vec![], anybody), (vec![("authorization", "Bearer tb_good")], signed_in)] {
            let answer = door.ask(&headers, schema).await.json();
            assert_eq!(answer["data"]["__type"].is_object(), allowed, "{policy:?} {answer}");
        }
        // The text is public in any case.
        assert_eq!(door.get("/schema.graphql").await.status, StatusCode::OK, "{policy:?}");
    }
}

#[tokio::test]
async fn circular_introspection_is_refused_and_that_of_the_tools_is_answered() {
    let door = Door::new().await;
    let whole = door.ask(&[], include_str!("../introspection.graphql")).await.json();
    assert!(whole["errors"].is_null() && whole["data"]["__schema"]["types"].is_array());
    let circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(door.ask(&[], circle).await.code(), "OPERATION_TOO_COSTLY");
}

#[tokio::test]
async fn suggestions_are_not_made() {
    let door = Door::new().await;
    for query in ["{ registr { name } }", "{ registry { nam } }", "{ district(cod: 1) { name } }", "{ node(id: 1) { ... on Distric { name } } }"] {
        assert!(!door.ask(&[], query).await.text.to_lowercase().contains("did you mean"), "{query}");
    }
}

#[tokio::test]
async fn graphiql_can_be_off() {
    let door = Door::with(Settings { graphiql: false, ..Settings::default() }).await;
    assert_eq!(door.get_as("/graphql", "text/html").await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn cross_site_requests_need_a_preflight_that_they_do_not_pass() {
    let preflight = |origin: &str| {
        let request = Request::builder().method(Method::OPTIONS).uri("/graphql").header("origin", origin);
        request.header("access-control-request-method", "POST").header("access-control-request-headers", "content-type").body(Body::empty())
    };
    let closed = Door::new().await;
    let answer = closed.send(preflight("https://evil.example").expect("a request")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");

    let open = Door::with(Settings { cors_origins: vec!["https://gov.example.cn".parse().expect("a header")], ..Settings::default() }).await;
    let allowed = open.send(preflight("https://gov.example.cn").expect("a request")).await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://gov.example.cn");
    assert_eq!(allowed.header("access-control-allow-credentials"), "");
    assert_eq!(open.send(preflight("https://evil.example").expect("a request")).await.header("access-control-allow-origin"), "");

    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16"] {
        let request = Request::post("/graphql").header("content-type", kind).body(Body::from(r#"{"query":"{__typename}"}"#)).expect("a request");
        assert_eq!(closed.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
}

#[tokio::test]
async fn batches_are_refused() {
    let door = Door::new().await;
    let batch = json!(vec![json!({ "query": "{ __typename }" }); 11]);
    assert_eq!(door.post(&[], batch.to_string()).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_one_caller_saw_the_next_one_does_not() {
    let door = Door::new().await;
    door.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    door.key_for("tb_minhang", Role::Registrar, Some("310112"), None).await;
    let (nansha, minhang) = ([("authorization", "Bearer tb_nansha")], [("authorization", "Bearer tb_minhang")]);
    let draft = r#"mutation { draftAgreement(input: { proposer: "440115", title: "草案", parties: [{ district: "440115" }, { district: "310112" }], schedule: [] }) { agreement { id number } problems { rule } } }"#;
    let drafted = door.ask(&nansha, draft).await.json();
    let drafted = &drafted["data"]["draftAgreement"]["agreement"];
    let question = format!("{{ agreement(number: {}) {{ title }} node(id: {}) {{ id }} }}", drafted["number"], drafted["id"]);
    for _ in 0..2 {
        assert_eq!(door.ask(&nansha, &question).await.json()["data"]["agreement"]["title"], "草案");
        for headers in [&minhang[..], &[]] {
            assert_eq!(door.ask(headers, &question).await.json()["data"], json!({ "agreement": null, "node": null }));
        }
    }
}

#[tokio::test]
async fn a_body_of_5_mib_is_refused() {
    let door = Door::new().await;
    let body = json!({ "query": "{ __typename }", "variables": { "a": "x".repeat(5 * 1024 * 1024) } }).to_string();
    assert_eq!(door.post(&[], body).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let door = Door::with(Settings { encrypted: true, ..Settings::default() }).await;
    for address in ["/", "/graphql?query=%7B__typename%7D", "/nowhere", "/health/live"] {
        let answer = door.get(address).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{address}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{address}");
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{address}");
    }
    assert_eq!(Door::new().await.get("/").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_document_can_be_asked_for_by_its_hash() {
    let door = Door::new().await;
    let query = "{ __typename }";
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hex::encode(Sha256::digest(query)) } });
    let by_hash = json!({ "extensions": extensions }).to_string();
    let unknown = door.post(&[], by_hash.clone()).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::OK, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");
    let poison = json!({ "query": "{ a: __typename }", "extensions": extensions }).to_string();
    assert_eq!(door.post(&[], poison).await.code(), "BAD_USER_INPUT");
    assert_eq!(door.post(&[], json!({ "query": query, "extensions": extensions }).to_string()).await.status, StatusCode::OK);
    assert_eq!(door.post(&[], by_hash).await.json()["data"]["__typename"], "Query");
}

#[tokio::test]
async fn more_than_may_run_at_once_is_told_to_come_back() {
    let door = Door::with(Settings { max_running: 0, ..Settings::default() }).await;
    let answer = door.ask(&[], "{ __typename }").await;
    assert_eq!((answer.status, answer.code().as_str(), answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "1"));
}

/// Questions go straight to where they are answered, unless other sites may ask: it makes no difference to what is answered.
#[tokio::test]
async fn a_question_has_the_same_answer_by_either_way() {
    let straight = Door::new().await;
    let layered = Door::with(Settings { cors_origins: vec!["https://portal.example.cn".parse().expect("an origin")], ..Settings::default() }).await;
    let long = "{ districts(first: 50) { edges { node { name code kind } } } matters { edges { node { name } } } }";
    for headers in
        [&[][..], &[("accept", RESPONSE)], &[("accept", "text/csv")], &[("authorization", "Bearer tb_wrong")], &[("tongban-min-revision", "x")]]
    {
        for query in [long, "{ __typename }", "{ nothing }", "{"] {
            let (one, other) = (straight.ask(headers, query).await, layered.ask(headers, query).await);
            // How long it is says the connection, where nobody did before.
            let said = |answer: &Answer| {
                let mut headers = answer.headers.clone();
                for name in ["vary", "content-length", "access-control-expose-headers"] {
                    headers.remove(name);
                }
                (answer.status, headers, answer.text.clone())
            };
            assert_eq!(said(&one), said(&other), "{headers:?} {query}");
            let vary = |answer: &Answer| answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ");
            assert!(vary(&other).starts_with(&vary(&one)), "{} {}", vary(&one), vary(&other));
        }
    }
    for door in [straight, layered] {
        let request = Request::post("/graphql").header("content-type", "application/json").header("accept-encoding", "gzip");
        let longer = format!("{{ a: {0} b: {0} }}", "districts(first: 50) { edges { node { id name code kind } cursor } }");
        let request = request.body(Body::from(json!({ "query": longer }).to_string())).expect("a request");
        let response = door.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.headers()["content-encoding"], "gzip");
    }
}
