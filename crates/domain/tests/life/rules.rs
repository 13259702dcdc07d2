//! Further rules of the lifecycle.

use std::collections::BTreeSet;

use domain::agreement::acts::{Leaving, Withdrawer};
use domain::agreement::lifecycle::LapseReason;
use domain::agreement::lifecycle::VersionState;
use domain::agreement::objection::ClausePosition;
use domain::{Agreement, NewSuspension, Party, Record, Scope, Standing};
use serde_json::json;

use super::{
    KUNSHAN, MINHANG, NANSHA, XINYI, agreement, agreement_version, amended, code, concluded, day, draft, line, on,
    paper, proposed, rule, signed,
};

const ALL: [&str; 3] = [NANSHA, MINHANG, KUNSHAN];

fn xinyi() -> Party {
    Party { district: code(XINYI), ..draft().latest().parties[0].clone() }
}

/// Writes the agreement as a line and reads it back.
fn again(agreement: &Agreement) -> Agreement {
    match Record::from_line(&Record::Agreement(Box::new(agreement.clone())).line()) {
        Ok(Record::Agreement(read)) => *read,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_signature_of_a_newcomer_is_stored() {
    let open = agreement(&line(&json!({ "admission": "OPEN" })))
        .propose(1, day("2026-03-31"), on("2026-03-01"))
        .expect("proposed");
    let open = ALL.into_iter().fold(open, |agreement, party| signed(agreement, 1, party, "2026-03-02"));
    let digest = open.latest().digest(open.number);
    let joined = open.accede(xinyi(), digest, on("2026-04-02")).expect("open to all");
    let version = joined.latest();
    let kept: Vec<_> =
        version.signatures().map(|signature| (signature.party, signature.on, signature.digest)).collect();
    assert_eq!(kept.last(), Some(&(code(XINYI), day("2026-04-02"), digest)));
    assert_eq!((kept.len(), version.signed_on()), (4, Some(day("2026-03-02"))));
    assert_eq!((version.digest(joined.number), again(&joined)), (digest, joined.clone()));
    // It stays after the admission, and the accession is no longer pending.
    let asked = concluded().accede(xinyi(), digest_of(&concluded()), on("2026-04-02")).expect("asked");
    assert_eq!(asked.latest().signatures().count(), 3);
    let admitted = ALL
        .into_iter()
        .fold(asked, |agreement, by| agreement.admit(code(by), code(XINYI), on("2026-04-05")).expect("consent"));
    assert_eq!(admitted.latest().signatures().last().map(|signature| signature.on), Some(day("2026-04-02")));
}

fn digest_of(agreement: &Agreement) -> domain::Digest {
    agreement.latest().digest(agreement.number)
}

#[test]
fn a_newcomer_to_a_scheduled_version_joins_on_its_first_day() {
    let coming = agreement(&line(&json!({ "admission": "OPEN", "effectiveFrom": "2026-06-01" })));
    let coming = coming.propose(1, day("2026-03-31"), on("2026-03-01")).expect("proposed");
    let coming = ALL.into_iter().fold(coming, |agreement, party| signed(agreement, 1, party, "2026-03-02"));
    let digest = digest_of(&coming);
    let joined = coming.accede(xinyi(), digest, on("2026-04-02")).expect("open to all");
    let party = joined.latest().party(code(XINYI)).expect("in").clone();
    assert_eq!(party.joined_on, Some(day("2026-06-01")));
    assert_eq!(rule(joined.accede(xinyi(), digest, on("2026-04-03"))), "ALREADY_A_PARTY");
}

#[test]
fn a_rejection_of_an_alliance_can_be_taken_back_until_the_day_for_answers() {
    let alliance = agreement(&line(&json!({ "concludes": "SIGNATORIES" })))
        .propose(1, day("2026-03-31"), on("2026-03-01"))
        .expect("proposed");
    let alliance = alliance.reject(1, code(KUNSHAN), "暂不加入".into(), on("2026-03-02")).expect("without me");
    let alliance =
        [NANSHA, MINHANG].into_iter().fold(alliance, |alliance, party| signed(alliance, 1, party, "2026-03-03"));
    assert_eq!(alliance.latest().state(day("2026-03-31")), VersionState::Proposed);
    assert_eq!(alliance.latest().state(day("2026-04-01")), VersionState::Concluded);
    let back = alliance.undo_rejection(1, code(KUNSHAN), on("2026-03-31")).expect("in time");
    let back = signed(back, 1, KUNSHAN, "2026-03-31");
    assert_eq!((back.latest().signed_on(), back.latest().members().count()), (Some(day("2026-03-31")), 3));
}

/// An agreement with the rule "no objection" and two clauses, of which `a` has empty sides.
fn no_objection() -> Agreement {
    let rules = json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10, "schedule": [clause("a", &["000109001000"]), clause("b", &["000109003000"])] });
    let proposed = agreement(&line(&rules)).propose(1, day("2026-03-31"), on("2026-03-01")).expect("proposed");
    ALL.into_iter().fold(proposed, |agreement, party| signed(agreement, 1, party, "2026-03-02"))
}

