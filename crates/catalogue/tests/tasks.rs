//! Tasks of districts.

mod common;

use std::collections::BTreeSet;

use catalogue::Rule;
use common::{day, registry};
use domain::{Digest, Scope};
use serde_json::{Value, json};

/// The tasks of three districts on a day, in a registry with one agreement.
fn tasks(agreement: &Value, on: &str) -> [Vec<String>; 3] {
    let mut base = json!({ "type": "agreement", "number": "TB-2021-000001", "title": "协议",
        "parties": [{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310112", "confirmation": "CONFIRMED" }],
        "schedule": [{ "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }] });
    base.as_object_mut().expect("an object").extend(agreement.as_object().expect("an object").clone());
    let district =
        |code: &str| json!({ "type": "district", "code": code, "name": format!("区域{code}"), "kind": "COUNTY" });
    let mut lines: Vec<Value> = ["440115", "310112", "320583"].map(district).to_vec();
    lines.push(json!({ "type": "matter", "code": "000109001000", "name": "居民身份证换领", "domain": "PUBLIC_SECURITY", "audience": [] }));
    lines.push(base);
    let snapshot = registry(&lines).on_day(day(on));
    ["440115", "310112", "320583"].map(|code| {
        let tasks = snapshot.tasks(&BTreeSet::from([code.parse().expect("a code")]));
        let told = |due: Option<domain::Date>| due.map_or("-".to_owned(), |due| due.to_string());
        tasks.into_iter().map(|listed| format!("{} {}", listed.item.kind.name(), told(listed.item.due))).collect()
    })
}

fn proposal(needs: &str, signers: &[&str], signed: &[&str]) -> Value {
    let signature = |party: &&str| json!({ "party": party, "at": "2021-06-02T00:00:00Z", "on": "2021-06-02", "digest": Digest::GENESIS.to_string() });
    let signatures: Vec<Value> = signed.iter().map(signature).collect();
    json!({ "proposal": { "by": "440115", "on": "2021-06-01", "answerBy": "2021-06-30", "needs": needs, "signers": signers, "signatures": signatures },
        "objectionDays": 10 })
}

#[test]
fn a_draft_makes_no_tasks() {
    assert_eq!(
        tasks(&json!({ "draft": { "author": "440115" } }), "2021-06-01"),
        [vec![], vec![], Vec::<String>::new()]
    );
}

#[test]
fn a_draft_makes_tasks_for_its_signatory_and_for_the_consulted_districts() {
    let consultation = json!({ "with": ["310112", "320583"], "since": "2021-06-01", "answerBy": "2021-06-10" });
    let approval = json!({ "state": "SUBMITTED", "at": "2021-06-01T00:00:00Z" });
    let remarks = json!([{ "party": "320583", "at": "2021-06-02T00:00:00Z", "onDraft": true, "text": "无意见" }]);
    let draft = json!({ "draft": { "author": "440115" }, "approval": approval, "consultation": consultation, "remarks": remarks });
    let (none, approve) = (Vec::<String>::new(), vec!["TO_APPROVE -".to_owned()]);
    assert_eq!(tasks(&draft, "2021-06-10"), [approve.clone(), vec!["TO_REMARK 2021-06-10".to_owned()], none.clone()]);
    assert_eq!(tasks(&draft, "2021-06-11"), [approve, none.clone(), none]);
}

#[test]
fn a_concluded_version_without_a_sealed_copy_makes_a_task() {
    let concluded = proposal("ALL", &["440115", "310112"], &["440115", "310112"]);
    let (none, seal) = (Vec::<String>::new(), vec!["TO_SEAL -".to_owned()]);
    assert_eq!(tasks(&concluded, "2021-06-16"), [none.clone(), none.clone(), none.clone()]);
    assert_eq!(tasks(&concluded, "2021-06-17"), [seal.clone(), seal, none]);
}

#[test]
fn a_proposal_makes_tasks_for_its_signers() {
    let proposed = proposal("ALL", &["440115", "310112"], &["440115"]);
    let none = Vec::<String>::new();
    assert_eq!(tasks(&proposed, "2021-06-10"), [none.clone(), vec!["TO_SIGN 2021-06-30".to_owned()], none.clone()]);
    let lapsing = tasks(&proposed, "2021-06-23");
    assert_eq!(lapsing, [vec!["LAPSING 2021-06-30".to_owned()], vec!["TO_SIGN 2021-06-30".to_owned()], none.clone()]);
    assert_eq!(tasks(&proposed, "2021-07-01"), [none.clone(), none.clone(), none]);
}

#[test]
fn the_task_to_answer_ends_with_the_objection_period() {
    let proposed = proposal("NO_OBJECTION", &["440115"], &["440115"]);
    let none = Vec::<String>::new();
    assert_eq!(tasks(&proposed, "2021-06-11"), [none.clone(), vec!["TO_ANSWER 2021-06-11".to_owned()], none.clone()]);
    assert_eq!(tasks(&proposed, "2021-06-12"), [none.clone(), none.clone(), none]);
}

#[test]
fn paper_records_and_accessions_make_tasks() {
    let parties = json!([{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310112" }]);
    let recorded = json!({ "signedOn": "2021-06-01", "recorder": "440115", "parties": parties });
    let none = Vec::<String>::new();
    assert_eq!(tasks(&recorded, "2021-06-11"), [none.clone(), vec!["TO_CONFIRM -".to_owned()], none.clone()]);
    let signature = json!({ "party": "320583", "at": "2021-06-02T00:00:00Z", "on": "2021-06-02", "digest": Digest::GENESIS.to_string() });
    let joining = json!({ "signedOn": "2021-06-01", "accessions": [{ "party": { "district": "320583" }, "signature": signature, "consents": ["440115"] }] });
    assert_eq!(tasks(&joining, "2021-06-11"), [none.clone(), vec!["TO_ANSWER -".to_owned()], none]);
}

#[test]
fn an_end_without_renewal_makes_a_task_90_days_before() {
    let ending = json!({ "signedOn": "2021-06-01", "effectiveTo": "2021-12-31" });
    let both = vec!["ENDING 2021-12-31".to_owned()];
    let none = Vec::<String>::new();
    assert_eq!(tasks(&ending, "2021-10-02"), [both.clone(), both, none.clone()]);
    assert_eq!(tasks(&ending, "2021-10-01"), [none.clone(), none.clone(), none.clone()]);
    let renewing = json!({ "signedOn": "2021-06-01", "effectiveTo": "2021-12-31", "renewal": { "months": 12 } });
    assert_eq!(tasks(&renewing, "2021-10-02"), [none.clone(), none.clone(), none]);
}

#[test]
fn an_error_makes_a_task_for_its_owner() {
    let step = |role: &str| json!({ "role": role, "task": "受理" });
    let joint = json!([{ "matters": ["000109001000"], "mode": "MULTI_SITE_JOINT", "terms": { "multiSiteJoint": { "steps": [step("LEAD"), step("LEAD")] } } }]);
    let none = Vec::<String>::new();
    assert_eq!(
        tasks(&json!({ "signedOn": "2021-06-01", "schedule": joint }), "2021-06-11"),
        [vec!["FINDING -".to_owned()], none.clone(), none]
    );
}

#[test]
fn an_unanswered_proposal_is_a_finding_for_callers_that_see_it() {
    let mut agreement = proposal("ALL", &["440115", "310112"], &[]);
    let line = json!({ "type": "agreement", "number": "TB-2021-000001", "title": "协议", "schedule": [],
        "parties": [{ "district": "440115" }, { "district": "310112" }] });
    agreement.as_object_mut().expect("an object").extend(line.as_object().expect("an object").clone());
    let district =
        |code: &str| json!({ "type": "district", "code": code, "name": format!("区域{code}"), "kind": "COUNTY" });
    let mut lines: Vec<Value> = ["440115", "310112", "320583"].map(district).to_vec();
    lines.push(agreement);
    let snapshot = registry(&lines).on_day(day("2021-07-01"));
    let scope = |code: &str| Scope::Districts(BTreeSet::from([code.parse().expect("a code")]));
    let found = |scope: &Scope| snapshot.findings(snapshot.today(), None, &[], &[Rule::Unanswered], scope).len();
    let seen = [&Scope::Public, &scope("440115"), &scope("310112"), &scope("320583"), &Scope::Steward].map(found);
    assert_eq!(seen, [0, 1, 1, 0, 1]);
}
