//! Routes: their order, validity and notices, and empty lists.

use crate::common::day;
use crate::{
    BIRTH, CARD, MINHANG, NANSHA, XINYI, XUZHOU, agreement, ask, district, hub, notices, offering, policy, proxy,
    reasons, with,
};
use catalogue::{Order, Question, Slice, Snapshot};
use serde_json::{Value, json};

#[test]
fn the_validity_of_a_route_considers_every_cause() {
    let days = |snapshot: &Snapshot, receiving: &str, competent: &str, on: &str| {
        let handling = ask(snapshot, CARD, receiving, competent, on);
        let valid = handling.routes.first().expect("a route").valid;
        (
            valid.from.map(|day| day.to_string()),
            valid.to.map(|day| day.to_string()),
            notices(&handling).contains(&"ENDS_SOON"),
        )
    };
    let span =
        |from: Option<&str>, to: Option<&str>, ends: bool| (from.map(str::to_owned), to.map(str::to_owned), ends);
    let undated = |parties: &Value| json!({ "type": "agreement", "number": "TB-2021-000001", "title": "协议", "effectiveFrom": "2024-02-01", "parties": parties, "schedule": proxy(&[CARD]) });
    // A district is succeeded by another.
    let mut old = district("370202", "市南区", None);
    old["retiredOn"] = json!("2027-03-01");
    old["successors"] = json!(["370203"]);
    let heirs =
        [old, district("370203", "市北区", None), undated(&json!([{ "district": NANSHA }, { "district": "370202" }]))];
    let snapshot = with(&heirs);
    assert_eq!(days(&snapshot, NANSHA, "370202", "2026-12-30"), span(Some("2024-02-01"), Some("2027-02-28"), true));
    assert_eq!(days(&snapshot, NANSHA, "370203", "2027-03-01"), span(Some("2027-03-01"), None, false));
    // An offering ends, and another one begins.
    let hub = undated(&json!([{ "district": NANSHA }, { "district": MINHANG }]));
    let snapshot = with(&[hub.clone(), offering(Some("2026-12-31"))]);
    assert_eq!(days(&snapshot, NANSHA, MINHANG, "2026-12-01"), span(Some("2024-02-01"), Some("2026-12-31"), true));
    let mut next = offering(None);
    next["sourceCode"] = json!("2");
    next["validFrom"] = json!("2027-06-01");
    let snapshot = with(&[hub.clone(), offering(Some("2026-12-31")), next]);
    assert_eq!(days(&snapshot, NANSHA, MINHANG, "2027-06-01"), span(Some("2027-06-01"), None, false));
    // A suspension with an end.
    let mut flagged = hub.clone();
    flagged["suspensions"] =
        json!([{ "party": MINHANG, "since": "2026-03-01", "until": "2026-03-31", "reason": "系统升级" }]);
    let snapshot = with(&[flagged]);
    assert_eq!(days(&snapshot, NANSHA, MINHANG, "2026-02-01"), span(Some("2024-02-01"), Some("2026-02-28"), true));
    assert_eq!(days(&snapshot, NANSHA, MINHANG, "2026-04-01"), span(Some("2026-04-01"), None, false));
    // A district that leaves as a party stays as a part of another party.
    let mut left =
        undated(&json!([{ "district": XINYI }, { "district": XUZHOU, "extent": "SUBTREE" }, { "district": NANSHA }]));
    left["notices"] = json!([{ "party": XINYI, "endsOn": "2025-06-30", "reason": "机构调整" }]);
    let snapshot = with(&[left]);
    assert_eq!(days(&snapshot, XINYI, NANSHA, "2025-05-01"), span(Some("2024-02-01"), None, false));
    // Another version continues the next day in the same mode: no notice.
    let version = |number: u32, from: &str| json!({ "version": number, "title": "协议", "effectiveFrom": from, "parties": [{ "district": NANSHA }, { "district": MINHANG }], "schedule": proxy(&[CARD]) });
    let amended = json!({ "type": "agreement", "number": "TB-2021-000001", "versions": [version(1, "2024-02-01"), version(2, "2025-01-01")] });
    let snapshot = with(&[amended]);
    assert_eq!(days(&snapshot, NANSHA, MINHANG, "2024-12-01"), span(Some("2024-02-01"), Some("2024-12-31"), false));
    assert_eq!(days(&snapshot, NANSHA, MINHANG, "2025-01-01"), span(Some("2025-01-01"), None, false));
}

