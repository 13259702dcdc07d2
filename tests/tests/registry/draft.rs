//! Drafts: who sees them, how they are revised, discarded and refused.

use scenarios::agreement::{ANSWER_BY, KUNSHAN, MINHANG, NANSHA, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_draft_is_visible_to_its_author_only,
    all_problems_of_a_draft_are_reported_at_once,
    a_draft_is_revised_until_it_is_proposed,
    a_discarded_draft_is_removed_and_its_number_is_not_reused,
}

async fn a_draft_is_visible_to_its_author_only(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let draft = format!(r#"proposer: "{NANSHA}", {}"#, terms(&[NANSHA, MINHANG]));
    registry.registrar("440115").does("draftAgreement", &draft, "agreement { number }").await;
    let propose = r#"number: "TB-2026-000001", version: 1, answerBy: "2026-10-31""#;
    assert_eq!(registry.registrar("310112").refused("proposeVersion", propose).await, ["NOT_FOUND number NOT_FOUND"]);
    let unknown = r#"number: "TB-2026-000009", version: 1, answerBy: "2026-10-31""#;
    let hers = registry.registrar("310112").act("proposeVersion", propose, "").await;
    assert_eq!(hers, registry.registrar("310112").act("proposeVersion", unknown, "").await);
    assert_eq!(registry.anybody().forbidden("proposeVersion", propose).await, "FORBIDDEN");
    assert_eq!(registry.registrar("310112").forbidden("draftAgreement", &draft).await, "FORBIDDEN");
}

async fn all_problems_of_a_draft_are_reported_at_once(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let input = r#"proposer: "440115", title: " ", effectiveFrom: "2026-1-1", parties: [{ district: "440115" }, { district: "44" }],
        schedule: [{ matters: ["x"], mode: FULL_ONLINE }], idempotencyKey: """#;
    let mut problems = registry.registrar("440115").refused("draftAgreement", input).await;
    problems.sort();
    let expected = [
        "INVALID effectiveFrom DATE",
        "INVALID idempotencyKey IDEMPOTENCY_KEY",
        "INVALID parties.1.district DISTRICT_CODE",
        "INVALID schedule.0.matters.0 MATTER_CODE",
        "INVALID title REQUIRED",
    ];
    assert_eq!(problems, expected);
    let input = r#"proposer: "440115", title: "协议", parties: [{ district: "440115" }, { district: "999999" }], schedule: [{ matters: ["999999999999"], mode: FULL_ONLINE }]"#;
    let problems = registry.registrar("440115").refused("draftAgreement", input).await;
    assert_eq!(
        problems,
        ["NOT_FOUND parties.1.district UNKNOWN_DISTRICT", "NOT_FOUND schedule.0.matters UNKNOWN_MATTER"]
    );
}

async fn a_draft_is_revised_until_it_is_proposed(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    // An explicit null equals an omitted field.
    let nulls = format!(
        "{}, amendmentRule: null, concludes: null, admission: null, noticeDays: null",
        terms(&[NANSHA, MINHANG])
    );
    let usual =
        registry.drafted(&nulls.replace(r#"district: "440115" }"#, r#"district: "440115", extent: null }"#)).await;
    let told = usual.ask("latest { amendmentRule concludes admission noticeDays }").await;
    assert_eq!(
        told["latest"],
        json!({ "amendmentRule": "ALL", "concludes": "ALL", "admission": "ALL", "noticeDays": 30 })
    );
    let draft = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let clerk = draft.registrar(NANSHA);
    let revised = terms(&[NANSHA, MINHANG, KUNSHAN]).replace("合作协议", "框架协议");
    let revise = format!(r#"proposer: "{NANSHA}", baseVersion: 0, {revised}"#);
    assert_eq!(clerk.does("reviseDraft", &revise).await, "1 DRAFT, NOT_CONCLUDED");
    assert_eq!(
        draft.ask("title latest { parties { totalCount } }").await,
        json!({ "title": "跨域通办框架协议", "latest": { "parties": { "totalCount": 3 } } })
    );
    // For every other caller the draft does not exist.
    let theirs = revise.replacen(NANSHA, MINHANG, 1);
    assert_eq!(draft.registrar(MINHANG).refused("reviseDraft", &theirs).await, "NOT_FOUND number NOT_FOUND");
    assert_eq!(draft.registrar(MINHANG).refused("discardDraft", "version: 1").await, "NOT_FOUND number NOT_FOUND");
    assert_eq!(
        clerk.refused("reviseDraft", &format!("version: 2, {revise}")).await,
        "NOT_FOUND version UNKNOWN_VERSION"
    );
    assert_eq!(clerk.proposes(1).await, "1 PROPOSED, NOT_CONCLUDED");
    assert_eq!(clerk.refused("reviseDraft", &format!("version: 1, {revise}")).await, "REFUSED version WRONG_STATE");
    assert_eq!(clerk.refused("reviseDraft", &revise).await, "REFUSED version NO_DRAFT");
    assert_eq!(clerk.refused("discardDraft", "version: 1").await, "REFUSED version WRONG_STATE");
    assert_eq!(
        clerk.refused("proposeVersion", &format!(r#"version: 1, answerBy: "{ANSWER_BY}""#)).await,
        "REFUSED version WRONG_STATE"
    );
}

async fn a_discarded_draft_is_removed_and_its_number_is_not_reused(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let before = registry.revision();
    let draft = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    assert_eq!(draft.number, "TB-2026-000001");
    assert_eq!(draft.registrar(NANSHA).does("discardDraft", "version: 1").await, "nothing");
    assert_eq!(draft.ask("standing").await, json!(null));
    assert_eq!(draft.registrar(NANSHA).refused("discardDraft", "version: 1").await, "NOT_FOUND number NOT_FOUND");
    assert_eq!(registry.drafted(&terms(&[NANSHA, MINHANG])).await.number, "TB-2026-000002");
    // The author's feed has an entry without a document; the public feed has no visible gap.
    let changes = format!(
        "{{ changes(since: {before}) {{ edges {{ previousRevision node {{ action document record {{ id }} }} }} }} }}"
    );
    let told = registry.registrar(NANSHA).ask(&changes).await;
    let gone = &told["changes"]["edges"][1]["node"];
    assert_eq!(gone, &json!({ "action": "DRAFT_DISCARDED", "document": null, "record": null }));
    assert_eq!(registry.ask(&changes).await["changes"]["edges"], json!([]));
    assert_eq!(registry.registrar(MINHANG).ask(&changes).await["changes"]["edges"], json!([]));
    registry.verify().await.expect("a draft that is gone is gone everywhere");
}
