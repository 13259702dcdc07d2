//! Every reason for a no, and every notice beside a yes.

#[path = "../common/mod.rs"]
mod common;
mod routes;

use catalogue::{Answer, Handling, Snapshot};
use common::{day, registry};
use domain::Locale;
use serde_json::{Value, json};

const NANSHA: &str = "440115";
const MINHANG: &str = "310112";
const XUZHOU: &str = "320300";
const XINYI: &str = "320381";
const PEIXIAN: &str = "320322";
const CARD: &str = "000109001000";
const BIRTH: &str = "000115001000";

fn district(code: &str, name: &str, parent: Option<&str>) -> Value {
    let kind = if code.ends_with("0000") { "PROVINCE" } else { "COUNTY" };
    json!({ "type": "district", "code": code, "name": name, "kind": kind, "parent": parent })
}

fn matter(code: &str, name: &str) -> Value {
    json!({ "type": "matter", "code": code, "name": name, "domain": "PUBLIC_SECURITY", "audience": ["NATURAL_PERSON"] })
}

fn agreement(parties: &Value, schedule: &Value) -> Value {
    json!({ "type": "agreement", "number": "TB-2021-000001", "title": "“跨域通办”框架合作协议", "signedOn": "2021-05-31", "effectiveFrom": "2021-06-01", "effectiveTo": "2026-05-31", "parties": parties, "schedule": schedule })
}

fn hub(schedule: &Value) -> Value {
    agreement(&json!([{ "district": NANSHA }, { "district": MINHANG }]), schedule)
}

/// A registry with districts and matters, and the records of a test.
fn with(lines: &[Value]) -> Snapshot {
    let mut all = vec![
        district("440000", "广东省", None),
        district("310000", "上海市", None),
        district("320000", "江苏省", None),
        district(NANSHA, "南沙区", Some("440000")),
        district(MINHANG, "闵行区", Some("310000")),
        district(XUZHOU, "徐州市", Some("320000")),
        district(XINYI, "新沂市", Some(XUZHOU)),
        district(PEIXIAN, "沛县", Some(XUZHOU)),
        matter(CARD, "居民身份证换领"),
        matter(BIRTH, "生育登记"),
    ];
    all.extend(lines.iter().cloned());
    registry(&all)
}

fn ask(snapshot: &Snapshot, matter: &str, receiving: &str, competent: &str, on: &str) -> Handling {
    snapshot.handling(
        matter.parse().expect(matter),
        receiving.parse().expect(receiving),
        competent.parse().expect(competent),
        day(on),
    )
}

fn reasons(handling: &Handling) -> Vec<&'static str> {
    for reason in &handling.reasons {
        for locale in [Locale::Zh, Locale::En] {
            assert!(!reason.message(locale).is_empty() && !reason.remedy(locale).is_empty(), "{}", reason.code.name());
        }
    }
    handling.reasons.iter().map(|reason| reason.code.name()).collect()
}

fn notices(handling: &Handling) -> Vec<&'static str> {
    handling.notices.iter().map(|notice| notice.code.name()).collect()
}

fn proxy(matters: &[&str]) -> Value {
    json!([{ "matters": matters, "mode": "PROXY_COLLECTION" }])
}

#[test]
fn unknown_codes_come_first_and_all_at_once() {
    let snapshot = with(&[]);
    let handling = ask(&snapshot, "999999999999", "999999", "888888", "2022-01-01");
    assert_eq!(handling.answer, Answer::UnknownDistrict);
    assert_eq!(reasons(&handling), ["UNKNOWN_DISTRICT", "UNKNOWN_DISTRICT", "UNKNOWN_MATTER"]);
    let handling = ask(&snapshot, "999999999999", NANSHA, MINHANG, "2022-01-01");
    assert_eq!((handling.answer, reasons(&handling)), (Answer::UnknownMatter, vec!["UNKNOWN_MATTER"]));
}

#[test]
fn a_district_has_no_routes_to_itself() {
    let handling = ask(&with(&[hub(&proxy(&[CARD]))]), CARD, NANSHA, "440115000000", "2022-01-01");
    assert_eq!((handling.answer, reasons(&handling)), (Answer::NotCovered, vec!["SAME_DISTRICT"]));
}

