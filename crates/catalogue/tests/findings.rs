//! Findings, rule by rule.

mod common;

use catalogue::{FindingKey, Rule, Severity, Snapshot};
use common::{change, day, registry};
use domain::Scope;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A registry with two districts, a matter and an agreement, and the records of a test.
fn findings(agreement: &Value, more: &[Value], on: &str) -> Vec<(String, usize)> {
    let mut base = json!({ "type": "agreement", "number": "TB-2021-000001", "title": "协议", "signedOn": "2021-05-31",
        "parties": [{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310112", "confirmation": "CONFIRMED" }],
        "schedule": [{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }] });
    let changes = agreement.as_object().expect("an object").clone();
    base.as_object_mut().expect("an object").extend(changes);
    let mut lines = vec![
        json!({ "type": "district", "code": "440115", "name": "南沙区", "kind": "COUNTY" }),
        json!({ "type": "district", "code": "310112", "name": "闵行区", "kind": "COUNTY" }),
        json!({ "type": "matter", "code": "000109001000", "name": "居民身份证换领", "domain": "PUBLIC_SECURITY", "audience": ["NATURAL_PERSON"] }),
    ];
    lines.extend(more.iter().cloned());
    lines.push(base);
    let registry = registry(&lines);
    let found = registry.findings(day(on), None, &[], &[], &Scope::Public);
    found
        .iter()
        .map(|listed| (listed.item.rule.name().split_once('_').expect("a name").1.to_owned(), listed.item.count))
        .collect()
}

fn offering() -> Value {
    json!({ "type": "offering", "district": "310112", "matter": "000109001000", "visits": 1 })
}

fn window() -> Value {
    json!({ "type": "window", "district": "440115", "name": "专窗", "address": "示例路 1 号" })
}

#[test]
fn a_consistent_registry_has_no_findings() {
    assert_eq!(findings(&json!({}), &[offering(), window()], "2022-01-01"), []);
}

#[test]
fn missing_offerings_and_windows_are_found() {
    let found = findings(&json!({}), &[], "2022-01-01");
    assert_eq!(found, [("MATTER_WITHOUT_OFFERING".to_owned(), 1), ("PROXY_WITHOUT_WINDOW".to_owned(), 1)]);
}

#[test]
fn full_online_contradicts_an_offering_with_a_visit() {
    let schedule = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "FULL_ONLINE" }]);
    assert_eq!(
        findings(&json!({ "schedule": schedule }), &[offering()], "2022-01-01"),
        [("ONLINE_AGAINST_OFFERING".to_owned(), 1)]
    );
}

#[test]
fn joint_handling_has_one_lead() {
    let terms = json!({ "multiSiteJoint": { "steps": [{ "role": "LEAD", "task": "受理" }, { "role": "LEAD", "task": "办理" }] } });
    let schedule = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "MULTI_SITE_JOINT", "terms": terms }]);
    assert_eq!(
        findings(&json!({ "schedule": schedule }), &[offering()], "2022-01-01"),
        [("JOINT_WITHOUT_ONE_LEAD".to_owned(), 1)]
    );
}

#[test]
fn clause_dates_outside_the_agreement_and_near_ends_are_found() {
    let schedule = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "validTo": "2030-01-01" }]);
    let found =
        findings(&json!({ "schedule": schedule, "effectiveTo": "2022-03-01" }), &[offering(), window()], "2022-01-01");
    assert_eq!(found, [("CLAUSE_OUTSIDE_AGREEMENT".to_owned(), 1), ("AGREEMENT_ENDS_SOON".to_owned(), 1)]);
}

#[test]
fn an_open_end_of_a_clause_lies_within_the_agreement() {
    let schedule = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "validTo": "2023-12-31" }]);
    assert_eq!(
        findings(
            &json!({ "schedule": schedule, "effectiveFrom": "2021-06-01", "effectiveTo": "2026-05-31" }),
            &[offering(), window()],
            "2022-01-01"
        ),
        []
    );
}

#[test]
fn an_unconfirmed_record_is_found() {
    let parties = json!([{ "district": "440115" }, { "district": "310112" }]);
    assert_eq!(findings(&json!({ "parties": parties }), &[offering(), window()], "2021-06-15"), []);
    assert_eq!(
        findings(&json!({ "parties": parties }), &[offering(), window()], "2021-07-15"),
        [("RECORDED_BY_ONE_SIDE".to_owned(), 2)]
    );
}