fn clause(key: &str, matters: &[&str]) -> serde_json::Value {
    json!({ "key": key, "matters": matters, "mode": "PROXY_COLLECTION" })
}

#[test]
fn the_old_clause_stays_in_force_for_a_party_that_objects() {
    let change = json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10,
        "schedule": [clause("a", &["000109001000", "000109002000"]), clause("c", &["000109004000"])] });
    let next = amended(no_objection(), &change).propose(2, day("2026-04-11"), on("2026-04-01")).expect("proposed");
    let next = signed(next, 2, NANSHA, "2026-04-01")
        .reject(2, code(KUNSHAN), "窗口不足".into(), on("2026-04-05"))
        .expect("it objects");
    let version = next.latest();
    let excluded: Vec<_> = version.schedule.iter().map(|clause| next.excluded(version, clause)).collect();
    assert_eq!(excluded, [BTreeSet::from([code(KUNSHAN)]), BTreeSet::from([code(KUNSHAN)])]);
    // It keeps the old `a`, and the old `b` that was removed for the others; `c` is new.
    let carried: Vec<_> = next.carried(1).into_iter().map(|carried| (carried.at, carried.parties)).collect();
    let kunshan = || BTreeSet::from([code(KUNSHAN)]);
    assert_eq!(
        carried,
        [(ClausePosition { version: 0, clause: 0 }, kunshan()), (ClausePosition { version: 0, clause: 1 }, kunshan())]
    );
    // A later change builds on that; a party that does not object to it is bound by it.
    let again = json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10, "schedule": [clause("a", &["000109005000"]), clause("c", &["000109004000"])] });
    let third = next.amend(agreement_version(&again), 2, code(NANSHA), day("2026-05-01")).expect("an amendment");
    let third =
        signed(third.propose(3, day("2026-05-11"), on("2026-05-01")).expect("proposed"), 3, NANSHA, "2026-05-01");
    assert_eq!(third.carried(2).iter().map(|carried| carried.at.clause).collect::<Vec<_>>(), [1]);
    let objects = third.reject(3, code(KUNSHAN), "窗口不足".into(), on("2026-05-05")).expect("it objects again");
    assert_eq!(
        objects.carried(2).iter().map(|carried| (carried.at.version, carried.at.clause)).collect::<Vec<_>>(),
        [(0, 0), (0, 1)]
    );
}

#[test]
fn tacit_consent_needs_the_objection_period_and_the_proposers_signature() {
    let change =
        json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10, "schedule": [clause("a", &["000109002000"])] });
    let drafted = amended(no_objection(), &change);
    assert_eq!(rule(drafted.clone().propose(2, day("2026-04-10"), on("2026-04-01"))), "ANSWER_BY_TOO_EARLY");
    let proposed = drafted.propose(2, day("2026-04-20"), on("2026-04-01")).expect("proposed");
    assert_eq!(proposed.latest().state(day("2026-04-21")), VersionState::Lapsed);
    assert_eq!(signed(proposed.clone(), 2, NANSHA, "2026-04-02").latest().signed_on(), Some(day("2026-04-12")));
    assert_eq!(signed(proposed, 2, NANSHA, "2026-04-15").latest().signed_on(), Some(day("2026-04-15")));
}

