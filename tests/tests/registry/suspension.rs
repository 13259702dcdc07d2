//! Suspensions: a party's stops its participation, the registry's stops the whole agreement; only its author lifts one.

use std::fmt::Write as _;

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_party_suspends_its_own_participation,
    only_its_author_lifts_a_suspension,
    one_suspension_is_lifted_and_another_stays,
    a_suspension_ends_with_its_last_day,
    a_steward_suspends_a_whole_agreement,
    one_suspended_party_does_not_affect_the_others,
}

const BECAUSE: &str = r#"reason: "系统升级""#;

async fn a_party_suspends_its_own_participation(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG, KUNSHAN], "").await;
    registry.pass(1);
    assert_eq!(agreement.signatory(KUNSHAN).does("suspendAgreement", BECAUSE).await, "1 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "SUSPENDED").await;
    for (receiving, competent) in [(NANSHA, KUNSHAN), (KUNSHAN, NANSHA)] {
        assert_eq!(registry.handling(RENEWING, receiving, competent, "2026-10-02").await, "NOT_COVERED: SUSPENDED");
        assert_eq!(
            registry.handling(RENEWING, receiving, competent, "2026-10-01").await,
            "AVAILABLE: PROXY_COLLECTION"
        );
    }
    assert_eq!(
        agreement.signatory(KUNSHAN).refused("suspendAgreement", BECAUSE).await,
        "REFUSED party ALREADY_SUSPENDED"
    );
    assert_eq!(agreement.signatory("440100").refused("suspendAgreement", BECAUSE).await, "REFUSED party NOT_A_PARTY");
    // If fewer than two parties are left, the whole agreement is suspended.
    assert_eq!(agreement.signatory(MINHANG).does("suspendAgreement", BECAUSE).await, "1 CONCLUDED, SUSPENDED");
    agreement.is("SUSPENDED", "NOT_COVERED: SUSPENDED", "SUSPENDED").await;
    assert_eq!(agreement.signatory(MINHANG).does("resumeAgreement", "").await, "1 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "RESUMED").await;
}

async fn only_its_author_lifts_a_suspension(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    assert_eq!(agreement.signatory(MINHANG).does("suspendAgreement", BECAUSE).await, "1 CONCLUDED, SUSPENDED");
    assert_eq!(agreement.signatory(NANSHA).refused("resumeAgreement", "").await, "REFUSED party NOT_SUSPENDED");
    assert_eq!(agreement.steward().refused("releaseAgreement", BECAUSE).await, "REFUSED party NOT_SUSPENDED");
    let in_its_name = agreement.in_hands_of(registry.steward(), Some(MINHANG));
    assert_eq!(in_its_name.forbidden("resumeAgreement", "").await, "FORBIDDEN");
    assert_eq!(agreement.standing().await, "SUSPENDED");
}

async fn one_suspension_is_lifted_and_another_stays(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    for party in [NANSHA, MINHANG] {
        assert_eq!(agreement.signatory(party).does("suspendAgreement", BECAUSE).await, "1 CONCLUDED, SUSPENDED");
    }
    assert_eq!(agreement.steward().does("stopAgreement", r#"reason: "紧急停用""#).await, "1 CONCLUDED, SUSPENDED");
    registry.pass(1);
    assert_eq!(agreement.signatory(MINHANG).does("resumeAgreement", "").await, "1 CONCLUDED, SUSPENDED");
    assert_eq!(agreement.steward().does("releaseAgreement", r#"reason: "已排除""#).await, "1 CONCLUDED, SUSPENDED");
    agreement.is("SUSPENDED", "NOT_COVERED: SUSPENDED", "RELEASED").await;
    assert_eq!(agreement.signatory(NANSHA).does("resumeAgreement", "").await, "1 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "RESUMED").await;
    assert_eq!(agreement.standing_on("2026-10-01").await, "SUSPENDED");
}

async fn a_suspension_ends_with_its_last_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let theirs = agreement.signatory(MINHANG);
    assert_eq!(
        theirs.refused("suspendAgreement", &format!(r#"{BECAUSE}, until: "2026-09-30""#)).await,
        "REFUSED until DATES_OUT_OF_ORDER"
    );
    assert_eq!(
        theirs.does("suspendAgreement", &format!(r#"{BECAUSE}, until: "2026-10-05""#)).await,
        "1 CONCLUDED, SUSPENDED"
    );
    registry.pass(4);
    agreement.is("SUSPENDED", "NOT_COVERED: SUSPENDED", "SUSPENDED").await;
    registry.pass(1);
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "SUSPENDED").await;
    assert_eq!(theirs.refused("resumeAgreement", "").await, "REFUSED party NOT_SUSPENDED");
    assert_eq!(theirs.does("suspendAgreement", BECAUSE).await, "1 CONCLUDED, SUSPENDED");
}

async fn a_steward_suspends_a_whole_agreement(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG, KUNSHAN], "").await;
    let stop = r#"reason: "紧急停用""#;
    assert_eq!(agreement.steward().refused("stopAgreement", r#"reason: """#).await, "INVALID reason REQUIRED");
    assert_eq!(agreement.steward().does("stopAgreement", stop).await, "1 CONCLUDED, SUSPENDED");
    assert_eq!(agreement.steward().refused("stopAgreement", stop).await, "REFUSED party ALREADY_SUSPENDED");
    agreement.is("SUSPENDED", "NOT_COVERED: SUSPENDED", "STOPPED").await;
    assert_eq!(registry.handling(RENEWING, KUNSHAN, NANSHA, "2026-10-01").await, "NOT_COVERED: SUSPENDED");
    assert_eq!(
        agreement.ask("suspensions { party { code } since reason }").await["suspensions"],
        json!([{ "party": null, "since": "2026-10-01", "reason": "紧急停用" }])
    );
    assert_eq!(agreement.steward().does("releaseAgreement", r#"reason: "已排除""#).await, "1 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "RELEASED").await;
    let draft = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    assert_eq!(draft.steward().refused("stopAgreement", stop).await, "REFUSED number NOT_CONCLUDED");
}

async fn one_suspended_party_does_not_affect_the_others(registry: TestRegistry) {
    let mut lines = PEOPLE_AND_MATTERS.to_owned();
    let mut parties = vec![NANSHA.to_owned(), MINHANG.to_owned()];
    for code in 530_001..530_449 {
        writeln!(lines, r#"{{"type":"district","code":"{code}","name":"成员 {code}","kind":"COUNTY"}}"#)
            .expect("memory");
        parties.push(code.to_string());
    }
    registry.import(&lines).await;
    let parties: Vec<&str> = parties.iter().map(String::as_str).collect();
    assert_eq!(parties.len(), 450);
    let alliance = registry.recorded(&registry.steward(), NANSHA, &terms(&parties)).await;
    let one = parties[449];
    assert_eq!(alliance.signatory(one).does("suspendAgreement", BECAUSE).await, "1 CONCLUDED, IN_FORCE");
    alliance.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "SUSPENDED").await;
    assert_eq!(registry.handling(RENEWING, one, NANSHA, "2026-10-01").await, "NOT_COVERED: SUSPENDED");
    assert_eq!(registry.handling(RENEWING, parties[448], NANSHA, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
    let matters = format!(
        r#"{{ here: availableMatters(receiving: "{one}", competent: "{NANSHA}") {{ totalCount }} there: availableMatters(receiving: "{}", competent: "{NANSHA}") {{ totalCount }} }}"#,
        parties[448]
    );
    let told = registry.ask(&matters).await;
    assert_eq!((&told["here"]["totalCount"], &told["there"]["totalCount"]), (&json!(0), &json!(1)));
}
