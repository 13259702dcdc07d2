//! Templates and schedules as workbooks.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use domain::Role;
use exchange::file::input::InputFile;
use tower::ServiceExt as _;

use crate::TestServer;

/// The status and the content of an address.
async fn fetch(server: &TestServer, address: &str, key: Option<&str>) -> (StatusCode, Vec<u8>) {
    let mut request = Request::get(address);
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let response =
        server.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let status = response.status();
    (status, to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec())
}

#[tokio::test]
async fn templates_are_workbooks_that_are_read_again() {
    let server = TestServer::new().await;
    for kind in ["district", "matter", "offering", "window", "schedule"] {
        let (status, content) = fetch(&server, &format!("/templates/{kind}.xlsx?district=440115"), None).await;
        assert_eq!(status, StatusCode::OK, "{kind}");
        let file = InputFile::open(std::io::Cursor::new(content)).expect("a workbook");
        let visible: Vec<bool> = file.sheets().iter().map(|sheet| sheet.is_visible).collect();
        assert_eq!(visible, [true, false], "{kind}: a list, and hidden choices");
    }
    assert_eq!(fetch(&server, "/templates/planet.xlsx", None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(fetch(&server, "/templates/matter", None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(fetch(&server, "/templates/matter.xlsx?district=44", None).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_schedule_is_for_callers_who_may_see_its_agreement() {
    let server = TestServer::new().await;
    let of = |number: &str, version: &str| format!("/agreements/{number}/versions/{version}/schedule.xlsx");
    let (status, content) = fetch(&server, &of("TB-2021-000001", "1"), None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(InputFile::open(std::io::Cursor::new(content)).is_ok());
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    server.key_for("tb_minhang", Role::Registrar, Some("310112"), None).await;
    let draft = r#"mutation { draftAgreement(input: { proposer: "440115", title: "协议", parties: [{ district: "440115" }, { district: "310112" }], schedule: [] }) { agreement { number } } }"#;
    let body = serde_json::json!({ "query": draft }).to_string();
    let drafted = server.post(&[("authorization", "Bearer tb_nansha")], body).await.json();
    let number = drafted["data"]["draftAgreement"]["agreement"]["number"].as_str().expect("a number").to_owned();
    assert_eq!(fetch(&server, &of(&number, "1"), Some("tb_nansha")).await.0, StatusCode::OK);
    let missing = fetch(&server, &of("TB-2026-000999", "1"), None).await;
    assert_eq!(missing.0, StatusCode::NOT_FOUND);
    for (number, version, key) in
        [(number.as_str(), "1", Some("tb_minhang")), (&number, "1", None), ("TB-1", "x", None)]
    {
        assert_eq!(fetch(&server, &of(number, version), key).await, missing, "{number} {key:?}");
    }
}

#[tokio::test]
async fn what_can_be_done_between_two_districts_is_a_workbook() {
    let server = TestServer::new().await;
    let (status, content) = fetch(&server, "/between/440115/310112/matters.xlsx", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(InputFile::open(std::io::Cursor::new(content)).is_ok());
    assert_eq!(fetch(&server, "/between/44/310112/matters.xlsx", None).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(fetch(&server, "/between/440115/310112/matters.xlsx?on=1", None).await.0, StatusCode::BAD_REQUEST);
}
