//! The life of an agreement, as the offices live it: drafted, put before the parties, signed, kept.

use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_draft_that_both_sign_answers_at_once,
    a_draft_is_nobody_elses_to_see,
    an_answer_that_was_lost_is_given_again,
    what_is_wrong_with_a_draft_is_told_at_once,
    a_signature_over_another_digest_is_never_counted,
}

const DRAFT: &str = r#"proposer: "440115", title: "南沙—闵行跨域通办合作协议",
    parties: [{ district: "440115" }, { district: "310112" }],
    schedule: [{ key: "1", receiving: ["440115"], competent: ["310112"], matters: ["000109001000"], mode: PROXY_COLLECTION }]"#;

/// Drafts an agreement and puts it before the parties: its number and digest.
async fn proposed(registry: &TestRegistry) -> (String, String) {
    let clerk = registry.registrar("440115");
    let drafted = clerk.does("draftAgreement", DRAFT, "agreement { number }").await;
    let number = drafted["agreement"]["number"].as_str().expect("a number").to_owned();
    let input = format!(r#"number: "{number}", version: 1, answerBy: "2026-10-31""#);
    let proposed = clerk.does("proposeVersion", &input, "version { digest state }").await;
    assert_eq!(proposed["version"]["state"], "PROPOSED");
    (number, proposed["version"]["digest"].as_str().expect("a digest").to_owned())
}

fn signature(number: &str, version: u32, digest: &str, party: &str) -> String {
    format!(r#"number: "{number}", version: {version}, digest: "{digest}", party: "{party}""#)
}

async fn handling(registry: &TestRegistry) -> String {
    registry.handling("000109001000", "440115", "310112", &registry.today().to_string()).await
}

async fn a_draft_that_both_sign_answers_at_once(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let (number, digest) = proposed(&registry).await;
    assert_eq!(handling(&registry).await, "NOT_COVERED: NO_COMMON_BASIS");
    let ours = registry.signatory("440115").does("signVersion", &signature(&number, 1, &digest, "440115"), "version { state }").await;
    assert_eq!(ours["version"]["state"], "PROPOSED");
    let theirs = registry
        .signatory("310112")
        .does("signVersion", &signature(&number, 1, &digest, "310112"), "agreement { standing } version { state signedOn }")
        .await;
    assert_eq!(theirs["version"], json!({ "state": "CONCLUDED", "signedOn": "2026-10-01" }));
    assert_eq!(theirs["agreement"]["standing"], "IN_FORCE");
    assert_eq!(handling(&registry).await, "AVAILABLE: PROXY_COLLECTION");
    registry.verify().await.expect("the chain holds");
}

async fn a_draft_is_nobody_elses_to_see(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    registry.registrar("440115").does("draftAgreement", DRAFT, "agreement { number }").await;
    let propose = r#"number: "TB-2026-000001", version: 1, answerBy: "2026-10-31""#;
    assert_eq!(registry.registrar("310112").refused("proposeVersion", propose).await, ["NOT_FOUND number NOT_FOUND"]);
    let unknown = r#"number: "TB-2026-000009", version: 1, answerBy: "2026-10-31""#;
    let hers = registry.registrar("310112").act("proposeVersion", propose, "").await;
    assert_eq!(hers, registry.registrar("310112").act("proposeVersion", unknown, "").await);
    assert_eq!(registry.anybody().forbidden("proposeVersion", propose).await, "FORBIDDEN");
    assert_eq!(registry.registrar("310112").forbidden("draftAgreement", DRAFT).await, "FORBIDDEN");
}

async fn an_answer_that_was_lost_is_given_again(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let clerk = registry.registrar("440115");
    let input = format!(r#"{DRAFT}, idempotencyKey: "2026-10-01/1""#);
    let first = clerk.does("draftAgreement", &input, "agreement { number } version { number }").await;
    assert_eq!(clerk.does("draftAgreement", &input, "agreement { number } version { number }").await, first);
    let other = input.replace("合作协议", "框架协议");
    assert_eq!(clerk.refused("draftAgreement", &other).await, ["CONFLICT idempotencyKey IDEMPOTENCY_KEY_USED"]);
    registry.pass(8);
    let anew = clerk.does("draftAgreement", &input, "agreement { number }").await;
    assert_ne!(anew["agreement"]["number"], first["agreement"]["number"]);
}

async fn what_is_wrong_with_a_draft_is_told_at_once(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let input = r#"proposer: "440115", title: " ", effectiveFrom: "2026-1-1", parties: [{ district: "440115" }, { district: "44" }],
        schedule: [{ matters: ["x"], mode: FULL_ONLINE }], idempotencyKey: """#;
    let mut problems = registry.registrar("440115").refused("draftAgreement", input).await;
    problems.sort();
    let expected = [
        "INVALID effectiveFrom DATE",
        "INVALID idempotencyKey IDEMPOTENCY_KEY",
        "INVALID parties TOO_FEW_PARTIES",
        "INVALID parties.1.district DISTRICT_CODE",
        "INVALID schedule.0.matters.0 MATTER_CODE",
        "INVALID title REQUIRED",
    ];
    assert_eq!(problems, expected);
    let input = r#"proposer: "440115", title: "协议", parties: [{ district: "440115" }, { district: "999999" }], schedule: [{ matters: ["999999999999"], mode: FULL_ONLINE }]"#;
    let problems = registry.registrar("440115").refused("draftAgreement", input).await;
    assert_eq!(problems, ["NOT_FOUND parties.1.district UNKNOWN_DISTRICT", "NOT_FOUND schedule.0.matters UNKNOWN_MATTER"]);
}

async fn a_signature_over_another_digest_is_never_counted(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let (number, digest) = proposed(&registry).await;
    let other = format!("sha-256:{}", "0".repeat(64));
    let signatory = registry.signatory("310112");
    assert_eq!(signatory.refused("signVersion", &signature(&number, 1, &other, "310112")).await, ["STALE digest OTHER_DIGEST"]);
    let signed = signatory.does("signVersion", &signature(&number, 1, &digest, "310112"), "version { signatures { totalCount } }").await;
    assert_eq!(signed["version"]["signatures"]["totalCount"], 1);
}
