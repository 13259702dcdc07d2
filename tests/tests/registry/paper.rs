//! Agreements signed on paper: who records one, how the parties confirm or contest it, and its standing.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_stewards_record_applies_at_once,
    a_registrars_record_applies_once_both_parties_confirm,
    contesting_a_record_suspends_it_until_it_is_corrected,
    only_its_recorder_corrects_a_record_before_others_confirm,
    a_mistaken_record_can_be_voided,
    an_agreement_signed_online_is_no_paper_record,
    a_paper_record_is_amended_online,
}

async fn a_stewards_record_applies_at_once(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let paper = registry.recorded(&registry.steward(), NANSHA, &terms(&[NANSHA, MINHANG])).await;
    paper.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "RECORDED").await;
    assert_eq!(paper.standing_on("2021-05-28").await, "IN_FORCE");
    let said = "latest { parties { edges { node { confirmation } } } }";
    let words = |told: serde_json::Value| -> Vec<String> {
        let edges = told["latest"]["parties"]["edges"].as_array().expect("a list").clone();
        edges.iter().map(|edge| edge["node"]["confirmation"].as_str().expect("a word").to_owned()).collect()
    };
    assert_eq!(words(paper.ask(said).await), ["RECORDED", "RECORDED"]);
    assert_eq!(paper.signatory(MINHANG).does("confirmRecord", "version: 1").await, "1 CONCLUDED, IN_FORCE");
    assert_eq!(words(paper.ask(said).await), ["RECORDED", "CONFIRMED"]);
    assert_eq!(
        paper.signatory(MINHANG).refused("confirmRecord", "version: 1").await,
        "REFUSED party ALREADY_CONFIRMED"
    );
    assert_eq!(paper.signatory(KUNSHAN).refused("confirmRecord", "version: 1").await, "REFUSED party NOT_A_PARTY");
    assert_eq!(
        paper.signatory(KUNSHAN).refused("contestRecord", r#"version: 1, reason: "…""#).await,
        "REFUSED party NOT_A_PARTY"
    );
    assert_eq!(paper.signatory(NANSHA).cannot_sign(1).await, "REFUSED version WRONG_STATE");
}

