//! Amendments: based on a version, signed by the parties whose signature is needed, while the old version applies.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, REPLACING, clause, terms, with_schedule};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    the_old_version_applies_until_the_new_one_starts,
    the_second_of_two_concurrent_amendments_is_rebased,
    a_rebased_draft_is_the_newest_version,
    a_proposal_superseded_by_another_conclusion_ends_for_all,
    two_clerks_do_not_overwrite_each_other,
    omitted_terms_stay_and_null_removes_them,
    a_failed_agreement_is_proposed_again_under_the_same_number,
    a_version_number_is_never_used_twice,
    a_new_agreement_replaces_an_ended_one,
    an_amendment_is_based_on_the_version_that_its_author_sees,
    a_framework_must_exist_and_rank_above,
}

async fn the_old_version_applies_until_the_new_one_starts(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let next =
        format!(r#"{}, effectiveFrom: "2026-12-01""#, with_schedule(&[NANSHA, MINHANG], &clause("1", "", REPLACING)));
    assert_eq!(agreement.registrar(MINHANG).amends(MINHANG, 1, &next).await, "2 DRAFT, IN_FORCE");
    // Only its author sees the draft.
    let seen = |answer: &serde_json::Value| answer["agreement"]["versions"]["totalCount"].clone();
    let versions = format!(r#"{{ agreement(number: "{}") {{ versions {{ totalCount }} }} }}"#, agreement.number);
    let counts = [
        registry.registrar(MINHANG).ask(&versions).await,
        registry.registrar(NANSHA).ask(&versions).await,
        registry.ask(&versions).await,
    ];
    assert_eq!(counts.map(|answer| seen(&answer)), [json!(2), json!(1), json!(1)]);
    assert_eq!(agreement.registrar(MINHANG).proposes(2).await, "2 PROPOSED, IN_FORCE");
    assert_eq!(agreement.signatory(NANSHA).signs(2).await, "2 PROPOSED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
    assert_eq!(agreement.signatory(MINHANG).signs(2).await, "2 CONCLUDED, IN_FORCE");
    let in_force = "inForce { number }";
    assert_eq!(agreement.ask(in_force).await["inForce"]["number"], 1);
    assert_eq!(
        registry.handling(REPLACING, NANSHA, MINHANG, "2026-11-30").await,
        "NOT_COVERED: MATTER_NOT_IN_SCHEDULE"
    );
    registry.pass(61);
    assert_eq!(agreement.ask(in_force).await["inForce"]["number"], 2);
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, "2026-12-01").await, "AVAILABLE: PROXY_COLLECTION");
    agreement.is("IN_FORCE", "NOT_COVERED: MATTER_NOT_IN_SCHEDULE", "CONCLUDED").await;
}

async fn the_second_of_two_concurrent_amendments_is_rebased(registry: TestRegistry) {
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
    assert_eq!(
        theirs.refused("proposeVersion", r#"version: 3, answerBy: "2026-10-31""#).await,
        "STALE baseVersion BASE_SUPERSEDED"
    );
    let amend = |base: u32, title: &str| format!(r#"proposer: "{MINHANG}", baseVersion: {base}, {}"#, titled(title));
    assert_eq!(theirs.refused("amendAgreement", &amend(1, "丙")).await, "STALE baseVersion BASE_SUPERSEDED");
    // No work is lost: the draft can be revised on its old base and proposed on the new one.
    assert_eq!(theirs.does("reviseDraft", &amend(1, "乙之二")).await, "3 DRAFT, IN_FORCE");
    assert_eq!(theirs.does("reviseDraft", &amend(2, "乙之三")).await, "3 DRAFT, IN_FORCE");
    assert_eq!(theirs.proposes(3).await, "3 PROPOSED, IN_FORCE");
    assert_eq!(
        agreement.ask("version(number: 3) { baseVersion title }").await["version"],
        json!({ "baseVersion": 2, "title": "跨域通办乙之三" })
    );
}

async fn a_rebased_draft_is_the_newest_version(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let clerk = agreement.registrar(NANSHA);
    for version in [2, 3] {
        let other = format!("{}, noticeDays: {version}", terms(&[NANSHA, MINHANG]));
        assert_eq!(clerk.amends(NANSHA, 1, &other).await, format!("{version} DRAFT, IN_FORCE"));
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

async fn a_proposal_superseded_by_another_conclusion_ends_for_all(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let titled = |title: &str| terms(&[NANSHA, MINHANG]).replace("合作协议", title);
    for (by, version, title) in [(NANSHA, 2, "甲"), (MINHANG, 3, "乙")] {
        agreement.registrar(by).amends(by, 1, &titled(title)).await;
        agreement.registrar(by).proposes(version).await;
    }
    let tasks = r#"{ viewer { tasks { edges { node { kind } } } } }"#;
    for party in [NANSHA, MINHANG] {
        agreement.signatory(party).signs(2).await;
    }
    for party in [NANSHA, MINHANG] {
        let kinds = registry.signatory(party).ask(tasks).await.to_string();
        assert!(!kinds.contains("TO_SIGN") && !kinds.contains("LAPSING"), "{kinds}");
    }
    let told = agreement.ask("version(number: 3) { state lapseReason answerBy outstanding { totalCount } }").await;
    assert_eq!(
        told["version"],
        json!({ "state": "LAPSED", "lapseReason": "SUPERSEDED", "answerBy": null, "outstanding": { "totalCount": 0 } })
    );
    assert_eq!(agreement.signatory(MINHANG).cannot_sign(3).await, "STALE version BASE_SUPERSEDED");
    assert_eq!(
        agreement.registrar(MINHANG).refused("withdrawProposal", "version: 3").await,
        "REFUSED version WRONG_STATE"
    );
    // No further date change is recorded for it.
    let revision = registry.revision();
    registry.pass(40);
    registry.clock().await;
    assert_eq!(registry.revision(), revision);
    let unanswered = r#"{ findings(rule: [R114_UNANSWERED_PAST_ITS_DATE]) { totalCount } }"#;
    assert_eq!(registry.registrar(NANSHA).ask(unanswered).await["findings"]["totalCount"], 0);
}

/// The newest revision of an agreement that a caller sees.
async fn revision(caller: &scenarios::Caller<'_>, number: &str) -> String {
    let told = caller.ask(&format!(r#"{{ agreement(number: "{number}") {{ revision }} }}"#)).await;
    told["agreement"]["revision"].to_string().replace('"', "")
}

async fn two_clerks_do_not_overwrite_each_other(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    agreement.registrar(NANSHA).amends(NANSHA, 1, &terms(&[NANSHA, MINHANG])).await;
    let read = revision(&registry.registrar(NANSHA), &agreement.number).await;
    let revise = |title: &str| {
        let terms = terms(&[NANSHA, MINHANG]).replace("合作协议", title);
        format!(r#"version: 2, proposer: "{NANSHA}", baseVersion: 1, {terms}, expectedRevision: {read}"#)
    };
    assert_eq!(agreement.registrar(NANSHA).does("reviseDraft", &revise("甲")).await, "2 DRAFT, IN_FORCE");
    assert_eq!(
        agreement.registrar(NANSHA).refused("reviseDraft", &revise("乙")).await,
        "STALE expectedRevision RECORD_MOVED"
    );
    let propose = format!(r#"version: 2, answerBy: "2026-10-31", expectedRevision: {read}"#);
    assert_eq!(
        agreement.registrar(NANSHA).refused("proposeVersion", &propose).await,
        "STALE expectedRevision RECORD_MOVED"
    );
    // Changes that 闵行 does not see do not change the agreement's revision for it.
    let theirs = revision(&registry.registrar(MINHANG), &agreement.number).await;
    assert_ne!(theirs, revision(&registry.registrar(NANSHA), &agreement.number).await);
    let suspend = format!(r#"reason: "系统升级", expectedRevision: {theirs}"#);
    assert_eq!(
        agreement.signatory(MINHANG).does("suspendAgreement", &suspend).await,
        "1 CONCLUDED, IN_FORCE".replace("IN_FORCE", "SUSPENDED")
    );
    assert_eq!(
        agreement.signatory(MINHANG).refused("resumeAgreement", &format!("expectedRevision: {theirs}")).await,
        "STALE expectedRevision RECORD_MOVED"
    );
}

async fn omitted_terms_stay_and_null_removes_them(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let more =
        r#"documentNumber: "南政务〔2026〕1号", effectiveTo: "2030-12-31", runOut: "已收件的办结", noticeDays: 60"#;
    let agreement = registry.concluded(&[NANSHA, MINHANG], more).await;
    let told = "latest { documentNumber effectiveTo runOut noticeDays }";
    let clerk = agreement.registrar(NANSHA);
    clerk.amends(NANSHA, 1, &terms(&[NANSHA, MINHANG])).await;
    let kept = json!({ "documentNumber": "南政务〔2026〕1号", "effectiveTo": "2030-12-31", "runOut": "已收件的办结", "noticeDays": 60 });
    let latest = format!(r#"{{ agreement(number: "{}") {{ {told} }} }}"#, agreement.number);
    let author = registry.registrar(NANSHA);
    assert_eq!(author.ask(&latest).await["agreement"]["latest"], kept);
    assert_eq!(
        clerk.refused("proposeVersion", r#"version: 2, answerBy: "2026-10-31""#).await,
        "REFUSED version NOTHING_CHANGED"
    );
    let nulls = format!(
        r#"proposer: "{NANSHA}", baseVersion: 1, {}, documentNumber: null, effectiveTo: null, runOut: null, noticeDays: null"#,
        terms(&[NANSHA, MINHANG])
    );
    clerk.does("reviseDraft", &nulls).await;
    assert_eq!(
        author.ask(&latest).await["agreement"]["latest"],
        json!({ "documentNumber": null, "effectiveTo": null, "runOut": null, "noticeDays": 30 })
    );
}

async fn a_failed_agreement_is_proposed_again_under_the_same_number(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&format!("{}, noticeDays: 60", terms(&[NANSHA, MINHANG]))).await;
    let clerk = agreement.registrar(NANSHA);
    let correct =
        format!(r#"proposer: "{NANSHA}", baseVersion: 0, {}"#, terms(&[NANSHA, MINHANG]).replace("合作协议", "更正稿"));
    assert_eq!(clerk.refused("amendAgreement", &correct).await, "REFUSED baseVersion WRONG_STATE");
    agreement.signatory(MINHANG).does("rejectVersion", r#"version: 1, reason: "清单有误""#).await;
    assert_eq!(clerk.does("amendAgreement", &correct).await, "2 DRAFT, NOT_CONCLUDED");
    clerk.proposes(2).await;
    for party in [NANSHA, MINHANG] {
        agreement.signatory(party).signs(2).await;
    }
    let told = agreement
        .ask("standing version(number: 2) { baseVersion noticeDays } versions { edges { node { state } } }")
        .await;
    assert_eq!(told["version"], json!({ "baseVersion": null, "noticeDays": 60 }));
    assert_eq!(
        (told["standing"].as_str(), told["versions"]["edges"][0]["node"]["state"].as_str()),
        (Some("IN_FORCE"), Some("LAPSED"))
    );
    assert_eq!(clerk.refused("amendAgreement", &correct).await, "STALE baseVersion BASE_SUPERSEDED");
    registry.verify().await.expect("the chain holds");
}

async fn a_version_number_is_never_used_twice(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    assert_eq!(agreement.registrar(NANSHA).amends(NANSHA, 1, &terms(&[NANSHA, MINHANG])).await, "2 DRAFT, IN_FORCE");
    agreement.registrar(NANSHA).does("discardDraft", "version: 2").await;
    let document = "{ changes(kinds: [AGREEMENT], last: 1) { edges { node { action document } } } }";
    let theirs = registry.registrar(MINHANG).ask(document).await.to_string();
    assert!(theirs.contains("CONCLUDED") && !theirs.contains("discarded"), "{theirs}");
    assert_eq!(agreement.registrar(MINHANG).amends(MINHANG, 1, &terms(&[NANSHA, MINHANG])).await, "3 DRAFT, IN_FORCE");
    registry.verify().await.expect("the chain holds");
}

async fn a_new_agreement_replaces_an_ended_one(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let old = registry.concluded(&[NANSHA, MINHANG], r#"effectiveTo: "2026-10-31""#).await;
    registry.pass(31);
    let amend =
        format!(r#"proposer: "{NANSHA}", baseVersion: 1, {}, effectiveTo: "2027-12-31""#, terms(&[NANSHA, MINHANG]));
    assert_eq!(old.registrar(NANSHA).refused("amendAgreement", &amend).await, "REFUSED number ENDED");
    let unknown = format!(r#"proposer: "{NANSHA}", {}, replaces: "TB-2026-000099""#, terms(&[NANSHA, MINHANG]));
    assert_eq!(
        registry.registrar(NANSHA).refused("draftAgreement", &unknown).await,
        ["NOT_FOUND replaces UNKNOWN_AGREEMENT"]
    );
    let agreed = format!(r#"{}, replaces: "{}""#, terms(&[NANSHA, MINHANG]), old.number);
    let paper = registry.recorded(&registry.steward(), NANSHA, &agreed).await;
    assert_eq!(paper.ask("replaces { number } latest { replaces { number } }").await["replaces"]["number"], old.number);
    let drafted = registry.drafted(&agreed).await;
    let with = drafted.digest(1).await;
    let without = format!(r#"proposer: "{NANSHA}", baseVersion: 0, {}, replaces: null"#, terms(&[NANSHA, MINHANG]));
    drafted.registrar(NANSHA).does("reviseDraft", &without).await;
    assert_ne!(drafted.digest(1).await, with);
}

async fn an_amendment_is_based_on_the_version_that_its_author_sees(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    assert_eq!(agreement.registrar(NANSHA).amends(NANSHA, 1, &terms(&[NANSHA, MINHANG])).await, "2 DRAFT, IN_FORCE");
    let amend = |by: &str, base: u32, more: &str| {
        format!(r#"proposer: "{by}", baseVersion: {base}, {}{more}"#, terms(&[NANSHA, MINHANG]))
    };
    // Another party's draft looks like a missing version.
    for base in [2, 7] {
        assert_eq!(
            agreement.registrar(MINHANG).refused("amendAgreement", &amend(MINHANG, base, "")).await,
            "NOT_FOUND baseVersion UNKNOWN_VERSION"
        );
    }
    assert_eq!(
        agreement.registrar(NANSHA).refused("amendAgreement", &amend(NANSHA, 2, "")).await,
        "REFUSED baseVersion WRONG_STATE"
    );
    assert_eq!(
        agreement.registrar(NANSHA).refused("amendAgreement", &amend(NANSHA, 1, ", version: 3")).await,
        "INVALID version NOT_YET"
    );
    assert_eq!(
        agreement.registrar(KUNSHAN).refused("amendAgreement", &amend(KUNSHAN, 1, "")).await,
        "REFUSED proposer NOT_A_PARTY"
    );
    assert_eq!(agreement.registrar(MINHANG).forbidden("amendAgreement", &amend(NANSHA, 1, "")).await, "FORBIDDEN");
    assert_eq!(
        agreement.registrar(MINHANG).refused("proposeVersion", r#"version: 2, answerBy: "2026-10-31""#).await,
        "NOT_FOUND version UNKNOWN_VERSION"
    );
}

async fn a_framework_must_exist_and_rank_above(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let above = registry.concluded(&[NANSHA, MINHANG], "").await;
    let under = |number: &str| format!(r#"{}, framework: "{number}""#, terms(&[NANSHA, MINHANG]));
    let below = registry.agreed(&[NANSHA, MINHANG], &under(&above.number)).await;
    assert_eq!(below.ask("framework { number }").await["framework"]["number"], above.number);
    let draft = |number: &str| format!(r#"proposer: "{NANSHA}", {}"#, under(number));
    assert_eq!(
        registry.registrar(NANSHA).refused("draftAgreement", &draft("TB-2026-000099")).await,
        ["NOT_FOUND framework UNKNOWN_AGREEMENT"]
    );
    let circle = format!(r#"proposer: "{NANSHA}", baseVersion: 1, {}"#, under(&below.number));
    assert_eq!(above.registrar(NANSHA).refused("amendAgreement", &circle).await, "REFUSED framework FRAMEWORK_CIRCLE");
    // A framework that the caller cannot see counts as missing.
    let hidden = registry.drafted(&terms(&[NANSHA, MINHANG])).await;
    let theirs = format!(r#"proposer: "{KUNSHAN}", {}, framework: "{}""#, terms(&[KUNSHAN, MINHANG]), hidden.number);
    assert_eq!(
        registry.registrar(KUNSHAN).refused("draftAgreement", &theirs).await,
        ["NOT_FOUND framework UNKNOWN_AGREEMENT"]
    );
}