#[test]
fn districts_without_a_common_basis_have_that_reason() {
    let handling = ask(&with(&[hub(&proxy(&[CARD]))]), CARD, MINHANG, XINYI, "2022-01-01");
    assert_eq!((handling.answer, reasons(&handling)), (Answer::NotCovered, vec!["NO_COMMON_BASIS"]));
}

#[test]
fn two_districts_below_one_party_have_no_routes() {
    let snapshot = with(&[agreement(
        &json!([{ "district": NANSHA }, { "district": XUZHOU, "extent": "SUBTREE" }]),
        &proxy(&[CARD]),
    )]);
    assert_eq!(reasons(&ask(&snapshot, CARD, XINYI, PEIXIAN, "2022-01-01")), ["SAME_PARTY"]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, XINYI, "2022-01-01").answer, Answer::Available);
}

#[test]
fn an_agreement_may_have_no_schedule_yet() {
    assert_eq!(reasons(&ask(&with(&[hub(&json!([]))]), CARD, NANSHA, MINHANG, "2022-01-01")), ["NO_SCHEDULE_YET"]);
}

#[test]
fn a_basis_has_a_first_and_a_last_day() {
    let snapshot = with(&[hub(&proxy(&[CARD]))]);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2021-05-31")), ["BASIS_NOT_YET_IN_FORCE"]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2021-06-01").answer, Answer::Available);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2026-05-31").answer, Answer::Available);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2026-06-01")), ["BASIS_ENDED"]);
}

#[test]
fn a_party_that_leaves_ends_its_routes() {
    let mut line = hub(&proxy(&[CARD]));
    line["notices"] = json!([{ "party": MINHANG, "endsOn": "2023-12-31", "reason": "机构调整" }]);
    let snapshot = with(&[line]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2023-12-31").answer, Answer::Available);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2024-01-01")), ["BASIS_ENDED"]);
}

#[test]
fn a_suspension_says_by_whom_and_since_when() {
    let mut line = hub(&proxy(&[CARD]));
    line["suspensions"] = json!([{ "party": MINHANG, "since": "2022-03-01", "until": "2022-03-31", "reason": "机房漏水", "publicText": "系统升级" }]);
    let snapshot = with(&[line]);
    let handling = ask(&snapshot, CARD, NANSHA, MINHANG, "2022-03-01");
    assert_eq!(reasons(&handling), ["SUSPENDED"]);
    // The public text, and not the reason.
    assert_eq!(handling.reasons[0].message(Locale::Zh), "协议 TB-2021-000001 自 2022-03-01 起由闵行区暂停：系统升级");
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2022-04-01").answer, Answer::Available);
}

#[test]
fn a_list_covers_only_what_it_names() {
    assert_eq!(
        reasons(&ask(&with(&[hub(&proxy(&[CARD]))]), BIRTH, NANSHA, MINHANG, "2022-01-01")),
        ["MATTER_NOT_IN_SCHEDULE"]
    );
}

#[test]
fn directions_are_independent() {
    let clause = json!([{ "receiving": [NANSHA], "competent": [MINHANG], "matters": [CARD], "mode": "FULL_ONLINE" }]);
    let snapshot = with(&[hub(&clause)]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2022-01-01").answer, Answer::Available);
    assert_eq!(reasons(&ask(&snapshot, CARD, MINHANG, NANSHA, "2022-01-01")), ["ONLY_OTHER_DIRECTION"]);
}

#[test]
fn a_clause_has_dates_of_its_own() {
    let clause = json!([{ "matters": [CARD], "mode": "FULL_ONLINE", "validFrom": "2022-01-01" }]);
    let snapshot = with(&[hub(&clause)]);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2021-12-31")), ["CLAUSE_NOT_IN_DATE"]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2022-01-01").answer, Answer::Available);
}

fn offering(to: Option<&str>) -> Value {
    json!({ "type": "offering", "district": MINHANG, "matter": CARD, "visits": 1, "promisedDays": 20, "validTo": to })
}

