//! The life of an agreement, told as the office lives it, and every state against every act.

use chrono::{DateTime, Utc};
use domain::act::{Corrector, Leaving, When};
use domain::agreement::VersionState;
use domain::{Agreement, Date, DistrictCode, Party, Problem, Record, Standing};
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

fn rule(result: Result<Agreement, Problem>) -> &'static str {
    let problem = result.expect_err("it is refused");
    assert!(!problem.message.zh.is_empty() && problem.remedy.is_some(), "{problem:?}");
    problem.rule
}

/// The next version of a concluded agreement: what `change` makes of the one that stands.
fn amended(agreement: Agreement, more: &Value) -> Agreement {
    let base = agreement.latest().number;
    let version = agreement_version(more);
    agreement.amend(version, base, code(NANSHA), day("2026-04-01")).expect("it is amended")
}

fn agreement_version(more: &Value) -> domain::Version {
    agreement(&line(more)).latest().clone()
}

#[test]
fn all_sign_and_it_is_concluded_on_the_day_of_the_last_signature() {
    let agreement = signed(signed(proposed(), 1, NANSHA, "2026-03-02"), 1, MINHANG, "2026-03-05");
    assert_eq!(agreement.latest().state(day("2026-03-05")), VersionState::Proposed);
    assert_eq!(agreement.standing(day("2026-03-05")), Standing::NotConcluded);
    let agreement = signed(agreement, 1, KUNSHAN, "2026-03-09");
    assert_eq!(agreement.latest().state(day("2026-03-09")), VersionState::Concluded);
    assert_eq!(agreement.standing(day("2026-03-09")), Standing::InForce);
    assert_eq!(agreement.standing(day("2026-03-08")), Standing::NotConcluded);
}

