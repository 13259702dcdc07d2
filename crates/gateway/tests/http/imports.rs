//! Imports of files over HTTP.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::Role;
use gateway::http::settings::Settings;
use registry::rate_limit::RateLimits;

use crate::{TestResponse, TestServer};

const KEY: &str = "tb_a-key-of-a-registrar-for-imports";
const ROWS: &str = "区域代码,事项名称,到现场次数,承诺办结时限\n440115,居民身份证换领,1,20\n";

async fn post(server: &TestServer, key: Option<&str>, query: &str, body: impl Into<Body>) -> TestResponse {
    let mut request = Request::post(format!("/imports?{query}"));
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    server.send(request.body(body.into()).expect("a request")).await
}

async fn server() -> TestServer {
    let server = TestServer::new().await;
    server.key_for(KEY, Role::Registrar, Some("440115"), None).await;
    server
}

const OFFERINGS: &str = "kind=offering&district=440115&name=list.csv";

#[tokio::test]
async fn a_registrar_imports_a_file_and_gets_its_report() {
    let server = server().await;
    let dry = post(&server, Some(KEY), &format!("{OFFERINGS}&dryRun=true"), ROWS).await;
    assert_eq!(dry.status, StatusCode::OK, "{}", dry.text);
    let told = dry.json();
    assert_eq!((told["written"].as_bool(), told["registered"].as_u64()), (Some(false), Some(1)));
    assert_eq!(told["rows"][0]["matter"], "LGA000000001", "matters are found by name");
    assert_eq!((&told["files"][0]["file"], &told["files"][0]["form"]), (&"list.csv".into(), &"CSV UTF-8".into()));
    let done = post(&server, Some(KEY), OFFERINGS, ROWS).await.json();
    assert_eq!((done["written"].as_bool(), done["registered"].as_u64()), (Some(true), Some(1)), "{done}");
    assert!(done["revision"].as_u64() > Some(15));
    let again = post(&server, Some(KEY), OFFERINGS, ROWS).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.json()["problems"][0]["rule"], "NOTHING_CHANGED");
}

#[tokio::test]
async fn faults_are_told_by_row_and_the_other_rows_are_written_if_wanted() {
    let server = server().await;
    let rows = format!("{ROWS}440115,没有的事项,1,20\n");
    let refused = post(&server, Some(KEY), OFFERINGS, rows.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = refused.json();
    assert_eq!((told["written"].as_bool(), told["faultCount"].as_u64()), (Some(false), Some(1)), "{told}");
    assert_eq!((told["rows"][1]["row"].as_u64(), told["rows"][1]["verdict"].as_str()), (Some(3), Some("ERROR")));
    let done = post(&server, Some(KEY), &format!("{OFFERINGS}&faults=leave_out"), rows).await.json();
    assert_eq!(done["written"], true, "{done}");
}

#[tokio::test]
async fn an_import_needs_a_credential_a_permission_and_known_parameters() {
    let server = server().await;
    assert_eq!(post(&server, None, OFFERINGS, ROWS).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(post(&server, Some("tb_wrong"), OFFERINGS, ROWS).await.status, StatusCode::UNAUTHORIZED);
    let other = post(&server, Some(KEY), "kind=offering&district=310112", ROWS).await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::FORBIDDEN, "FORBIDDEN"));
    for query in ["district=440115", "kind=offering&distrcit=440115", "kind=offering&dryRun=perhaps"] {
        assert_eq!(post(&server, Some(KEY), query, ROWS).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let unknown = post(&server, Some(KEY), "kind=policy&district=440115", ROWS).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unknown.text);
    assert_eq!(server.get("/imports").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let schedule = post(&server, Some(KEY), "kind=schedule&number=TB-2021-000009&version=1&party=440115", ROWS).await;
    assert_eq!(schedule.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", schedule.text);
}

#[tokio::test]
async fn an_import_is_bounded_and_charged() {
    let server = server().await;
    let long = post(&server, Some(KEY), OFFERINGS, vec![b'x'; (24 << 20) + 1]).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", long.text);
    let limited =
        TestServer::with(Settings { rates: Some(RateLimits { anonymous: 100, signed_in: 1 }), ..Settings::default() })
            .await;
    limited.key_for(KEY, Role::Registrar, Some("440115"), None).await;
    let mut last = StatusCode::OK;
    for _ in 0..20 {
        last = post(&limited, Some(KEY), &format!("{OFFERINGS}&dryRun=true"), ROWS).await.status;
        if last != StatusCode::OK {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