#[test]
fn a_proposal_over_a_replaced_base_lapses() {
    let titled = |title: &str| agreement_version(&json!({ "title": title }));
    let both = concluded().amend(titled("甲"), 1, code(NANSHA), day("2026-04-01")).expect("a draft");
    let both = both.amend(titled("乙"), 1, code(MINHANG), day("2026-04-01")).expect("a draft");
    let both = both
        .propose(2, day("2026-04-30"), on("2026-04-01"))
        .and_then(|both| both.propose(3, day("2026-04-30"), on("2026-04-01")));
    let rejected = both.expect("proposed").reject(3, code(KUNSHAN), "不同意".into(), on("2026-04-01")).expect("a no");
    let over = ALL.into_iter().fold(rejected, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    let other = over.version(3).expect("it");
    assert_eq!(
        [other.state(day("2026-04-01")), other.state(day("2026-04-02"))],
        [VersionState::Rejected, VersionState::Lapsed]
    );
    assert_eq!(other.lapse_reason(day("2026-05-10")), Some(LapseReason::Superseded));
    let digest = other.digest(over.number);
    assert_eq!(rule(over.clone().sign(3, code(MINHANG), digest, on("2026-04-02"))), "BASE_SUPERSEDED");
    assert_eq!(rule(over.clone().reject(3, code(NANSHA), "…".into(), on("2026-04-02"))), "BASE_SUPERSEDED");
    assert_eq!(rule(over.clone().undo_rejection(3, code(KUNSHAN), on("2026-04-02"))), "BASE_SUPERSEDED");
    assert_eq!(rule(over.clone().amend(titled("丙"), 3, code(MINHANG), day("2026-04-02"))), "BASE_SUPERSEDED");
    assert_eq!(rule(over.clone().withdraw_proposal(3, Withdrawer::Author, None, on("2026-04-02"))), "WRONG_STATE");
    // The lapse belongs to the entry of the conclusion, and is not a date change.
    assert_eq!(over.date_changes(day("2026-04-02"), day("2026-06-01")), []);
    // Until the replacement is concluded the proposal stays open.
    let later = agreement(&line(&json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10 })));
    let later = later.propose(1, day("2026-03-31"), on("2026-03-01")).expect("proposed");
    let later = ALL.into_iter().fold(later, |agreement, party| signed(agreement, 1, party, "2026-03-02"));
    let change =
        json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10, "schedule": [clause("a", &["000109002000"])] });
    let later = over_the_first(later, &json!({ "title": "甲", "amendmentRule": "NO_OBJECTION", "objectionDays": 10 }));
    let later = over_the_first(later, &change);
    let later = later
        .propose(2, day("2026-04-30"), on("2026-04-01"))
        .and_then(|later| later.propose(3, day("2026-04-30"), on("2026-04-01")));
    let later = signed(later.expect("proposed"), 3, NANSHA, "2026-04-01");
    let states = ["2026-04-11", "2026-04-12"].map(|on| later.version(2).expect("it").state(day(on)));
    assert_eq!(states, [VersionState::Proposed, VersionState::Lapsed]);
}

fn over_the_first(agreement: Agreement, more: &serde_json::Value) -> Agreement {
    agreement.amend(agreement_version(more), 1, code(NANSHA), day("2026-04-01")).expect("a draft")
}

