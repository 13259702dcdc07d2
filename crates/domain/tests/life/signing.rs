//! Signing: proposals, signatures and rejections.

use domain::agreement::acts::{Leaving, Withdrawer};
use domain::agreement::lifecycle::VersionState;
use domain::{NewSuspension, Party, Standing};
use serde_json::json;

use super::{
    KUNSHAN, MINHANG, NANSHA, agreement, agreement_version, amended, code, day, draft, line, on, parties, proposed,
    rule, signed, terms, two_clauses, with,
};

#[test]
fn the_last_signature_concludes_the_version() {
    let agreement = signed(signed(proposed(), 1, NANSHA, "2026-03-02"), 1, MINHANG, "2026-03-05");
    assert_eq!(agreement.latest().state(day("2026-03-05")), VersionState::Proposed);
    assert_eq!(agreement.standing(day("2026-03-05")), Standing::NotConcluded);
    let agreement = signed(agreement, 1, KUNSHAN, "2026-03-09");
    assert_eq!(agreement.latest().state(day("2026-03-09")), VersionState::Concluded);
    assert_eq!(agreement.standing(day("2026-03-09")), Standing::InForce);
    assert_eq!(agreement.standing(day("2026-03-08")), Standing::NotConcluded);
}

#[test]
fn a_version_never_begins_before_its_conclusion() {
    let agreement = agreement(&line(&json!({ "effectiveFrom": "2026-03-03" })))
        .propose(1, day("2026-03-31"), on("2026-03-01"))
        .expect("proposed");
    let agreement = [NANSHA, MINHANG, KUNSHAN]
        .into_iter()
        .fold(agreement, |agreement, party| signed(agreement, 1, party, "2026-03-09"));
    assert_eq!(agreement.latest().term().expect("concluded").from, Some(day("2026-03-09")));
}

#[test]
fn a_signature_over_another_digest_is_stale() {
    let other = draft().version(1).expect("it").digest("TB-2026-000002".parse().expect("a number"));
    assert_eq!(rule(proposed().sign(1, code(NANSHA), other, on("2026-03-02"))), "OTHER_DIGEST");
}

#[test]
fn a_signature_is_not_moved_to_a_counter_draft() {
    let a_signed = signed(proposed(), 1, NANSHA, "2026-03-02");
    let old = a_signed.version(1).expect("it").digest(a_signed.number);
    // B answers with a counter-draft and proposes it; C signs what it had read before.
    let counter = a_signed
        .amend(agreement_version(&json!({ "title": "另一份" })), 1, code(MINHANG), day("2026-03-03"))
        .expect("a counter-draft");
    let counter = counter.propose(2, day("2026-03-31"), on("2026-03-03")).expect("proposed");
    assert_eq!(rule(counter.clone().sign(2, code(KUNSHAN), old, on("2026-03-04"))), "OTHER_DIGEST");
    // The proposal stays open until it is withdrawn or answered.
    assert_eq!(
        signed(counter, 1, KUNSHAN, "2026-03-04").version(1).expect("it").state(day("2026-03-04")),
        VersionState::Proposed
    );
}

#[test]
fn a_rejection_can_be_taken_back_in_time() {
    let rejected = proposed().reject(1, code(MINHANG), "清单有误".into(), on("2026-03-05")).expect("rejected");
    assert_eq!(rejected.latest().state(day("2026-03-05")), VersionState::Rejected);
    let again = rejected.clone().undo_rejection(1, code(MINHANG), on("2026-03-06")).expect("taken back");
    assert_eq!(again.latest().state(day("2026-03-06")), VersionState::Proposed);
    assert_eq!(rule(rejected.clone().undo_rejection(1, code(MINHANG), on("2026-04-01"))), "ANSWER_BY_PAST");
    let withdrawn = rejected.withdraw_proposal(1, Withdrawer::Author, None, on("2026-03-06")).expect("withdrawn");
    assert_eq!(rule(withdrawn.undo_rejection(1, code(MINHANG), on("2026-03-07"))), "WRONG_STATE");
}

