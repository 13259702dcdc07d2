//! The lifecycle of agreements: scenarios, and the table of every state against every act.

mod amendment;
mod days;
mod lines;
mod membership;
mod office;
mod paper;
mod rules;
mod signing;
mod table;

use chrono::{DateTime, Utc};
use domain::agreement::acts::When;
use domain::{Agreement, Date, DistrictCode, Problems, Record};
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
    [NANSHA, MINHANG, KUNSHAN]
        .into_iter()
        .fold(proposed(), |agreement, party| signed(agreement, 1, party, "2026-03-02"))
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

fn paper(recorder: Option<&str>) -> Agreement {
    let mut line =
        line(&json!({ "signedOn": "2021-05-28", "parties": parties(&[NANSHA, MINHANG]), "recorder": recorder }));
    line.as_object_mut().expect("an object").remove("draft");
    if let Some(recorder) = recorder {
        line["parties"] = json!([{ "district": recorder, "confirmation": "CONFIRMED" }, { "district": MINHANG }]);
    }
    agreement(&line)
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
