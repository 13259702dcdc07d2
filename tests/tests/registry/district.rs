//! Districts change from a day on: a new name, parent or administration does not change the past, and no change closes
//! a cycle.

use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    renaming_a_zone_keeps_the_history_of_its_administration,
    administration_of_districts_has_dates,
    a_parent_without_a_date_applies_from_today,
    cycles_between_districts_are_rejected,
    a_retirement_can_be_taken_back,
}

/// 雄安 administers three counties, one until 2024 and one since 2024; an agreement covers everything below it.
const ZONE: &str = r#"
{"type":"district","code":"130600","name":"保定市","kind":"PREFECTURE"}
{"type":"district","code":"130629","name":"容城县","kind":"COUNTY","parent":"130600"}
{"type":"district","code":"130632","name":"安新县","kind":"COUNTY","parent":"130600"}
{"type":"district","code":"130638","name":"雄县","kind":"COUNTY","parent":"130600"}
{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY"}
{"type":"district","code":"130600-Z01","name":"雄安新区","kind":"FUNCTIONAL_ZONE","parent":"130600","administers":[{"district":"130629","validFrom":"2024-06-01"},{"district":"130632","validTo":"2024-12-31"},"130638"]}
{"type":"matter","code":"000109001000","name":"居民身份证换领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"]}
{"type":"agreement","title":"雄安—南沙合作协议","parties":[{"district":"130600-Z01","extent":"SUBTREE"},{"district":"440115"}],"schedule":[{"matters":["000109001000"],"mode":"FULL_ONLINE"}]}
"#;

const NAMED: &str = r#"code: "130600-Z01", name: "河北雄安新区", kind: FUNCTIONAL_ZONE, parent: "130600""#;

/// The days on which the county is covered.
async fn covered(registry: &TestRegistry, county: &str, days: &[&str]) -> Vec<bool> {
    let mut covered = Vec::new();
    for day in days {
        covered.push(registry.handling("000109001000", "440115", county, day).await.starts_with("AVAILABLE"));
    }
    covered
}

