//! Imports of lists of records as offices have them: workbooks, other encodings, Chinese headers.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::import::Verdict;
use exchange::record::kind::ListKind;
use exchange::record::options::Options;
use exchange::workbook::report::{ReportRow, report};
use persistence::{ImportOptions, Mode, Report, import_with};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_workbook_of_windows_is_imported_and_again_changes_nothing,
    offerings_come_from_a_table_in_an_offices_encoding,
    a_fault_is_named_by_its_row_and_nothing_is_written,
    what_a_list_would_change_is_predicted,
    a_list_whose_header_does_not_tell_its_kind_is_read_as_the_caller_says,
    a_registrar_imports_the_records_of_its_district,
}

/// A workbook; its first column is of problems, which nobody reads.
fn workbook(headers: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let row = |cells: &&[&str]| ReportRow { verdict: Verdict::Create, text: String::new(), cells: texts(cells) };
    report(&texts(headers), &rows.iter().map(row).collect::<Vec<_>>()).expect("a workbook")
}

async fn read(registry: &TestRegistry, file: PathBuf, options: &ImportOptions, mode: Mode) -> Report {
    let report = import_with(registry.store(), &[file], options, mode, registry.now(), &|_| {}).await;
    registry.follow().await;
    report.expect("the file can be read")
}

fn faults(report: &Report) -> Vec<String> {
    let faults = report.faults.iter();
    faults.map(|fault| format!("{} {} {}", fault.line, fault.problem.field(), fault.problem.rule)).collect()
}

const WINDOWS: [&str; 6] = ["区域代码", "窗口名称", "地址", "通办方式", "领域", "备注"];

fn windows(address: &str) -> Vec<u8> {
    workbook(
        &WINDOWS,
        &[
            &["440115", "（示例）跨域通办专窗", "示例", "", "", ""],
            &["440115", "跨域通办专窗", address, "代收代办、全程网办", "公安；人社", "周末开放"],
            &["440115", "远程视频窗口", "二楼", "", "", ""],
            &["合计", "2", "", "", "", ""],
        ],
    )
}

