//! Reading lines: a line becomes a valid record, or a list of all its problems.

use domain::duty::{shortest, total};
use domain::record::Submitted;
use domain::{Agreement, Date, Locale, Problems, Record, Standing};
use serde_json::{Value, json};

fn problems(line: &Value) -> Vec<(String, &'static str)> {
    let mut problems = Problems::new();
    assert!(Submitted::read(line, &mut problems).is_none() || problems.is_empty());
    for problem in &problems {
        assert!(!problem.message.zh.is_empty() && !problem.message.en.is_empty());
    }
    problems.iter().map(|problem| (problem.field(), problem.rule)).collect()
}

fn agreement(more: &Value) -> Agreement {
    let mut line = json!({ "type": "agreement", "number": "TB-2021-000001", "title": "“跨域通办”框架合作协议", "signedOn": "2021-05-28", "effectiveFrom": "2021-06-01",
        "parties": [{ "district": "440115" }, { "district": "310112", "extent": "SUBTREE" }],
        "schedule": [{ "matters": ["000109001000"], "mode": "PROXY_COLLECTION" }] });
    line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    match Record::from_line(&line.to_string()) {
        Ok(Record::Agreement(agreement)) => *agreement,
        other => panic!("{other:?}"),
    }
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

#[test]
fn all_problems_are_reported_at_once() {
    let line = json!({ "type": "district", "code": "44011", "kind": "TOWN", "parent": 7, "validFrom": "2021-13-01", "nmae": "南沙区" });
    let found = problems(&line);
    let expected = [
        ("code", "DISTRICT_CODE"),
        ("name", "REQUIRED"),
        ("kind", "UNKNOWN_WORD"),
        ("parent", "TYPE"),
        ("validFrom", "DATE"),
        ("nmae", "UNKNOWN_FIELD"),
    ];
    assert_eq!(found, expected.map(|(field, rule)| (field.to_owned(), rule)));
}

#[test]
fn a_nested_problem_names_its_field() {
    let line = json!({ "type": "agreement", "title": "协议", "signedOn": "2021-05-28", "effectiveTo": "2020-01-01",
        "parties": [{ "district": "440115" }, { "district": "440115000000" }, { "district": "310112" }],
        "schedule": [
            { "matters": ["000109001000", "1"], "mode": "FULL_ONLINE" },
            { "receiving": ["440305"], "matters": ["000109001000", "000109001000"], "mode": "FULL_ONLINE", "terms": { "proxyCollection": {} } },
            { "receiving": ["440305"], "matters": [], "mode": "BY_PIGEON" },
            { "receiving": ["440305"], "matters": ["000109001000"], "mode": "FULL_ONLINE", "validFrom": "2022-01-02", "validTo": "2022-01-01" },
        ] });
    let found = problems(&line);
    for expected in [
        ("effectiveTo", "DATES_OUT_OF_ORDER"),
        ("schedule[0].matters[1]", "MATTER_CODE"),
        ("schedule[1].matters[1]", "DUPLICATE"),
        ("schedule[1].terms", "TERMS_OF_OTHER_MODE"),
        ("schedule[2].matters", "NO_MATTERS"),
        ("schedule[2].mode", "UNKNOWN_WORD"),
        ("schedule[3].validTo", "DATES_OUT_OF_ORDER"),
    ] {
        assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {found:?}");
    }
    assert!(found.iter().any(|(field, rule)| field.starts_with("parties") && *rule == "PARTY_TWICE"), "{found:?}");
    assert!(found.iter().any(|(_, rule)| *rule == "NOT_A_PARTY"), "{found:?}");
}

#[test]
fn text_with_forbidden_characters_is_refused() {
    let window = |name: &str| json!({ "type": "window", "district": "440115", "name": name, "address": "示例" });
    assert_eq!(problems(&window("专\u{0}窗")), [("name".to_owned(), "CONTROL_CHARACTER")]);
    assert_eq!(problems(&window(&"长".repeat(121))), [("name".to_owned(), "TOO_LONG")]);
    assert_eq!(problems(&window("  ")), [("name".to_owned(), "REQUIRED")]);
    for blank in ["\u{200B}\u{200B}", "——", "\u{3164}"] {
        assert_eq!(problems(&window(blank)), [("name".to_owned(), "REQUIRED")], "{blank:?}");
    }
    for (name, rule) in [
        ("登记\u{202E}记登", "DIRECTION_CHARACTER"),
        ("专\u{200B}窗", "INVISIBLE_CHARACTER"),
        ("专\u{FFFD}窗", "BROKEN_CHARACTER"),
    ] {
        assert_eq!(problems(&window(name)), [("name".to_owned(), rule)]);
    }
    let offering = json!({ "type": "offering", "district": "440115", "matter": "000109001000", "visits": 0, "url": "javascript:alert(1)" });
    assert_eq!(problems(&offering), [("url".to_owned(), "URL")]);
}

#[test]
fn a_quoted_code_shows_invisible_characters() {
    let mut problems = Vec::new();
    Submitted::read(
        &json!({ "type": "matter", "code": "000100000022\u{200B}", "name": "示例", "domain": "OTHER" }),
        &mut problems,
    );
    assert_eq!(problems[0].message.zh, "“000100000022<U+200B>”中有不该有的字符：第 13 个字是看不见的字符 U+200B");
}

#[test]
fn a_code_that_a_spreadsheet_changed_is_refused_with_the_cause() {
    let offering = json!({ "type": "offering", "district": "440115", "matter": "000109001000", "sourceCode": "5.11602E+11", "visits": 0 });
    assert_eq!(problems(&offering), [("sourceCode".to_owned(), "SPREADSHEET_NUMBER")]);
    // It has a source code, though a malformed one.
    let unmatched =
        json!({ "type": "offering", "district": "440115", "name": "示例", "sourceCode": "5.11602E+11", "visits": 0 });
    assert_eq!(problems(&unmatched), [("sourceCode".to_owned(), "SPREADSHEET_NUMBER")]);
    let window =
        json!({ "type": "window", "district": "440115", "name": "示例", "address": "示例路", "phone": "2.01235E+11" });
    assert_eq!(problems(&window), [("phone".to_owned(), "SPREADSHEET_NUMBER")]);
    for code in ["1.00E+08", "100000001", "100000003.0"] {
        let mut problems = Vec::new();
        Submitted::read(&json!({ "type": "matter", "code": code, "name": "示例", "domain": "OTHER" }), &mut problems);
        assert_eq!(problems[0].rule, "MATTER_CODE");
        assert!(problems[0].message.zh.contains("电子表格"), "{}", problems[0].message.zh);
    }
}

#[test]
fn lines_end_in_line_feeds() {
    let offering = json!({ "type": "offering", "district": "440115", "matter": "000109001000", "visits": 0, "fee": "收费一百元\r免费\r\n另议" });
    let record = Submitted::read(&offering, &mut Vec::new());
    assert!(
        matches!(record, Some(Submitted::Offering(offering)) if offering.fee.as_deref() == Some("收费一百元\n免费\n另议"))
    );
}

#[test]
fn an_offering_needs_an_identity() {
    assert_eq!(
        problems(&json!({ "type": "offering", "district": "440115", "visits": 0 })),
        [("matter".to_owned(), "REQUIRED"), ("name".to_owned(), "REQUIRED")]
    );
    assert_eq!(
        problems(
            &json!({ "type": "offering", "district": "440115", "visits": 0, "name": "未匹配", "sourceCode": "G-000007-001" })
        ),
        []
    );
}

#[test]
fn an_unknown_record_type_is_refused_with_the_known_types() {
    assert_eq!(problems(&json!({ "type": "item" })), [("type".to_owned(), "RECORD_TYPE")]);
    assert_eq!(problems(&json!([])), [("type".to_owned(), "RECORD_TYPE")]);
}

#[test]
fn the_standing_follows_from_dates_and_suspensions() {
    let plain = agreement(&json!({ "effectiveTo": "2026-05-31" }));
    assert_eq!(plain.standing(day("2021-05-31")), Standing::Scheduled);
    assert_eq!(plain.standing(day("2021-06-01")), Standing::InForce);
    assert_eq!(plain.standing(day("2026-05-31")), Standing::InForce);
    assert_eq!(plain.standing(day("2026-06-01")), Standing::Expired);

    let flagged = agreement(
        &json!({ "suspensions": [{ "party": "310112", "since": "2022-01-01", "clearedOn": "2022-02-01", "reason": "…" }, { "since": "2023-01-01", "until": "2023-01-01", "reason": "…" }] }),
    );
    assert_eq!(flagged.standing(day("2021-12-31")), Standing::InForce);
    assert_eq!(flagged.standing(day("2022-01-01")), Standing::Suspended);
    assert_eq!(flagged.standing(day("2022-02-01")), Standing::InForce);
    assert_eq!(flagged.standing(day("2023-01-01")), Standing::Suspended);
    assert_eq!(flagged.standing(day("2023-01-02")), Standing::InForce);

    let left = agreement(&json!({ "notices": [{ "party": "310112", "endsOn": "2024-06-30", "reason": "…" }] }));
    assert_eq!(left.standing(day("2024-06-30")), Standing::InForce);
    assert_eq!(left.standing(day("2024-07-01")), Standing::Terminated);

    let void = agreement(&json!({ "voided": { "on": "2024-01-01", "reason": "重复登记" } }));
    assert_eq!(void.standing(day("2022-01-01")), Standing::Voided);
}

#[test]
fn an_agreement_of_three_stays_in_force_without_one() {
    let parties = json!([{ "district": "440115" }, { "district": "310112" }, { "district": "320583" }]);
    let notice = |party: &str, on: &str| json!({ "party": party, "endsOn": on, "reason": "…" });
    let left = agreement(
        &json!({ "parties": parties, "notices": [notice("310112", "2023-01-01"), notice("320583", "2024-01-01")] }),
    );
    assert_eq!(left.standing(day("2024-01-01")), Standing::InForce);
    assert_eq!(left.standing(day("2024-01-02")), Standing::Terminated);
}

#[test]
fn a_digest_covers_exactly_the_agreed_content() {
    let signed = agreement(&json!({}));
    let digest = |agreement: &Agreement| agreement.latest().digest(agreement.number).to_string();
    let same = [
        json!({ "parties": [{ "district": "310112", "extent": "SUBTREE" }, { "district": "440115000000", "confirmation": "CONFIRMED", "bodies": [{ "name": "政数局" }] }], "lead": "440115" }),
        json!({ "provenance": { "synthetic": true } }),
        json!({ "signedOn": "2021-05-27" }),
    ];
    for other in same {
        assert_eq!(digest(&agreement(&other)), digest(&signed), "{other}");
    }
    for other in [
        json!({ "number": "TB-2021-000002" }),
        json!({ "version": 2 }),
        json!({ "title": "另一份" }),
        json!({ "noticeDays": 31 }),
        json!({ "lead": "310112" }),
    ] {
        assert_ne!(digest(&agreement(&other)), digest(&signed), "{other}");
    }
}

#[test]
fn duties_follow_from_the_terms_and_the_offering() {
    let terms = json!({ "proxyCollection": { "transferDays": 2, "materialPostage": "RECEIVING", "windowDepth": ["RECEIVE", "IDENTITY_CHECK", "DELIVER_RESULT"] } });
    let agreement = agreement(
        &json!({ "schedule": [{ "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "terms": terms }] }),
    );
    let Ok(Record::Offering(offering)) = Record::from_line(
        r#"{"type":"offering","district":"310112","matter":"000109001000","visits":1,"promisedDays":20,"dayKind":"WORKING_DAY"}"#,
    ) else {
        panic!("an offering");
    };
    let (receiving, competent) = ("440115".parse().expect("a code"), "310112".parse().expect("a code"));
    let table = agreement.latest().schedule[0].terms.duties(receiving, competent, Some(&offering));
    let told: Vec<String> =
        table.iter().map(|duty| format!("{} {} {:?}", duty.actor, duty.task.text(Locale::Zh), duty.days)).collect();
    assert_eq!(
        told,
        [
            "APPLICANT 到收件地窗口提交材料 None",
            "RECEIVING_WINDOW 收件、身份核验 None",
            "RECEIVING_WINDOW 将材料移交业务属地；邮费由收件地承担 Some(2)",
            "COMPETENT_AUTHORITY 受理、审查并作出决定（时限自受理之日起算） Some(20)",
            "COMPETENT_AUTHORITY 返还结果 None",
            "RECEIVING_WINDOW 送达结果 None",
        ]
    );
    assert_eq!(total(&table), Some((22, Some("WORKING_DAY"))));
}

#[test]
fn days_of_different_kinds_are_not_added() {
    let Ok(Record::Offering(offering)) = Record::from_line(
        r#"{"type":"offering","district":"310112","matter":"000109001000","visits":1,"promisedDays":20,"dayKind":"CALENDAR_DAY"}"#,
    ) else {
        panic!("an offering");
    };
    let terms = json!({ "proxyCollection": { "transferDays": 2 } });
    let agreement = agreement(
        &json!({ "schedule": [{ "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "terms": terms }] }),
    );
    let (receiving, competent) = ("440115".parse().expect("a code"), "310112".parse().expect("a code"));
    assert_eq!(total(&agreement.latest().schedule[0].terms.duties(receiving, competent, Some(&offering))), None);
}

#[test]
fn an_immediate_decision_has_no_days() {
    let Ok(Record::Offering(offering)) = Record::from_line(
        r#"{"type":"offering","district":"310112","matter":"000109001000","visits":1,"dayKind":"AT_ONCE"}"#,
    ) else {
        panic!("an offering");
    };
    let agreement = agreement(&json!({}));
    let (receiving, competent) = ("440115".parse().expect("a code"), "310112".parse().expect("a code"));
    let table = agreement.latest().schedule[0].terms.duties(receiving, competent, Some(&offering));
    assert!(
        table.iter().any(|duty| duty.decides && duty.days == Some(0) && duty.day_kind.as_deref() == Some("AT_ONCE"))
    );
    assert_eq!(total(&table), Some((0, Some("AT_ONCE"))));
    // 即办 adds no days of any kind.
    let terms = json!({ "proxyCollection": { "transferDays": 2 } });
    let forwarding = self::agreement(
        &json!({ "schedule": [{ "matters": ["000109001000"], "mode": "PROXY_COLLECTION", "terms": terms }] }),
    );
    let table = forwarding.latest().schedule[0].terms.duties(receiving, competent, Some(&offering));
    assert_eq!(total(&table), Some((2, Some("WORKING_DAY"))));
    // Of several offerings the shortest promise is used.
    let slow = |days: u32| domain::Offering { promised_days: Some(days), day_kind: None, ..(*offering).clone() };
    assert_eq!(shortest(&[slow(5), slow(3), slow(3)]), Some(1));
    assert_eq!(shortest([&slow(5), &offering]), Some(1));
    assert_eq!(shortest(&[]), None);
}

#[test]
fn a_line_omits_defaults() {
    for line in [
        r#"{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","parent":"440100"}"#,
        r#"{"type":"district","code":"440000","name":"广东省","kind":"PROVINCE"}"#,
        r#"{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","parents":[{"district":"440100","validTo":"2029-12-31"}]}"#,
        r#"{"type":"window","district":"440115","name":"专窗","kind":"HALL","address":"示例","modes":["PROXY_COLLECTION"]}"#,
    ] {
        assert_eq!(Record::from_line(line).expect("a record").line(), line);
    }
}
