//! What is agreed changes: over a base, by those whose signature is needed, while the old version holds.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, REPLACING, clause, terms, with_schedule};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    the_old_version_holds_until_the_new_one_starts,
    of_two_amendments_at_once_the_second_is_rebased,
    a_draft_that_is_rebased_on_a_younger_version_is_the_newest,
    a_changed_schedule_needs_whom_the_rule_names,
    who_is_not_asked_neither_signs_nor_refuses,
    silence_is_consent_and_who_objects_is_left_out,
    an_amendment_rests_on_what_its_author_sees,
    a_framework_exists_and_stands_above,
}

const ALL: [&str; 3] = [NANSHA, MINHANG, KUNSHAN];

/// A second clause, of 南沙 for 闵行 alone.
fn more() -> String {
    format!("{}, {}", clause("1", "", RENEWING), clause("2", &format!(r#"receiving: ["{NANSHA}"], competent: ["{MINHANG}"],"#), REPLACING))
}

async fn the_old_version_holds_until_the_new_one_starts(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let next = format!(r#"{}, effectiveFrom: "2026-12-01""#, with_schedule(&[NANSHA, MINHANG], &clause("1", "", REPLACING)));
    assert_eq!(agreement.registrar(MINHANG).amends(MINHANG, 1, &next).await, "2 DRAFT, IN_FORCE");
    // Only its author sees the draft.
    let seen = |answer: &serde_json::Value| answer["agreement"]["versions"]["totalCount"].clone();
    let versions = format!(r#"{{ agreement(number: "{}") {{ versions {{ totalCount }} }} }}"#, agreement.number);
    let counts = [registry.registrar(MINHANG).ask(&versions).await, registry.registrar(NANSHA).ask(&versions).await, registry.ask(&versions).await];
    assert_eq!(counts.map(|answer| seen(&answer)), [json!(2), json!(1), json!(1)]);
    assert_eq!(agreement.registrar(MINHANG).proposes(2).await, "2 PROPOSED, IN_FORCE");
    assert_eq!(agreement.signatory(NANSHA).signs(2).await, "2 PROPOSED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
    assert_eq!(agreement.signatory(MINHANG).signs(2).await, "2 CONCLUDED, IN_FORCE");
    let in_force = "inForce { number }";
    assert_eq!(agreement.ask(in_force).await["inForce"]["number"], 1);
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, "2026-11-30").await, "NOT_COVERED: MATTER_NOT_IN_SCHEDULE");
    registry.pass(61);
    assert_eq!(agreement.ask(in_force).await["inForce"]["number"], 2);
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, "2026-12-01").await, "AVAILABLE: PROXY_COLLECTION");
    agreement.is("IN_FORCE", "NOT_COVERED: MATTER_NOT_IN_SCHEDULE", "CONCLUDED").await;
}

async fn of_two_amendments_at_once_the_second_is_rebased(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let titled = |title: &str| terms(&[NANSHA, MINHANG]).replace("合作协议", title);
    let (ours, theirs) = (agreement.registrar(NANSHA), agreement.registrar(MINHANG));
    assert_eq!(ours.amends(NANSHA, 1, &titled("甲")).await, "2 DRAFT, IN_FORCE");
    assert_eq!(theirs.amends(MINHANG, 1, &titled("乙")).await, "3 DRAFT, IN_FORCE");
    assert_eq!(ours.proposes(2).await, "2 PROPOSED, IN_FORCE");
    for party in [NANSHA, MINHANG] {
        agreement.signatory(party).signs(2).await;
    }
    assert_eq!(theirs.refused("proposeVersion", r#"version: 3, answerBy: "2026-10-31""#).await, "STALE baseVersion BASE_SUPERSEDED");
    let amend = |base: u32, title: &str| format!(r#"proposer: "{MINHANG}", baseVersion: {base}, {}"#, titled(title));
    assert_eq!(theirs.refused("amendAgreement", &amend(1, "丙")).await, "STALE baseVersion BASE_SUPERSEDED");
    // No work is lost: over its old base it can still be revised, and over the new one it is proposed.
    assert_eq!(theirs.does("reviseDraft", &amend(1, "乙之二")).await, "3 DRAFT, IN_FORCE");
    assert_eq!(theirs.does("reviseDraft", &amend(2, "乙之三")).await, "3 DRAFT, IN_FORCE");
    assert_eq!(theirs.proposes(3).await, "3 PROPOSED, IN_FORCE");
    assert_eq!(agreement.ask("version(number: 3) { baseVersion title }").await["version"], json!({ "baseVersion": 2, "title": "跨域通办乙之三" }));
}

async fn a_draft_that_is_rebased_on_a_younger_version_is_the_newest(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let clerk = agreement.registrar(NANSHA);
    for version in [2, 3] {
        assert_eq!(clerk.amends(NANSHA, 1, &terms(&[NANSHA, MINHANG])).await, format!("{version} DRAFT, IN_FORCE"));
    }
    let revise = format!(r#"proposer: "{NANSHA}", baseVersion: 1, {}"#, terms(&[NANSHA, MINHANG]));
    assert_eq!(clerk.refused("reviseDraft", &revise).await, "REFUSED version SEVERAL_DRAFTS");
    assert_eq!(clerk.proposes(3).await, "3 PROPOSED, IN_FORCE");
    for party in [NANSHA, MINHANG] {
        agreement.signatory(party).signs(3).await;
    }
    let rebase = revise.replace("baseVersion: 1", "baseVersion: 3");
    assert_eq!(clerk.does("reviseDraft", &format!("version: 2, {rebase}")).await, "4 DRAFT, IN_FORCE");
    assert_eq!(clerk.does("discardDraft", "version: 4").await, "3 CONCLUDED, IN_FORCE");
}

async fn a_changed_schedule_needs_whom_the_rule_names(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let one_more = with_schedule(&ALL, &more());
    let expected: [(&str, &[&str]); 4] =
        [("ALL", &[MINHANG, KUNSHAN, NANSHA]), ("AFFECTED", &[MINHANG, NANSHA]), ("LEAD", &[KUNSHAN]), ("NO_OBJECTION", &[MINHANG])];
    for (rule, signers) in expected {
        let agreement = registry.concluded(&ALL, &format!(r#"amendmentRule: {rule}, lead: "{KUNSHAN}""#)).await;
        assert_eq!(agreement.registrar(MINHANG).amends(MINHANG, 1, &one_more).await, "2 DRAFT, IN_FORCE");
        assert_eq!(agreement.registrar(MINHANG).proposes(2).await, "2 PROPOSED, IN_FORCE");
        assert_eq!(agreement.outstanding(2).await, signers, "{rule}");
        // Changed terms are everybody's, whatever the rule; what is left out is as in the base.
        let other_terms = format!("{one_more}, noticeDays: 60");
        assert_eq!(agreement.registrar(NANSHA).amends(NANSHA, 1, &other_terms).await, "3 DRAFT, IN_FORCE");
        assert_eq!(agreement.registrar(NANSHA).proposes(3).await, "3 PROPOSED, IN_FORCE");
        assert_eq!(agreement.outstanding(3).await, [MINHANG, KUNSHAN, NANSHA], "{rule}");
        let kept = agreement.ask("latest { amendmentRule lead { code } noticeDays }").await;
        assert_eq!(kept["latest"], json!({ "amendmentRule": rule, "lead": { "code": KUNSHAN }, "noticeDays": 60 }));
        if rule != "NO_OBJECTION" {
            for signer in signers {
                agreement.signatory(signer).signs(2).await;
            }
            assert_eq!(agreement.state(2).await, "CONCLUDED", "{rule}");
            assert_eq!(agreement.signatory(NANSHA).cannot_sign(3).await, "STALE version BASE_SUPERSEDED");
        }
    }
}

async fn who_is_not_asked_neither_signs_nor_refuses(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "amendmentRule: LEAD").await;
    assert_eq!(agreement.registrar(MINHANG).amends(MINHANG, 1, &with_schedule(&ALL, &more())).await, "2 DRAFT, IN_FORCE");
    assert_eq!(agreement.registrar(MINHANG).proposes(2).await, "2 PROPOSED, IN_FORCE");
    assert_eq!(agreement.signatory(MINHANG).cannot_sign(2).await, "REFUSED party NOT_ASKED");
    assert_eq!(agreement.signatory(KUNSHAN).refused("rejectVersion", r#"version: 2, reason: "…""#).await, "REFUSED party NOT_ASKED");
    assert_eq!(agreement.signatory(NANSHA).signs(2).await, "2 CONCLUDED, IN_FORCE");
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
}

async fn silence_is_consent_and_who_objects_is_left_out(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "amendmentRule: NO_OBJECTION, objectionDays: 10").await;
    let everybodys = format!("{}, {}", clause("1", "", RENEWING), clause("2", "", REPLACING));
    assert_eq!(agreement.registrar(NANSHA).amends(NANSHA, 1, &with_schedule(&ALL, &everybodys)).await, "2 DRAFT, IN_FORCE");
    assert_eq!(agreement.registrar(NANSHA).proposes(2).await, "2 PROPOSED, IN_FORCE");
    assert_eq!(agreement.signatory(NANSHA).refused("rejectVersion", r#"version: 2, reason: "…""#).await, "REFUSED party OWN_PROPOSAL");
    assert_eq!(agreement.signatory(NANSHA).signs(2).await, "2 PROPOSED, IN_FORCE");
    registry.pass(10);
    assert_eq!(agreement.signatory(KUNSHAN).does("rejectVersion", r#"version: 2, reason: "本地无此窗口""#).await, "2 PROPOSED, IN_FORCE");
    registry.pass(1);
    assert_eq!(agreement.state(2).await, "CONCLUDED");
    let on = "2026-10-12";
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, on).await, "AVAILABLE: PROXY_COLLECTION");
    assert!(registry.handling(REPLACING, NANSHA, KUNSHAN, on).await.starts_with("NOT_COVERED: "));
    // What was agreed before, it still does.
    assert_eq!(registry.handling(RENEWING, NANSHA, KUNSHAN, on).await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(agreement.signatory(MINHANG).refused("rejectVersion", r#"version: 2, reason: "…""#).await, "REFUSED version WRONG_STATE");
}

async fn an_amendment_rests_on_what_its_author_sees(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    assert_eq!(agreement.registrar(NANSHA).amends(NANSHA, 1, &terms(&[NANSHA, MINHANG])).await, "2 DRAFT, IN_FORCE");
    let amend = |by: &str, base: u32, more: &str| format!(r#"proposer: "{by}", baseVersion: {base}, {}{more}"#, terms(&[NANSHA, MINHANG]));
    // Another's draft looks like no version at all.
    for base in [2, 7] {
        assert_eq!(agreement.registrar(MINHANG).refused("amendAgreement", &amend(MINHANG, base, "")).await, "NOT_FOUND baseVersion UNKNOWN_VERSION");
    }
    assert_eq!(agreement.registrar(NANSHA).refused("amendAgreement", &amend(NANSHA, 2, "")).await, "REFUSED baseVersion WRONG_STATE");
    assert_eq!(agreement.registrar(NANSHA).refused("amendAgreement", &amend(NANSHA, 1, ", version: 3")).await, "INVALID version NOT_YET");
    assert_eq!(agreement.registrar(KUNSHAN).refused("amendAgreement", &amend(KUNSHAN, 1, "")).await, "REFUSED proposer NOT_A_PARTY");
    assert_eq!(agreement.registrar(MINHANG).forbidden("amendAgreement", &amend(NANSHA, 1, "")).await, "FORBIDDEN");
    assert_eq!(
        agreement.registrar(MINHANG).refused("proposeVersion", r#"version: 2, answerBy: "2026-10-31""#).await,
        "NOT_FOUND version UNKNOWN_VERSION"
    );
}

async fn a_framework_exists_and_stands_above(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let above = registry.concluded(&[NANSHA, MINHANG], "").await;
    let under = |number: &str| format!(r#"{}, framework: "{number}""#, terms(&[NANSHA, MINHANG]));
    let below = registry.agreed(&[NANSHA, MINHANG], &under(&above.number)).await;
    assert_eq!(below.ask("framework { number }").await["framework"]["number"], above.number);
    let draft = |number: &str| format!(r#"proposer: "{NANSHA}", {}"#, under(number));
    assert_eq!(registry.registrar(NANSHA).refused("draftAgreement", &draft("TB-2026-000099")).await, ["NOT_FOUND framework UNKNOWN_AGREEMENT"]);
    let circle = format!(r#"proposer: "{NANSHA}", baseVersion: 1, {}"#, under(&below.number));
    assert_eq!(above.registrar(NANSHA).refused("amendAgreement", &circle).await, "REFUSED framework FRAMEWORK_CIRCLE");
    // A framework that one does not see is none.
    let hidden = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let theirs = format!(r#"proposer: "{KUNSHAN}", {}, framework: "{}""#, terms(&[KUNSHAN, MINHANG]), hidden.number);
    assert_eq!(registry.registrar(KUNSHAN).refused("draftAgreement", &theirs).await, ["NOT_FOUND framework UNKNOWN_AGREEMENT"]);
}