async fn a_workbook_of_windows_is_imported_and_again_changes_nothing(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    // The name of the file tells nothing.
    let file = registry.file("窗口.csv", windows("一楼"));
    let first = read(&registry, file.clone(), &ImportOptions::default(), Mode::Write).await;
    assert_eq!((faults(&first), first.registered), (vec![], 2));
    let list = &first.lists[0];
    assert_eq!((list.form.as_str(), list.sheet.as_deref(), list.header_row), ("XLSX", Some("导入结果"), 1));
    assert_eq!(list.unread_columns, ["问题", "备注"]);
    let told = registry
        .ask(r#"{ district(code: "440115") { windows { edges { node { name address modes domains } } } } }"#)
        .await;
    let window = json!({ "name": "跨域通办专窗", "address": "一楼", "modes": ["PROXY_COLLECTION", "FULL_ONLINE"], "domains": ["PUBLIC_SECURITY", "HUMAN_RESOURCES_SOCIAL_SECURITY"] });
    let edges = told["district"]["windows"]["edges"].as_array().expect("a list");
    assert!(edges.iter().any(|edge| edge["node"] == window), "{told}");
    let (before, export) = (registry.revision(), registry.export().await);
    let again = read(&registry, file, &ImportOptions::default(), Mode::Write).await;
    assert_eq!((again.registered, again.unchanged, registry.revision()), (0, 2, before));
    registry.import(&export).await;
    assert_eq!(registry.revision(), before);
}

async fn offerings_come_from_a_table_in_an_offices_encoding(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let text = "区域代码\t基本编码\t事项名称\t承诺办结时限（工作日）\t到现场次数\n310112\t000109001000 居民身份证换领\t身份证换领\t20\t1\n310112\t000109002000\t\t10个自然日\t1\n";
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let report = read(&registry, registry.file("清单.txt", utf16), &ImportOptions::default(), Mode::Write).await;
    assert_eq!((faults(&report), report.registered), (vec![], 2));
    assert_eq!(report.lists[0].form, "TSV UTF-16");
    let export = registry.export().await;
    assert!(export.contains(r#""name":"身份证换领","promisedDays":20,"dayKind":"WORKING_DAY","visits":1"#), "{export}");
    assert!(export.contains(r#""promisedDays":10,"dayKind":"CALENDAR_DAY""#), "{export}");
    // 区域代码,窗口名称,地址 in GBK.
    let mut gbk = b"\xc7\xf8\xd3\xf2\xb4\xfa\xc2\xeb,\xb4\xb0\xbf\xda\xc3\xfb\xb3\xc6,\xb5\xd8\xd6\xb7\n".to_vec();
    gbk.extend(b"440115,\xb4\xb0\xbf\xda,\xb5\xd8\xd6\xb7\n");
    let report = read(&registry, registry.file("w.csv", gbk), &ImportOptions::default(), Mode::Write).await;
    assert_eq!((faults(&report), report.lists[0].form.as_str()), (vec![], "CSV GB18030"));
    let export = registry.export().await;
    assert!(export.contains(r#""name":"窗口""#) && export.contains(r#""address":"地址""#), "{export}");
}

async fn a_fault_is_named_by_its_row_and_nothing_is_written(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let before = registry.revision();
    let rows: [&[&str]; 3] = [
        &["999999", "甲", "一楼", "", "", ""],
        &["440115", "乙", "一楼", "同城办", "", ""],
        &["440115", "丙", "", "", "", ""],
    ];
    let file = registry.file("w.xlsx", workbook(&WINDOWS, &rows));
    let options = ImportOptions { with_rows: true, ..ImportOptions::default() };
    let report = read(&registry, file, &options, Mode::Write).await;
    let expected = ["2 district UNKNOWN_DISTRICT", "3 modes[0] UNKNOWN_WORD", "4 address REQUIRED"];
    assert_eq!((faults(&report), registry.revision()), (expected.map(str::to_owned).to_vec(), before));
    assert_eq!(report.rows.iter().map(|row| row.verdict).collect::<Vec<_>>(), [Verdict::Error; 3]);
    assert_eq!(report.rows[0].cells[2], "甲");
    // A list without the columns of its records is one fault, not one for each row.
    let without = registry.file("y.csv", "窗口名称,联系电话\n甲,1\n乙,2\n");
    let list = Options { kind: Some(ListKind::Window), ..Options::default() };
    let told = read(&registry, without, &ImportOptions { list, ..ImportOptions::default() }, Mode::Write).await;
    assert_eq!(faults(&told), ["0 columns COLUMN_MISSING"]);
    let broken = registry.file("x.xlsx", b"PK\x03\x04....");
    assert_eq!(read(&registry, broken, &options, Mode::Write).await.fault_count, 1);
}

async fn what_a_list_would_change_is_predicted(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let options = ImportOptions { with_rows: true, ..ImportOptions::default() };
    read(&registry, registry.file("a.xlsx", windows("一楼")), &options, Mode::Write).await;
    let before = registry.revision();
    let report = read(&registry, registry.file("b.xlsx", windows("三楼")), &options, Mode::Check).await;
    let told: Vec<_> = report.rows.iter().map(|row| (row.line, row.verdict, row.changes.clone())).collect();
    let changed = vec!["address".to_owned()];
    assert_eq!(told, [(3, Verdict::Update, changed), (4, Verdict::Unchanged, vec![])]);
    assert_eq!(registry.revision(), before, "a check writes nothing");
}

async fn a_list_whose_header_does_not_tell_its_kind_is_read_as_the_caller_says(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let table = "附件：事项目录\n编码,名称\n000109003000,示例事项\n";
    let file = registry.file("m.csv", table);
    let without = read(&registry, file.clone(), &ImportOptions::default(), Mode::Write).await;
    assert!(without.fault_count > 0, "the domain is missing");
    let set = |field: &str, value: &str| (field.to_owned(), value.to_owned());
    let list = Options {
        kind: Some(ListKind::Matter),
        defaults: vec![set("domain", "公安"), set("audience", "个人")],
        ..Options::default()
    };
    let told = read(&registry, file, &ImportOptions { list, ..ImportOptions::default() }, Mode::Write).await;
    assert_eq!((faults(&told), told.registered, told.lists[0].header_row), (vec![], 1, 2));
    let matter = registry.ask(r#"{ matter(code: "000109003000") { name domain } }"#).await;
    assert_eq!(matter["matter"], json!({ "name": "示例事项", "domain": "PUBLIC_SECURITY" }));
}

async fn a_registrar_imports_the_records_of_its_district(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let input = |content: &[u8], more: &str| {
        let content = STANDARD.encode(content);
        format!(r#"district: "440115", kind: WINDOW, file: {{ name: "窗口.xlsx", content: "{content}" }} {more}"#)
    };
    let clerk = registry.registrar("440115");
    let asked = "report { form created updated unchanged failed rows { edges { node { row verdict text changes { field before after } problems { path rule } } } } }";
    let dry = clerk.act("importRecords", &input(&windows("一楼"), "dryRun: true"), asked).await;
    assert_eq!((&dry["problems"], &dry["revision"], &dry["report"]["created"]), (&json!([]), &json!(null), &json!(2)));
    let first = clerk.does("importRecords", &input(&windows("一楼"), r#"idempotencyKey: "1""#), asked).await;
    assert_eq!((&first["report"]["form"], &first["report"]["created"]), (&json!("XLSX"), &json!(2)));
    let again = clerk.act("importRecords", &input(&windows("一楼"), ""), asked).await;
    assert_eq!((&again["problems"][0]["rule"], &again["report"]["unchanged"]), (&json!("NOTHING_CHANGED"), &json!(2)));
    let revised = clerk.does("importRecords", &input(&windows("三楼"), ""), asked).await;
    let change = json!({ "field": "address", "before": "一楼", "after": "三楼" });
    let row = json!({ "row": 3, "verdict": "UPDATE", "text": "跨域通办专窗", "changes": [change], "problems": [] });
    assert_eq!(revised["report"]["rows"]["edges"][0]["node"], row);
    let rows: [&[&str]; 3] = [
        &["", "新窗口", "一楼", "", "", ""],
        &["", "新窗口", "二楼", "", "", ""],
        &["310112", "别处的窗口", "一楼", "", "", ""],
    ];
    let faulty = workbook(&WINDOWS, &rows);
    let refused = clerk.refused("importRecords", &input(&faulty, "")).await;
    assert_eq!(
        refused,
        ["REFUSED file ROWS_AT_FAULT", "CONFLICT file DUPLICATE", "REFUSED file.district OTHER_DISTRICT"]
    );
    let left_out = clerk.does("importRecords", &input(&faulty, "faults: LEAVE_OUT"), asked).await;
    assert_eq!((&left_out["report"]["created"], &left_out["report"]["failed"]), (&json!(1), &json!(2)));
    assert_eq!(registry.registrar("310112").forbidden("importRecords", &input(&faulty, "")).await, "FORBIDDEN");
    registry.verify().await.expect("the journal has all of it");
}
