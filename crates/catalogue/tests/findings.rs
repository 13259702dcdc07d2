//! What the registry notices about itself.

mod common;

use common::{day, registry};
use domain::Eyes;
use serde_json::{Value, json};

/// Two districts, one matter, an agreement, and whatever a test adds.
fn findings(agreement: &Value, more: &[Value], on: &str) -> Vec<(String, usize)> {
    let mut base = json!({ "type": "agreement", "number": "TB-2021-000001", "title": "协议", "signedOn": "2021-05-31",
        "parties": [{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310112", "confirmation": "CONFIRMED" }],
        "schedule": [{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }] });
    let changes = agreement.as_object().expect("an object").clone();
    base.as_object_mut().expect("an object").extend(changes);
    let mut lines = vec![
        json!({ "type": "district", "code": "440115", "name": "南沙区", "kind": "COUNTY" }),
        json!({ "type": "district", "code": "310112", "name": "闵行区", "kind": "COUNTY" }),
        json!({ "type": "matter", "code": "000109001000", "name": "居民身份证换领", "domain": "PUBLIC_SECURITY", "audience": [] }),
    ];
    lines.extend(more.iter().cloned());
    lines.push(base);
    let found = registry(&lines).findings(day(on), None, &[], &[], &Eyes::Public);
    found.iter().map(|listed| (listed.item.rule.name().split_once('_').expect("a name").1.to_owned(), listed.item.count)).collect()
}

fn offering() -> Value {
    json!({ "type": "offering", "district": "310112", "matter": "000109001000", "visits": 1 })
}

fn window() -> Value {
    json!({ "type": "window", "district": "440115", "name": "专窗", "address": "示例路 1 号" })
}

#[test]
fn a_sound_registry_has_none() {
    assert_eq!(findings(&json!({}), &[offering(), window()], "2022-01-01"), []);
}

#[test]
fn what_a_clause_promises_and_nobody_prepared() {
    let found = findings(&json!({}), &[], "2022-01-01");
    assert_eq!(found, [("MATTER_WITHOUT_OFFERING".to_owned(), 1), ("PROXY_WITHOUT_WINDOW".to_owned(), 1)]);
}

#[test]
fn full_online_against_a_visit() {
    let schedule = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "FULL_ONLINE" }]);
    assert_eq!(findings(&json!({ "schedule": schedule }), &[offering()], "2022-01-01"), [("ONLINE_AGAINST_OFFERING".to_owned(), 1)]);
}

#[test]
fn joint_handling_has_one_lead() {
    let terms = json!({ "multiSiteJoint": { "steps": [{ "role": "LEAD", "task": "受理" }, { "role": "LEAD", "task": "办理" }] } });
    let schedule =
        json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "MULTI_SITE_JOINT", "terms": terms }]);
    assert_eq!(findings(&json!({ "schedule": schedule }), &[offering()], "2022-01-01"), [("JOINT_WITHOUT_ONE_LEAD".to_owned(), 1)]);
}

#[test]
fn dates_that_do_not_fit_and_ends_that_come() {
    let schedule = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "validTo": "2030-01-01" }]);
    let found = findings(&json!({ "schedule": schedule, "effectiveTo": "2022-03-01" }), &[offering(), window()], "2022-01-01");
    assert_eq!(found, [("CLAUSE_OUTSIDE_AGREEMENT".to_owned(), 1), ("AGREEMENT_ENDS_SOON".to_owned(), 1)]);
}

#[test]
fn an_open_end_of_a_clause_lies_within_the_agreement() {
    let schedule = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "validTo": "2023-12-31" }]);
    assert_eq!(
        findings(&json!({ "schedule": schedule, "effectiveFrom": "2021-06-01", "effectiveTo": "2026-05-31" }), &[offering(), window()], "2022-01-01"),
        []
    );
}

#[test]
fn a_record_that_nobody_confirmed() {
    let parties = json!([{ "district": "440115" }, { "district": "310112" }]);
    assert_eq!(findings(&json!({ "parties": parties }), &[offering(), window()], "2021-06-15"), []);
    assert_eq!(findings(&json!({ "parties": parties }), &[offering(), window()], "2021-07-15"), [("RECORDED_BY_ONE_SIDE".to_owned(), 2)]);
}

