//! Mutations of districts, matters, offerings, windows, policies and API keys. Answers change at once, and past answers
//! stay.

use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, REPLACING};
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    a_district_moves_under_another_parent_on_a_day,
    after_a_split_the_old_district_has_no_successor_in_agreements,
    a_retired_matter_is_not_handled,
    a_withdrawn_offering_ends_its_routes,
    closing_a_window_keeps_its_routes,
    a_policy_needs_no_signatures,
    a_key_is_shown_once_and_invalid_after_revocation,
    a_concurrent_revision_is_not_overwritten,
    text_with_misleading_characters_is_refused_everywhere,
    several_offerings_are_published_at_once_each_with_a_result,
}

async fn several_offerings_are_published_at_once_each_with_a_result(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let clerk = registry.registrar(MINHANG);
    let before = registry.revision();
    let offering = |matter: &str, more: &str| format!(r#"{{ district: "{MINHANG}", matter: "{matter}", {more} }}"#);
    let publish = |list: &str| {
        format!(
            "mutation {{ publishOfferings(input: [{list}]) {{ revision results {{ offering {{ visits }} problems {{ rule path }} }} problems {{ rule path }} }} }}"
        )
    };
    let [good, unknown, faulty] =
        [offering(RENEWING, "visits: 3"), offering("000109009999", "visits: 1"), offering(REPLACING, "visits: -1")];
    let answer =
        clerk.ask(&publish(&[good.clone(), unknown, faulty, offering(REPLACING, "visits: 2")].join(", "))).await;
    let told = &answer["publishOfferings"];
    let visits: Vec<&Value> =
        told["results"].as_array().expect("a list").iter().map(|result| &result["offering"]["visits"]).collect();
    assert_eq!(visits, [&json!(3), &Value::Null, &Value::Null, &json!(2)], "{told:#}");
    assert_eq!(told["results"][1]["problems"][0]["path"], json!(["matter"]));
    let places: Vec<&Value> =
        told["problems"].as_array().expect("a list").iter().map(|problem| &problem["path"]).collect();
    assert_eq!(places, [&json!(["1", "matter"]), &json!(["2", "visits"])]);
    assert_eq!(told["revision"], registry.revision());
    assert_eq!(registry.revision(), before + 2);
    // A caller who may not publish one entry publishes none.
    let foreign = format!(r#"{{ district: "{NANSHA}", matter: "{RENEWING}", visits: 1 }}"#);
    let refused = clerk.answer(&publish(&format!("{}, {foreign}", offering(RENEWING, "visits: 4")))).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(registry.revision(), before + 2);
    let none = clerk.answer(&publish("")).await;
    assert_eq!(
        (&none["errors"][0]["extensions"]["code"], &none["errors"][0]["extensions"]["argument"]),
        (&json!("BAD_USER_INPUT"), &json!("input"))
    );

    let windows = format!(
        r#"mutation {{ registerWindows(input: [{{ district: "{MINHANG}", name: "一号窗口", address: "示例路 1 号" }}, {{ district: "{MINHANG}", name: "二号窗口", address: "示例路 2 号", kind: SELF_SERVICE }}]) {{ results {{ window {{ name kind }} }} problems {{ rule }} }} }}"#
    );
    let told = clerk.ask(&windows).await["registerWindows"].clone();
    assert_eq!(
        told,
        json!({ "results": [{ "window": { "name": "一号窗口", "kind": "HALL" } }, { "window": { "name": "二号窗口", "kind": "SELF_SERVICE" } }], "problems": [] })
    );

    // A mutation returns the new record.
    let key = registry
        .steward()
        .does("issueApiKey", r#"name: "示例系统", roles: [PARTNER]"#, "id apiKey { id name roles prefix }")
        .await;
    assert_eq!((&key["apiKey"]["id"], &key["apiKey"]["name"]), (&key["id"], &json!("示例系统")));
}

async fn text_with_misleading_characters_is_refused_everywhere(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let steward = registry.steward();
    let matter =
        |name: &str| format!(r#"code: "000109009000", name: "{name}", domain: OTHER, audience: [NATURAL_PERSON]"#);
    for (name, rule) in [
        ("登记\\u202e记登", "DIRECTION_CHARACTER"),
        ("登\\u200b记", "INVISIBLE_CHARACTER"),
        ("登\\u2028记", "CONTROL_CHARACTER"),
        ("登\\ufffd记", "BROKEN_CHARACTER"),
        ("\\u200b\\u200b", "REQUIRED"),
        ("——", "REQUIRED"),
    ] {
        assert_eq!(steward.refused("registerMatter", &matter(name)).await, [format!("INVALID name {rule}")], "{name}");
    }
    let keyed = |key: &str| format!(r#"{}, idempotencyKey: "{key}""#, matter("示例登记"));
    assert_eq!(
        steward.refused("registerMatter", &keyed("a\\u0000b")).await,
        ["INVALID idempotencyKey IDEMPOTENCY_KEY"]
    );
    let asked =
        registry.answer(&format!(r#"{{ offering(district: "{NANSHA}", sourceCode: "a\u0000b") {{ id }} }}"#)).await;
    assert_eq!(asked["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    for signs in ["😀", "！！", "\u{fffd}"] {
        let question = format!(
            r#"{{ matters(search: "{signs}") {{ totalCount }} districts(search: "{signs}") {{ totalCount }} agreements(search: "{signs}") {{ totalCount }}
                offerings(district: "{NANSHA}", search: "{signs}") {{ totalCount }} suggest(text: "{signs}") {{ matter {{ code }} }} }}"#
        );
        let data = registry.ask(&question).await;
        for list in ["matters", "districts", "agreements", "offerings"] {
            assert_eq!(data[list]["totalCount"], 0, "{list} {signs}");
        }
        assert_eq!(data["suggest"], json!([]), "{signs}");
    }
}

async fn a_district_moves_under_another_parent_on_a_day(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let parties = format!(
        r#"title: "广州—苏州合作协议", parties: [{{ district: "440100", extent: SUBTREE }}, {{ district: "{KUNSHAN}" }}], schedule: [{{ matters: ["{RENEWING}"], mode: FULL_ONLINE }}]"#
    );
    registry.recorded(&registry.steward(), "440100", &parties).await;
    let moved =
        format!(r#"code: "{NANSHA}", name: "南沙区", kind: COUNTY, parent: "440000", parentFrom: "2026-10-15""#);
    let steward = registry.steward();
    let payload = steward.does("reviseDistrict", &moved, "district { parent { code } }").await;
    assert_eq!(payload["district"]["parent"]["code"], "440100");
    // Repeating it changes nothing; other callers may not do it.
    assert_eq!(steward.does("reviseDistrict", &moved, "").await["revision"], payload["revision"]);
    assert_eq!(registry.registrar(NANSHA).forbidden("reviseDistrict", &moved).await, "FORBIDDEN");
    for (day, answer) in [("2026-10-14", "AVAILABLE: FULL_ONLINE"), ("2026-10-15", "NOT_COVERED: NO_COMMON_BASIS")] {
        assert_eq!(registry.handling(RENEWING, NANSHA, KUNSHAN, day).await, answer, "{day}");
    }
    let wrong = moved.replace("440000", "999999");
    assert_eq!(steward.refused("reviseDistrict", &wrong).await, ["NOT_FOUND parent UNKNOWN_DISTRICT"]);
    let circle = r#"code: "440000", name: "广东省", kind: PROVINCE, parent: "440115""#;
    assert_eq!(steward.refused("reviseDistrict", circle).await, ["INVALID parent OWN_ANCESTOR"]);
    let unknown = r#"code: "440116", name: "黄埔区", kind: COUNTY"#;
    assert_eq!(steward.refused("reviseDistrict", unknown).await, ["NOT_FOUND code NOT_FOUND"]);
    steward.does("registerDistrict", unknown, "district { code }").await;
    assert_eq!(steward.refused("registerDistrict", unknown).await, ["CONFLICT code ALREADY_REGISTERED"]);
}

async fn after_a_split_the_old_district_has_no_successor_in_agreements(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let steward = registry.steward();
    for (code, name) in [("440121", "南沙北区"), ("440122", "南沙南区")] {
        let new = format!(r#"code: "{code}", name: "{name}", kind: COUNTY, parent: "440100", validFrom: "2026-10-15""#);
        steward.does("registerDistrict", &new, "").await;
    }
    let split = format!(
        r#"code: "{NANSHA}", name: "南沙区", kind: COUNTY, parent: "440100", retiredOn: "2026-10-15", successors: ["440121", "440122"]"#
    );
    steward.does("reviseDistrict", &split, "").await;
    let answers = |receiving: &'static str| registry.handling(RENEWING, receiving, MINHANG, "2026-10-15");
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-14").await, "AVAILABLE: PROXY_COLLECTION");
    assert!(answers(NANSHA).await.ends_with("DISTRICT_RETIRED"), "{}", answers(NANSHA).await);
    assert_eq!(answers("440121").await, "NOT_COVERED: DISTRICT_RETIRED, NO_COMMON_BASIS");
    let retired = async || {
        registry.ask(r#"{ findings(rule: [R105_PARTY_RETIRED]) { totalCount } }"#).await["findings"]["totalCount"]
            .clone()
    };
    assert_eq!(retired().await, 0);
    registry.pass(14);
    assert_eq!(retired().await, 1);
}

async fn a_retired_matter_is_not_handled(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let steward = registry.steward();
    let retire = format!(r#"code: "{RENEWING}", reason: "并入其他事项""#);
    assert_eq!(registry.registrar(NANSHA).forbidden("retireMatter", &retire).await, "FORBIDDEN");
    assert_eq!(
        steward.refused("retireMatter", &format!(r#"code: "{RENEWING}", reason: """#)).await,
        ["INVALID reason REQUIRED"]
    );
    steward.does("retireMatter", &retire, "").await;
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "NOT_COVERED: MATTER_RETIRED");
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-09-30").await, "AVAILABLE: PROXY_COLLECTION");
    let told = registry.ask(&format!(r#"{{ availableMatters(receiving: "{NANSHA}", competent: "{MINHANG}") {{ totalCount }} findings(rule: [R118_RETIRED_MATTER_IN_CLAUSE]) {{ totalCount }} changes(last: 1) {{ edges {{ node {{ kind action }} }} }} }}"#)).await;
    assert_eq!((&told["availableMatters"]["totalCount"], &told["findings"]["totalCount"]), (&json!(0), &json!(1)));
    assert_eq!(told["changes"]["edges"][0]["node"], json!({ "kind": "MATTER", "action": "RETIRED" }));
    assert_eq!(steward.refused("retireMatter", &retire).await.len(), 1);
    let revise = format!(
        r#"code: "{RENEWING}", name: "居民身份证换领补领", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#
    );
    steward.does("reviseMatter", &revise, "matter { name }").await;
    // Revising the name does not restore it.
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "NOT_COVERED: MATTER_RETIRED");
}

async fn a_withdrawn_offering_ends_its_routes(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let clerk = registry.registrar(MINHANG);
    let which = format!(r#"district: "{MINHANG}", matter: "{RENEWING}""#);
    let withdraw = format!(r#"{which}, reason: "职能划转""#);
    assert_eq!(registry.registrar(NANSHA).forbidden("withdrawOffering", &withdraw).await, "FORBIDDEN");
    assert_eq!(
        clerk
            .refused("withdrawOffering", &format!(r#"district: "{MINHANG}", matter: "{REPLACING}", reason: "…""#))
            .await,
        ["NOT_FOUND matter NOT_FOUND"]
    );
    clerk.does("withdrawOffering", &withdraw, "").await;
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "NOT_OFFERED: OFFERING_WITHDRAWN");
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-09-30").await, "AVAILABLE: PROXY_COLLECTION");
    assert_eq!(clerk.refused("withdrawOffering", &withdraw).await.len(), 1);
    // Publishing the offering again restores it.
    let publish = format!(r#"{which}, visits: 1, promisedDays: 10, dayKind: WORKING_DAY"#);
    let published = clerk.does("publishOffering", &publish, "offering { promisedDays }").await;
    assert_eq!(published["offering"]["promisedDays"], 10);
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
}

async fn closing_a_window_keeps_its_routes(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let clerk = registry.registrar(NANSHA);
    let notices = format!(
        r#"{{ handling(matter: "{RENEWING}", receiving: "{NANSHA}", competent: "{MINHANG}") {{ answer routes {{ notices {{ code }} }} }} findings(rule: [R102_PROXY_WITHOUT_WINDOW]) {{ totalCount }} }}"#
    );
    let without = |told: &Value| told["handling"]["routes"][0]["notices"].to_string().contains("NO_WINDOW");
    let told = registry.ask(&notices).await;
    assert!(!without(&told), "{told}");
    let close = format!(r#"district: "{NANSHA}", name: "跨域通办专窗", reason: "大厅迁址""#);
    assert_eq!(registry.registrar(MINHANG).forbidden("closeWindow", &close).await, "FORBIDDEN");
    clerk.does("closeWindow", &close, "window { validTo }").await;
    let after = registry.ask(&notices).await;
    assert!(without(&after), "{after}");
    assert_eq!(after["handling"]["answer"], "AVAILABLE");
    let count = |told: &Value| told["findings"]["totalCount"].as_u64().expect("a number");
    assert_eq!(count(&after), count(&told) + 1);
    assert_eq!(clerk.refused("closeWindow", &close).await.len(), 1);
    let register = format!(r#"district: "{NANSHA}", name: "跨域通办专窗", address: "新大厅二楼""#);
    clerk.does("registerWindow", &register, "window { address }").await;
    assert_eq!(count(&registry.ask(&notices).await), count(&told));
}

async fn a_policy_needs_no_signatures(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let steward = registry.steward();
    let policy = |until: &str| {
        format!(
            r#"title: "“跨省通办”指导意见", documentNumber: "国办发〔2020〕35号", issuedBy: ["国务院办公厅"], effectiveFrom: "2020-09-24"{until},
            schedule: [{{ key: "1", reach: ACROSS_PROVINCES, matters: ["{RENEWING}"], mode: FULL_ONLINE }}]"#
        )
    };
    steward.does("registerPolicy", &policy(""), "policy { documentNumber }").await;
    assert_eq!(steward.refused("registerPolicy", &policy("")).await, ["CONFLICT documentNumber ALREADY_REGISTERED"]);
    assert_eq!(registry.registrar(NANSHA).forbidden("registerPolicy", &policy("")).await, "FORBIDDEN");
    assert_eq!(
        registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await,
        "AVAILABLE: FULL_ONLINE, PROXY_COLLECTION"
    );
    steward.does("revisePolicy", &policy(r#", effectiveTo: "2026-09-30""#), "").await;
    assert_eq!(registry.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
    let other = policy("").replace("35号", "36号");
    assert_eq!(steward.refused("revisePolicy", &other).await, ["NOT_FOUND documentNumber NOT_FOUND"]);
}

async fn a_key_is_shown_once_and_invalid_after_revocation(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let steward = registry.steward();
    let issue = format!(r#"name: "南沙政务平台", roles: [REGISTRAR], district: "{NANSHA}", idempotencyKey: "k1""#);
    let issued = steward.does("issueApiKey", &issue, "id secret").await;
    let secret = issued["secret"].as_str().expect("a secret").to_owned();
    let again = steward.does("issueApiKey", &issue, "id secret").await;
    assert_eq!((&again["id"], &again["secret"]), (&issued["id"], &Value::Null));
    let journal = steward.ask("{ changes(last: 1) { edges { node { action document } } } }").await.to_string();
    assert!(journal.contains("ISSUED") && !journal.contains(&secret), "nothing of a secret is kept");
    let unknown = issue.replace(NANSHA, "999999").replace("k1", "k2");
    assert_eq!(steward.refused("issueApiKey", &unknown).await, ["NOT_FOUND district UNKNOWN_DISTRICT"]);
    assert_eq!(registry.registrar(NANSHA).forbidden("issueApiKey", &issue).await, "FORBIDDEN");
    let past = r#"name: "伙伴系统", roles: [PARTNER], expiresAt: "2020-01-01T00:00:00+08:00""#;
    assert_eq!(steward.refused("issueApiKey", past).await, ["INVALID expiresAt EXPIRES_IN_THE_PAST"]);
    assert_eq!(
        steward.refused("issueApiKey", r#"name: "伙伴系统", roles: [PARTNER, PARTNER]"#).await,
        ["INVALID roles DUPLICATE"]
    );
    let revoke = format!(r#"id: "{}""#, issued["id"].as_str().expect("an id"));
    let revoked = steward.does("revokeApiKey", &revoke, "id").await;
    assert_eq!(steward.does("revokeApiKey", &revoke, "id").await, revoked);
    assert_eq!(steward.refused("revokeApiKey", r#"id: "key_zzzz""#).await, ["NOT_FOUND id NOT_FOUND"]);
}

async fn a_concurrent_revision_is_not_overwritten(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let clerk = registry.registrar(NANSHA);
    let window = |hours: &str, expected: &str| {
        format!(
            r#"district: "{NANSHA}", name: "跨域通办专窗", address: "政务服务中心一楼", hours: "{hours}"{expected}"#
        )
    };
    let first = clerk.does("registerWindow", &window("9:00—17:00", ""), "").await;
    let seen = format!(", expectedRevision: {}", first["revision"]);
    let second = clerk.does("registerWindow", &window("9:00—18:00", &seen), "").await;
    for mutation in ["registerWindow", "closeWindow"] {
        let input = if mutation == "closeWindow" {
            format!(r#"district: "{NANSHA}", name: "跨域通办专窗", reason: "…"{seen}"#)
        } else {
            window("8:00", &seen)
        };
        assert_eq!(clerk.refused(mutation, &input).await, ["STALE expectedRevision RECORD_MOVED"], "{mutation}");
    }
    // Repeating the same input changes nothing, and returns the revision since when it is so.
    let now = format!(", expectedRevision: {}", second["revision"]);
    assert_eq!(clerk.does("registerWindow", &window("9:00—18:00", &now), "").await["revision"], second["revision"]);
}
