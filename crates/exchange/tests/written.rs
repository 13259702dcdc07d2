//! Workbooks that are written here are read again.

mod support;

use domain::import::Verdict;
use domain::{DistrictCode, MatterCode};
use exchange::schedule::options::Options;
use exchange::schedule::plan::{Unnamed, plan};
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