#[test]
fn a_failed_first_version_is_corrected_under_the_same_agreement_number() {
    let corrected = |agreement: Agreement, on: &str| {
        agreement.amend(agreement_version(&json!({ "title": "更正稿" })), 0, code(NANSHA), day(on))
    };
    assert_eq!(rule(corrected(draft(), "2026-03-02")), "WRONG_STATE");
    assert_eq!(rule(corrected(proposed(), "2026-03-02")), "WRONG_STATE");
    assert_eq!(rule(corrected(concluded(), "2026-03-05")), "BASE_SUPERSEDED");
    let rejected = proposed().reject(1, code(MINHANG), "清单有误".into(), on("2026-03-05")).expect("a no");
    let second = corrected(rejected, "2026-03-06").expect("a correction");
    assert_eq!((second.latest().number, second.latest().base_version), (2, None));
    let second = second.propose(2, day("2026-03-31"), on("2026-03-06")).expect("proposed");
    // The rejection is taken back: whichever is concluded first supersedes the other.
    let both = second.undo_rejection(1, code(MINHANG), on("2026-03-07")).expect("taken back");
    let first = ALL.into_iter().fold(both.clone(), |agreement, party| signed(agreement, 1, party, "2026-03-08"));
    assert_eq!(first.version(2).expect("it").lapse_reason(day("2026-03-08")), Some(LapseReason::Superseded));
    let second = ALL.into_iter().fold(both, |agreement, party| signed(agreement, 2, party, "2026-03-08"));
    assert_eq!(second.version(1).expect("it").lapse_reason(day("2026-03-08")), Some(LapseReason::Superseded));
    assert_eq!(second.standing(day("2026-03-08")), Standing::InForce);
}

#[test]
fn a_version_number_is_never_reused() {
    let second = concluded()
        .amend(agreement_version(&json!({ "title": "甲" })), 1, code(NANSHA), day("2026-04-01"))
        .expect("a draft");
    let gone = again(&second.discard_draft(2, day("2026-04-01")).expect("thrown away").expect("the first is left"));
    let third = gone
        .clone()
        .amend(agreement_version(&json!({ "title": "乙" })), 1, code(MINHANG), day("2026-04-02"))
        .expect("a draft");
    assert_eq!(third.latest().number, 3);
    // The used number is not visible to callers that could not see the draft.
    let seen = |scope: &Scope| gone.seen_by(scope, day("2026-04-01")).expect("it").discarded.is_some();
    let of = |party| Scope::Districts(BTreeSet::from([code(party)]));
    assert_eq!([&Scope::Public, &of(MINHANG), &of(NANSHA), &Scope::Steward].map(seen), [false, false, true, true]);
}

#[test]
fn a_draft_without_changes_cannot_be_proposed() {
    let schedule = json!([clause("a", &["000109001000"]), clause("b", &["000109003000"])]);
    let first = agreement(&line(&json!({ "schedule": schedule })))
        .propose(1, day("2026-03-31"), on("2026-03-01"))
        .expect("proposed");
    let first = ALL.into_iter().fold(first, |agreement, party| signed(agreement, 1, party, "2026-03-02"));
    let other_order = json!({ "schedule": [schedule[1], schedule[0]] });
    assert_eq!(
        rule(amended(first.clone(), &other_order).propose(2, day("2026-04-30"), on("2026-04-01"))),
        "NOTHING_CHANGED"
    );
    let document = json!({ "schedule": schedule, "documentNumber": "南政务〔2026〕1号" });
    assert!(amended(first, &document).propose(2, day("2026-04-30"), on("2026-04-01")).is_ok());
}

#[test]
fn a_steward_withdraws_with_a_reason_and_before_others_sign() {
    let withdraw = |agreement: Agreement, reason: Option<&str>| {
        agreement.withdraw_proposal(1, Withdrawer::Steward, reason.map(Into::into), on("2026-03-05"))
    };
    assert_eq!(rule(withdraw(proposed(), None)), "REQUIRED");
    let own = signed(proposed(), 1, NANSHA, "2026-03-02");
    let gone = withdraw(own, Some("重复发送签约方")).expect("only its proposer has signed");
    assert_eq!((gone.latest().state(day("2026-03-05")), again(&gone)), (VersionState::Withdrawn, gone.clone()));
    assert_eq!(
        rule(withdraw(signed(proposed(), 1, MINHANG, "2026-03-02"), Some("重复发送签约方"))),
        "SIGNED_BY_OTHERS"
    );
}