#[test]
fn an_available_answer_has_notices() {
    let mut old = offering(None);
    old["verifiedOn"] = json!("2024-01-01");
    let window = json!({ "type": "window", "district": NANSHA, "name": "跨域通办专窗", "address": "示例", "modes": ["PROXY_COLLECTION"] });
    let snapshot = with(&[old, window, hub(&proxy(&[CARD]))]);
    let handling = ask(&snapshot, CARD, NANSHA, MINHANG, "2026-05-01");
    assert_eq!(notices(&handling), ["RECORDED_BY_ONE_SIDE", "GUIDE_OLD", "ENDS_SOON"]);
    assert_eq!(handling.routes[0].windows.len(), 1);
    assert_eq!(handling.routes[0].valid.to, Some(day("2026-05-31")));
}

#[test]
fn the_best_route_comes_first() {
    let schedule = json!([
        { "matters": [CARD], "mode": "PROXY_COLLECTION" },
        { "matters": [CARD], "mode": "MULTI_SITE_JOINT" },
        { "matters": [CARD], "mode": "FULL_ONLINE" },
    ]);
    let handling = ask(&with(&[hub(&schedule)]), CARD, NANSHA, MINHANG, "2022-01-01");
    let modes: Vec<_> = handling.routes.iter().map(|route| route.mode.name()).collect();
    assert_eq!(modes, ["FULL_ONLINE", "MULTI_SITE_JOINT", "PROXY_COLLECTION"]);
}

#[test]
fn an_older_version_never_comes_back_into_force() {
    let party = json!([{ "district": NANSHA }, { "district": MINHANG }]);
    let version = |number: u32, from: &str, to: Option<&str>, matter: &str| json!({ "version": number, "title": "协议", "effectiveFrom": from, "effectiveTo": to, "parties": party, "schedule": [{ "matters": [matter], "mode": "FULL_ONLINE" }] });
    let line = json!({ "type": "agreement", "number": "TB-2021-000001", "versions": [version(1, "2021-01-01", None, CARD), version(2, "2022-01-01", Some("2022-12-31"), BIRTH)] });
    let snapshot = with(&[line]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2021-12-31").routes[0].valid.to, Some(day("2021-12-31")));
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2022-06-01")), ["MATTER_NOT_IN_SCHEDULE"]);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2023-01-01")), ["BASIS_ENDED"]);
}

