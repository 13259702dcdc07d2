//! Amendment rules: which parties must sign a changed schedule, and what holds for those who object.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, REPLACING, clause, with_schedule};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_changed_schedule_needs_the_parties_of_the_amendment_rule,
    a_party_that_is_not_asked_can_neither_sign_nor_reject,
    silence_is_consent_and_objecting_parties_are_left_out,
    the_old_terms_of_a_changed_clause_stay_for_objecting_parties,
    the_old_terms_of_a_clause_give_one_route_through_several_parties,
}

const ALL: [&str; 3] = [NANSHA, MINHANG, KUNSHAN];

/// A second clause, from 南沙 for 闵行 only.
fn more() -> String {
    format!(
        "{}, {}",
        clause("1", "", RENEWING),
        clause("2", &format!(r#"receiving: ["{NANSHA}"], competent: ["{MINHANG}"],"#), REPLACING)
    )
}

async fn a_changed_schedule_needs_the_parties_of_the_amendment_rule(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let one_more = with_schedule(&ALL, &more());
    let expected: [(&str, &[&str]); 4] = [
        ("ALL", &[MINHANG, KUNSHAN, NANSHA]),
        ("AFFECTED", &[MINHANG, NANSHA]),
        ("LEAD", &[KUNSHAN]),
        ("NO_OBJECTION", &[MINHANG]),
    ];
    for (rule, signers) in expected {
        let agreement = registry.concluded(&ALL, &format!(r#"amendmentRule: {rule}, lead: "{KUNSHAN}""#)).await;
        assert_eq!(agreement.registrar(MINHANG).amends(MINHANG, 1, &one_more).await, "2 DRAFT, IN_FORCE");
        assert_eq!(agreement.registrar(MINHANG).proposes(2).await, "2 PROPOSED, IN_FORCE");
        assert_eq!(agreement.outstanding(2).await, signers, "{rule}");
        // Changed terms need all parties, whatever the rule; omitted terms stay as in the base.
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

async fn a_party_that_is_not_asked_can_neither_sign_nor_reject(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "amendmentRule: LEAD").await;
    assert_eq!(
        agreement.registrar(MINHANG).amends(MINHANG, 1, &with_schedule(&ALL, &more())).await,
        "2 DRAFT, IN_FORCE"
    );
    assert_eq!(agreement.registrar(MINHANG).proposes(2).await, "2 PROPOSED, IN_FORCE");
    assert_eq!(agreement.signatory(MINHANG).cannot_sign(2).await, "REFUSED party NOT_ASKED");
    assert_eq!(
        agreement.signatory(KUNSHAN).refused("rejectVersion", r#"version: 2, reason: "…""#).await,
        "REFUSED party NOT_ASKED"
    );
    assert_eq!(agreement.signatory(NANSHA).signs(2).await, "2 CONCLUDED, IN_FORCE");
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
}

async fn silence_is_consent_and_objecting_parties_are_left_out(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "amendmentRule: NO_OBJECTION, objectionDays: 10").await;
    let everybodys = format!("{}, {}", clause("1", "", RENEWING), clause("2", "", REPLACING));
    assert_eq!(
        agreement.registrar(NANSHA).amends(NANSHA, 1, &with_schedule(&ALL, &everybodys)).await,
        "2 DRAFT, IN_FORCE"
    );
    assert_eq!(agreement.registrar(NANSHA).proposes(2).await, "2 PROPOSED, IN_FORCE");
    assert_eq!(
        agreement.signatory(NANSHA).refused("rejectVersion", r#"version: 2, reason: "…""#).await,
        "REFUSED party OWN_PROPOSAL"
    );
    assert_eq!(agreement.signatory(NANSHA).signs(2).await, "2 PROPOSED, IN_FORCE");
    registry.pass(10);
    assert_eq!(
        agreement.signatory(KUNSHAN).does("rejectVersion", r#"version: 2, reason: "本地无此窗口""#).await,
        "2 PROPOSED, IN_FORCE"
    );
    registry.pass(1);
    assert_eq!(agreement.state(2).await, "CONCLUDED");
    let on = "2026-10-12";
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, on).await, "AVAILABLE: PROXY_COLLECTION");
    assert!(registry.handling(REPLACING, NANSHA, KUNSHAN, on).await.starts_with("NOT_COVERED: "));
    // What was agreed before still applies to it.
    assert_eq!(registry.handling(RENEWING, NANSHA, KUNSHAN, on).await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(
        agreement.signatory(MINHANG).refused("rejectVersion", r#"version: 2, reason: "…""#).await,
        "REFUSED version WRONG_STATE"
    );
    let excluded = agreement.ask("version(number: 2) { schedule { edges { node { key excluded { code } } } } }").await;
    let told = |key: &str, excluded: serde_json::Value| json!({ "node": { "key": key, "excluded": excluded } });
    assert_eq!(
        excluded["version"]["schedule"]["edges"],
        json!([told("1", json!([])), told("2", json!([{ "code": KUNSHAN }]))])
    );
}

async fn the_old_terms_of_a_changed_clause_stay_for_objecting_parties(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&ALL, "amendmentRule: NO_OBJECTION, objectionDays: 10").await;
    let changed = format!(
        r#"{{ key: "1", matters: ["{RENEWING}", "{REPLACING}"], mode: FULL_ONLINE, terms: {{ fullOnline: {{ url: "https://example.cn" }} }} }}"#
    );
    let clerk = agreement.registrar(NANSHA);
    clerk.amends(NANSHA, 1, &with_schedule(&ALL, &changed)).await;
    assert_eq!(
        clerk.refused("proposeVersion", r#"version: 2, answerBy: "2026-10-10""#).await,
        "REFUSED answerBy ANSWER_BY_TOO_EARLY"
    );
    clerk.proposes(2).await;
    agreement.signatory(NANSHA).signs(2).await;
    agreement.signatory(KUNSHAN).does("rejectVersion", r#"version: 2, reason: "系统未对接""#).await;
    registry.pass(11);
    assert_eq!(agreement.state(2).await, "CONCLUDED");
    let on = "2026-10-12";
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, on).await, "AVAILABLE: FULL_ONLINE");
    assert_eq!(registry.handling(REPLACING, NANSHA, MINHANG, on).await, "AVAILABLE: FULL_ONLINE");
    for (receiving, competent) in [(NANSHA, KUNSHAN), (KUNSHAN, NANSHA)] {
        assert_eq!(registry.handling(RENEWING, receiving, competent, on).await, "AVAILABLE: PROXY_COLLECTION");
        assert!(registry.handling(REPLACING, receiving, competent, on).await.starts_with("NOT_COVERED: "));
    }
    // The route names the clause that applies to them: that of the first version.
    let route = format!(
        r#"{{ handling(matter: "{RENEWING}", receiving: "{NANSHA}", competent: "{KUNSHAN}") {{ routes {{ clause {{ key mode excluded {{ code }} }} validFrom }} }}
            agreements(matter: "{RENEWING}", mode: [PROXY_COLLECTION]) {{ totalCount }} }}"#
    );
    let told = registry.ask(&route).await;
    assert_eq!(
        told["handling"]["routes"][0]["clause"],
        json!({ "key": "1", "mode": "PROXY_COLLECTION", "excluded": [] })
    );
    assert_eq!(told["agreements"]["totalCount"], 1);
}

async fn the_old_terms_of_a_clause_give_one_route_through_several_parties(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    const GUANGZHOU: &str = "440100";
    let agreed = |schedule: &str| {
        let terms = with_schedule(&[NANSHA, GUANGZHOU, MINHANG], schedule);
        terms.replace(&format!(r#"district: "{GUANGZHOU}""#), &format!(r#"district: "{GUANGZHOU}", extent: SUBTREE"#))
    };
    let first = format!("{}, amendmentRule: NO_OBJECTION, objectionDays: 10", agreed(&clause("1", "", RENEWING)));
    let agreement = registry.agreed(&[NANSHA, GUANGZHOU, MINHANG], &first).await;
    let clerk = agreement.registrar(NANSHA);
    clerk.amends(NANSHA, 1, &agreed(&clause("1", "", REPLACING))).await;
    clerk.proposes(2).await;
    agreement.signatory(NANSHA).signs(2).await;
    for party in [GUANGZHOU, MINHANG] {
        agreement.signatory(party).does("rejectVersion", r#"version: 2, reason: "系统未对接""#).await;
    }
    registry.pass(11);
    // 南沙 agreed and 广州, which objected, is above it: both meet 闵行, which objected too.
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-12").await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(registry.handling(RENEWING, MINHANG, NANSHA, "2026-10-12").await, "AVAILABLE: PROXY_COLLECTION");
}
