//! The lifecycle of agreements: scenarios, and the table of every state against every act.

mod rules;

use chrono::{DateTime, Utc};
use domain::act::{Corrector, Leaving, When, Withdrawer, check_framework};
use domain::agreement::VersionState;
use domain::journal::Action;
use domain::life::{Life, Needs};
use domain::{Agreement, Date, DistrictCode, Party, Problem, Problems, Record, Standing};
use serde_json::{Value, json};

const NANSHA: &str = "440115";
const MINHANG: &str = "310112";
const KUNSHAN: &str = "320583";
const XINYI: &str = "320381";

fn code(text: &str) -> DistrictCode {
    text.parse().expect("a code")
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn on(text: &str) -> When {
    let today = day(text);
    When { at: DateTime::<Utc>::from_naive_utc_and_offset(today.and_hms_opt(1, 0, 0).expect("a time"), Utc), today }
}

fn agreement(line: &Value) -> Agreement {
    match Record::from_line(&line.to_string()) {
        Ok(Record::Agreement(agreement)) => *agreement,
        other => panic!("{line}: {other:?}"),
    }
}

fn parties(codes: &[&str]) -> Value {
    codes.iter().map(|code| json!({ "district": code })).collect()
}

fn line(more: &Value) -> Value {
    let mut line = json!({ "type": "agreement", "number": "TB-2026-000001", "title": "“跨域通办”框架合作协议", "draft": { "author": NANSHA },
        "parties": parties(&[NANSHA, MINHANG, KUNSHAN]),
        "schedule": [{ "key": "a", "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }] });
    line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    line
}

fn draft() -> Agreement {
    agreement(&line(&json!({})))
}

fn proposed() -> Agreement {
    draft().propose(1, day("2026-03-31"), on("2026-03-01")).expect("a draft is proposed")
}

fn signed(agreement: Agreement, version: u32, party: &str, when: &str) -> Agreement {
    let digest = agreement.version(version).expect("the version").digest(agreement.number);
    agreement.sign(version, code(party), digest, on(when)).unwrap_or_else(|problem| panic!("{party}: {problem:?}"))
}

fn concluded() -> Agreement {
    [NANSHA, MINHANG, KUNSHAN].into_iter().fold(proposed(), |agreement, party| signed(agreement, 1, party, "2026-03-02"))
}

fn rule(result: Result<Agreement, impl Into<Problems> + std::fmt::Debug>) -> &'static str {
    let problem = result.expect_err("it is refused").into().remove(0);
    assert!(!problem.message.zh.is_empty() && problem.remedy.is_some(), "{problem:?}");
    problem.rule
}

/// Amends a concluded agreement with a changed copy of its current version.
fn amended(agreement: Agreement, more: &Value) -> Agreement {
    let base = agreement.latest().number;
    let version = agreement_version(more);
    agreement.amend(version, base, code(NANSHA), day("2026-04-01")).expect("it is amended")
}

fn agreement_version(more: &Value) -> domain::Version {
    agreement(&line(more)).latest().clone()
}

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
    let agreement = agreement(&line(&json!({ "effectiveFrom": "2026-03-03" }))).propose(1, day("2026-03-31"), on("2026-03-01")).expect("proposed");
    let agreement = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(agreement, |agreement, party| signed(agreement, 1, party, "2026-03-09"));
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
    let counter = a_signed.amend(agreement_version(&json!({ "title": "另一份" })), 1, code(MINHANG), day("2026-03-03")).expect("a counter-draft");
    let counter = counter.propose(2, day("2026-03-31"), on("2026-03-03")).expect("proposed");
    assert_eq!(rule(counter.clone().sign(2, code(KUNSHAN), old, on("2026-03-04"))), "OTHER_DIGEST");
    // The proposal stays open until it is withdrawn or answered.
    assert_eq!(signed(counter, 1, KUNSHAN, "2026-03-04").version(1).expect("it").state(day("2026-03-04")), VersionState::Proposed);
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
    let alliance = alliance.reject(1, code(many[3]), "暂不加入".into(), on("2026-03-03")).expect("a no means: without me");
    assert_eq!(alliance.latest().state(day("2026-03-31")), VersionState::Proposed);
    assert_eq!(alliance.latest().state(day("2026-04-01")), VersionState::Concluded);
    assert_eq!(alliance.latest().members().count(), 3);
    // The rest may accede; nobody signs again.
    let digest = alliance.latest().digest(alliance.number);
    let newcomer = Party { district: code("999900"), ..alliance.latest().parties[0].clone() };
    let grown = alliance.accede(newcomer, digest, on("2026-04-02")).expect("open to all");
    assert_eq!(grown.latest().members().count(), 4);
    assert_eq!(grown.latest().digest(grown.number), digest);
    // If one of many suspends, the others stay in force.
    let flagged = grown.suspend(Some(code(many[0])), "系统升级".into(), None, on("2026-04-03")).expect("a flag");
    assert_eq!(flagged.standing(day("2026-04-03")), Standing::InForce);
}

#[test]
fn an_accession_waits_for_the_required_consent() {
    let agreement = concluded();
    let digest = agreement.latest().digest(agreement.number);
    let newcomer = Party { district: code(XINYI), ..agreement.latest().parties[0].clone() };
    let waiting = agreement.accede(newcomer.clone(), digest, on("2026-04-01")).expect("asked");
    assert_eq!(waiting.latest().members().count(), 3);
    assert_eq!(rule(waiting.clone().accede(newcomer, digest, on("2026-04-01"))), "ALREADY_A_PARTY");
    let admitted = [NANSHA, MINHANG, KUNSHAN]
        .into_iter()
        .fold(waiting, |agreement, by| agreement.admit(code(by), code(XINYI), on("2026-04-02")).expect("consent"));
    assert_eq!(admitted.latest().members().count(), 4);
    assert_eq!(admitted.latest().party(code(XINYI)).expect("in").joined_on, Some(day("2026-04-02")));
}

#[test]
fn a_changed_schedule_needs_the_consent_of_the_amendment_rule() {
    let schedule = json!([{ "key": "a", "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }, { "key": "b", "receiving": [NANSHA], "competent": [MINHANG], "matters": ["000109001000"], "mode": "FULL_ONLINE" }]);
    let signers = |rule: &str, change: &Value| {
        let base = agreement(&line(&json!({ "amendmentRule": rule, "objectionDays": 10 })))
            .propose(1, day("2026-03-31"), on("2026-03-01"))
            .expect("proposed");
        let base = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(base, |agreement, party| signed(agreement, 1, party, "2026-03-02"));
        let mut more = json!({ "amendmentRule": rule, "objectionDays": 10 });
        more.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let next = amended(base, &more).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
        let mut signers: Vec<String> = next.latest().proposal().expect("it").signers.iter().map(ToString::to_string).collect();
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
    assert_eq!(signers("LEAD", &json!({ "parties": parties(&[NANSHA, MINHANG, XINYI]) })), [MINHANG, XINYI, KUNSHAN, NANSHA]);
}

#[test]
fn the_second_of_two_concurrent_amendments_is_stale() {
    let draft = |agreement: Agreement, title: &str| {
        agreement.amend(agreement_version(&json!({ "title": title })), 1, code(NANSHA), day("2026-04-01")).expect("an amendment")
    };
    let both = draft(draft(concluded(), "甲"), "乙");
    let first = both.propose(2, day("2026-04-30"), on("2026-04-01")).expect("the first");
    let first = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(first, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    assert_eq!(rule(first.clone().propose(3, day("2026-04-30"), on("2026-04-03"))), "BASE_SUPERSEDED");
    let rebased = first.revise_draft(3, agreement_version(&json!({ "title": "乙" })), Some(2), code(NANSHA), day("2026-04-03")).expect("rebased");
    assert!(rebased.propose(3, day("2026-04-30"), on("2026-04-03")).is_ok());
}

#[test]
fn only_the_party_that_suspended_can_resume() {
    let flagged = concluded().suspend(Some(code(MINHANG)), "系统升级".into(), None, on("2026-04-01")).expect("a flag");
    assert_eq!(rule(flagged.clone().resume(Some(code(NANSHA)), on("2026-04-02"))), "NOT_SUSPENDED");
    assert_eq!(rule(flagged.clone().resume(None, on("2026-04-02"))), "NOT_SUSPENDED");
    let both = flagged.suspend(None, "紧急停用".into(), None, on("2026-04-02")).expect("the registry's");
    let resumed = both.resume(Some(code(MINHANG)), on("2026-04-03")).expect("cleared");
    assert_eq!(resumed.standing(day("2026-04-03")), Standing::Suspended);
    let released = resumed.resume(None, on("2026-04-04")).expect("released");
    assert_eq!(released.standing(day("2026-04-04")), Standing::InForce);
    assert_eq!(released.standing(day("2026-04-03")), Standing::Suspended);
}

#[test]
fn an_agreement_terminates_when_fewer_than_two_parties_remain() {
    let agreement = concluded();
    assert_eq!(
        rule(agreement.clone().give_notice(code(NANSHA), day("2026-04-20"), Leaving::InTime, "…".into(), on("2026-04-01"))),
        "NOTICE_TOO_SHORT"
    );
    let left = agreement.give_notice(code(NANSHA), day("2026-05-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01")).expect("notice");
    assert_eq!(left.standing(day("2026-05-02")), Standing::InForce);
    let both = left.give_notice(code(MINHANG), day("2026-06-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01")).expect("notice");
    assert_eq!(both.standing(day("2026-06-01")), Standing::InForce);
    assert_eq!(both.standing(day("2026-06-02")), Standing::Terminated);
    let stays = both.clone().revoke_notice(code(MINHANG), on("2026-05-20")).expect("revoked");
    assert_eq!(stays.standing(day("2026-06-02")), Standing::InForce);
    assert_eq!(rule(both.revoke_notice(code(MINHANG), on("2026-06-02"))), "ALREADY_LEFT");
}

fn paper(recorder: Option<&str>) -> Agreement {
    let mut line = line(&json!({ "signedOn": "2021-05-28", "parties": parties(&[NANSHA, MINHANG]), "recorder": recorder }));
    line.as_object_mut().expect("an object").remove("draft");
    if let Some(recorder) = recorder {
        line["parties"] = json!([{ "district": recorder, "confirmation": "CONFIRMED" }, { "district": MINHANG }]);
    }
    agreement(&line)
}

#[test]
fn a_stewards_record_is_effective_at_once_and_a_registrars_after_confirmation() {
    assert_eq!(paper(None).standing(day("2022-01-01")), Standing::InForce);
    let one_sided = paper(Some(NANSHA));
    assert_eq!(one_sided.standing(day("2022-01-01")), Standing::NotConcluded);
    assert_eq!(one_sided.confirm(1, code(MINHANG), on("2026-04-01")).expect("confirmed").standing(day("2022-01-01")), Standing::InForce);
}

#[test]
fn contesting_a_record_suspends_the_party() {
    let contested = paper(None).contest(1, code(MINHANG), "未签署过".into(), on("2026-04-01")).expect("contested");
    assert_eq!(contested.standing(day("2026-03-31")), Standing::InForce);
    assert_eq!(contested.standing(day("2026-04-01")), Standing::Suspended);
}

#[test]
fn a_record_can_be_corrected_until_another_party_confirms() {
    let version = || paper(None).latest().clone();
    assert!(paper(None).correct(version(), Corrector::Steward, "录入有误".into(), on("2026-04-01")).is_ok());
    let confirmed = paper(None).confirm(1, code(MINHANG), on("2026-04-01")).expect("confirmed");
    assert_eq!(rule(confirmed.clone().correct(version(), Corrector::Steward, "录入有误".into(), on("2026-04-01"))), "CONFIRMED_BY_OTHERS");
    let void = confirmed.void("重复登记".into(), on("2026-04-01")).expect("void");
    assert_eq!(void.standing(day("2022-01-01")), Standing::Voided);
    assert_eq!(rule(void.void("…".into(), on("2026-04-01"))), "VOIDED");
}

#[test]
fn every_act_survives_writing_and_reading() {
    let rich = concluded()
        .suspend(Some(code(MINHANG)), "系统升级".into(), Some(day("2026-12-31")), on("2026-04-01"))
        .and_then(|agreement| Ok(agreement.give_notice(code(KUNSHAN), day("2026-06-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01"))?))
        .expect("acts");
    let rich = amended(rich, &json!({ "title": "第二版", "renewal": { "months": 12 } }));
    read_again(&rich);
    let opposed = terms(&json!({ "effectiveTo": "2027-02-28", "renewal": { "months": 6 } })).oppose_renewal(code(NANSHA), on("2026-05-01"));
    read_again(&opposed.expect("in time"));
    let contested = paper(Some(NANSHA)).contest(1, code(MINHANG), "日期有误".into(), on("2026-04-01"));
    let version = paper(Some(NANSHA)).latest().clone();
    read_again(
        &contested
            .map_err(Problems::from)
            .and_then(|it| it.correct(version, Corrector::Steward, "更正".into(), on("2026-04-02")))
            .expect("corrected"),
    );
    let notice = |it: Agreement| it.give_notice(code(KUNSHAN), day("2026-05-01"), Leaving::LawChanged, "机构调整".into(), on("2026-04-01"));
    let left = notice(terms(&json!({ "admission": "OPEN" }))).expect("notice");
    let (kunshan, digest) = (left.latest().party(code(KUNSHAN)).expect("it").clone(), left.latest().digest(left.number));
    read_again(&left.accede(kunshan, digest, on("2026-06-01")).expect("back"));
}

fn read_again(rich: &Agreement) {
    let line = Record::Agreement(Box::new(rich.clone())).line();
    assert_eq!(agreement(&serde_json::from_str(&line).expect("JSON")), *rich);
}

fn terms(more: &Value) -> Agreement {
    let proposed = agreement(&line(more)).propose(1, day("2026-03-31"), on("2026-03-01")).expect("proposed");
    [NANSHA, MINHANG, KUNSHAN].into_iter().fold(proposed, |agreement, party| signed(agreement, 1, party, "2026-03-02"))
}

fn with(base: &Value, more: &Value) -> Value {
    let mut both = base.clone();
    both.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    both
}

fn two_clauses() -> Value {
    json!([{ "key": "a", "matters": ["000109001000"], "mode": "PROXY_COLLECTION" },
        { "key": "b", "receiving": [NANSHA], "competent": [MINHANG], "matters": ["000109001000"], "mode": "FULL_ONLINE" }])
}

#[test]
fn a_concluded_counter_draft_supersedes_the_proposal() {
    let counter = proposed().amend(agreement_version(&json!({ "title": "另一份" })), 1, code(MINHANG), day("2026-03-03")).expect("a counter-draft");
    let both = counter.propose(2, day("2026-03-31"), on("2026-03-03")).expect("proposed");
    let answered = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(both, |agreement, party| signed(agreement, 2, party, "2026-03-04"));
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
    let first = amended(terms(&rules), &schedule(&clause("y", KUNSHAN, NANSHA))).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let counter =
        first.amend(agreement_version(&schedule(&clause("x", MINHANG, NANSHA))), 2, code(MINHANG), day("2026-04-02")).expect("a counter-draft");
    let counter = counter.propose(3, day("2026-04-30"), on("2026-04-02")).expect("proposed");
    // Kunshan is in the proposal's clause, which the counter-draft does not have.
    assert_eq!(counter.latest().proposal().expect("it").outstanding(), [code(MINHANG), code(KUNSHAN), code(NANSHA)]);
    // The proposal is concluded first: the counter-draft stays open, as an amendment of it.
    let first = [NANSHA, KUNSHAN].into_iter().fold(counter, |agreement, party| signed(agreement, 2, party, "2026-04-03"));
    assert_eq!(first.concluded(day("2026-04-03")).expect("it").number, 2);
    let second = [NANSHA, KUNSHAN, MINHANG].into_iter().fold(first, |agreement, party| signed(agreement, 3, party, "2026-04-04"));
    assert_eq!(second.concluded(day("2026-04-04")).expect("it").number, 3);
}

#[test]
fn of_two_amendments_without_objection_one_is_concluded() {
    let rules = json!({ "amendmentRule": "NO_OBJECTION", "objectionDays": 10 });
    let change = with(&rules, &json!({ "schedule": two_clauses() }));
    let draft = |agreement: Agreement| agreement.amend(agreement_version(&change), 1, code(NANSHA), day("2026-04-01")).expect("an amendment");
    let both = draft(draft(terms(&rules)));
    let both =
        both.propose(2, day("2026-04-30"), on("2026-04-01")).and_then(|both| both.propose(3, day("2026-04-30"), on("2026-04-05"))).expect("proposed");
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
    let third = signed(third.propose(3, day("2026-05-30"), on("2026-05-01")).expect("proposed"), 3, NANSHA, "2026-05-01");
    assert_eq!(excluded(&third, 0), [code(MINHANG)]);
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
    let without =
        terms(&rules).give_notice(code(NANSHA), day("2026-03-20"), Leaving::LawChanged, "机构撤销".into(), on("2026-03-20")).expect("notice");
    let parties = json!({ "lead": MINHANG, "parties": parties(&[MINHANG, KUNSHAN]), "draft": { "author": MINHANG } });
    let parties = with(&parties, &json!({ "schedule": [two_clauses()[0]] }));
    let next = without.amend(agreement_version(&with(&rules, &parties)), 1, code(MINHANG), day("2026-04-01")).expect("an amendment");
    let next = next.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    assert_eq!(next.latest().proposal().expect("it").outstanding(), [code(MINHANG), code(KUNSHAN)]);
}

#[test]
fn an_amendment_of_terms_needs_all_parties() {
    for rules in [json!({ "amendmentRule": "AFFECTED" }), json!({ "amendmentRule": "LEAD" }), json!({ "amendmentRule": "NO_OBJECTION" })] {
        let next = amended(terms(&rules), &with(&rules, &json!({ "documentNumber": "南政务〔2026〕1号" })));
        let next = next.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
        assert_eq!(next.latest().proposal().expect("it").outstanding().len(), 3);
    }
    // An empty side means all parties; the first day of a changed schedule is not a term.
    let rules = json!({ "amendmentRule": "AFFECTED" });
    let clause = json!({ "effectiveFrom": "2026-06-01", "schedule": [{ "key": "a", "matters": ["000109002000"], "mode": "PROXY_COLLECTION" }] });
    let next = amended(terms(&rules), &with(&rules, &clause)).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    assert_eq!((next.latest().proposal().expect("it").needs, next.latest().proposal().expect("it").outstanding().len()), (Needs::Affected, 3));
}

#[test]
fn a_late_signatory_can_accede_without_new_signatures() {
    let alliance = agreement(&line(&json!({ "concludes": "SIGNATORIES", "admission": "OPEN" }))).propose(1, day("2026-03-31"), on("2026-03-01"));
    let alliance = [NANSHA, MINHANG].into_iter().fold(alliance.expect("proposed"), |alliance, party| signed(alliance, 1, party, "2026-03-02"));
    let alliance = alliance.reject(1, code(KUNSHAN), "暂不加入".into(), on("2026-03-10")).expect("without me");
    // All have answered, but a rejection can be taken back until the day for answers.
    assert_eq!(alliance.latest().state(day("2026-03-31")), VersionState::Proposed);
    assert_eq!(alliance.latest().signed_on(), Some(day("2026-04-01")));
    assert_eq!(rule(alliance.clone().suspend(Some(code(KUNSHAN)), "…".into(), None, on("2026-04-01"))), "NOT_A_PARTY");
    let digest = alliance.latest().digest(alliance.number);
    let kunshan = alliance.latest().party(code(KUNSHAN)).expect("named").clone();
    let joined = alliance.accede(kunshan, digest, on("2026-04-02")).expect("open to all");
    assert_eq!((joined.latest().members().count(), joined.latest().parties.len()), (3, 3));
    assert_eq!(joined.latest().digest(joined.number), digest);
}

#[test]
fn a_party_can_rejoin_and_its_past_is_kept() {
    let left = terms(&json!({ "admission": "LEAD" }))
        .give_notice(code(KUNSHAN), day("2026-05-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01"))
        .expect("notice");
    let digest = left.latest().digest(left.number);
    let kunshan = || left.latest().party(code(KUNSHAN)).expect("it").clone();
    assert_eq!(rule(left.clone().accede(kunshan(), digest, on("2026-05-01"))), "ALREADY_A_PARTY");
    assert_eq!(rule(left.clone().admit(code(KUNSHAN), code(XINYI), on("2026-05-02"))), "ALREADY_LEFT");
    let back = left
        .clone()
        .accede(kunshan(), digest, on("2026-06-01"))
        .and_then(|back| back.admit(code(NANSHA), code(KUNSHAN), on("2026-06-03")))
        .expect("back");
    let member = |on: &str| back.members_on(back.latest(), day(on)).any(|party| party.district == code(KUNSHAN));
    assert_eq!(["2026-04-30", "2026-05-01", "2026-05-02", "2026-06-02", "2026-06-03"].map(member), [true, true, false, false, true]);
    assert_eq!(back.latest().digest(back.number), digest);
    // It may give notice again.
    let again = back.give_notice(code(KUNSHAN), day("2026-09-01"), Leaving::InTime, "机构调整".into(), on("2026-07-01")).expect("notice");
    assert_eq!(again.date_changes(day("2026-04-01"), day("2026-12-31")), [(day("2026-05-02"), Action::Left), (day("2026-09-02"), Action::Left)]);
    // Or it signs the next version, which makes it a party again.
    let next = amended(left, &json!({ "title": "第二版", "admission": "LEAD" })).propose(2, day("2026-06-30"), on("2026-06-01")).expect("proposed");
    let next = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(next, |agreement, party| signed(agreement, 2, party, "2026-06-02"));
    assert_eq!(next.members_on(next.latest(), day("2026-06-02")).count(), 3);
    assert_eq!(next.members_on(next.version(1).expect("it"), day("2026-05-02")).count(), 2);
}

#[test]
fn a_newcomer_signs_pending_proposals() {
    let next = amended(terms(&json!({ "admission": "LEAD" })), &json!({ "title": "第二版", "admission": "LEAD" }));
    let next = next.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let before = next.latest().digest(next.number);
    let standing = next.version(1).expect("it").digest(next.number);
    let newcomer = Party { district: code(XINYI), ..next.latest().parties[0].clone() };
    let joined =
        next.accede(newcomer, standing, on("2026-04-02")).and_then(|next| next.admit(code(NANSHA), code(XINYI), on("2026-04-03"))).expect("in");
    assert_eq!(joined.latest().digest(joined.number), before);
    let three = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(joined, |agreement, party| signed(agreement, 2, party, "2026-04-04"));
    assert_eq!(three.latest().proposal().expect("it").outstanding(), [code(XINYI)]);
    let four = signed(three, 2, XINYI, "2026-04-05");
    assert_eq!(four.version_in_force(day("2026-04-05")).expect("it").members().count(), 4);
    // A draft over it names all four by its text.
    let third = amended(four, &json!({ "title": "第三版", "admission": "LEAD", "parties": parties(&[NANSHA, MINHANG, KUNSHAN, XINYI]) }));
    let third = third.propose(3, day("2026-05-30"), on("2026-05-01")).expect("proposed");
    assert!(third.latest().parties.iter().all(|party| party.joined_on.is_none()));
    assert_eq!(third.latest().proposal().expect("it").outstanding().len(), 4);
}

#[test]
fn an_accession_is_stale_after_an_amendment() {
    let agreement = concluded();
    let digest = agreement.latest().digest(agreement.number);
    let newcomer = || Party { district: code(XINYI), ..concluded().latest().parties[0].clone() };
    let waiting = agreement.accede(newcomer(), digest, on("2026-04-01")).expect("asked");
    let next = amended(waiting, &json!({ "title": "第二版" })).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let next = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(next, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    assert_eq!(rule(next.clone().admit(code(NANSHA), code(XINYI), on("2026-04-03"))), "ACCESSION_STALE");
    assert_eq!(rule(next.clone().accede(newcomer(), digest, on("2026-04-03"))), "OTHER_DIGEST");
    let digest = next.latest().digest(next.number);
    assert!(next.accede(newcomer(), digest, on("2026-04-03")).is_ok());
}

#[test]
fn an_agreement_renews_until_a_party_objects_in_time() {
    let renewing = terms(&json!({ "effectiveTo": "2027-02-28", "renewal": { "months": 6, "objectionDays": 30 } }));
    assert_eq!(renewing.latest().term().expect("it").to, None);
    let ends = ["2026-03-02", "2027-02-28", "2027-03-01", "2027-09-01", "2035-01-01"]
        .map(|on| renewing.latest().current_end(day(on)).expect("an end").to_string());
    assert_eq!(ends, ["2027-02-28", "2027-02-28", "2027-08-31", "2028-02-29", "2035-02-28"]);
    assert_eq!(rule(concluded().oppose_renewal(code(NANSHA), on("2026-04-01"))), "NO_RENEWAL");
    assert_eq!(rule(renewing.clone().oppose_renewal(code(NANSHA), on("2027-01-30"))), "OBJECTION_PERIOD_OVER");
    let opposed = renewing.clone().oppose_renewal(code(NANSHA), on("2027-05-01")).expect("in time");
    assert_eq!(opposed.latest().term().expect("it").to, Some(day("2027-08-31")));
    assert_eq!(rule(opposed.clone().oppose_renewal(code(NANSHA), on("2027-05-02"))), "ALREADY_OPPOSED");
    assert_eq!([opposed.standing(day("2027-08-31")), opposed.standing(day("2027-09-01"))], [Standing::InForce, Standing::Expired]);
    assert_eq!(
        opposed.date_changes(day("2026-03-02"), day("2030-01-01")),
        [(day("2027-03-01"), Action::Renewed), (day("2027-09-01"), Action::Expired)]
    );
    assert_eq!(renewing.date_changes(day("2027-03-01"), day("2028-09-01")).len(), 3);
}

#[test]
fn a_change_of_law_waives_the_notice_period() {
    let at_once =
        concluded().give_notice(code(KUNSHAN), day("2026-04-01"), Leaving::LawChanged, "机构撤销".into(), on("2026-04-01")).expect("notice");
    assert_eq!(at_once.members_on(at_once.latest(), day("2026-04-02")).count(), 2);
    assert_eq!(
        rule(at_once.clone().give_notice(code(KUNSHAN), day("2026-04-01"), Leaving::LawChanged, "…".into(), on("2026-04-01"))),
        "NOTICE_GIVEN"
    );
    assert_eq!(
        rule(concluded().give_notice(code(KUNSHAN), day("2026-03-31"), Leaving::LawChanged, "…".into(), on("2026-04-01"))),
        "NOTICE_TOO_SHORT"
    );
}

#[test]
fn a_version_that_may_end_before_its_conclusion_is_refused() {
    let short = agreement(&line(&json!({ "effectiveTo": "2026-03-20" })));
    assert_eq!(rule(short.clone().propose(1, day("2026-03-21"), on("2026-03-01"))), "CONCLUDED_TOO_LATE");
    assert!(short.propose(1, day("2026-03-20"), on("2026-03-01")).is_ok());
}

#[test]
fn an_older_version_never_comes_back_into_force() {
    let next = amended(concluded(), &json!({ "effectiveTo": "2026-06-30" })).propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let next = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(next, |agreement, party| signed(agreement, 2, party, "2026-04-02"));
    assert_eq!(next.standing(day("2026-07-01")), Standing::Expired);
    assert!(next.version_in_force(day("2026-07-01")).is_none());
    assert_eq!(rule(next.clone().suspend(None, "…".into(), None, on("2026-07-01"))), "ENDED");
    // An open proposal may still be signed after the end; nothing new can be proposed.
    let renewal = agreement_version(&json!({ "title": "续签", "effectiveTo": "2027-06-30" }));
    assert_eq!(rule(next.clone().amend(renewal.clone(), 2, code(NANSHA), day("2026-07-01"))), "ENDED");
    let drafted = next.amend(renewal, 2, code(NANSHA), day("2026-06-01")).expect("an amendment");
    assert_eq!(rule(drafted.clone().propose(3, day("2026-07-31"), on("2026-07-01"))), "ENDED");
    let on_with = drafted.propose(3, day("2026-07-31"), on("2026-06-01")).expect("proposed");
    let on_with = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(on_with, |agreement, party| signed(agreement, 3, party, "2026-07-10"));
    assert_eq!([on_with.standing(day("2026-07-09")), on_with.standing(day("2026-07-10"))], [Standing::Expired, Standing::InForce]);
}

#[test]
fn a_draft_survives_a_superseded_base_and_is_renumbered_when_rebased() {
    let draft = |agreement: Agreement, title: &str| {
        agreement.amend(agreement_version(&json!({ "title": title })), 1, code(NANSHA), day("2026-04-01")).expect("it")
    };
    let both = draft(draft(concluded(), "甲"), "乙").propose(3, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let second = [NANSHA, MINHANG, KUNSHAN].into_iter().fold(both, |agreement, party| signed(agreement, 3, party, "2026-04-02"));
    let kept = second.revise_draft(2, agreement_version(&json!({ "title": "甲之二" })), Some(1), code(NANSHA), day("2026-04-03")).expect("kept");
    assert_eq!(rule(kept.clone().propose(2, day("2026-04-30"), on("2026-04-03"))), "BASE_SUPERSEDED");
    let rebased = kept.revise_draft(2, agreement_version(&json!({ "title": "甲之三" })), Some(3), code(NANSHA), day("2026-04-03")).expect("rebased");
    assert_eq!((rebased.latest().number, rebased.latest().base_version), (4, Some(3)));
    let stranger = rebased.clone().amend(agreement_version(&json!({})), 3, code(XINYI), day("2026-04-03"));
    assert_eq!(rule(stranger), "NOT_A_PARTY");
    assert_eq!(rule(rebased.revise_draft(4, agreement_version(&json!({})), None, code(MINHANG), day("2026-04-03"))), "NOT_THE_AUTHOR");
}

#[test]
fn confirming_a_contested_record_clears_the_suspension() {
    let contested = paper(None).contest(1, code(MINHANG), "日期有误".into(), on("2026-04-01")).expect("contested");
    assert_eq!(rule(contested.clone().resume(Some(code(MINHANG)), on("2026-04-02"))), "CONTESTED");
    let corrected = contested.correct(paper(None).latest().clone(), Corrector::Steward, "日期更正".into(), on("2026-04-03")).expect("corrected");
    assert_eq!(corrected.standing(day("2026-04-03")), Standing::Suspended);
    let confirmed = corrected.confirm(1, code(MINHANG), on("2026-04-05")).expect("confirmed");
    assert_eq!([confirmed.standing(day("2026-04-04")), confirmed.standing(day("2026-04-05"))], [Standing::Suspended, Standing::InForce]);
    assert_eq!(rule(confirmed.confirm(1, code(MINHANG), on("2026-04-06"))), "ALREADY_CONFIRMED");
    // The party's own suspension is separate, and stays.
    let own = paper(None).suspend(Some(code(MINHANG)), "系统升级".into(), None, on("2026-04-01")).expect("a flag");
    let own = own
        .contest(1, code(MINHANG), "日期有误".into(), on("2026-04-01"))
        .and_then(|own| own.confirm(1, code(MINHANG), on("2026-04-02")))
        .expect("confirmed");
    assert_eq!(own.standing(day("2026-04-02")), Standing::Suspended);
    assert_eq!(own.resume(Some(code(MINHANG)), on("2026-04-03")).expect("resumed").standing(day("2026-04-03")), Standing::InForce);
}

#[test]
fn only_the_recorder_or_a_steward_corrects_a_record() {
    let by = |recorder: Corrector| paper(Some(NANSHA)).correct(paper(Some(NANSHA)).latest().clone(), recorder, "标题有误".into(), on("2026-04-01"));
    assert_eq!(rule(by(Corrector::Recorder(code(MINHANG)))), "NOT_THE_RECORDER");
    let corrected = by(Corrector::Recorder(code(NANSHA))).expect("its own");
    assert!(matches!(&corrected.latest().life, Life::Paper(paper) if paper.corrections.len() == 1 && paper.recorder == Some(code(NANSHA))));
    assert!(by(Corrector::Steward).is_ok());
    assert_eq!(
        rule(paper(None).correct(paper(None).latest().clone(), Corrector::Recorder(code(NANSHA)), "…".into(), on("2026-04-01"))),
        "NOT_THE_RECORDER"
    );
}

#[test]
fn a_framework_must_exist_and_have_no_cycle() {
    let number = |at: u32| domain::AgreementNumber::new(2026, at).expect("a number");
    let above = |at| {
        [(number(1), None), (number(2), Some(number(1))), (number(3), Some(number(2)))].into_iter().find(|(of, _)| *of == at).map(|(_, above)| above)
    };
    assert!(check_framework(Some(number(3)), number(2), above).is_ok());
    assert!(check_framework(None, number(3), above).is_ok());
    assert_eq!(check_framework(Some(number(1)), number(3), above).expect_err("a circle").rule, "FRAMEWORK_CIRCLE");
    assert_eq!(check_framework(Some(number(1)), number(1), above).expect_err("a circle").rule, "FRAMEWORK_CIRCLE");
    assert_eq!(check_framework(Some(number(1)), number(9), above).expect_err("unknown").rule, "UNKNOWN_AGREEMENT");
}

#[test]
fn date_changes_are_the_same_for_any_split_of_the_days() {
    let lapsing = amended(
        terms(&json!({ "effectiveFrom": "2026-04-15", "effectiveTo": "2026-12-31" })),
        &json!({ "title": "第二版", "effectiveTo": "2026-12-31" }),
    );
    let lapsing = lapsing.propose(2, day("2026-04-30"), on("2026-04-01")).expect("proposed");
    let busy = lapsing
        .suspend(Some(code(MINHANG)), "系统升级".into(), Some(day("2026-05-10")), on("2026-05-01"))
        .and_then(|busy| Ok(busy.give_notice(code(KUNSHAN), day("2026-06-30"), Leaving::InTime, "机构调整".into(), on("2026-05-01"))?))
        .and_then(|busy| Ok(busy.give_notice(code(MINHANG), day("2026-08-31"), Leaving::InTime, "机构调整".into(), on("2026-05-01"))?))
        .expect("acts");
    let (from, to) = (day("2026-03-01"), day("2027-12-31"));
    let all = [
        ("2026-04-15", Action::TookEffect),
        ("2026-05-01", Action::Lapsed),
        ("2026-05-11", Action::SuspensionEnded),
        ("2026-07-01", Action::Left),
        ("2026-09-01", Action::Terminated),
        ("2026-09-01", Action::Left),
    ]
    .map(|(on, action)| (day(on), action));
    assert_eq!(busy.date_changes(from, to), all);
    for at in from.iter_days().take_while(|at| *at <= to) {
        let mut parts = busy.date_changes(from, at);
        parts.extend(busy.date_changes(at, to));
        assert_eq!(parts, all, "{at}");
    }
    // The conclusion by the last signature is recorded with that act.
    assert_eq!(concluded().date_changes(from, to), []);
    assert_eq!(paper(None).date_changes(day("2021-05-27"), to), [(day("2021-05-28"), Action::TookEffect)]);
}

/// Every act, tried on 2026-03-10 against every state of a version and every standing: a transition, or a refusal with its
/// rule. `acts.txt` is the table.
#[test]
fn every_state_against_every_act() {
    let with = |more: &Value, parties: &[&str]| {
        let proposed = agreement(&line(more)).propose(1, day("2026-03-05"), on("2026-03-01")).expect("proposed");
        parties.iter().fold(proposed, |agreement, party| signed(agreement, 1, party, "2026-03-02"))
    };
    let all = [NANSHA, MINHANG, KUNSHAN];
    let in_force = || with(&json!({ "effectiveTo": "2027-03-01", "renewal": { "months": 12 }, "admission": "LEAD" }), &all);
    let left = |party| {
        move |agreement: Agreement| agreement.give_notice(code(party), day("2026-03-05"), Leaving::LawChanged, "机构调整".into(), on("2026-03-05"))
    };
    let suspended = || in_force().suspend(None, "紧急停用".into(), None, on("2026-03-05")).expect("stopped");
    let one_sided = || {
        let mut line = serde_json::from_str::<Value>(&Record::Agreement(Box::new(paper(Some(NANSHA)))).line()).expect("JSON");
        line["effectiveTo"] = json!("2030-01-01");
        agreement(&line)
    };
    let states: [(&str, Agreement); 14] = [
        ("DRAFT", draft()),
        ("PROPOSED", proposed()),
        ("REJECTED", proposed().reject(1, code(MINHANG), "清单有误".into(), on("2026-03-05")).expect("rejected")),
        ("WITHDRAWN", proposed().withdraw_proposal(1, Withdrawer::Author, None, on("2026-03-05")).expect("withdrawn")),
        ("LAPSED", with(&json!({}), &[NANSHA])),
        ("CONCLUDED, SCHEDULED", with(&json!({ "effectiveFrom": "2026-05-01" }), &all)),
        ("CONCLUDED, IN_FORCE", in_force()),
        ("CONCLUDED, SUSPENDED", suspended()),
        ("CONCLUDED, EXPIRED", with(&json!({ "effectiveTo": "2026-03-06" }), &all)),
        ("CONCLUDED, TERMINATED", Ok(in_force()).and_then(left(MINHANG)).and_then(left(NANSHA)).expect("they leave")),
        ("PAPER, NOT_CONCLUDED", one_sided()),
        ("PAPER, IN_FORCE", paper(None)),
        ("PAPER, SUSPENDED", paper(None).contest(1, code(MINHANG), "未签署过".into(), on("2026-03-05")).expect("contested")),
        ("PAPER, VOIDED", paper(None).void("重复登记".into(), on("2026-03-05")).expect("void")),
    ];
    let now = || on("2026-03-10");
    type Act<'a> = &'a dyn Fn(Agreement) -> Result<Agreement, Problems>;
    let newcomer = || Party { district: code(XINYI), ..draft().latest().parties[0].clone() };
    let accede = |it: Agreement| {
        let digest = it.latest().digest(it.number);
        it.accede(newcomer(), digest, now())
    };
    let acts: [(&str, Act<'_>); 21] = [
        ("revise draft", &|it| Ok(it.revise_draft(1, agreement_version(&json!({ "title": "修改稿" })), None, code(NANSHA), now().today)?)),
        ("discard draft", &|it| Ok(it.discard_draft(1, now().today)?.unwrap_or_else(draft))),
        ("propose", &|it| it.propose(1, day("2026-04-30"), now())),
        ("withdraw", &|it| it.withdraw_proposal(1, Withdrawer::Author, None, now())),
        ("sign", &|it| {
            let digest = it.latest().digest(it.number);
            it.sign(1, code(MINHANG), digest, now())
        }),
        ("reject", &|it| Ok(it.reject(1, code(KUNSHAN), "…".into(), now())?)),
        ("undo rejection", &|it| Ok(it.undo_rejection(1, code(MINHANG), now())?)),
        ("amend", &|it| it.amend(agreement_version(&json!({})), 1, code(NANSHA), now().today)),
        ("accede", &accede),
        ("admit", &|it| accede(it)?.admit(code(NANSHA), code(XINYI), now())),
        ("confirm", &|it| Ok(it.confirm(1, code(MINHANG), now())?)),
        ("contest", &|it| Ok(it.contest(1, code(MINHANG), "未签署过".into(), now())?)),
        ("correct", &|it| it.correct(paper(None).latest().clone(), Corrector::Steward, "日期有误".into(), now())),
        ("void", &|it| Ok(it.void("重复登记".into(), now())?)),
        ("suspend", &|it| it.suspend(Some(code(MINHANG)), "系统升级".into(), None, now())),
        ("resume", &|it| Ok(it.resume(Some(code(MINHANG)), now())?)),
        ("stop", &|it| it.suspend(None, "紧急停用".into(), None, now())),
        ("release", &|it| Ok(it.resume(None, now())?)),
        ("oppose renewal", &|it| Ok(it.oppose_renewal(code(NANSHA), now())?)),
        ("give notice", &|it| Ok(it.give_notice(code(NANSHA), day("2026-04-30"), Leaving::InTime, "机构调整".into(), now())?)),
        ("revoke notice", &|it| Ok(it.revoke_notice(code(NANSHA), now())?)),
    ];
    let mut table = String::new();
    for (state, agreement) in &states {
        for (act, attempt) in &acts {
            let outcome = match attempt(agreement.clone()) {
                Ok(next) => format!("{}, {}", next.latest().state(now().today), next.standing(now().today)),
                Err(problems) => {
                    for problem in &problems {
                        let Problem { message, remedy, path, .. } = problem;
                        let said = |text: &str| !text.is_empty() && !text.ends_with(['.', '。']);
                        assert!(said(&message.zh) && said(&message.en) && !path.is_empty(), "{problem:?}");
                        assert!(remedy.as_ref().is_some_and(|remedy| said(&remedy.zh) && said(&remedy.en)), "{problem:?}");
                    }
                    format!("refused: {}", problems.iter().map(|problem| problem.rule).collect::<Vec<_>>().join(", "))
                }
            };
            table += &format!("{state:<22}| {act:<15}| {outcome}\n");
        }
    }
    let expected = include_str!("acts.txt");
    for (got, expected) in table.lines().zip(expected.lines()) {
        assert_eq!(got, expected, "the table is now:\n{table}");
    }
    assert_eq!(table.lines().count(), expected.lines().count(), "the table is now:\n{table}");
}