#[test]
fn an_empty_list_has_reasons() {
    let mut old = district("310119", "南汇区", Some("310000"));
    old["retiredOn"] = json!("2009-05-06");
    let snapshot = with(&[old, hub(&proxy(&[CARD]))]);
    let reasons = |receiving: Option<&str>, competent: Option<&str>, on: &str| {
        let code = |code: &str| code.parse().expect(code);
        let question = Question {
            receiving: receiving.map(code),
            competent: competent.map(code),
            on: day(on),
            modes: Vec::new(),
            domains: Vec::new(),
            audiences: Vec::new(),
            search: None,
            with_guide: false,
        };
        let available = snapshot.available(&question, &Slice::all(Order::Relevance));
        (available.matters.total, available.reasons.iter().map(|reason| reason.code.name()).collect::<Vec<_>>())
    };
    assert_eq!(reasons(Some(NANSHA), Some(MINHANG), "2022-01-01"), (1, vec![]));
    assert_eq!(reasons(Some(NANSHA), Some(MINHANG), "2021-01-01"), (0, vec!["BASIS_NOT_YET_IN_FORCE"]));
    assert_eq!(reasons(Some(NANSHA), Some(XINYI), "2022-01-01"), (0, vec!["NO_COMMON_BASIS"]));
    assert_eq!(reasons(Some(NANSHA), Some(NANSHA), "2022-01-01"), (0, vec!["SAME_DISTRICT"]));
    assert_eq!(reasons(Some(NANSHA), Some("999999"), "2022-01-01"), (0, vec!["UNKNOWN_DISTRICT"]));
    assert_eq!(reasons(None, Some("310119"), "2022-01-01"), (0, vec!["DISTRICT_RETIRED"]));
    assert_eq!(reasons(Some(NANSHA), None, "2022-01-01"), (1, vec![]));
    let mut one_way = agreement(&json!([{ "district": MINHANG }, { "district": XINYI }]), &json!([]));
    one_way["schedule"] = json!([{ "receiving": [MINHANG], "competent": [XINYI], "matters": [CARD], "mode": "FULL_ONLINE", "validFrom": "2022-01-01" }]);
    let snapshot = with(&[one_way, policy()]);
    let reasons = |receiving: &str, competent: &str, on: &str| {
        let code = |code: &str| Some(code.parse().expect(code));
        let question = Question {
            receiving: code(receiving),
            competent: code(competent),
            on: day(on),
            modes: Vec::new(),
            domains: Vec::new(),
            audiences: Vec::new(),
            search: None,
            with_guide: false,
        };
        snapshot
            .available(&question, &Slice::all(Order::Relevance))
            .reasons
            .iter()
            .map(|reason| reason.code.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(reasons(NANSHA, MINHANG, "2022-01-01"), ["OFFERING_MISSING"]);
    assert_eq!(reasons(NANSHA, MINHANG, "2020-10-01"), ["CLAUSE_NOT_IN_DATE"]);
}

/// The coverage of one matter visits agreements directly, that of a list uses the index, and an alliance with many
/// parties is scanned. All have the same answer.
#[test]
fn a_list_and_a_matter_have_the_same_answer_in_a_large_alliance() {
    let county = |at: usize| format!("32{:04}", 1_000 + at);
    let mut lines: Vec<Value> =
        (0..40).map(|at| district(&county(at), &format!("县{at}"), (at % 2 == 0).then_some(XUZHOU))).collect();
    lines.push(district("320999", "后继县", None));
    (lines[7]["retiredOn"], lines[7]["successors"]) = (json!("2022-06-01"), json!(["320999"]));
    let some = |range: std::ops::Range<usize>| range.map(county).collect::<Vec<_>>();
    let mut parties: Vec<Value> = (0..40).map(|at| json!({ "district": county(at) })).collect();
    parties.push(json!({ "district": XUZHOU, "extent": "SUBTREE" }));
    let schedule = json!([
        { "matters": [CARD], "mode": "PROXY_COLLECTION" },
        { "receiving": some(0..9), "competent": some(5..20), "matters": [CARD, BIRTH], "mode": "FULL_ONLINE" },
        { "receiving": [XUZHOU], "matters": [BIRTH], "mode": "MULTI_SITE_JOINT", "validTo": "2022-12-31" },
    ]);
    let mut alliance = agreement(&json!(parties), &schedule);
    alliance["suspensions"] =
        json!([{ "party": county(3), "since": "2022-03-01", "until": "2023-03-31", "reason": "系统升级" }]);
    lines.push(alliance);
    let snapshot = with(&lines);
    let codes: Vec<String> = (0..12).map(county).chain([XUZHOU, XINYI, NANSHA, "320999"].map(str::to_owned)).collect();
    let mut found = 0;
    for on in ["2022-01-01", "2022-07-01", "2023-01-01"] {
        for receiving in &codes {
            for competent in &codes {
                let code = |code: &String| Some(code.parse().expect("a code"));
                let (modes, domains, audiences) = (Vec::new(), Vec::new(), Vec::new());
                let question = Question {
                    receiving: code(receiving),
                    competent: code(competent),
                    on: day(on),
                    modes,
                    domains,
                    audiences,
                    search: None,
                    with_guide: false,
                };
                let listed = snapshot.available(&question, &Slice::all(Order::Code));
                for matter in [CARD, BIRTH] {
                    let handling = ask(&snapshot, matter, receiving, competent, on);
                    let modes = listed
                        .matters
                        .items()
                        .find(|item| item.matter.code.as_str() == matter)
                        .map(|item| item.modes.clone());
                    let mut expected: Vec<_> = handling.routes.iter().map(|route| route.mode).collect();
                    expected.dedup();
                    assert_eq!(modes.unwrap_or_default(), expected, "{matter} from {receiving} to {competent} on {on}");
                    found += expected.len();
                }
            }
        }
    }
    assert!(found > 500, "{found}");
}