async fn renaming_a_zone_keeps_the_history_of_its_administration(registry: TestRegistry) {
    registry.import(ZONE).await;
    let steward = registry.steward();
    let renamed = format!(r#"{NAMED}, administers: ["130629", "130638"]"#);
    let payload = steward.does("reviseDistrict", &renamed, "district { name administers { code } }").await;
    assert_eq!(payload["district"]["administers"], json!([{ "code": "130629" }, { "code": "130638" }]));
    assert_eq!(covered(&registry, "130629", &["2024-05-31", "2024-06-01", "2027-01-01"]).await, [false, true, true]);
    assert_eq!(covered(&registry, "130632", &["2024-06-01", "2024-12-31", "2025-01-01"]).await, [true, true, false]);
    assert_eq!(
        steward.does("reviseDistrict", &renamed, "").await["revision"],
        payload["revision"],
        "said again it changes nothing"
    );
    // An omitted entry ended yesterday; its past stays.
    steward.does("reviseDistrict", NAMED, "").await;
    assert_eq!(covered(&registry, "130638", &["2020-01-01", "2026-09-30", "2026-10-01"]).await, [true, true, false]);
    // Added again, it begins today.
    registry.pass(5);
    steward.does("reviseDistrict", &format!(r#"{NAMED}, administers: ["130638"]"#), "").await;
    assert_eq!(
        covered(&registry, "130638", &["2026-09-30", "2026-10-01", "2026-10-05", "2026-10-06"]).await,
        [true, false, false, true]
    );
    registry.verify().await.expect("the journal and the records agree");
}

async fn administration_of_districts_has_dates(registry: TestRegistry) {
    registry.import(ZONE).await;
    let steward = registry.steward();
    let dated = format!(
        r#"{NAMED}, administers: ["130629"], charges: [{{ district: "130638", validTo: "2026-12-31" }}, {{ district: "130632", validFrom: "2026-11-01" }}]"#
    );
    steward.does("reviseDistrict", &dated, "").await;
    assert_eq!(covered(&registry, "130638", &["2020-01-01", "2026-12-31", "2027-01-01"]).await, [true, true, false]);
    assert_eq!(
        covered(&registry, "130632", &["2024-12-31", "2025-01-01", "2026-10-31", "2026-11-01"]).await,
        [true, false, false, true]
    );
    let unknown =
        format!(r#"{NAMED}, administers: ["999999"], charges: [{{ district: "888888", validFrom: "2026-11-01" }}]"#);
    assert_eq!(
        steward.refused("reviseDistrict", &unknown).await,
        ["NOT_FOUND administers.0 UNKNOWN_DISTRICT", "NOT_FOUND charges.0.district UNKNOWN_DISTRICT"]
    );
    let backwards =
        format!(r#"{NAMED}, charges: [{{ district: "130632", validFrom: "2026-11-01", validTo: "2026-10-01" }}]"#);
    assert_eq!(steward.refused("reviseDistrict", &backwards).await, ["INVALID charges.0.validTo DATES_OUT_OF_ORDER"]);
}

async fn a_parent_without_a_date_applies_from_today(registry: TestRegistry) {
    registry.import(ZONE).await;
    let steward = registry.steward();
    let county = r#"code: "130629", name: "容城县", kind: COUNTY"#;
    steward.does("reviseDistrict", &format!(r#"{NAMED}, administers: []"#), "").await;
    steward.does("reviseDistrict", &format!(r#"{county}, parent: "130600-Z01""#), "").await;
    // It was administered until yesterday, and is below the zone from today on.
    assert_eq!(
        covered(&registry, "130629", &["2024-05-31", "2024-06-01", "2026-09-30", "2026-10-01"]).await,
        [false, true, true, true]
    );
    // Without a parent from today on; then corrected.
    steward.does("reviseDistrict", county, "").await;
    assert_eq!(covered(&registry, "130629", &["2026-09-30", "2026-10-01"]).await, [true, false]);
    let corrected = format!(
        r#"{county}, parents: [{{ district: "130600", validTo: "2020-12-31" }}, {{ district: "130600-Z01", validFrom: "2021-01-01" }}]"#
    );
    steward.does("reviseDistrict", &corrected, "").await;
    assert_eq!(covered(&registry, "130629", &["2020-12-31", "2021-01-01", "2026-10-01"]).await, [false, true, true]);
    let twice = format!(r#"{county}, parents: [{{ district: "130600" }}], parentFrom: "2021-01-01""#);
    assert_eq!(steward.refused("reviseDistrict", &twice).await, ["INVALID parentFrom DAY_TWICE"]);
}

async fn cycles_between_districts_are_rejected(registry: TestRegistry) {
    registry.import(ZONE).await;
    let steward = registry.steward();
    for (mutation, input, refused) in [
        (
            "reviseDistrict",
            r#"code: "130629", name: "容城县", kind: COUNTY, retiredOn: "2027-01-01", successors: ["130629"]"#,
            "INVALID successors SUCCEEDS_ITSELF",
        ),
        ("reviseDistrict", &format!(r#"{NAMED}, administers: ["130600"]"#), "INVALID administers OWN_ANCESTOR"),
        (
            "reviseDistrict",
            &format!(r#"{NAMED}, charges: [{{ district: "130600", validFrom: "2030-01-01" }}]"#),
            "INVALID administers OWN_ANCESTOR",
        ),
        (
            "reviseDistrict",
            r#"code: "130600", name: "保定市", kind: PREFECTURE, parent: "130638""#,
            "INVALID parent OWN_ANCESTOR",
        ),
        (
            "registerDistrict",
            r#"code: "130600-Z02", name: "某区", kind: FUNCTIONAL_ZONE, parent: "130638", administers: ["130600-Z01"]"#,
            "INVALID administers OWN_ANCESTOR",
        ),
        ("registerDistrict", r#"code: "000000", name: "全国", kind: PROVINCE"#, "INVALID code NO_PROVINCE"),
    ] {
        assert_eq!(steward.refused(mutation, input).await, [refused], "{input}");
    }
    let succeeded = |code: &str, by: &str| {
        format!(
            r#"code: "{code}", name: "某县", kind: COUNTY, parent: "130600", retiredOn: "2027-01-01", successors: ["{by}"]"#
        )
    };
    steward.does("reviseDistrict", &succeeded("130629", "130632"), "").await;
    assert_eq!(
        steward.refused("reviseDistrict", &succeeded("130632", "130629")).await,
        ["INVALID successors SUCCEEDS_ITSELF"]
    );
}

async fn a_retirement_can_be_taken_back(registry: TestRegistry) {
    registry.import(ZONE).await;
    let steward = registry.steward();
    let county = r#"code: "130629", name: "容城县", kind: COUNTY, parent: "130600""#;
    let fields = "district { retiredOn successors { code } }";
    let does =
        async |more: &str| steward.does("reviseDistrict", &format!("{county}{more}"), fields).await["district"].clone();
    let retired = json!({ "retiredOn": "2027-01-01", "successors": [{ "code": "130632" }] });
    assert_eq!(does(r#", retiredOn: "2027-01-01", successors: ["130632"]"#).await, retired);
    assert_eq!(does("").await, retired, "it stays when nothing is said of it");
    assert_eq!(
        does(r#", retiredOn: "2028-01-01""#).await,
        json!({ "retiredOn": "2028-01-01", "successors": [{ "code": "130632" }] })
    );
    assert_eq!(does(", retiredOn: null").await, json!({ "retiredOn": null, "successors": [] }));
    assert_eq!(covered(&registry, "130629", &["2026-12-31", "2028-01-01"]).await, [true, true]);
}
