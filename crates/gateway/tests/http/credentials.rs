//! API keys: invalid keys are refused, and callers see the records of their role and district.

use axum::http::StatusCode;
use chrono::DateTime;
use domain::{Role, calendar};
use persistence::WriteContext;
use registry::clock;
use serde_json::Value;
use serde_json::json;

use crate::TestServer;

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let server = TestServer::new().await;
    for credential in ["Bearer tb_wrong", "Bearer", "Basic dTpw", "tb_wrong", ""] {
        let answer = server.ask(&[("authorization", credential)], "{ __typename }").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            "{credential}"
        );
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert!(answer.json().get("data").is_none());
    }
    server.key("tb_expired", DateTime::from_timestamp(1_600_000_000, 0)).await;
    assert_eq!(
        server.ask(&[("authorization", "Bearer tb_expired")], "{ __typename }").await.status,
        StatusCode::UNAUTHORIZED
    );

    let id = server.key("tb_good", None).await;
    let viewer = "{ viewer { name roles } }";
    let answer = server.ask(&[("authorization", "bearer tb_good")], viewer).await;
    assert_eq!(answer.json()["data"]["viewer"], json!({ "name": "伙伴", "roles": ["PARTNER"] }));
    assert_eq!(server.ask(&[], viewer).await.json()["data"]["viewer"]["name"], Value::Null);

    let mut work = server
        .store
        .begin(WriteContext {
            actor: "test".to_owned(),
            on_behalf_of: None,
            now: clock::now(),
            today: calendar::day_in_china(clock::now()),
        })
        .await
        .expect("a work");
    let revoked = work.revoke_key(id, clock::now()).await.expect("it revokes").expect("the key");
    work.commit().await.expect("it commits");
    server
        .app
        .wait_for_revision(revoked.revision, std::time::Duration::from_secs(5))
        .await
        .expect("the server follows");
    assert_eq!(server.ask(&[("authorization", "Bearer tb_good")], viewer).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_caller_does_not_see_the_records_of_another() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    server.key_for("tb_minhang", Role::Registrar, Some("310112"), None).await;
    let (nansha, minhang) = ([("authorization", "Bearer tb_nansha")], [("authorization", "Bearer tb_minhang")]);
    let draft = r#"mutation { draftAgreement(input: { proposer: "440115", title: "草案", parties: [{ district: "440115" }, { district: "310112" }], schedule: [] }) { agreement { id number } problems { rule } } }"#;
    let drafted = server.ask(&nansha, draft).await.json();
    let drafted = &drafted["data"]["draftAgreement"]["agreement"];
    let question =
        format!("{{ agreement(number: {}) {{ title }} node(id: {}) {{ id }} }}", drafted["number"], drafted["id"]);
    for _ in 0..2 {
        assert_eq!(server.ask(&nansha, &question).await.json()["data"]["agreement"]["title"], "草案");
        for headers in [&minhang[..], &[]] {
            assert_eq!(server.ask(headers, &question).await.json()["data"], json!({ "agreement": null, "node": null }));
        }
    }
}