async fn a_registrars_record_applies_once_both_parties_confirm(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let clerk = registry.registrar(NANSHA);
    let paper = registry.recorded(&clerk, NANSHA, &terms(&[NANSHA, MINHANG])).await;
    // It is confirmed by one side only, so it is not public.
    paper.is("NOT_CONCLUDED", "NOT_COVERED: NO_COMMON_BASIS", "").await;
    assert_eq!(paper.standing().await, "NOT_CONCLUDED");
    assert_eq!(paper.signatory(NANSHA).refused("confirmRecord", "version: 1").await, "REFUSED party ALREADY_CONFIRMED");
    assert_eq!(paper.signatory(KUNSHAN).refused("confirmRecord", "version: 1").await, "NOT_FOUND number NOT_FOUND");
    assert_eq!(paper.signatory(MINHANG).does("confirmRecord", "version: 1").await, "1 CONCLUDED, IN_FORCE");
    paper.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONFIRMED").await;
    let foreign = format!(r#"recorder: "{NANSHA}", signedOn: "2021-05-28", {}"#, terms(&[KUNSHAN, MINHANG]));
    assert_eq!(clerk.refused("recordPaperAgreement", &foreign).await, ["REFUSED recorder NOT_A_PARTY"]);
    let numbered = format!(r#"number: "TB-2021-000001", {}"#, foreign.replace(KUNSHAN, NANSHA));
    assert_eq!(clerk.refused("recordPaperAgreement", &numbered).await, ["INVALID number NOT_YET"]);
}

async fn contesting_a_record_suspends_it_until_it_is_corrected(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let paper = registry.recorded(&registry.steward(), NANSHA, &terms(&[NANSHA, MINHANG])).await;
    let theirs = paper.signatory(MINHANG);
    assert_eq!(theirs.does("contestRecord", r#"version: 1, reason: "日期有误""#).await, "1 CONCLUDED, SUSPENDED");
    paper.is("SUSPENDED", "NOT_COVERED: SUSPENDED", "CONTESTED").await;
    assert_eq!(theirs.refused("contestRecord", r#"version: 1, reason: "…""#).await, "REFUSED party ALREADY_CONTESTED");
    assert_eq!(paper.signatory(NANSHA).refused("resumeAgreement", "").await, "REFUSED party NOT_SUSPENDED");
    let right =
        format!(r#"recorder: "{NANSHA}", signedOn: "2021-06-28", {}, reason: "日期更正""#, terms(&[NANSHA, MINHANG]));
    assert_eq!(paper.steward().does("correctRecord", &right).await, "1 CONCLUDED, SUSPENDED");
    // Its confirmation stays until it changes it.
    registry.pass(1);
    assert_eq!(theirs.does("confirmRecord", "version: 1").await, "1 CONCLUDED, IN_FORCE");
    paper.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONFIRMED").await;
    assert_eq!(paper.standing_on("2026-10-01").await, "SUSPENDED");
    assert_eq!(paper.standing_on("2021-06-27").await, "NOT_CONCLUDED");
    // A suspension by contesting is lifted by confirming, not by resuming; its own suspension is another one.
    assert_eq!(theirs.does("contestRecord", r#"version: 1, reason: "清单有误""#).await, "1 CONCLUDED, SUSPENDED");
    assert_eq!(theirs.refused("resumeAgreement", "").await, "REFUSED party CONTESTED");
    assert_eq!(theirs.does("suspendAgreement", r#"reason: "系统升级""#).await, "1 CONCLUDED, SUSPENDED");
    assert_eq!(theirs.does("resumeAgreement", "").await, "1 CONCLUDED, SUSPENDED");
    let future = format!(r#"recorder: "{NANSHA}", signedOn: "2099-01-01", {}"#, terms(&[NANSHA, MINHANG]));
    assert_eq!(
        registry.steward().refused("recordPaperAgreement", &future).await,
        ["INVALID signedOn SIGNED_IN_THE_FUTURE"]
    );
}

async fn only_its_recorder_corrects_a_record_before_others_confirm(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let clerk = registry.registrar(NANSHA);
    let paper = registry.recorded(&clerk, NANSHA, &terms(&[NANSHA, MINHANG, KUNSHAN])).await;
    let right = |by: &str, reason: &str| {
        format!(r#"recorder: "{by}", signedOn: "2021-06-28", {}, {reason}"#, terms(&[NANSHA, MINHANG, KUNSHAN]))
    };
    let because = r#"reason: "日期更正""#;
    assert_eq!(paper.registrar(NANSHA).refused("correctRecord", &right(NANSHA, "")).await, "INVALID reason REQUIRED");
    assert_eq!(
        paper.registrar(MINHANG).refused("correctRecord", &right(MINHANG, because)).await,
        "REFUSED recorder NOT_THE_RECORDER"
    );
    assert_eq!(paper.registrar(MINHANG).forbidden("correctRecord", &right(NANSHA, because)).await, "FORBIDDEN");
    assert_eq!(
        paper.registrar(NANSHA).does("correctRecord", &right(NANSHA, because)).await,
        "1 CONCLUDED, NOT_CONCLUDED"
    );
    assert_eq!(paper.ask("latest { signedOn }").await["latest"]["signedOn"], "2021-06-28");
    paper.signatory(MINHANG).does("confirmRecord", "version: 1").await;
    assert_eq!(
        paper.registrar(NANSHA).refused("correctRecord", &right(NANSHA, because)).await,
        "REFUSED number CONFIRMED_BY_OTHERS"
    );
    // 昆山 has not confirmed: it is not bound, and has no routes.
    assert!(registry.handling("000109001000", NANSHA, KUNSHAN, "2026-10-01").await.starts_with("NOT_COVERED"));
    assert_eq!(registry.handling("000109001000", NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
}

async fn a_mistaken_record_can_be_voided(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let paper = registry.recorded(&registry.steward(), NANSHA, &terms(&[NANSHA, MINHANG])).await;
    assert_eq!(paper.steward().refused("voidAgreement", r#"reason: """#).await, "INVALID reason REQUIRED");
    assert_eq!(paper.steward().does("voidAgreement", r#"reason: "重复登记""#).await, "1 CONCLUDED, VOIDED");
    assert_eq!(
        paper.ask("voidedOn voidedReason").await,
        json!({ "voidedOn": "2026-10-01", "voidedReason": "重复登记" })
    );
    paper.is("VOIDED", "NOT_COVERED: NO_COMMON_BASIS", "VOIDED").await;
    assert_eq!(paper.standing_on("2022-01-01").await, "VOIDED");
    let theirs = paper.signatory(MINHANG);
    for (mutation, more) in [
        ("confirmRecord", "version: 1"),
        ("suspendAgreement", r#"reason: "…""#),
        ("resumeAgreement", ""),
        ("revokeNotice", ""),
    ] {
        assert_eq!(theirs.refused(mutation, more).await, "REFUSED number VOIDED", "{mutation}");
    }
    assert_eq!(paper.steward().refused("voidAgreement", r#"reason: "…""#).await, "REFUSED number VOIDED");
    // The same paper is recorded again under another number.
    let again = registry.recorded(&registry.steward(), NANSHA, &terms(&[NANSHA, MINHANG])).await;
    again.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "RECORDED").await;
}

async fn an_agreement_signed_online_is_no_paper_record(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.concluded(&[NANSHA, MINHANG], "").await;
    assert_eq!(
        agreement.steward().refused("voidAgreement", r#"reason: "…""#).await,
        "REFUSED number NOT_A_PAPER_RECORD"
    );
    assert_eq!(
        agreement.signatory(MINHANG).refused("confirmRecord", "version: 1").await,
        "REFUSED version NOT_A_PAPER_RECORD"
    );
    assert_eq!(
        agreement.signatory(MINHANG).refused("contestRecord", r#"version: 1, reason: "…""#).await,
        "REFUSED version NOT_A_PAPER_RECORD"
    );
    let right = format!(r#"recorder: "{NANSHA}", signedOn: "2021-06-28", {}, reason: "…""#, terms(&[NANSHA, MINHANG]));
    assert_eq!(agreement.steward().refused("correctRecord", &right).await, "REFUSED version NOT_A_PAPER_RECORD");
}

async fn a_paper_record_is_amended_online(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let paper = registry.recorded(&registry.steward(), NANSHA, &terms(&[NANSHA, MINHANG])).await;
    assert_eq!(
        paper.registrar(NANSHA).amends(NANSHA, 1, &terms(&[NANSHA, MINHANG, KUNSHAN])).await,
        "2 DRAFT, IN_FORCE"
    );
    assert_eq!(paper.registrar(NANSHA).proposes(2).await, "2 PROPOSED, IN_FORCE");
    assert_eq!(paper.outstanding(2).await, [MINHANG, KUNSHAN, NANSHA]);
    let right = format!(r#"recorder: "{NANSHA}", signedOn: "2021-06-28", {}, reason: "…""#, terms(&[NANSHA, MINHANG]));
    assert_eq!(paper.steward().refused("correctRecord", &right).await, "REFUSED number AMENDED");
    for party in [NANSHA, MINHANG, KUNSHAN] {
        paper.signatory(party).signs(2).await;
    }
    assert_eq!(paper.standing().await, "IN_FORCE");
    assert_eq!(registry.handling("000109001000", NANSHA, KUNSHAN, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(paper.steward().refused("voidAgreement", r#"reason: "…""#).await, "REFUSED number NOT_A_PAPER_RECORD");
}
