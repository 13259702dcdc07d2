//! Amendments, counter-drafts and objections.

use domain::agreement::acts::{Withdrawer, check_framework};
use domain::agreement::lifecycle::{Needs, VersionState};
use domain::journal::Action;
use domain::{Agreement, AgreementClause, Clause, NewSuspension, Standing};
use serde_json::{Value, json};

use super::{
    KUNSHAN, MINHANG, NANSHA, XINYI, agreement, agreement_version, amended, code, concluded, day, line, on, parties,
    proposed, rule, signed, terms, two_clauses, with,
};

#[test]
fn a_changed_schedule_needs_the_consent_of_the_amendment_rule() {
    let schedule = json!([{ "key": "a", "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }, { "key": "b", "receiving": [NANSHA], "competent": [MINHANG], "matters": ["000109001000"], "mode": "FULL_ONLINE" }]);
    let signers = |rule: &str, change: &Value| {
        let base = agreement(&line(&json!({ "amendmentRule": rule, "objectionDays": 10 })))
            .propose(1, day("2026-03-31"), on("2026-03-01"))
            .expect("proposed");
        let base = [NANSHA, MINHANG, KUNSHAN]
            .into_iter()
            .fold(base, |agreement, party| signed(agreement, 1, party, "2026-03-02"));
        let mut more = json!({ "amendmentRule": rule, "objectionDays": 10 });
        more.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let next = amended(base, &more).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
        let mut signers: Vec<String> =
            next.latest().proposal().expect("it").signers.iter().map(ToString::to_string).collect();
        signers.sort();
        signers
    };
    let change = json!({ "schedule": schedule });
    assert_eq!(signers("ALL", &change), [MINHANG, KUNSHAN, NANSHA]);
    assert_eq!(signers("AFFECTED", &change), [MINHANG, NANSHA]);
    assert_eq!(signers("LEAD", &change), [NANSHA]);
    assert_eq!(signers("NO_OBJECTION", &change), [NANSHA]);
    // Changed terms or parties need all parties, regardless of the rule.
    assert_eq!(signers("LEAD", &json!({ "title": "新名称" })), [MINHANG, KUNSHAN, NANSHA]);
    assert_eq!(
        signers("LEAD", &json!({ "parties": parties(&[NANSHA, MINHANG, XINYI]) })),
        [MINHANG, XINYI, KUNSHAN, NANSHA]
    );
}

#[test]
fn the_second_of_two_concurrent_amendments_is_stale() {
    let draft = |agreement: Agreement, title: &str| {
        agreement
            .amend(agreement_version(&json!({ "title": title })), 1, code(NANSHA), day("2026-04-01"))
            .expect("an amendment")
    };
    let both = draft(draft(concluded(), "甲"), "乙");
    let first = both.propose(2, day("2026-04-30"), on("2026-04-01")).expect("the first");
    let first = [NANSHA, MINHANG, KUNSHAN]
        .into_iter()
        .fold(first, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    assert_eq!(rule(first.clone().propose(3, day("2026-04-30"), on("2026-04-03"))), "BASE_SUPERSEDED");
    let rebased = first
        .revise_draft(3, agreement_version(&json!({ "title": "乙" })), Some(2), code(NANSHA), day("2026-04-03"))
        .expect("rebased");
    assert!(rebased.propose(3, day("2026-04-30"), on("2026-04-03")).is_ok());
}

#[test]
fn a_concluded_counter_draft_supersedes_the_proposal() {
    let counter = proposed()
        .amend(agreement_version(&json!({ "title": "另一份" })), 1, code(MINHANG), day("2026-03-03"))
        .expect("a counter-draft");
    let both = counter.propose(2, day("2026-03-31"), on("2026-03-03")).expect("proposed");
    let answered =
        [NANSHA, MINHANG, KUNSHAN].into_iter().fold(both, |agreement, party| signed(agreement, 2, party, "2026-03-04"));
    let digest = answered.version(1).expect("it").digest(answered.number);
    assert_eq!(rule(answered.clone().sign(1, code(NANSHA), digest, on("2026-03-05"))), "BASE_SUPERSEDED");
    assert_eq!(answered.version(1).expect("it").state(day("2026-04-01")), VersionState::Lapsed);
    // A superseded proposal cannot be a base.
    let again = answered.amend(agreement_version(&json!({})), 1, code(NANSHA), day("2026-03-05"));
    assert_eq!(rule(again), "BASE_SUPERSEDED");
}

#[test]
fn a_counter_draft_also_needs_the_signers_over_the_proposal() {
    let rules = json!({ "amendmentRule": "AFFECTED", "schedule": [{ "key": "z", "receiving": [NANSHA], "competent": [MINHANG], "matters": ["000109001000"], "mode": "FULL_ONLINE" }] });
    let clause = |key: &str, receiving: &str, competent: &str| json!({ "key": key, "receiving": [receiving], "competent": [competent], "matters": ["000109002000"], "mode": "FULL_ONLINE" });
    let schedule = |more: &Value| with(&rules, &json!({ "schedule": [rules["schedule"][0], more] }));
    let first = amended(terms(&rules), &schedule(&clause("y", KUNSHAN, NANSHA)))
        .propose(2, day("2026-04-30"), on("2026-04-01"))
        .expect("proposed");
    let counter = first
        .amend(agreement_version(&schedule(&clause("x", MINHANG, NANSHA))), 2, code(MINHANG), day("2026-04-02"))
        .expect("a counter-draft");
    let counter = counter.propose(3, day("2026-04-30"), on("2026-04-02")).expect("proposed");
    // Kunshan is in the proposal's clause, which the counter-draft does not have.
    assert_eq!(counter.latest().proposal().expect("it").outstanding(), [code(MINHANG), code(KUNSHAN), code(NANSHA)]);
    // The proposal is concluded first: the counter-draft stays open, as an amendment of it.
    let first =
        [NANSHA, KUNSHAN].into_iter().fold(counter, |agreement, party| signed(agreement, 2, party, "2026-04-03"));
    assert_eq!(first.concluded(day("2026-04-03")).expect("it").number, 2);
    let second = [NANSHA, KUNSHAN, MINHANG]
        .into_iter()
        .fold(first, |agreement, party| signed(agreement, 3, party, "2026-04-04"));
    assert_eq!(second.concluded(day("2026-04-04")).expect("it").number, 3);
}

#[test]
fn of_two_amendments_without_objection_one_is_concluded() {
    let rules = json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10 });
    let change = with(&rules, &json!({ "schedule": two_clauses() }));
    let draft = |agreement: Agreement| {
        agreement.amend(agreement_version(&change), 1, code(NANSHA), day("2026-04-01")).expect("an amendment")
    };
    let both = draft(draft(terms(&rules)));
    let both = both
        .propose(2, day("2026-04-30"), on("2026-04-01"))
        .and_then(|both| both.propose(3, day("2026-04-30"), on("2026-04-05")))
        .expect("proposed");
    let both = signed(signed(both, 3, NANSHA, "2026-04-05"), 2, NANSHA, "2026-04-06");
    let state = |agreement: &Agreement, version| agreement.version(version).expect("it").state(day("2026-05-20"));
    assert_eq!((state(&both, 2), state(&both, 3)), (VersionState::Concluded, VersionState::Lapsed));
    assert_eq!(both.version_in_force(day("2026-05-20")).expect("it").number, 2);
    // If the first is withdrawn in time, the second is concluded.
    let withdrawn = both.withdraw_proposal(2, Withdrawer::Author, None, on("2026-04-10")).expect("withdrawn");
    assert_eq!(state(&withdrawn, 3), VersionState::Concluded);
}

#[test]
fn an_objection_excludes_the_party_from_the_change() {
    let rules = json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10 });
    let change = with(&rules, &json!({ "schedule": two_clauses() }));
    let silent = amended(terms(&rules), &change).propose(2, day("2026-04-11"), on("2026-04-01")).expect("proposed");
    let silent = signed(silent, 2, NANSHA, "2026-04-01");
    assert_eq!(rule(silent.clone().reject(2, code(MINHANG), "…".into(), on("2026-04-12"))), "WRONG_STATE");
    let late = amended(terms(&rules), &change).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    assert_eq!(rule(late.clone().reject(2, code(MINHANG), "…".into(), on("2026-04-12"))), "OBJECTION_PERIOD_OVER");
    assert_eq!(rule(late.reject(2, code(NANSHA), "…".into(), on("2026-04-02"))), "OWN_PROPOSAL");
    let objected = silent.reject(2, code(MINHANG), "本地无此窗口".into(), on("2026-04-11")).expect("the last day");
    assert_eq!(
        objected.date_changes(day("2026-04-01"), day("2026-05-01")),
        [(day("2026-04-12"), Action::Concluded), (day("2026-04-12"), Action::TookEffect)]
    );
    let excluded = |agreement: &Agreement, clause: usize| {
        agreement.excluded(agreement.latest(), &agreement.latest().schedule[clause]).into_iter().collect::<Vec<_>>()
    };
    assert_eq!((excluded(&objected, 0), excluded(&objected, 1)), (vec![], vec![code(MINHANG)]));
    // The next version keeps the clause and the exclusion, until that party signs.
    let third = with(&rules, &json!({ "schedule": [two_clauses()[1]] }));
    let third = objected.amend(agreement_version(&third), 2, code(NANSHA), day("2026-05-01")).expect("an amendment");
    let third =
        signed(third.propose(3, day("2026-05-30"), on("2026-05-01")).expect("proposed"), 3, NANSHA, "2026-05-01");
    assert_eq!(excluded(&third, 0), [code(MINHANG)]);
}

