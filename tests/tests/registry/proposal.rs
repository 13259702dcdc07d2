//! From a draft to a concluded agreement or to none: all paths and all refusals.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, clause, terms, with_schedule};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};

on_every_database! {
    a_repeated_signature_refers_to_the_signed_version,
    a_party_is_named_once_by_any_of_its_codes,
    the_last_signature_concludes_an_agreement_everywhere,
    a_rejection_can_be_taken_back_in_time,
    a_withdrawn_proposal_stays_withdrawn,
    an_unanswered_proposal_lapses_after_its_deadline,
    a_proposal_needs_a_deadline_in_the_future,
    a_signature_applies_to_the_version_that_was_read,
    an_alliance_is_concluded_by_the_parties_that_sign_in_time,
    an_alliance_of_one_lapses,
    a_past_effective_date_is_replaced_by_the_last_signature,
    an_agreement_takes_effect_on_its_future_date,
    each_role_does_only_its_own_acts,
}

async fn the_last_signature_concludes_an_agreement_everywhere(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    agreement.is("NOT_CONCLUDED", "NOT_COVERED: NO_COMMON_BASIS", "").await;
    assert_eq!(agreement.outstanding(1).await, [MINHANG, NANSHA]);
    assert_eq!(agreement.signatory(NANSHA).signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
    agreement.is("NOT_CONCLUDED", "NOT_COVERED: NO_COMMON_BASIS", "").await;
    assert_eq!(agreement.signatory(NANSHA).cannot_sign(1).await, "REFUSED party ALREADY_SIGNED");
    assert_eq!(
        agreement.signatory(NANSHA).refused("rejectVersion", r#"version: 1, reason: "不同意""#).await,
        "REFUSED party ALREADY_SIGNED"
    );
    // Non-parties do not see that it was proposed.
    assert_eq!(agreement.signatory(KUNSHAN).cannot_sign(1).await, "NOT_FOUND number NOT_FOUND");
    assert_eq!(agreement.signatory(MINHANG).signs(1).await, "1 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
    assert_eq!(agreement.signatory(KUNSHAN).cannot_sign(1).await, "REFUSED party NOT_A_PARTY");
    assert_eq!(
        agreement.registrar(NANSHA).refused("withdrawProposal", "version: 1").await,
        "REFUSED version WRONG_STATE"
    );
    // Yesterday stays as it was.
    assert_eq!(agreement.standing_on("2026-09-30").await, "NOT_CONCLUDED");
    registry.verify().await.expect("the chain holds");
}

async fn a_rejection_can_be_taken_back_in_time(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    let (ours, theirs) = (agreement.signatory(NANSHA), agreement.signatory(MINHANG));
    assert_eq!(theirs.refused("rejectVersion", r#"version: 1, reason: " ""#).await, "INVALID reason REQUIRED");
    assert_eq!(theirs.refused("undoRejection", "version: 1").await, "REFUSED party NOT_REJECTED");
    let no = r#"version: 1, reason: "清单有误""#;
    assert_eq!(theirs.does("rejectVersion", no).await, "1 REJECTED, NOT_CONCLUDED");
    assert_eq!(theirs.refused("rejectVersion", no).await, "REFUSED party ALREADY_REJECTED");
    assert_eq!(theirs.cannot_sign(1).await, "REFUSED party REJECTED_BEFORE");
    assert_eq!(ours.cannot_sign(1).await, "REFUSED version WRONG_STATE");
    assert_eq!(ours.refused("undoRejection", "version: 1").await, "REFUSED party NOT_REJECTED");
    registry.pass(30);
    assert_eq!(theirs.does("undoRejection", "version: 1").await, "1 PROPOSED, NOT_CONCLUDED");
    assert_eq!(theirs.does("rejectVersion", no).await, "1 REJECTED, NOT_CONCLUDED");
    registry.pass(1);
    assert_eq!(theirs.refused("undoRejection", "version: 1").await, "REFUSED version ANSWER_BY_PAST");
}

async fn a_withdrawn_proposal_stays_withdrawn(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    let theirs = agreement.signatory(MINHANG);
    assert_eq!(theirs.does("rejectVersion", r#"version: 1, reason: "清单有误""#).await, "1 REJECTED, NOT_CONCLUDED");
    assert_eq!(
        agreement.registrar(MINHANG).refused("withdrawProposal", "version: 1").await,
        "REFUSED version NOT_THE_AUTHOR"
    );
    assert_eq!(agreement.registrar(NANSHA).does("withdrawProposal", "version: 1").await, "1 WITHDRAWN, NOT_CONCLUDED");
    assert_eq!(theirs.refused("undoRejection", "version: 1").await, "REFUSED version WRONG_STATE");
    assert_eq!(agreement.signatory(NANSHA).cannot_sign(1).await, "REFUSED version WRONG_STATE");
    assert_eq!(
        agreement.registrar(NANSHA).refused("withdrawProposal", "version: 1").await,
        "REFUSED version WRONG_STATE"
    );
    // A proposed version is never deleted.
    assert_eq!(agreement.registrar(NANSHA).refused("discardDraft", "version: 1").await, "REFUSED version WRONG_STATE");
    let amend = format!(r#"proposer: "{NANSHA}", baseVersion: 1, {}"#, terms(&[NANSHA, MINHANG]));
    assert_eq!(agreement.registrar(NANSHA).refused("amendAgreement", &amend).await, "REFUSED baseVersion WRONG_STATE");
}

async fn an_unanswered_proposal_lapses_after_its_deadline(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    assert_eq!(agreement.signatory(NANSHA).signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
    let unanswered = r#"{ findings(rule: [R114_UNANSWERED_PAST_ITS_DATE]) { totalCount } }"#;
    registry.pass(30);
    assert_eq!(agreement.state(1).await, "PROPOSED");
    assert_eq!(registry.registrar(NANSHA).ask(unanswered).await["findings"]["totalCount"], 0);
    registry.pass(1);
    assert_eq!(agreement.state(1).await, "LAPSED");
    assert_eq!(agreement.signatory(MINHANG).cannot_sign(1).await, "REFUSED version WRONG_STATE");
    assert_eq!(
        agreement.signatory(MINHANG).refused("rejectVersion", r#"version: 1, reason: "清单有误""#).await,
        "REFUSED version WRONG_STATE"
    );
    agreement.is("NOT_CONCLUDED", "NOT_COVERED: NO_COMMON_BASIS", "").await;
    for (caller, count) in [
        (registry.registrar(NANSHA), 1),
        (registry.registrar(MINHANG), 1),
        (registry.registrar(KUNSHAN), 0),
        (registry.anybody(), 0),
    ] {
        assert_eq!(caller.ask(unanswered).await["findings"]["totalCount"], count, "{:?}", caller.viewer.district);
    }
}

async fn a_proposal_needs_a_deadline_in_the_future(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let short = registry.drafted(&format!(r#"{}, effectiveTo: "2026-10-20""#, terms(&[NANSHA, MINHANG]))).await;
    let clerk = short.registrar(NANSHA);
    let until = |day: &str| format!(r#"version: 1, answerBy: "{day}""#);
    assert_eq!(clerk.refused("proposeVersion", &until("2026-09-30")).await, "REFUSED answerBy ANSWER_BY_PAST");
    assert_eq!(clerk.refused("proposeVersion", &until("2026-10-21")).await, "REFUSED answerBy CONCLUDED_TOO_LATE");
    assert_eq!(clerk.does("proposeVersion", &until("2026-10-20")).await, "1 PROPOSED, NOT_CONCLUDED");
    let of_others = format!(r#"proposer: "{NANSHA}", {}"#, terms(&[MINHANG, KUNSHAN]));
    assert_eq!(
        registry.registrar(NANSHA).refused("draftAgreement", &of_others).await,
        ["REFUSED proposer NOT_A_PARTY"]
    );
}

async fn a_signature_applies_to_the_version_that_was_read(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let all = [NANSHA, MINHANG, KUNSHAN];
    let agreement = registry.proposed(&terms(&all)).await;
    assert_eq!(agreement.signatory(NANSHA).signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
    let read = agreement.digest(1).await;
    // 闵行 answers with a counter-draft; 昆山 has read only the first proposal.
    let counter = terms(&all).replace("合作协议", "合作协议（修改稿）");
    assert_eq!(agreement.registrar(MINHANG).amends(MINHANG, 1, &counter).await, "2 DRAFT, NOT_CONCLUDED");
    assert_eq!(
        agreement.signatory(KUNSHAN).refused("signVersion", &format!(r#"version: 2, digest: "{read}""#)).await,
        "NOT_FOUND version UNKNOWN_VERSION"
    );
    assert_eq!(agreement.registrar(MINHANG).proposes(2).await, "2 PROPOSED, NOT_CONCLUDED");
    let stale = format!(r#"version: 2, digest: "{read}""#);
    assert_eq!(agreement.signatory(KUNSHAN).refused("signVersion", &stale).await, "STALE digest OTHER_DIGEST");
    // The proposal and its signatures stay until it is withdrawn or answered.
    assert_eq!(agreement.signatory(KUNSHAN).signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
    assert_eq!(agreement.outstanding(2).await, [MINHANG, KUNSHAN, NANSHA]);
    for party in [NANSHA, KUNSHAN] {
        assert_eq!(agreement.signatory(party).signs(2).await, "2 PROPOSED, NOT_CONCLUDED");
    }
    assert_eq!(agreement.signatory(MINHANG).signs(2).await, "2 CONCLUDED, IN_FORCE");
    assert_eq!(agreement.signatory(MINHANG).cannot_sign(1).await, "STALE version BASE_SUPERSEDED");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
    registry.pass(31);
    assert_eq!(agreement.state(1).await, "LAPSED");
}

async fn an_alliance_is_concluded_by_the_parties_that_sign_in_time(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let all = [NANSHA, MINHANG, KUNSHAN];
    let agreed = format!("{}, concludes: SIGNATORIES, admission: OPEN", terms(&all));
    let (silent, said) = (registry.proposed(&agreed).await, registry.proposed(&agreed).await);
    for agreement in [&silent, &said] {
        for party in [NANSHA, MINHANG] {
            assert_eq!(agreement.signatory(party).signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
        }
    }
    // A rejection means staying out. It can be taken back until the deadline, so nothing is concluded before.
    let no = r#"version: 1, reason: "暂不加入""#;
    assert_eq!(said.signatory(KUNSHAN).does("rejectVersion", no).await, "1 PROPOSED, NOT_CONCLUDED");
    assert_eq!(said.signatory(KUNSHAN).does("undoRejection", "version: 1").await, "1 PROPOSED, NOT_CONCLUDED");
    assert_eq!(said.signatory(KUNSHAN).does("rejectVersion", no).await, "1 PROPOSED, NOT_CONCLUDED");
    // The reason is not public.
    let document = "{ changes(last: 1) { edges { node { document } } } }";
    assert!(!registry.ask(document).await.to_string().contains("暂不加入"));
    assert!(registry.registrar(MINHANG).ask(document).await.to_string().contains("暂不加入"));
    registry.pass(30);
    assert_eq!(silent.standing().await, "NOT_CONCLUDED");
    registry.pass(1);
    assert_eq!((silent.state(1).await, silent.standing().await), ("CONCLUDED".to_owned(), "IN_FORCE".to_owned()));
    assert_eq!(
        silent.signatory(KUNSHAN).refused("suspendAgreement", r#"reason: "系统升级""#).await,
        "REFUSED party NOT_A_PARTY"
    );
    // It may still join; nobody signs again.
    let digest = silent.digest(1).await;
    let accede = format!(r#"digest: "{digest}", newcomer: {{ district: "{KUNSHAN}" }}"#);
    assert_eq!(silent.signatory(KUNSHAN).does("accedeToAgreement", &accede).await, "1 CONCLUDED, IN_FORCE");
    assert_eq!(silent.digest(1).await, digest);
    assert_eq!(registry.handling("000109001000", NANSHA, KUNSHAN, "2026-11-02").await, "AVAILABLE: PROXY_COLLECTION");
}

async fn an_alliance_of_one_lapses(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&format!("{}, concludes: SIGNATORIES", terms(&[NANSHA, MINHANG, KUNSHAN]))).await;
    assert_eq!(agreement.signatory(NANSHA).signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
    registry.pass(31);
    assert_eq!(
        (agreement.state(1).await, agreement.standing().await),
        ("LAPSED".to_owned(), "NOT_CONCLUDED".to_owned())
    );
}

async fn a_past_effective_date_is_replaced_by_the_last_signature(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&format!(r#"{}, effectiveFrom: "2026-10-05""#, terms(&[NANSHA, MINHANG]))).await;
    assert_eq!(agreement.signatory(NANSHA).signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
    registry.pass(8);
    assert_eq!(agreement.signatory(MINHANG).signs(1).await, "1 CONCLUDED, IN_FORCE");
    assert_eq!(agreement.standing_on("2026-10-08").await, "NOT_CONCLUDED");
    assert_eq!(
        registry.handling("000109001000", NANSHA, MINHANG, "2026-10-08").await,
        "NOT_COVERED: BASIS_NOT_YET_IN_FORCE"
    );
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
}

async fn an_agreement_takes_effect_on_its_future_date(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry
        .proposed(&format!(r#"{}, effectiveFrom: "2026-12-01", effectiveTo: "2026-12-31""#, terms(&[NANSHA, MINHANG])))
        .await;
    for party in [NANSHA, MINHANG] {
        agreement.signatory(party).signs(1).await;
    }
    agreement.is("SCHEDULED", "NOT_COVERED: BASIS_NOT_YET_IN_FORCE", "CONCLUDED").await;
    registry.pass(61);
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
    registry.pass(30);
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
    registry.pass(1);
    agreement.is("EXPIRED", "NOT_COVERED: BASIS_ENDED", "CONCLUDED").await;
    assert_eq!(
        agreement.signatory(NANSHA).refused("suspendAgreement", r#"reason: "系统升级""#).await,
        "REFUSED number ENDED"
    );
}

async fn each_role_does_only_its_own_acts(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    let signature = format!(r#"version: 1, digest: "{}""#, agreement.digest(1).await);
    let for_minhang = |caller| agreement.in_hands_of(caller, Some(MINHANG));
    // A clerk cannot sign for its district, no caller for another district, and a steward for none.
    for caller in [registry.registrar(MINHANG), registry.signatory(NANSHA), registry.steward(), registry.anybody()] {
        let hand = for_minhang(caller);
        assert_eq!(hand.forbidden("signVersion", &signature).await, "FORBIDDEN");
        assert_eq!(hand.forbidden("rejectVersion", r#"version: 1, reason: "…""#).await, "FORBIDDEN");
        assert_eq!(hand.forbidden("suspendAgreement", r#"reason: "…""#).await, "FORBIDDEN");
        assert_eq!(hand.forbidden("resumeAgreement", "").await, "FORBIDDEN");
        assert_eq!(hand.forbidden("giveNotice", r#"endsOn: "2026-12-31", reason: "…""#).await, "FORBIDDEN");
        assert_eq!(hand.forbidden("confirmRecord", "version: 1").await, "FORBIDDEN");
    }
    for caller in [registry.registrar(NANSHA), registry.signatory(NANSHA), registry.anybody()] {
        let hand = agreement.in_hands_of(caller, None);
        assert_eq!(hand.forbidden("stopAgreement", r#"reason: "…""#).await, "FORBIDDEN");
        assert_eq!(hand.forbidden("voidAgreement", r#"reason: "…""#).await, "FORBIDDEN");
    }
    assert_eq!(
        agreement.in_hands_of(registry.signatory(NANSHA), None).forbidden("withdrawProposal", "version: 1").await,
        "FORBIDDEN"
    );
    // A steward may act as a clerk for anyone.
    assert_eq!(agreement.steward().refused("withdrawProposal", "version: 1").await, "INVALID reason REQUIRED");
    let reason = r#"version: 1, reason: "重复发送签约方""#;
    assert_eq!(agreement.steward().does("withdrawProposal", reason).await, "1 WITHDRAWN, NOT_CONCLUDED");
    assert_eq!(
        agreement.ask("version(number: 1) { proposal { withdrawnReason } }").await["version"]["proposal"]["withdrawnReason"],
        "重复发送签约方"
    );
    let signed = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    signed.signatory(MINHANG).signs(1).await;
    assert_eq!(signed.steward().refused("withdrawProposal", reason).await, "REFUSED version SIGNED_BY_OTHERS");
}

async fn a_party_is_named_once_by_any_of_its_codes(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    registry
        .import(
            r#"{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","parent":"440100","codes":[{"scheme":"NBS","value":"440171"}]}"#,
        )
        .await;
    let twice = format!(r#"proposer: "{NANSHA}", {}"#, terms(&[NANSHA, "440171"]));
    assert_eq!(
        registry.registrar(NANSHA).refused("draftAgreement", &twice).await,
        ["INVALID parties.1.district PARTY_TWICE"]
    );
    let paper = format!(r#"recorder: "{NANSHA}", signedOn: "2021-05-28", {}"#, terms(&[NANSHA, "440171"]));
    assert_eq!(
        registry.steward().refused("recordPaperAgreement", &paper).await,
        ["INVALID parties.1.district PARTY_TWICE"]
    );
    let another = format!(r#"proposer: "440171", {}"#, terms(&[NANSHA, MINHANG]));
    registry.registrar(NANSHA).does("draftAgreement", &another, "").await;
    // The same for clauses and lead.
    let sides = r#"receiving: ["440171"], competent: ["310112"],"#;
    let agreed =
        format!(r#"{}, lead: "440171""#, with_schedule(&[NANSHA, MINHANG], &clause("1", sides, "000109001000")));
    let drafted = registry.drafted(&agreed).await;
    let told = drafted
        .ask("latest { schedule { edges { node { receiving { edges { node { code } } } } } } lead { code } }")
        .await;
    assert_eq!(told["latest"]["schedule"]["edges"][0]["node"]["receiving"]["edges"][0]["node"]["code"], NANSHA);
    let stranger = format!(
        r#"proposer: "{NANSHA}", {}"#,
        with_schedule(&[NANSHA, MINHANG], &clause("1", r#"receiving: ["320583"],"#, "000109001000"))
    );
    assert_eq!(
        registry.registrar(NANSHA).refused("draftAgreement", &stranger).await,
        ["INVALID schedule.0.receiving.0 NOT_A_PARTY"]
    );
    // An omitted list means all parties; an empty list is an error.
    let empty = stranger.replace(r#"["320583"]"#, "[]");
    assert_eq!(
        registry.registrar(NANSHA).refused("draftAgreement", &empty).await,
        ["INVALID schedule.0.receiving EMPTY_LIST"]
    );
    // It signs by any code, and only once.
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    let by_another_code = agreement.in_hands_of(registry.signatory(NANSHA), Some("440171"));
    assert_eq!(by_another_code.signs(1).await, "1 PROPOSED, NOT_CONCLUDED");
    assert_eq!(agreement.signatory(NANSHA).cannot_sign(1).await, "REFUSED party ALREADY_SIGNED");
    assert_eq!(agreement.signatory(MINHANG).signs(1).await, "1 CONCLUDED, IN_FORCE");
    agreement.is("IN_FORCE", "AVAILABLE: PROXY_COLLECTION", "CONCLUDED").await;
}

async fn a_repeated_signature_refers_to_the_signed_version(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    agreement.signatory(NANSHA).signs(1).await;
    let answer = registry.steward().ask("{ agreements { edges { node { number latest { digest } } } } }").await;
    let node = &answer["agreements"]["edges"][0]["node"];
    let (number, digest) =
        (node["number"].as_str().expect("a number"), node["latest"]["digest"].as_str().expect("a digest"));
    let sign =
        format!(r#"number: "{number}", version: 1, digest: "{digest}", party: "{MINHANG}", idempotencyKey: "1""#);
    let theirs = registry.signatory(MINHANG);
    let first = theirs.does("signVersion", &sign, "version { number state }").await;
    assert_eq!(first["version"]["number"], 1);
    // The newest version is now a draft that they cannot see.
    let draft = format!(r#"number: "{number}", baseVersion: 1, proposer: "{NANSHA}", {}"#, terms(&[NANSHA, MINHANG]));
    registry.registrar(NANSHA).does("amendAgreement", &draft, "").await;
    assert_eq!(theirs.does("signVersion", &sign, "version { number state }").await, first);
    // Their next act does not mention it either.
    let suspend = format!(r#"number: "{number}", party: "{MINHANG}", reason: "系统升级", idempotencyKey: "2""#);
    let first = theirs.does("suspendAgreement", &suspend, "version { number state }").await;
    assert_eq!(first["version"]["number"], 1);
    assert_eq!(theirs.does("suspendAgreement", &suspend, "version { number state }").await, first);
}