#[test]
fn dirty_data_is_reported_and_not_refused() {
    let more = [
        json!({ "type": "district", "code": "449999", "name": "某省", "kind": "PROVINCE" }),
        json!({ "type": "matter", "code": "000209001000", "name": "罚款", "domain": "OTHER", "audience": [] }),
        json!({ "type": "offering", "district": "310112", "sourceCode": "511Z07001006-511602000000", "name": "未匹配", "visits": 0 }),
        json!({ "type": "offering", "district": "310112", "matter": "000109001000", "visits": 0, "code": "11440232MB2D06811X4000117051000", "verifiedOn": "2020-01-01" }),
        json!({ "type": "window", "district": "440115", "name": "另一专窗", "address": "示例路 1 号" }),
        window(),
    ];
    let found: Vec<String> = findings(&json!({}), &more, "2022-01-01").into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(
        found,
        ["OFFERING_NOT_VERIFIED", "INVALID_AGENCY_CODE", "OFFERING_WITHOUT_MATTER", "PROVINCE_CODE_FORM", "MATTER_IS_POWER", "DUPLICATE_WINDOW"]
    );
}

#[test]
fn windows_that_look_the_same_are_duplicates() {
    let named = |name: &str, address: &str| json!({ "type": "window", "district": "440115", "name": name, "address": address });
    let alike = [named("通办窗1号", "甲路 1 号"), named("通办窗 １ 号", "乙路 2 号"), named("其他窗", "丙路 3 号"), named("另一窗", "丙路３号")];
    assert_eq!(findings(&json!({}), &[&[offering()][..], &alike].concat(), "2022-01-01"), [("DUPLICATE_WINDOW".to_owned(), 4)]);
    let apart = [named("通办窗1号", "甲路 1 号"), named("通办窗2号", "甲路 2 号")];
    assert_eq!(findings(&json!({}), &[&[offering()][..], &apart].concat(), "2022-01-01"), []);
}

#[test]
fn retired_parties_and_matters() {
    let more = [
        json!({ "type": "district", "code": "310119", "name": "南汇区", "kind": "COUNTY", "retiredOn": "2009-05-06", "successors": ["310112"] }),
        json!({ "type": "matter", "code": "000109002000", "name": "旧事项", "domain": "OTHER", "audience": [], "retiredOn": "2021-12-01" }),
    ];
    let agreement = json!({
        "parties": [{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310119", "confirmation": "CONFIRMED" }],
        "schedule": [{ "receiving": ["310119"], "competent": ["440115"], "matters": ["000109002000"], "mode": "FULL_ONLINE" }],
    });
    let found: Vec<String> = findings(&agreement, &more, "2022-01-01").into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(found, ["MATTER_WITHOUT_OFFERING", "PARTY_RETIRED", "RETIRED_MATTER_IN_CLAUSE"]);
}

#[test]
fn two_agreements_that_contradict_each_other() {
    let other = json!({ "type": "agreement", "number": "TB-2020-000009", "title": "早先的协议", "signedOn": "2020-05-31",
        "parties": [{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310112", "confirmation": "CONFIRMED" }],
        "schedule": [{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "terms": { "proxyCollection": { "transferDays": 2 } } }] });
    assert_eq!(findings(&json!({}), &[offering(), window(), other], "2022-01-01"), [("CONTRADICTORY_TERMS".to_owned(), 1)]);
}

#[test]
fn a_department_that_did_not_sign() {
    let parties = json!([
        { "district": "440115", "confirmation": "CONFIRMED" },
        { "district": "310112", "confirmation": "CONFIRMED", "bodies": [{ "name": "闵行区行政审批局", "domains": ["HEALTH"] }] },
    ]);
    assert_eq!(findings(&json!({ "parties": parties }), &[offering(), window()], "2022-01-01"), [("DOMAIN_WITHOUT_BODY".to_owned(), 1)]);
}

#[test]
fn what_can_never_work_as_agreed_is_told() {
    let sound = [offering(), window()];
    let found = |agreement: Value| findings(&agreement, &sound, "2022-01-01").into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert_eq!(found(json!({ "renewal": { "months": 12 } })), ["RENEWAL_WITHOUT_END"]);
    assert_eq!(found(json!({ "effectiveFrom": "2021-05-30" })), ["EFFECTIVE_BEFORE_SIGNED"]);
    let itself = json!([{ "key": "1", "receiving": ["310112"], "competent": ["310112"], "matters": ["000109001000"], "mode": "FULL_ONLINE" }]);
    assert!(found(json!({ "schedule": itself })).contains(&"CLAUSE_NEVER_HOLDS".to_owned()));
    let steps = json!([{ "district": "440115", "role": "LEAD", "task": "受理" }, { "district": "320583", "task": "协办" }]);
    let joint = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "MULTI_SITE_JOINT",
        "terms": { "multiSiteJoint": { "steps": steps } } }]);
    let stranger = json!({ "type": "district", "code": "320583", "name": "昆山市", "kind": "COUNTY" });
    let found = findings(&json!({ "schedule": joint }), &[offering(), stranger], "2022-01-01");
    assert_eq!(found, [("JOINT_STEP_OF_NON_PARTY".to_owned(), 1)]);
}