#[test]
fn an_amendment_of_terms_needs_all_parties() {
    for rules in [
        json!({ "amendmentRule": "AFFECTED" }),
        json!({ "amendmentRule": "LEAD" }),
        json!({ "amendmentRule": "NO_OBJECTION" }),
    ] {
        let next = amended(terms(&rules), &with(&rules, &json!({ "documentNumber": "南政务〔2026〕1号" })));
        let next = next.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
        assert_eq!(next.latest().proposal().expect("it").outstanding().len(), 3);
    }
    // An empty side means all parties; the first day of a changed schedule is not a term.
    let rules = json!({ "amendmentRule": "AFFECTED" });
    let clause = json!({ "effectiveFrom": "2026-06-01", "schedule": [{ "key": "a", "matters": ["000109002000"], "mode": "PROXY_COLLECTION" }] });
    let next = amended(terms(&rules), &with(&rules, &clause))
        .propose(2, day("2026-04-30"), on("2026-04-01"))
        .expect("proposed");
    assert_eq!(
        (next.latest().proposal().expect("it").needs, next.latest().proposal().expect("it").outstanding().len()),
        (Needs::Affected, 3)
    );
}

#[test]
fn an_older_version_never_comes_back_into_force() {
    let next = amended(concluded(), &json!({ "effectiveTo": "2026-06-30" }))
        .propose(2, day("2026-04-30"), on("2026-04-01"))
        .expect("proposed");
    let next =
        [NANSHA, MINHANG, KUNSHAN].into_iter().fold(next, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    assert_eq!(next.standing(day("2026-07-01")), Standing::Expired);
    assert!(next.version_in_force(day("2026-07-01")).is_none());
    assert_eq!(rule(next.clone().suspend(None, NewSuspension::whole("…", None), on("2026-07-01"))), "ENDED");
    // An open proposal may still be signed after the end; nothing new can be proposed.
    let renewal = agreement_version(&json!({ "title": "续签", "effectiveTo": "2027-06-30" }));
    assert_eq!(rule(next.clone().amend(renewal.clone(), 2, code(NANSHA), day("2026-07-01"))), "ENDED");
    let drafted = next.amend(renewal, 2, code(NANSHA), day("2026-06-01")).expect("an amendment");
    assert_eq!(rule(drafted.clone().propose(3, day("2026-07-31"), on("2026-07-01"))), "ENDED");
    let on_with = drafted.propose(3, day("2026-07-31"), on("2026-06-01")).expect("proposed");
    let on_with = [NANSHA, MINHANG, KUNSHAN]
        .into_iter()
        .fold(on_with, |agreement, party| signed(agreement, 3, party, "2026-07-10"));
    assert_eq!(
        [on_with.standing(day("2026-07-09")), on_with.standing(day("2026-07-10"))],
        [Standing::Expired, Standing::InForce]
    );
}

#[test]
fn a_draft_survives_a_superseded_base_and_is_renumbered_when_rebased() {
    let draft = |agreement: Agreement, title: &str| {
        agreement.amend(agreement_version(&json!({ "title": title })), 1, code(NANSHA), day("2026-04-01")).expect("it")
    };
    let both = draft(draft(concluded(), "甲"), "乙").propose(3, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let second =
        [NANSHA, MINHANG, KUNSHAN].into_iter().fold(both, |agreement, party| signed(agreement, 3, party, "2026-04-02"));
    let kept = second
        .revise_draft(2, agreement_version(&json!({ "title": "甲之二" })), Some(1), code(NANSHA), day("2026-04-03"))
        .expect("kept");
    assert_eq!(rule(kept.clone().propose(2, day("2026-04-30"), on("2026-04-03"))), "BASE_SUPERSEDED");
    let rebased = kept
        .revise_draft(2, agreement_version(&json!({ "title": "甲之三" })), Some(3), code(NANSHA), day("2026-04-03"))
        .expect("rebased");
    assert_eq!((rebased.latest().number, rebased.latest().base_version), (4, Some(3)));
    let stranger = rebased.clone().amend(agreement_version(&json!({})), 3, code(XINYI), day("2026-04-03"));
    assert_eq!(rule(stranger), "NOT_A_PARTY");
    assert_eq!(
        rule(rebased.revise_draft(4, agreement_version(&json!({})), None, code(MINHANG), day("2026-04-03"))),
        "NOT_THE_AUTHOR"
    );
}

#[test]
fn the_schedule_of_a_draft_is_replaced_by_its_author_only() {
    let draft = agreement(&line(&json!({})));
    let scheduling =
        |number, party| rule(draft.ensure_scheduling(number, code(party), day("2026-04-03")).map(|()| draft.clone()));
    assert_eq!(draft.ensure_scheduling(1, code(NANSHA), day("2026-04-03")), Ok(()));
    assert_eq!((scheduling(1, MINHANG), scheduling(2, NANSHA)), ("NOT_THE_AUTHOR", "UNKNOWN_VERSION"));
    let other =
        agreement_version(&json!({ "schedule": [{ "key": "b", "matters": ["000109002000"], "mode": "FULL_ONLINE" }] }));
    let replaced = draft.clone().replace_schedule(1, other.schedule.clone()).expect("another schedule");
    assert_eq!(replaced.latest().schedule, other.schedule);
    assert_eq!(rule(replaced.replace_schedule(1, other.schedule.clone())), "NOTHING_CHANGED");
    let clause = |i: usize| AgreementClause {
        clause: Clause { key: i.to_string().into(), ..other.schedule[0].clause.clone() },
        ..other.schedule[0].clone()
    };
    assert_eq!(rule(draft.replace_schedule(1, (0..1_001).map(clause).collect())), "TOO_MANY");
}

#[test]
fn a_framework_must_exist_and_have_no_cycle() {
    let number = |at: u32| domain::AgreementNumber::new(2026, at).expect("a number");
    let above = |at| {
        [(number(1), None), (number(2), Some(number(1))), (number(3), Some(number(2)))]
            .into_iter()
            .find(|(of, _)| *of == at)
            .map(|(_, above)| above)
    };
    assert!(check_framework(Some(number(3)), number(2), above).is_ok());
    assert!(check_framework(None, number(3), above).is_ok());
    assert_eq!(check_framework(Some(number(1)), number(3), above).expect_err("a circle").rule, "FRAMEWORK_CIRCLE");
    assert_eq!(check_framework(Some(number(1)), number(1), above).expect_err("a circle").rule, "FRAMEWORK_CIRCLE");
    assert_eq!(check_framework(Some(number(1)), number(9), above).expect_err("unknown").rule, "UNKNOWN_AGREEMENT");
}