#[test]
fn dirty_data_is_reported_and_not_refused() {
    let more = [
        json!({ "type": "district", "code": "449999", "name": "某省", "kind": "PROVINCE" }),
        json!({ "type": "matter", "code": "000209001000", "name": "罚款", "domain": "OTHER", "audience": ["NATURAL_PERSON"] }),
        json!({ "type": "offering", "district": "310112", "sourceCode": "511Z07001006-511602000000", "name": "未匹配", "visits": 0 }),
        json!({ "type": "offering", "district": "310112", "matter": "000109001000", "visits": 0, "code": "11440232MB2D06811X4000117051000", "verifiedOn": "2020-01-01" }),
        json!({ "type": "window", "district": "440115", "name": "另一专窗", "address": "示例路 1 号" }),
        window(),
    ];
    let found: Vec<String> = findings(&json!({}), &more, "2022-01-01").into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(
        found,
        [
            "OFFERING_NOT_VERIFIED",
            "INVALID_AGENCY_CODE",
            "OFFERING_WITHOUT_MATTER",
            "PROVINCE_CODE_FORM",
            "MATTER_IS_POWER",
            "DUPLICATE_WINDOW"
        ]
    );
}

#[test]
fn windows_that_look_the_same_are_duplicates() {
    let named =
        |name: &str, address: &str| json!({ "type": "window", "district": "440115", "name": name, "address": address });
    let alike = [
        named("通办窗1号", "甲路 1 号"),
        named("通办窗 １ 号", "乙路 2 号"),
        named("其他窗", "丙路 3 号"),
        named("另一窗", "丙路３号"),
    ];
    assert_eq!(
        findings(&json!({}), &[&[offering()][..], &alike].concat(), "2022-01-01"),
        [("DUPLICATE_WINDOW".to_owned(), 4)]
    );
    let apart = [named("通办窗1号", "甲路 1 号"), named("通办窗2号", "甲路 2 号")];
    assert_eq!(findings(&json!({}), &[&[offering()][..], &apart].concat(), "2022-01-01"), []);
}

