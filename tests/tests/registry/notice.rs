//! How an agreement ends: by its last day, by opposed renewal, or when parties leave.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, clause, with_schedule};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_party_leaves_with_the_agreed_notice_period,
    only_its_clauses_end_when_the_hub_leaves,
    an_agreement_ends_when_one_party_is_left,
    a_notice_can_be_revoked_until_its_last_day,
    an_agreement_ends_with_its_last_day_and_older_versions_stay_ended,
    an_agreement_renews_until_a_party_opposes_in_time,
}

fn leaves(on: &str) -> String {
    format!(r#"endsOn: "{on}", reason: "机构调整""#)
}

async fn a_party_leaves_with_the_agreed_notice_period(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG, KUNSHAN], "noticeDays: 60").await;
    let kunshan = agreement.signatory(KUNSHAN);
    assert_eq!(kunshan.refused("giveNotice", &leaves("2026-11-29")).await, "REFUSED endsOn NOTICE_TOO_SHORT");
    assert_eq!(kunshan.refused("giveNotice", r#"endsOn: "2026-12-31", reason: """#).await, "INVALID reason REQUIRED");
    assert_eq!(
        agreement.signatory("440100").refused("giveNotice", &leaves("2026-12-31")).await,
        "REFUSED party NOT_A_PARTY"
    );
    assert_eq!(kunshan.refused("revokeNotice", "").await, "REFUSED party NO_NOTICE");
    assert_eq!(kunshan.does("giveNotice", &leaves("2026-11-30")).await, "1 CONCLUDED, IN_FORCE");
    assert_eq!(kunshan.refused("giveNotice", &leaves("2026-11-30")).await, "REFUSED party NOTICE_GIVEN");
    // Repeating the act changes the day.
    assert_eq!(kunshan.does("giveNotice", &leaves("2026-12-31")).await, "1 CONCLUDED, IN_FORCE");
    assert_eq!(kunshan.does("giveNotice", &leaves("2026-11-30")).await, "1 CONCLUDED, IN_FORCE");
    assert_eq!(
        agreement.ask("notices { party { code } endsOn }").await["notices"],
        json!([{ "party": { "code": KUNSHAN }, "endsOn": "2026-11-30" }])
    );
    // The law changed: it ends at once.
    let at_once = format!("{}, lawChanged: true", leaves("2026-10-01"));
    assert_eq!(agreement.signatory(MINHANG).does("giveNotice", &at_once).await, "1 CONCLUDED, IN_FORCE");
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
    assert!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-02").await.starts_with("NOT_COVERED"));
    assert_eq!(registry.handling(RENEWING, NANSHA, KUNSHAN, "2026-11-30").await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(
        (agreement.standing_on("2026-11-30").await, agreement.standing_on("2026-12-01").await),
        ("IN_FORCE".to_owned(), "TERMINATED".to_owned())
    );
}

async fn only_its_clauses_end_when_the_hub_leaves(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let spoke =
        |key: &str, party: &str| clause(key, &format!(r#"receiving: ["{NANSHA}"], competent: ["{party}"],"#), RENEWING);
    let between = clause("3", &format!(r#"receiving: ["{KUNSHAN}"], competent: ["{MINHANG}"],"#), RENEWING);
    let schedule = format!("{}, {}, {between}", spoke("1", MINHANG), spoke("2", KUNSHAN));
    let all = [NANSHA, MINHANG, KUNSHAN];
    let agreement = registry.agreed(&all, &with_schedule(&all, &schedule)).await;
    agreement.signatory(NANSHA).does("giveNotice", &leaves("2026-10-31")).await;
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "NOTICE_GIVEN").await;
    registry.pass(31);
    let on = "2026-11-01";
    for party in [MINHANG, KUNSHAN] {
        assert!(registry.handling(RENEWING, NANSHA, party, on).await.starts_with("NOT_COVERED"));
    }
    // Clauses between the other parties stay.
    assert_eq!(registry.handling(RENEWING, KUNSHAN, MINHANG, on).await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(agreement.standing().await, "IN_FORCE");
    assert_eq!(agreement.signatory(NANSHA).refused("revokeNotice", "").await, "REFUSED party ALREADY_LEFT");
    assert_eq!(
        agreement.signatory(NANSHA).refused("giveNotice", &leaves("2026-12-31")).await,
        "REFUSED party ALREADY_LEFT"
    );
}

async fn an_agreement_ends_when_one_party_is_left(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    agreement.signatory(MINHANG).does("giveNotice", &leaves("2026-10-31")).await;
    // Both of the last two parties may leave, on the same day or not.
    agreement.signatory(NANSHA).does("giveNotice", &leaves("2026-11-30")).await;
    registry.pass(30);
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "NOTICE_GIVEN").await;
    registry.pass(1);
    agreement.is("TERMINATED", "NOT_COVERED: BASIS_ENDED", "NOTICE_GIVEN").await;
    assert_eq!(agreement.signatory(NANSHA).refused("suspendAgreement", r#"reason: "…""#).await, "REFUSED number ENDED");
    assert_eq!(agreement.signatory(NANSHA).refused("giveNotice", &leaves("2026-12-31")).await, "REFUSED number ENDED");
    assert_eq!(agreement.steward().refused("stopAgreement", r#"reason: "…""#).await, "REFUSED number ENDED");
}

async fn a_notice_can_be_revoked_until_its_last_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    agreement.signatory(MINHANG).does("giveNotice", &leaves("2026-10-31")).await;
    assert_eq!(agreement.standing_on("2026-11-01").await, "TERMINATED");
    registry.pass(30);
    assert_eq!(agreement.signatory(NANSHA).refused("revokeNotice", "").await, "REFUSED party NO_NOTICE");
    assert_eq!(agreement.signatory(MINHANG).does("revokeNotice", "").await, "1 CONCLUDED, IN_FORCE");
    registry.pass(1);
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "NOTICE_REVOKED").await;
}

async fn an_agreement_ends_with_its_last_day_and_older_versions_stay_ended(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    let until = format!(r#"{}, effectiveTo: "2026-11-30""#, scenarios::agreement::terms(&[NANSHA, MINHANG]));
    agreement.registrar(NANSHA).amends(NANSHA, 1, &until).await;
    agreement.registrar(NANSHA).proposes(2).await;
    for party in [NANSHA, MINHANG] {
        agreement.signatory(party).signs(2).await;
    }
    let ends_soon = r#"{ findings(rule: [R108_AGREEMENT_ENDS_SOON]) { totalCount } }"#;
    assert_eq!(registry.ask(ends_soon).await["findings"]["totalCount"], 1);
    registry.pass(60);
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
    let renewed = format!(r#"{}, effectiveTo: "2027-11-30""#, scenarios::agreement::terms(&[NANSHA, MINHANG]));
    assert_eq!(agreement.registrar(NANSHA).amends(NANSHA, 2, &renewed).await, "3 DRAFT, IN_FORCE");
    assert_eq!(
        agreement.registrar(NANSHA).does("proposeVersion", r#"version: 3, answerBy: "2026-12-31""#).await,
        "3 PROPOSED, IN_FORCE"
    );
    registry.pass(1);
    agreement.is("EXPIRED", "NOT_COVERED: BASIS_ENDED", "CONCLUDED").await;
    assert_eq!(registry.ask(ends_soon).await["findings"]["totalCount"], 0);
    // A proposal made before the end can still be signed.
    assert_eq!(agreement.signatory(NANSHA).signs(3).await, "3 PROPOSED, EXPIRED");
    assert_eq!(agreement.signatory(MINHANG).signs(3).await, "3 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
}

async fn an_agreement_renews_until_a_party_opposes_in_time(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let renewing = r#"effectiveTo: "2026-12-31", renewal: { months: 6, objectionDays: 30 }"#;
    let agreement = registry.concluded(&[NANSHA, MINHANG], renewing).await;
    let plain = registry.concluded(&[NANSHA, MINHANG], "").await;
    assert_eq!(plain.signatory(NANSHA).refused("opposeRenewal", "").await, "REFUSED number NO_RENEWAL");
    assert_eq!(agreement.signatory(KUNSHAN).refused("opposeRenewal", "").await, "REFUSED party NOT_A_PARTY");
    plain.steward().does("stopAgreement", r#"reason: "只看另一份""#).await;
    registry.pass(62);
    assert_eq!(agreement.signatory(MINHANG).refused("opposeRenewal", "").await, "REFUSED number OBJECTION_PERIOD_OVER");
    registry.pass(30);
    assert_eq!(agreement.standing().await, "IN_FORCE");
    let ends = format!(
        r#"{{ agreement(number: "{}") {{ inForce {{ effectiveTo }} }} agreements(endingBefore: "2027-01-02") {{ totalCount }}
            handling(matter: "{RENEWING}", receiving: "{NANSHA}", competent: "{MINHANG}") {{ routes {{ basis {{ effectiveTo }} }} }} }}"#,
        agreement.number
    );
    let told = registry.ask(&ends).await;
    assert_eq!(told["agreement"]["inForce"]["effectiveTo"], "2027-06-30");
    assert_eq!(told["handling"]["routes"][0]["basis"]["effectiveTo"], "2027-06-30");
    assert_eq!(told["agreements"]["totalCount"], 0);
    assert_eq!(agreement.signatory(MINHANG).does("opposeRenewal", "").await, "1 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "RENEWAL_OPPOSED").await;
    assert_eq!(agreement.signatory(MINHANG).refused("opposeRenewal", "").await, "REFUSED party ALREADY_OPPOSED");
    assert_eq!(
        (agreement.standing_on("2027-06-30").await, agreement.standing_on("2027-07-01").await),
        ("IN_FORCE".to_owned(), "EXPIRED".to_owned())
    );
    registry.pass(181);
    assert_eq!(agreement.standing().await, "EXPIRED");
}
