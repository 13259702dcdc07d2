//! How people reach an office: telephone numbers, appointments, forms, questions, opening hours, codes of other systems.

use std::path::PathBuf;

use domain::import::Verdict;
use exchange::workbook::report::{ReportRow, report};
use persistence::{ImportOptions, Mode, import_with};
use scenarios::agreement::{NANSHA, RENEWING};
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_window_tells_when_it_is_open_and_how_it_is_reached,
    an_offering_has_forms_questions_and_telephone_numbers,
    districts_and_matters_have_what_other_systems_and_citizens_need,
    a_workbook_of_windows_has_opening_hours_as_offices_write_them,
    a_township_is_a_party_like_any_other,
}

const WEEK: &str = "[MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY]";

async fn a_window_tells_when_it_is_open_and_how_it_is_reached(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let clerk = registry.registrar(NANSHA);
    let window = |more: &str| format!(r#"district: "{NANSHA}", name: "一号窗口", address: "示例路 1 号", {more}"#);
    let right = format!(
        r#"complaintPhone: "020-12345", appointmentUrl: "https://yuyue.example/", opening: [{{ days: {WEEK}, from: "09:00", to: "17:00", validTo: "2030-12-31" }}], closedOn: ["2026-10-09", "2026-10-08"], transport: "地铁4号线""#
    );
    let fields = "window { complaintPhone appointmentUrl opening { days from to validFrom validTo } closedOn closedFrom transport }";
    let told = clerk.does("registerWindow", &window(&right), fields).await;
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let expected = json!({ "complaintPhone": "020-12345", "appointmentUrl": "https://yuyue.example/",
        "opening": [{ "days": days, "from": "09:00", "to": "17:00", "validFrom": null, "validTo": "2030-12-31" }],
        "closedOn": ["2026-10-08", "2026-10-09"], "closedFrom": null, "transport": "地铁4号线" });
    assert_eq!(told["window"], expected);
    let wrong = r#"complaintPhone: "见公告", appointmentUrl: "yuyue.example", opening: [{ days: [], from: "9点", to: "08:00" }, { days: [MONDAY], from: "12:00", to: "09:00" }], closedOn: ["2026-13-01"]"#;
    let refused = clerk.refused("registerWindow", &window(wrong)).await;
    assert_eq!(
        refused,
        [
            "INVALID appointmentUrl URL",
            "INVALID closedOn.0 DATE",
            "INVALID complaintPhone PHONE",
            "INVALID opening.0.days REQUIRED",
            "INVALID opening.0.from TIME",
            "INVALID opening.1.to TIMES_OUT_OF_ORDER",
        ]
    );
}

async fn an_offering_has_forms_questions_and_telephone_numbers(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let clerk = registry.registrar(NANSHA);
    let offering = |more: &str| format!(r#"district: "{NANSHA}", matter: "{RENEWING}", visits: 1, {more}"#);
    let right = r#"consultPhone: "020-12345678 转 1", complaintPhone: "12345", appointmentUrl: "https://yuyue.example/", forms: [{ name: "申请表", url: "https://guide.example/a.docx" }, { name: "样表", url: "https://guide.example/b.pdf", sample: true }], questions: [{ question: "可以代办吗？", answer: "可以。" }], resultSample: "https://guide.example/c.png""#;
    let fields = "offering { consultPhone complaintPhone appointmentUrl forms { name url sample } questions { question answer } resultSample }";
    let told = clerk.does("publishOffering", &offering(right), fields).await;
    let expected = json!({ "consultPhone": "020-12345678 转 1", "complaintPhone": "12345", "appointmentUrl": "https://yuyue.example/",
        "forms": [{ "name": "申请表", "url": "https://guide.example/a.docx", "sample": false }, { "name": "样表", "url": "https://guide.example/b.pdf", "sample": true }],
        "questions": [{ "question": "可以代办吗？", "answer": "可以。" }], "resultSample": "https://guide.example/c.png" });
    assert_eq!(told["offering"], expected);
    let wrong =
        r#"consultPhone: "5.1E+11", forms: [{ name: "", url: "a.docx" }], questions: [{ question: "？", answer: "" }]"#;
    let refused = clerk.refused("publishOffering", &offering(wrong)).await;
    let expected = [
        "INVALID consultPhone SPREADSHEET_NUMBER",
        "INVALID forms.0.name REQUIRED",
        "INVALID forms.0.url URL",
        "INVALID questions.0.question REQUIRED",
    ];
    assert_eq!(refused, expected);
}

async fn districts_and_matters_have_what_other_systems_and_citizens_need(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let steward = registry.steward();
    let district = format!(
        r#"code: "{NANSHA}", name: "南沙区", kind: COUNTY, parent: "440100", hotline: "12345", complaintPhone: "020-12345", portal: "https://zwfw.example/""#
    );
    let told = steward.does("reviseDistrict", &district, "district { hotline complaintPhone portal }").await;
    let expected = json!({ "hotline": "12345", "complaintPhone": "020-12345", "portal": "https://zwfw.example/" });
    assert_eq!(told["district"], expected);
    let matter = |codes: &str| {
        format!(
            r#"code: "{RENEWING}", name: "居民身份证换领", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], codes: [{codes}]"#
        )
    };
    let code = r#"{ system: "公安部业务系统", value: "0012" }"#;
    let told = steward.does("reviseMatter", &matter(code), "matter { codes { system value } }").await;
    assert_eq!(told["matter"]["codes"], json!([{ "system": "公安部业务系统", "value": "0012" }]));
    let refused = steward.refused("reviseMatter", &matter(&format!("{code}, {code}"))).await;
    assert_eq!(refused, ["INVALID codes DUPLICATE"]);
}

async fn a_workbook_of_windows_has_opening_hours_as_offices_write_them(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let headers = ["区域代码", "窗口名称", "地址", "每周开放时段", "临时不开放日期", "投诉电话", "交通指引"];
    let cells = [NANSHA, "专窗", "一楼", "周一至周五 9:00-12:00，13:00-17:00", "2026/10/8", "020-12345", "地铁4号线"];
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let row = ReportRow { verdict: Verdict::Create, text: String::new(), cells: texts(&cells) };
    let file: PathBuf = registry.file("窗口.xlsx", report(&texts(&headers), &[row]).expect("a workbook"));
    let options = ImportOptions::default();
    let report = import_with(registry.store(), &[file], &options, Mode::Write, registry.now(), &|_| {}).await;
    assert_eq!(report.expect("it can be read").faults, []);
    registry.follow().await;
    let told = registry
        .ask(&format!(r#"{{ district(code: "{NANSHA}") {{ windows {{ edges {{ node {{ complaintPhone transport closedOn opening {{ from to }} }} }} }} }} }}"#))
        .await;
    let expected = json!({ "complaintPhone": "020-12345", "transport": "地铁4号线", "closedOn": ["2026-10-08"],
        "opening": [{ "from": "09:00", "to": "12:00" }, { "from": "13:00", "to": "17:00" }] });
    assert_eq!(told["district"]["windows"]["edges"][0]["node"], expected);
}

async fn a_township_is_a_party_like_any_other(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let steward = registry.steward();
    let town = r#"code: "440115001000", name: "南沙街道", kind: TOWNSHIP, parent: "440115""#;
    let told = steward.does("registerDistrict", town, "district { code kind fullName codes { scheme } }").await;
    let expected = json!({ "code": "440115001", "kind": "TOWNSHIP", "fullName": "广东省广州市南沙区南沙街道", "codes": [{ "scheme": "GB/T 10114" }] });
    assert_eq!(told["district"], expected);
    registry
        .import(r#"{"type":"agreement","key":"街道","title":"街道与闵行协议","signedOn":"2021-05-28","effectiveFrom":"2021-06-01","parties":[{"district":"440115001"},{"district":"310112"}],"schedule":[{"matters":["000109001000"],"mode":"PROXY_COLLECTION"}]}"#)
        .await;
    let told = registry
        .ask(&format!(r#"{{ handling(matter: "{RENEWING}", receiving: "440115001", competent: "310112") {{ routes {{ mode }} }} }}"#))
        .await;
    assert_eq!(told["handling"]["routes"][0]["mode"], "PROXY_COLLECTION");
}