#[test]
fn retired_parties_and_matters_are_found() {
    let more = [
        json!({ "type": "district", "code": "310119", "name": "南汇区", "kind": "COUNTY", "retiredOn": "2009-05-06", "successors": ["310112"] }),
        json!({ "type": "matter", "code": "000109002000", "name": "旧事项", "domain": "OTHER", "audience": ["NATURAL_PERSON"], "retiredOn": "2021-12-01" }),
    ];
    let agreement = json!({
        "parties": [{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310119", "confirmation": "CONFIRMED" }],
        "schedule": [{ "receiving": ["310119"], "competent": ["440115"], "matters": ["000109002000"], "mode": "FULL_ONLINE" }],
    });
    let found: Vec<String> = findings(&agreement, &more, "2022-01-01").into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(found, ["MATTER_WITHOUT_OFFERING", "PARTY_RETIRED", "RETIRED_MATTER_IN_CLAUSE"]);
}

#[test]
fn contradictory_agreements_are_found() {
    let other = json!({ "type": "agreement", "number": "TB-2020-000009", "title": "早先的协议", "signedOn": "2020-05-31",
        "parties": [{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310112", "confirmation": "CONFIRMED" }],
        "schedule": [{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "terms": { "proxyCollection": { "transferDays": 2 } } }] });
    assert_eq!(
        findings(&json!({}), &[offering(), window(), other], "2022-01-01"),
        [("CONTRADICTORY_TERMS".to_owned(), 1)]
    );
}

#[test]
fn a_domain_without_a_signing_body_is_found() {
    let parties = json!([
        { "district": "440115", "confirmation": "CONFIRMED" },
        { "district": "310112", "confirmation": "CONFIRMED", "bodies": [{ "name": "闵行区行政审批局", "domains": ["HEALTH"] }] },
    ]);
    assert_eq!(
        findings(&json!({ "parties": parties }), &[offering(), window()], "2022-01-01"),
        [("DOMAIN_WITHOUT_BODY".to_owned(), 1)]
    );
}

#[test]
fn clauses_that_can_never_apply_are_found() {
    let sound = [offering(), window()];
    let found = |agreement: Value| {
        findings(&agreement, &sound, "2022-01-01").into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    assert_eq!(found(json!({ "renewal": { "months": 12 } })), ["RENEWAL_WITHOUT_END"]);
    assert_eq!(found(json!({ "effectiveFrom": "2021-05-30" })), ["EFFECTIVE_BEFORE_SIGNED"]);
    let itself = json!([{ "key": "1", "receiving": ["310112"], "competent": ["310112"], "matters": ["000109001000"], "mode": "FULL_ONLINE" }]);
    assert!(found(json!({ "schedule": itself })).contains(&"CLAUSE_NEVER_HOLDS".to_owned()));
    let steps =
        json!([{ "district": "440115", "role": "LEAD", "task": "受理" }, { "district": "320583", "task": "协办" }]);
    let joint = json!([{ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "MULTI_SITE_JOINT",
        "terms": { "multiSiteJoint": { "steps": steps } } }]);
    let stranger = json!({ "type": "district", "code": "320583", "name": "昆山市", "kind": "COUNTY" });
    let found = findings(&json!({ "schedule": joint }), &[offering(), stranger], "2022-01-01");
    assert_eq!(found, [("JOINT_STEP_OF_NON_PARTY".to_owned(), 1)]);
}

const DISTRICTS: [&str; 5] = ["440115", "310112", "320583", "330106", "510107"];

fn district(at: usize, kind: &str) -> Value {
    json!({ "type": "district", "code": DISTRICTS[at % 5], "name": format!("第{at}区"), "kind": kind })
}

fn matter(at: usize, domain: &str, retired: bool) -> Value {
    let retired_on = retired.then_some("2021-03-01");
    json!({ "type": "matter", "code": format!("00010900100{}", at % 4), "name": format!("第{at}号事项"), "domain": domain, "audience": ["NATURAL_PERSON"],
        "retiredOn": retired_on, "retiredReason": retired_on.map(|_| "合并") })
}

fn policy(at: usize, matters: &[&str], competent: &[&str]) -> Value {
    let schedule: Vec<Value> =
        matters.iter().map(|matter| json!({ "matters": [matter], "mode": "FULL_ONLINE" })).collect();
    let competent: Vec<Value> = competent.iter().map(|code| json!({ "district": code, "extent": "SUBTREE" })).collect();
    json!({ "type": "policy", "documentNumber": format!("{at}号"), "title": "目录", "issuedBy": if at == 0 { json!(["办公厅"]) } else { json!([]) },
        "competent": competent, "schedule": schedule })
}

/// A change in a small registry of related records: the index of the record, and its line.
fn a_change() -> impl Strategy<Value = (u64, Value)> {
    let small = 0usize..60;
    (small.clone(), small.clone(), small.clone(), 0usize..7).prop_map(|(a, b, c, what)| match what {
        0 => {
            let mut changed = district(a % 5, if b % 2 == 0 { "COUNTY" } else { "PROVINCE" });
            if c % 2 == 0 && a % 5 > 0 {
                changed["parent"] = json!(DISTRICTS[a % 5 - 1]);
            }
            if c % 3 == 1 && a % 5 == 2 {
                changed["retiredOn"] = json!("2021-03-01");
                changed["successors"] = json!(if b % 3 == 0 { vec![] } else { vec![DISTRICTS[b % 2]] });
            }
            (1 + (a % 5) as u64, changed)
        }
        1 => (6 + (a % 4) as u64, matter(a % 4, if b % 2 == 0 { "PUBLIC_SECURITY" } else { "TAXATION" }, c % 7 == 0)),
        2 => (
            10 + (a % 8) as u64,
            json!({ "type": "offering", "district": DISTRICTS[a % 4], "matter": format!("00010900100{}", a % 8 / 2), "visits": b % 2, "sourceCode": format!("s{}", a % 8),
                "validTo": (c % 3 == 0).then_some("2021-05-01"), "url": (c % 2 == 0).then_some("https://example.cn/") }),
        ),
        3 => (
            18 + (a % 4) as u64,
            json!({ "type": "window", "district": DISTRICTS[a % 4], "name": format!("专窗{}", a % 4), "address": format!("路 {}", b % 2),
                "domains": if c % 2 == 0 { json!([]) } else { json!(["TAXATION"]) } }),
        ),
        4 => (28 + (a % 2) as u64, policy(a % 2, &["000109001000", "000109001001"][..b % 3], if c % 2 == 0 { &DISTRICTS[1..2] } else { &[] })),
        _ => {
            let parties: Vec<&str> = (0..2 + b % 3).map(|at| DISTRICTS[(a + at) % 5]).collect();
            let mode = ["PROXY_COLLECTION", "FULL_ONLINE", "MULTI_SITE_JOINT"][c % 3];
            let terms = match mode {
                "PROXY_COLLECTION" if c % 2 == 0 => Some(json!({ "proxyCollection": { "transferDays": 1 + c } })),
                "MULTI_SITE_JOINT" => {
                    let steps = json!([{ "district": DISTRICTS[b % 5], "role": "LEAD", "task": "受理" }, { "district": DISTRICTS[c % 5], "task": "协办" }]);
                    Some(json!({ "multiSiteJoint": { "steps": steps } }))
                }
                _ => None,
            };
            let mut clause = json!({ "matters": [format!("00010900100{}", c % 4), format!("00010900100{}", (c + 1 + b % 3) % 4)], "mode": mode });
            if let Some(terms) = terms {
                clause["terms"] = terms;
            }
            let extent = if b % 2 == 0 { "SUBTREE" } else { "SELF" };
            let parties: Vec<Value> = parties.iter().map(|code| json!({ "district": code, "extent": extent })).collect();
            (
                22 + (a % 6) as u64,
                json!({ "type": "agreement", "number": format!("TB-2021-{:06}", 6 - a % 6), "title": "协议", "signedOn": "2021-01-01", "parties": parties,
                    "schedule": [clause], "voided": (c % 11 == 0).then(|| json!({ "on": "2021-02-01", "reason": "误登" })) }),
            )
        }
    })
}

/// All findings, in order.
fn told(snapshot: &Snapshot) -> Vec<(u32, FindingKey, String, usize, Vec<String>)> {
    let found = snapshot.findings(snapshot.today(), None, &[], &[], &Scope::Public);
    let told = found.iter().map(|listed| {
        let concerned = listed
            .item
            .district
            .iter()
            .chain(&listed.item.concerns)
            .map(|district| district.code.to_string())
            .collect();
        (listed.rank, listed.code, listed.item.message.zh, listed.item.count, concerned)
    });
    told.collect()
}

#[test]
fn a_revision_that_removes_content_in_force_is_found_for_90_days() {
    let lines = [
        json!({ "type": "district", "code": "440000", "name": "广东省", "kind": "PROVINCE" }),
        json!({ "type": "district", "code": "440115", "name": "南沙区", "kind": "COUNTY", "parent": "440000" }),
        matter(0, "PUBLIC_SECURITY", false),
        matter(1, "PUBLIC_SECURITY", false),
    ];
    let of = |matters: &[&str], competent: &str, more: Value| {
        let mut policy = json!({ "type": "policy", "documentNumber": "粤办函〔2021〕1号", "title": "目录", "issuedBy": ["省政府办公厅"],
            "competent": [{ "district": competent, "extent": "SUBTREE" }], "schedule": [{ "matters": matters, "mode": "FULL_ONLINE" }] });
        policy["schedule"][0].as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        policy
    };
    let both = ["000109001000", "000109001001"];
    let after = |to: Value, on: &str| {
        let snapshot = registry(&lines)
            .apply([&change(5, 5, &of(&both, "440115", json!({}))), &change(6, 5, &to)])
            .expect("it is applied");
        let found = snapshot.findings(day(on), None, &[], &[Rule::PolicyTakenAway], &Scope::Public);
        found.iter().map(|listed| (listed.item.count, listed.item.message.zh)).collect::<Vec<_>>()
    };
    let revised = registry(&lines).apply([&change(5, 5, &of(&both, "440115", json!({})))]).expect("it is applied");
    let day_of_change = revised.head().recorded_at.date_naive();
    let on = |days: i64| (day_of_change + chrono::TimeDelta::days(days)).to_string();
    assert_eq!(after(of(&both, "440000", json!({})), &on(0)), [], "wider");
    assert_eq!(after(of(&both, "440115", json!({ "validTo": on(30) })), &on(0)), [], "it ends from a day on");
    let taken = after(of(&both[..1], "440115", json!({})), &on(90));
    assert_eq!((taken.len(), taken[0].0), (1, 1));
    assert!(taken[0].1.ends_with("目录 第1号事项"), "{}", taken[0].1);
    assert_eq!(after(of(&both[..1], "440115", json!({})), &on(91)), [], "told for 90 days");
    assert_eq!(after(of(&both, "440115", json!({ "mode": "PROXY_COLLECTION" })), &on(1))[0].0, 2, "another mode");
    assert_eq!(after(of(&both, "440115", json!({ "validTo": "1969-12-31" })), &on(1))[0].0, 2, "it ended before");
}

#[test]
fn a_matter_without_audience_and_a_policy_without_issuer_are_found() {
    let more = [
        json!({ "type": "matter", "code": "000109002000", "name": "无对象事项", "domain": "OTHER", "audience": [] }),
        json!({ "type": "policy", "documentNumber": "1号", "title": "目录", "issuedBy": [], "schedule": [] }),
    ];
    let found = findings(&json!({}), &[&[offering(), window()][..], &more].concat(), "2022-01-01");
    assert_eq!(found, [("MATTER_WITHOUT_AUDIENCE".to_owned(), 1), ("POLICY_WITHOUT_ISSUER".to_owned(), 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn findings_after_a_change_equal_recomputed_ones(changes in prop::collection::vec(a_change(), 1..14)) {
        let mut lines: Vec<Value> = (0..5).map(|at| district(at, "COUNTY")).collect();
        lines.extend((0..4).map(|at| matter(at, "PUBLIC_SECURITY", false)));
        lines.extend((0..8).map(|at| json!({ "type": "offering", "district": DISTRICTS[at % 4], "matter": format!("00010900100{}", at / 2), "visits": 1, "sourceCode": format!("s{at}") })));
        lines.extend((0..4).map(|at| json!({ "type": "window", "district": DISTRICTS[at], "name": format!("专窗{at}"), "address": "路 1" })));
        lines.extend((0..6).map(|at| {
            let parties = json!([{ "district": DISTRICTS[at % 5] }, { "district": DISTRICTS[(at + 1) % 5] }]);
            json!({ "type": "agreement", "number": format!("TB-2021-{:06}", 6 - at), "title": "协议", "signedOn": "2021-01-01", "parties": parties,
                "schedule": [{ "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }] })
        }));
        lines.extend((0..2).map(|at| policy(at, &["000109001000", "000109001001"], &[])));
        let mut snapshot = registry(&lines).on_day(day("2021-06-01"));
        snapshot.make_findings();
        for (at, (record, line)) in changes.iter().enumerate() {
            let recorded_at = "2021-05-30T04:00:00Z".parse().expect("a moment");
            let change = domain::Change { recorded_at, ..change(snapshot.revision() + 1, *record, line) };
            snapshot = snapshot.apply([&change]).expect("every reference resolves");
            // Sometimes two changes are applied before the findings are read.
            if at % 3 == 0 {
                continue;
            }
            let anew = snapshot.on_day(day("2021-06-02")).on_day(snapshot.today());
            let all = told(&snapshot);
            prop_assert_eq!(&all, &told(&anew));
            prop_assert!(all.is_sorted_by(|a, b| (a.0, &a.1) < (b.0, &b.1)), "{:?}", all);
            for (_, key, message, ..) in &all {
                let found = snapshot.finding(&key.to_string().parse().expect("a key"), &Scope::Public);
                prop_assert_eq!(found.map(|finding| finding.message.zh), Some(message.clone()));
            }
            for code in DISTRICTS {
                let of = snapshot.findings(snapshot.today(), Some(code.parse().expect("a code")), &[], &[], &Scope::Public);
                let of: Vec<_> = of.iter().map(|listed| (listed.rank, listed.code)).collect();
                prop_assert!(of.iter().eq(all.iter().filter(|told| told.4.iter().any(|of| of == code)).map(|told| (told.0, told.1.clone())).collect::<Vec<_>>().iter()));
            }
            let warnings = snapshot.findings(snapshot.today(), None, &[Severity::Warning], &[Rule::MatterWithoutOffering, Rule::OneSided], &Scope::Public);
            prop_assert_eq!(warnings.len(), all.iter().filter(|told| told.1.to_string().starts_with("101/") || told.1.to_string().starts_with("109/")).count());
        }
    }
}