#[test]
fn repeating_an_act_changes_the_days_of_a_suspension_or_notice() {
    let suspended = |agreement: Agreement, until: Option<&str>, when: &str| {
        agreement.suspend(Some(code(MINHANG)), NewSuspension::whole("系统升级", until.map(day)), on(when))
    };
    let first = suspended(concluded(), Some("2026-04-10"), "2026-04-01").expect("a flag");
    assert_eq!(rule(suspended(first.clone(), Some("2026-04-10"), "2026-04-02")), "ALREADY_SUSPENDED");
    let longer = suspended(first, Some("2026-04-20"), "2026-04-05").expect("longer");
    assert_eq!(
        (longer.suspensions.len(), longer.suspensions[0].since, longer.suspensions[0].until),
        (1, day("2026-04-01"), Some(day("2026-04-20")))
    );
    assert!(suspended(longer, None, "2026-04-06").expect("without an end").suspensions[0].until.is_none());

    let notice = |agreement: Agreement, ends_on: &str, when: &str| {
        agreement.give_notice(code(MINHANG), day(ends_on), Leaving::InTime, "机构调整".into(), on(when))
    };
    let given = notice(concluded(), "2026-05-10", "2026-04-01").expect("a notice");
    // A later day is always allowed; an earlier one needs the notice period.
    let later = notice(given.clone(), "2026-05-12", "2026-05-01").expect("later");
    assert_eq!((later.notices.len(), later.notices[0].ends_on), (1, day("2026-05-12")));
    assert_eq!(rule(notice(given.clone(), "2026-05-09", "2026-05-01")), "NOTICE_TOO_SHORT");
    assert!(notice(given, "2026-05-03", "2026-04-02").is_ok());
}

#[test]
fn no_version_is_in_force_after_the_notices() {
    let second = amended(concluded(), &json!({ "title": "第二版", "effectiveFrom": "2027-01-01" }));
    let second = second.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let second = ALL.into_iter().fold(second, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    let left = [MINHANG, KUNSHAN].into_iter().fold(second, |agreement, party| {
        agreement
            .give_notice(code(party), day("2026-12-31"), Leaving::InTime, "机构调整".into(), on("2026-05-01"))
            .expect("notice")
    });
    assert_eq!(left.standing(day("2027-06-01")), Standing::Terminated);
    let in_force = |on: &str| left.version_in_force(day(on)).map(|version| version.number);
    assert_eq!([in_force("2026-12-31"), in_force("2027-01-01"), in_force("2027-06-01")], [Some(1), None, None]);
}

#[test]
fn with_renewal_the_agreement_ends_with_the_current_period() {
    let renewing =
        agreement(&line(&json!({ "effectiveTo": "2026-04-10", "renewal": { "months": 6, "objectionDays": 5 } })));
    assert_eq!(renewing.latest().ends_on(day("2026-05-01")), Some(day("2026-04-10")));
    let renewing = renewing.propose(1, day("2026-03-31"), on("2026-03-01")).expect("proposed");
    let renewing = ALL.into_iter().fold(renewing, |agreement, party| signed(agreement, 1, party, "2026-03-02"));
    let ends = ["2026-04-10", "2026-04-11", "2026-10-11"].map(|on| renewing.latest().ends_on(day(on)));
    assert_eq!(ends, ["2026-04-10", "2026-10-10", "2027-04-10"].map(|on| Some(day(on))));
}

#[test]
fn a_paper_record_cannot_be_signed_in_the_future() {
    let future =
        agreement(&json!({ "type": "agreement", "number": "TB-2026-000009", "title": "协议", "signedOn": "2026-04-02",
        "parties": [{ "district": NANSHA }, { "district": MINHANG }] }));
    let record = |today: &str| Agreement::recorded(future.number, future.latest().clone(), day(today));
    assert_eq!(rule(record("2026-04-01")), "SIGNED_IN_THE_FUTURE");
    assert!(record("2026-04-02").is_ok());
    let correct = paper(None).correct(
        future.latest().clone(),
        domain::agreement::acts::Corrector::Steward,
        "日期".into(),
        on("2026-04-01"),
    );
    assert_eq!(rule(correct), "SIGNED_IN_THE_FUTURE");
}