#[test]
fn a_stated_date_that_has_passed_gives_way_to_the_last_signature() {
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
fn a_signs_then_b_changes_then_c_signs() {
    let a_signed = signed(proposed(), 1, NANSHA, "2026-03-02");
    let old = a_signed.version(1).expect("it").digest(a_signed.number);
    // B answers with a counter-draft and proposes it; C signs what it had read before.
    let counter = a_signed.amend(agreement_version(&json!({ "title": "另一份" })), 1, code(MINHANG), day("2026-03-03")).expect("a counter-draft");
    let counter = counter.propose(2, day("2026-03-31"), on("2026-03-03")).expect("proposed");
    assert_eq!(rule(counter.clone().sign(2, code(KUNSHAN), old, on("2026-03-04"))), "OTHER_DIGEST");
    // The proposal stands until it is withdrawn or answered.
    assert_eq!(signed(counter, 1, KUNSHAN, "2026-03-04").version(1).expect("it").state(day("2026-03-04")), VersionState::Proposed);
}

#[test]
fn a_rejection_is_taken_back_while_it_can_be() {
    let rejected = proposed().reject(1, code(MINHANG), "清单有误".into(), on("2026-03-05")).expect("rejected");
    assert_eq!(rejected.latest().state(day("2026-03-05")), VersionState::Rejected);
    let again = rejected.clone().undo_rejection(1, code(MINHANG), on("2026-03-06")).expect("taken back");
    assert_eq!(again.latest().state(day("2026-03-06")), VersionState::Proposed);
    assert_eq!(rule(rejected.clone().undo_rejection(1, code(MINHANG), on("2026-04-01"))), "ANSWER_BY_PAST");
    let withdrawn = rejected.withdraw_proposal(1, on("2026-03-06")).expect("withdrawn");
    assert_eq!(rule(withdrawn.undo_rejection(1, code(MINHANG), on("2026-03-07"))), "WRONG_STATE");
}

#[test]
fn what_nobody_answers_lapses_by_the_clock() {
    let agreement = signed(proposed(), 1, NANSHA, "2026-03-02");
    assert_eq!(agreement.latest().state(day("2026-03-31")), VersionState::Proposed);
    assert_eq!(agreement.latest().state(day("2026-04-01")), VersionState::Lapsed);
    let digest = agreement.latest().digest(agreement.number);
    assert_eq!(rule(agreement.sign(1, code(MINHANG), digest, on("2026-04-01"))), "WRONG_STATE");
}

#[test]
fn an_alliance_is_concluded_by_those_who_sign_in_time() {
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
    // One of many suspends: the others go on.
    let flagged = grown.suspend(Some(code(many[0])), "系统升级".into(), None, on("2026-04-03")).expect("a flag");
    assert_eq!(flagged.standing(day("2026-04-03")), Standing::InForce);
}

#[test]
fn a_newcomer_waits_for_the_consent_that_the_agreement_asks_for() {
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
fn a_changed_schedule_needs_whom_the_rule_names() {
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
    // Changed terms or parties: all, whatever the rule.
    assert_eq!(signers("LEAD", &json!({ "title": "新名称" })), [MINHANG, KUNSHAN, NANSHA]);
    assert_eq!(signers("LEAD", &json!({ "parties": parties(&[NANSHA, MINHANG, XINYI]) })), [MINHANG, XINYI, KUNSHAN, NANSHA]);
}

#[test]
fn of_two_amendments_at_once_the_second_is_stale() {
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
fn only_who_set_a_flag_clears_it() {
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
fn the_hub_leaves_and_the_last_two_parties_end_it() {
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
fn a_stewards_record_works_at_once_and_a_registrars_once_both_have_confirmed() {
    assert_eq!(paper(None).standing(day("2022-01-01")), Standing::InForce);
    let one_sided = paper(Some(NANSHA));
    assert_eq!(one_sided.standing(day("2022-01-01")), Standing::NotConcluded);
    assert_eq!(one_sided.confirm(1, code(MINHANG), on("2026-04-01")).expect("confirmed").standing(day("2022-01-01")), Standing::InForce);
}

#[test]
fn who_contests_a_record_sets_its_flag() {
    let contested = paper(None).contest(1, code(MINHANG), "未签署过".into(), on("2026-04-01")).expect("contested");
    assert_eq!(contested.standing(day("2026-03-31")), Standing::InForce);
    assert_eq!(contested.standing(day("2026-04-01")), Standing::Suspended);
}

#[test]
fn a_record_is_corrected_while_nobody_else_has_confirmed() {
    let version = || paper(None).latest().clone();
    assert!(paper(None).correct(version(), Corrector::Steward, "录入有误".into(), on("2026-04-01")).is_ok());
    let confirmed = paper(None).confirm(1, code(MINHANG), on("2026-04-01")).expect("confirmed");
    assert_eq!(rule(confirmed.clone().correct(version(), Corrector::Steward, "录入有误".into(), on("2026-04-01"))), "CONFIRMED_BY_OTHERS");
    let void = confirmed.void("重复登记".into(), on("2026-04-01")).expect("void");
    assert_eq!(void.standing(day("2022-01-01")), Standing::Voided);
    assert_eq!(rule(void.void("…".into(), on("2026-04-01"))), "VOIDED");
}

#[test]
fn every_act_is_written_and_read_again() {
    let rich = concluded()
        .suspend(Some(code(MINHANG)), "系统升级".into(), Some(day("2026-12-31")), on("2026-04-01"))
        .and_then(|agreement| agreement.give_notice(code(KUNSHAN), day("2026-06-01"), Leaving::InTime, "机构调整".into(), on("2026-04-01")))
        .expect("acts");
    let rich = amended(rich, &json!({ "title": "第二版", "renewal": { "months": 12 } }));
    let line = Record::Agreement(Box::new(rich.clone())).line();
    assert_eq!(agreement(&serde_json::from_str(&line).expect("JSON")), rich);
}

/// Every act, tried by those who may, on 2026-03-10, against every state of a version and every standing: it is a
/// transition, or a refusal with its rule. `acts.txt` is the table, to be read and not only compared.
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
        ("WITHDRAWN", proposed().withdraw_proposal(1, on("2026-03-05")).expect("withdrawn")),
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
    type Act<'a> = &'a dyn Fn(Agreement) -> Result<Agreement, Problem>;
    let newcomer = || Party { district: code(XINYI), ..draft().latest().parties[0].clone() };
    let accede = |it: Agreement| {
        let digest = it.latest().digest(it.number);
        it.accede(newcomer(), digest, now())
    };
    let acts: [(&str, Act<'_>); 21] = [
        ("revise draft", &|it| it.revise_draft(1, agreement_version(&json!({ "title": "修改稿" })), None, code(NANSHA), now().today)),
        ("discard draft", &|it| Ok(it.discard_draft(1, now().today)?.unwrap_or_else(draft))),
        ("propose", &|it| it.propose(1, day("2026-04-30"), now())),
        ("withdraw", &|it| it.withdraw_proposal(1, now())),
        ("sign", &|it| {
            let digest = it.latest().digest(it.number);
            it.sign(1, code(MINHANG), digest, now())
        }),
        ("reject", &|it| it.reject(1, code(KUNSHAN), "…".into(), now())),
        ("undo rejection", &|it| it.undo_rejection(1, code(MINHANG), now())),
        ("amend", &|it| it.amend(agreement_version(&json!({})), 1, code(NANSHA), now().today)),
        ("accede", &accede),
        ("admit", &|it| accede(it)?.admit(code(NANSHA), code(XINYI), now())),
        ("confirm", &|it| it.confirm(1, code(MINHANG), now())),
        ("contest", &|it| it.contest(1, code(MINHANG), "未签署过".into(), now())),
        ("correct", &|it| it.correct(paper(None).latest().clone(), Corrector::Steward, "日期有误".into(), now())),
        ("void", &|it| it.void("重复登记".into(), now())),
        ("suspend", &|it| it.suspend(Some(code(MINHANG)), "系统升级".into(), None, now())),
        ("resume", &|it| it.resume(Some(code(MINHANG)), now())),
        ("stop", &|it| it.suspend(None, "紧急停用".into(), None, now())),
        ("release", &|it| it.resume(None, now())),
        ("oppose renewal", &|it| it.oppose_renewal(code(NANSHA), now())),
        ("give notice", &|it| it.give_notice(code(NANSHA), day("2026-04-30"), Leaving::InTime, "机构调整".into(), now())),
        ("revoke notice", &|it| it.revoke_notice(code(NANSHA), now())),
    ];
    let mut table = String::new();
    for (state, agreement) in &states {
        for (act, attempt) in &acts {
            let outcome = match attempt(agreement.clone()) {
                Ok(next) => format!("{}, {}", next.latest().state(now().today), next.standing(now().today)),
                Err(problem) => {
                    let Problem { message, remedy, path, .. } = &problem;
                    let said = |text: &str| !text.is_empty() && !text.ends_with(['.', '。']);
                    assert!(said(&message.zh) && said(&message.en) && !path.is_empty(), "{problem:?}");
                    assert!(remedy.as_ref().is_some_and(|remedy| said(&remedy.zh) && said(&remedy.en)), "{problem:?}");
                    format!("refused: {}", problem.rule)
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
