//! The audit log: every mutation is a line of the log, and every change is also an entry of the journal.

use domain::Role;
use serde_json::json;

use crate::TestServer;
use crate::log::Log;

#[tokio::test]
async fn every_mutation_has_one_audit_line_and_every_change_one_journal_entry() {
    let server = TestServer::new().await;
    let key = server.key_for("tb_steward", Role::Steward, None, None).await;
    let other = server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    let log = Log::new("info");
    let (steward, nansha) = (Some("Bearer tb_steward"), Some("Bearer tb_nansha"));
    let entries = async || {
        let told = server.ask(&[("authorization", "Bearer tb_steward")], "{ changes { totalCount } }").await.json();
        told["data"]["changes"]["totalCount"].as_u64().expect("a count")
    };
    let retire = |code: &str| {
        format!(
            r#"mutation {{ retireMatter(input: {{ code: "{code}", reason: "停办", idempotencyKey: "1" }}) {{ revision }} }}"#
        )
    };
    for (credential, mutation, told, done) in [
        (
            steward,
            retire("LGA000000001"),
            vec![format!("client=\"{key}\""), "outcome=\"DONE\"".to_owned(), "revision=18".to_owned()],
            1,
        ),
        // The idempotency key returns the stored result.
        (steward, retire("LGA000000001"), vec!["outcome=\"DONE\"".to_owned(), "revision=18".to_owned()], 0),
        (steward, retire("LGA000000099"), vec!["outcome=\"REFUSED\"".to_owned(), "IDEMPOTENCY_KEY_USED".to_owned()], 0),
        (
            nansha,
            retire("LGA000000001"),
            vec![format!("client=\"{other}\""), "district=\"440115\"".to_owned(), "outcome=\"FORBIDDEN\"".to_owned()],
            0,
        ),
        (None, retire("LGA000000001"), vec!["outcome=\"FORBIDDEN\"".to_owned()], 0),
    ] {
        let (lines, before) = (log.lines("audit").len(), entries().await);
        let headers: Vec<_> = credential.map(|credential| ("authorization", credential)).into_iter().collect();
        server.post(&headers, json!({ "query": mutation }).to_string()).await;
        assert_eq!(entries().await, before + done, "{told:?}");
        let audit = log.lines("audit");
        assert_eq!(audit.len(), lines + 1, "{told:?}");
        let line = &audit[lines];
        for part in told.into_iter().chain(["mutation=\"retireMatter\"".to_owned()]) {
            assert!(line.contains(&part), "{part} is missing in: {line}");
        }
        assert!(!line.contains("停办"), "the input is not logged: {line}");
    }
    // Two mutations in one request are two lines.
    let lines = log.lines("audit").len();
    let twice = r#"mutation { a: retireMatter(input: { code: "x", reason: "x" }) { revision } b: retireMatter(input: { code: "y", reason: "y" }) { revision } }"#;
    server.ask(&[("authorization", "Bearer tb_steward")], twice).await;
    assert_eq!(log.lines("audit").len(), lines + 2);
}
