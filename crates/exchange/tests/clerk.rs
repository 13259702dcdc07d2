//! One list as an office has it, in three forms: each gives the same rows.

mod support;

use std::collections::BTreeSet;

use domain::import::Verdict;
use exchange::schedule::report::Report;
use serde_json::Value;
use support::{data, read_bytes};

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value[key].as_str()
}

fn check(report: &Report, form: &str) {
    let expected: Value = serde_json::from_slice(&data("20-expected.json")).expect("JSON");
    assert_eq!(report.form.to_string(), form);
    assert_eq!(u64::from(report.header_row), expected["headerRow"].as_u64().expect("a row"));
    let rows = expected["rows"].as_array().expect("rows");
    assert_eq!(report.rows.len(), rows.len());
    for (row, expected) in report.rows.iter().zip(rows) {
        let number = row.row;
        assert_eq!(u64::from(number), expected["row"].as_u64().expect("a row"));
        assert_eq!(Some(row.verdict.name()), text(expected, "verdict"), "row {number}: {:?}", row.problems);
        assert_eq!(row.matter.map(|code| code.to_string()).as_deref(), text(expected, "matter"), "row {number}");
        if row.verdict != Verdict::Create {
            assert!(row.entry.is_none() && !row.candidates.is_empty(), "row {number}");
            continue;
        }
        let entry = row.entry.as_ref().expect("an entry");
        let modes: Vec<&str> = entry.modes.iter().map(|mode| mode.name()).collect();
        assert_eq!(modes, [text(expected, "mode").expect("a mode")], "row {number}");
        let directions: BTreeSet<(String, String)> =
            entry.directions().iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        let district = |value: &Value| value.as_str().expect("a code").to_owned();
        let pair = |pair: &Value| (district(&pair[0]), district(&pair[1]));
        let wanted: BTreeSet<_> = expected["directions"].as_array().expect("pairs").iter().map(pair).collect();
        assert_eq!(directions, wanted, "row {number}");
    }
    assert_eq!(
        (report.count(Verdict::Create), report.count(Verdict::Confirm), report.count(Verdict::Unknown)),
        (60, 1, 1)
    );
    assert_eq!(report.unread_columns(), ["领域", "办理时限", "备注"]);
    let skipped = report.skipped_rows;
    assert_eq!(
        (skipped.titles, skipped.sections, skipped.totals, skipped.notes, skipped.blank, skipped.repeated_headers),
        (3, 1, 1, 1, 1, 0)
    );
}

#[test]
fn the_list_reads_as_xlsx() {
    let report = read_bytes(data("20-clerk.xlsx"));
    check(&report, "XLSX");
    assert_eq!(report.sheet.as_deref(), Some("清单"));
    let names = &report.columns[1];
    assert_eq!((names.header.as_str(), names.filled, names.samples.len()), ("事项名称", 62, 3));
    // 公安 spans rows 40 to 54 and so on: every row has a domain.
    assert_eq!(report.columns[3].filled, 62);
}

#[test]
fn the_list_reads_as_xls() {
    check(&read_bytes(data("20-clerk.xls")), "XLS");
}

#[test]
fn the_list_reads_as_csv_in_gb18030() {
    check(&read_bytes(data("20-clerk-gbk.csv")), "CSV GB18030");
}