#[test]
fn an_unanswered_proposal_lapses() {
    let agreement = signed(proposed(), 1, NANSHA, "2026-03-02");
    assert_eq!(agreement.latest().state(day("2026-03-31")), VersionState::Proposed);
    assert_eq!(agreement.latest().state(day("2026-04-01")), VersionState::Lapsed);
    let digest = agreement.latest().digest(agreement.number);
    assert_eq!(rule(agreement.sign(1, code(MINHANG), digest, on("2026-04-01"))), "WRONG_STATE");
}

#[test]
fn an_alliance_is_concluded_between_its_signatories() {
    let many: Vec<String> = (0..450).map(|at| format!("{}", 110_000 + at)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let alliance = agreement(&line(
        &json!({ "parties": parties(&many), "lead": many[0], "draft": { "author": many[0] }, "concludes": "SIGNATORIES", "admission": "OPEN" }),
    ));
    let alliance = alliance.propose(1, day("2026-03-31"), on("2026-03-01")).expect("proposed");
    let alliance = many[..3].iter().fold(alliance, |alliance, party| signed(alliance, 1, party, "2026-03-02"));
    let alliance =
        alliance.reject(1, code(many[3]), "暂不加入".into(), on("2026-03-03")).expect("a no means: without me");
    assert_eq!(alliance.latest().state(day("2026-03-31")), VersionState::Proposed);
    assert_eq!(alliance.latest().state(day("2026-04-01")), VersionState::Concluded);
    assert_eq!(alliance.latest().members().count(), 3);
    // The others may accede; no party signs again.
    let digest = alliance.latest().digest(alliance.number);
    let newcomer = Party { district: code("999900"), ..alliance.latest().parties[0].clone() };
    let grown = alliance.accede(newcomer, digest, on("2026-04-02")).expect("open to all");
    assert_eq!(grown.latest().members().count(), 4);
    assert_eq!(grown.latest().digest(grown.number), digest);
    // If one of many suspends, the others stay in force.
    let flagged =
        grown.suspend(Some(code(many[0])), NewSuspension::whole("系统升级", None), on("2026-04-03")).expect("a flag");
    assert_eq!(flagged.standing(day("2026-04-03")), Standing::InForce);
}

#[test]
fn only_a_signer_can_reject() {
    let rules = json!({ "amendmentRule": "LEAD" });
    let change = with(&rules, &json!({ "schedule": two_clauses() }));
    let led = amended(terms(&rules), &change).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    assert_eq!(rule(led.clone().reject(2, code(MINHANG), "…".into(), on("2026-04-02"))), "NOT_ASKED");
    let digest = led.latest().digest(led.number);
    assert_eq!(rule(led.clone().sign(2, code(MINHANG), digest, on("2026-04-02"))), "NOT_ASKED");
    // The lead has left, so all parties decide in its place.
    let without = terms(&rules)
        .give_notice(code(NANSHA), day("2026-03-20"), Leaving::LawChanged, "机构撤销".into(), on("2026-03-20"))
        .expect("notice");
    let parties = json!({ "lead": MINHANG, "parties": parties(&[MINHANG, KUNSHAN]), "draft": { "author": MINHANG } });
    let parties = with(&parties, &json!({ "schedule": [two_clauses()[0]] }));
    let next = without
        .amend(agreement_version(&with(&rules, &parties)), 1, code(MINHANG), day("2026-04-01"))
        .expect("an amendment");
    let next = next.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    assert_eq!(next.latest().proposal().expect("it").outstanding(), [code(MINHANG), code(KUNSHAN)]);
}

#[test]
fn a_version_that_may_end_before_its_conclusion_is_refused() {
    let short = agreement(&line(&json!({ "effectiveTo": "2026-03-20" })));
    assert_eq!(rule(short.clone().propose(1, day("2026-03-21"), on("2026-03-01"))), "CONCLUDED_TOO_LATE");
    assert!(short.propose(1, day("2026-03-20"), on("2026-03-01")).is_ok());
}