#[test]
fn a_withdrawn_offering_blocks_an_agreement_and_a_missing_one_does_not() {
    let snapshot = with(&[offering(Some("2022-06-30")), hub(&proxy(&[CARD, BIRTH]))]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2022-06-30").answer, Answer::Available);
    let handling = ask(&snapshot, CARD, NANSHA, MINHANG, "2022-07-01");
    assert_eq!((handling.answer, reasons(&handling)), (Answer::NotOffered, vec!["OFFERING_WITHDRAWN"]));
    let handling = ask(&snapshot, BIRTH, NANSHA, MINHANG, "2022-07-01");
    assert_eq!(
        (handling.answer, notices(&handling)),
        (Answer::Available, vec!["RECORDED_BY_ONE_SIDE", "GUIDE_MISSING", "NO_WINDOW"])
    );
}

fn policy() -> Value {
    json!({ "type": "policy", "title": "跨省通办", "documentNumber": "国办发〔2020〕35号", "effectiveFrom": "2020-09-24",
        "schedule": [{ "reach": "ACROSS_PROVINCES", "matters": [CARD], "mode": "FULL_ONLINE", "validFrom": "2020-12-31" }] })
}

#[test]
fn a_policy_needs_an_offering_and_reaches_across_provinces() {
    let snapshot = with(&[policy()]);
    let handling = ask(&snapshot, CARD, NANSHA, MINHANG, "2022-01-01");
    assert_eq!((handling.answer, reasons(&handling)), (Answer::NotOffered, vec!["OFFERING_MISSING"]));
    let snapshot = with(&[policy(), offering(None)]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, MINHANG, "2020-12-31").answer, Answer::Available);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2020-12-30")), ["CLAUSE_NOT_IN_DATE"]);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2020-09-01")), ["BASIS_NOT_YET_IN_FORCE"]);
    assert_eq!(reasons(&ask(&snapshot, BIRTH, NANSHA, MINHANG, "2022-01-01")), ["MATTER_NOT_IN_SCHEDULE"]);
    // It is common to all districts in its territory, regardless of its reach.
    assert_eq!(reasons(&ask(&snapshot, CARD, XINYI, PEIXIAN, "2022-01-01")), ["MATTER_NOT_IN_SCHEDULE"]);
    let mut elsewhere = policy();
    elsewhere["receiving"] = json!([{ "district": NANSHA }]);
    elsewhere["competent"] = json!([{ "district": MINHANG }]);
    let snapshot = with(&[elsewhere]);
    assert_eq!(reasons(&ask(&snapshot, CARD, MINHANG, NANSHA, "2022-01-01")), ["ONLY_OTHER_DIRECTION"]);
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, XINYI, "2022-01-01")), ["NO_COMMON_BASIS"]);
}

#[test]
fn a_municipality_is_the_prefecture_of_what_lies_below_it() {
    let mut near = policy();
    near["schedule"][0]["reach"] = json!("WITHIN_PREFECTURE");
    let offering = json!({ "type": "offering", "district": MINHANG, "matter": CARD, "visits": 0 });
    let of_jinshan = json!({ "type": "offering", "district": XINYI, "matter": CARD, "visits": 0 });
    let snapshot = with(&[near, district("310116", "金山区", Some("310000")), offering, of_jinshan]);
    assert_eq!(ask(&snapshot, CARD, "310116", MINHANG, "2022-01-01").answer, Answer::Available);
    assert_eq!(ask(&snapshot, CARD, "310000", MINHANG, "2022-01-01").answer, Answer::Available);
    // Counties directly below another province are in no prefecture.
    assert_eq!(ask(&snapshot, CARD, NANSHA, XINYI, "2022-01-01").answer, Answer::NotCovered);
}

#[test]
fn a_retired_matter_is_not_covered() {
    let mut retired = matter("000109002000", "旧事项");
    retired["retiredOn"] = json!("2023-01-01");
    let snapshot = with(&[retired, hub(&proxy(&["000109002000"]))]);
    assert_eq!(ask(&snapshot, "000109002000", NANSHA, MINHANG, "2022-12-31").answer, Answer::Available);
    assert_eq!(reasons(&ask(&snapshot, "000109002000", NANSHA, MINHANG, "2023-01-01")), ["MATTER_RETIRED"]);
}

