//! Workbooks that are written here are read again.

mod support;

use domain::import::Verdict;
use domain::{DistrictCode, MatterCode};
use exchange::record::kind::ListKind;
use exchange::schedule::options::Options;
use exchange::schedule::plan::{Unnamed, plan};
use exchange::workbook::records::{TooLong, records};
use exchange::workbook::report::{ReportRow, report};
use exchange::workbook::schedule::{Schedule, schedule};
use exchange::workbook::template::{Lists, Template, template};
use support::{KUNSHAN, NANSHA, code, data, matter, read_bytes, read_with, refusal};

fn parties() -> Vec<(DistrictCode, String)> {
    vec![(code(NANSHA), "南沙区".to_owned()), (code(KUNSHAN), "昆山市".to_owned())]
}

#[test]
fn a_schedule_that_is_written_and_read_again_is_unchanged_and_keeps_its_keys() {
    let codes = [code(NANSHA), code(KUNSHAN)];
    let mut read = read_bytes(data("20-clerk.xlsx"));
    let draft = plan(&mut read.rows, &[], &codes, Unnamed::Keep).clauses;
    let named = |code: MatterCode| matter(code).map(|matter| (matter.name.to_string(), matter.domain));
    let written = Schedule { title: "协议清单", clauses: &draft, parties: &parties(), matter: &named };
    let written = schedule(&written).expect("a workbook");
    let mut again = read_bytes(written.clone());
    assert_eq!((again.header_row, again.rows.len()), (2, draft.iter().map(|clause| clause.matters.len()).sum()));
    let same = plan(&mut again.rows, &draft, &codes, Unnamed::Remove);
    assert_eq!((again.count(Verdict::Unchanged), &same.clauses, same.removed), (again.rows.len(), &draft, vec![]));
    assert!(again.rows.iter().zip(&again.rows[1..]).all(|(a, b)| a.row < b.row));
    // Without a draft it makes the same clauses.
    let mut alone = read_bytes(written);
    assert_eq!(plan(&mut alone.rows, &[], &codes, Unnamed::Keep).clauses, draft);
}

#[test]
fn a_template_is_read_with_every_column_and_without_its_examples() {
    let matters = (0..1_200).map(|i| (format!("L{i:011}"), format!("一个名称很长的政务服务事项之{i}"))).collect();
    let lists =
        Lists {
            district: Some((code(NANSHA), "南沙区".to_owned())), districts: vec!["昆山市".to_owned()], matters
        };
    for kind in Template::ALL {
        assert_eq!(kind.name().parse(), Ok(kind));
        assert!(!template(kind, &lists).expect("a workbook").is_empty());
    }
    let written = template(Template::Schedule, &lists).expect("a workbook");
    assert_eq!(refusal(written).0, "NO_ROWS");
}

#[test]
fn a_report_is_read_without_its_first_column() {
    let headers = ["事项名称", "通办方式"].map(str::to_owned);
    let row = |verdict, text: &str, name: &str| ReportRow {
        verdict,
        text: text.to_owned(),
        cells: vec![name.to_owned(), "全程网办".to_owned()],
    };
    let rows = [row(Verdict::Error, "方式不明", "失业登记"), row(Verdict::Unchanged, "", "社会保障卡申领")];
    let options = Options { direction: domain::import::Direction::Both, ..Options::default() };
    let again = read_with(report(&headers, &rows).expect("a workbook"), &options).expect("a list");
    assert_eq!((again.rows.len(), again.unread_columns()), (2, vec!["问题".to_owned()]));
}

#[test]
fn records_that_are_written_and_read_again_are_the_same() {
    let lines = |list: Vec<serde_json::Value>| {
        list.into_iter().map(|line| line.as_object().expect("an object").clone()).collect::<Vec<_>>()
    };
    let offerings = lines(vec![
        serde_json::json!({
            "type": "offering", "district": NANSHA, "matter": "000109001000", "name": "身份证换领", "sourceCode": "0001",
            "authority": { "name": "公安局", "level": "县级" }, "promisedDays": 20, "dayKind": "WORKING_DAY", "visits": 1,
            "conditions": "=第一条\n第二条", "materials": [{ "name": "原件|复印件", "necessity": "REQUIRED", "copies": 1, "check": "甲\n乙" }],
            "questions": [{ "question": "可以吗？", "answer": "可以。" }], "withdrawnOn": "2026-01-01", "withdrawnReason": "调整",
        }),
        serde_json::json!({ "type": "offering", "district": NANSHA, "matter": "LGA000000012", "dayKind": "按季度", "visits": 0 }),
    ]);
    let windows = lines(vec![serde_json::json!({
        "type": "window", "district": NANSHA, "name": "专窗", "kind": "HALL", "address": "一楼", "phone": "02012345678",
        "opening": [{ "days": ["MONDAY", "TUESDAY", "FRIDAY"], "from": "09:00", "to": "12:00", "validFrom": "2026-06-01", "validTo": "2026-09-30" }],
        "closedDates": ["2026-10-01", "2026-10-02"], "modes": ["PROXY_COLLECTION", "FULL_ONLINE"], "matters": ["000109001000"],
    })]);
    for (kind, lines) in [(ListKind::Offering, offerings), (ListKind::Window, windows)] {
        let written = records(kind, &Lists::default(), &lines).expect("a workbook").expect("every cell is short");
        let options = exchange::record::options::Options { kind: Some(kind), ..Default::default() };
        let list = exchange::record::list::read(std::io::Cursor::new(written), &options).expect("it reads");
        let again: Vec<_> = list.rows.into_iter().map(|row| row.line.expect("a record")).collect();
        assert_eq!(again, lines.into_iter().map(serde_json::Value::Object).collect::<Vec<_>>());
    }
    let long = lines_with_a_long_cell();
    let refused = records(ListKind::Offering, &Lists::default(), &long).expect("no fault");
    assert_eq!(refused, Err(TooLong { record: 0, column: "受理条件".to_owned() }));
}

fn lines_with_a_long_cell() -> Vec<serde_json::Map<String, serde_json::Value>> {
    let line = serde_json::json!({ "district": NANSHA, "visits": 0, "conditions": "长".repeat(32_768) });
    vec![line.as_object().expect("an object").clone()]
}