#[test]
fn a_merged_district_is_answered_by_its_successor() {
    let mut old = district("310119", "南汇区", Some("310000"));
    old["retiredOn"] = json!("2022-01-01");
    old["successors"] = json!([MINHANG]);
    let snapshot = with(&[old, agreement(&json!([{ "district": NANSHA }, { "district": "310119" }]), &proxy(&[CARD]))]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, "310119", "2021-12-31").answer, Answer::Available);
    let handling = ask(&snapshot, CARD, NANSHA, "310119", "2022-01-01");
    assert_eq!((handling.answer, reasons(&handling)), (Answer::NotCovered, vec!["DISTRICT_RETIRED"]));
    let handling = ask(&snapshot, CARD, NANSHA, MINHANG, "2022-01-01");
    assert_eq!(handling.answer, Answer::Available);
    assert!(notices(&handling).contains(&"DISTRICT_SUCCEEDED"));
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2021-12-31")), ["NO_COMMON_BASIS"]);
}

#[test]
fn a_split_district_has_no_successor_in_answers() {
    let mut old = district("310119", "南汇区", Some("310000"));
    old["retiredOn"] = json!("2022-01-01");
    old["successors"] = json!([MINHANG, XINYI]);
    let snapshot = with(&[old, agreement(&json!([{ "district": NANSHA }, { "district": "310119" }]), &proxy(&[CARD]))]);
    let handling = ask(&snapshot, CARD, NANSHA, "310119", "2022-01-01");
    assert_eq!(reasons(&handling), ["DISTRICT_RETIRED"]);
    assert!(handling.reasons[0].remedy(Locale::Zh).contains("闵行区（310112）、新沂市（320381）"));
    assert_eq!(reasons(&ask(&snapshot, CARD, NANSHA, MINHANG, "2022-01-01")), ["DISTRICT_RETIRED", "NO_COMMON_BASIS"]);
}

#[test]
fn a_party_zone_covers_its_administered_districts() {
    let mut zone = district("130600-Z01", "雄安新区", None);
    zone["administers"] = json!([XINYI]);
    let snapshot = with(&[
        zone,
        agreement(&json!([{ "district": NANSHA }, { "district": "130600-Z01", "extent": "SUBTREE" }]), &proxy(&[CARD])),
    ]);
    assert_eq!(ask(&snapshot, CARD, NANSHA, XINYI, "2022-01-01").answer, Answer::Available);
}

#[test]
fn equal_reasons_are_grouped_and_sorted() {
    let mut other = hub(&proxy(&[BIRTH]));
    other["number"] = json!("TB-2021-000002");
    let snapshot = with(&[policy(), hub(&json!([])), other]);
    let handling = ask(&snapshot, BIRTH, NANSHA, MINHANG, "2020-01-01");
    assert_eq!(reasons(&handling), ["BASIS_NOT_YET_IN_FORCE", "NO_SCHEDULE_YET"]);
    let [ahead, unlisted] = &handling.reasons[..] else { panic!("two reasons") };
    assert_eq!((ahead.count, ahead.subjects.len(), unlisted.count), (2, 2, 1));
    assert_eq!(ahead.message(Locale::Zh), "协议 TB-2021-000002 自 2021-06-01 起生效（另有 1 项依据同此）");
    assert_eq!(
        ahead.message(Locale::En),
        "agreement TB-2021-000002 is in force from 2021-06-01 on (the same of 1 more basis)"
    );
    // At most ten records are named.
    let many: Vec<Value> = (1..=12)
        .map(|serial| {
            let mut line = hub(&proxy(&[CARD]));
            line["number"] = json!(format!("TB-2021-{serial:06}"));
            line
        })
        .collect();
    let handling = ask(&with(&many), CARD, NANSHA, MINHANG, "2020-01-01");
    assert_eq!((handling.reasons.len(), handling.reasons[0].count, handling.reasons[0].subjects.len()), (1, 12, 10));
}
