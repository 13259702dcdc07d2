//! Ugly workbooks: merged cells, heads of two rows, dates since 1904, stray cells, formulas without values.

mod support;

use std::io::{Cursor, Read, Write};

use domain::HandlingMode;
use domain::import::Verdict;
use exchange::schedule::options::Options;
use exchange::schedule::summary::summaries;
use rust_xlsxwriter::{Format, Formula, Workbook};
use support::{read_bytes, read_with, refusal, workbook, write_rows};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const HEAD: &[&str] = &["序号", "事项名称", "通办方式", "收件地", "业务属地", "生效日期"];

/// The workbook with the text of one entry changed.
fn patched(bytes: Vec<u8>, name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..from.len() {
        let mut entry = from.by_index(i).expect("an entry");
        let entry_name = entry.name().expect("a name").into_owned();
        let mut text = Vec::new();
        entry.read_to_end(&mut text).expect("memory");
        if entry_name == name {
            text = change(&String::from_utf8(text).expect("XML")).into_bytes();
        }
        to.start_file(entry_name.as_str(), SimpleFileOptions::default()).expect("an entry");
        to.write_all(&text).expect("memory");
    }
    to.finish().expect("an archive").into_inner()
}

#[test]
fn merged_cells_fill_their_area_only() {
    let format = Format::new();
    let report = read_bytes(workbook(|sheet| {
        sheet.merge_range(0, 0, 0, 5, "跨域通办事项清单", &format).unwrap();
        write_rows(sheet, 1, &[HEAD]);
        sheet.merge_range(2, 0, 2, 5, "民政部门", &format).unwrap();
        write_rows(
            sheet,
            3,
            &[&["1", "婚姻登记（内地居民结婚/离婚登记）", "", "昆山"], &["2", "孤儿认定申请", "", "昆山"]],
        );
        sheet.merge_range(3, 2, 4, 2, "全程网办", &format).unwrap();
        write_rows(sheet, 5, &[&["3", "事实无人抚养儿童认定申请", "", "昆山"]]);
    }));
    assert_eq!((report.header_row, report.skipped_rows.titles, report.skipped_rows.sections), (2, 1, 1));
    let verdicts: Vec<_> = report.rows.iter().map(|row| (row.row, row.verdict)).collect();
    // The mode spans two rows by a merged area, so the third row has none.
    assert_eq!(verdicts, [(4, Verdict::Create), (5, Verdict::Create), (6, Verdict::Error)]);
    assert_eq!(report.rows[2].problems[0].problem.rule, "MODE_MISSING");
}

#[test]
fn a_head_of_two_rows_has_a_mark_for_each_mode() {
    let format = Format::new();
    let bytes = workbook(|sheet| {
        write_rows(sheet, 0, &[&["附件2"]]);
        for (column, text) in [(0, "序号"), (1, "事项名称"), (5, "收件地"), (6, "备注")] {
            sheet.merge_range(1, column, 2, column, text, &format).unwrap();
        }
        sheet.merge_range(1, 2, 1, 4, "通办方式", &format).unwrap();
        write_rows(sheet, 2, &[&["", "", "全程网办", "代收代办", "多地联办"]]);
        write_rows(
            sheet,
            3,
            &[&["1", "失业登记", "√", "", "", "昆山"], &["2", "参保证明查询打印", "是", "✓", "×", "双方"]],
        );
        sheet.write_number(5, 0, 3).unwrap();
        sheet.write_string(5, 1, "社会保障卡申领").unwrap();
        sheet.write_number(5, 4, 1).unwrap();
        sheet.write_string(5, 5, "昆山").unwrap();
    });
    let report = read_bytes(bytes);
    assert_eq!((report.header_row, report.rows.len()), (2, 3));
    assert_eq!(report.columns[3].header, "通办方式 / 代收代办");
    let modes: Vec<_> = report.rows.iter().map(|row| row.entry.as_ref().expect("usable").modes.clone()).collect();
    use HandlingMode::{FullOnline, MultiSiteJoint, ProxyCollection};
    assert_eq!(modes, [vec![FullOnline], vec![FullOnline, ProxyCollection], vec![MultiSiteJoint]]);
}

#[test]
fn dates_are_read_since_1900_and_1904_and_in_chinese_formats() {
    let chinese = Format::new().set_num_format_index(31);
    let custom = Format::new().set_num_format(r#"yyyy"年"m"月"d"日""#);
    let bytes = workbook(|sheet| {
        write_rows(sheet, 0, &[HEAD]);
        for (row, name) in [(1, "失业登记"), (2, "社会保障卡申领"), (3, "参保证明查询打印"), (4, "社会保障卡补换")]
        {
            write_rows(sheet, row, &[&["", name, "全程网办", "昆山", "南沙"]]);
        }
        sheet.write_number_with_format(1, 5, 44_344, &chinese).unwrap();
        sheet.write_number_with_format(2, 5, 44_344, &custom).unwrap();
        sheet.write_number(3, 5, 20_210_528).unwrap();
        sheet.write_string(4, 5, "2021.5.28").unwrap();
    });
    let dates = |bytes: Vec<u8>| -> Vec<String> {
        let report = read_bytes(bytes);
        let from = |row: &exchange::schedule::report::ScheduleRow| {
            row.entry.as_ref().unwrap().period.from.unwrap().to_string()
        };
        report.rows.iter().map(from).collect()
    };
    assert_eq!(dates(bytes.clone()), ["2021-05-28"; 4]);
    let since_1904 = patched(bytes, "xl/workbook.xml", |text| {
        assert!(text.contains("<workbookPr "), "{text}");
        text.replace("<workbookPr ", r#"<workbookPr date1904="1" "#)
    });
    assert_eq!(dates(since_1904), ["2025-05-29", "2025-05-29", "2021-05-28", "2021-05-28"]);
}

#[test]
fn a_stray_cell_is_refused_and_a_blank_one_ignored() {
    let stray = |text: Option<&str>| {
        workbook(|sheet| {
            write_rows(sheet, 0, &[HEAD, &["1", "失业登记", "全程网办", "昆山", "南沙"]]);
            match text {
                Some(text) => sheet.write_string(1_048_575, 16_383, text).unwrap(),
                None => sheet.write_blank(1_048_575, 16_383, &Format::new().set_bold()).unwrap(),
            };
        })
    };
    let (rule, message) = refusal(stray(Some("甲")));
    assert_eq!(rule, "CELL_OUT_OF_BOUNDS");
    assert!(message.starts_with("XFD1048576 "), "{message}");
    assert_eq!(read_bytes(stray(None)).rows.len(), 1);
}

#[test]
fn the_first_visible_sheet_with_a_header_is_read() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "填写说明").unwrap();
    let hidden = book.add_worksheet().set_name("字典").unwrap();
    write_rows(hidden, 0, &[HEAD, &["1", "失业登记", "全程网办", "昆山", "南沙"], &["2", "失业登记"]]);
    hidden.set_hidden(true);
    write_rows(
        book.add_worksheet().set_name("清单").unwrap(),
        0,
        &[HEAD, &["1", "社会保障卡申领", "全程网办", "昆山", "南沙"]],
    );
    let bytes = book.save_to_buffer().unwrap();
    let report = read_bytes(bytes.clone());
    assert_eq!((report.sheet.as_deref(), report.rows.len()), (Some("清单"), 1));
    let named = Options { sheet: Some("字典".to_owned()), ..Options::default() };
    assert_eq!(read_with(bytes.clone(), &named).expect("a list").rows.len(), 2);
    let missing = Options { sheet: Some("别的".to_owned()), ..Options::default() };
    assert_eq!(read_with(bytes, &missing).expect_err("no such sheet")[0].rule, "SHEET_NOT_FOUND");
}

#[test]
fn formulas_give_their_values_and_their_faults() {
    let report = read_bytes(patched(
        workbook(|sheet| {
            write_rows(
                sheet,
                0,
                &[HEAD, &["1", "失业登记", "", "昆山", "南沙"], &["2", "社会保障卡申领", "", "昆山", "南沙"]],
            );
            write_rows(sheet, 3, &[&["3", "社会保障卡补换", "", "昆山", "南沙"]]);
            sheet.write_formula(1, 2, Formula::new("\"全程\"&\"网办\"").set_result("全程网办")).unwrap();
            sheet.write_formula(2, 2, Formula::new("A1").set_result("never")).unwrap();
            sheet.write_formula(3, 2, Formula::new("NA()").set_result("#N/A")).unwrap();
        }),
        "xl/worksheets/sheet1.xml",
        |text| text.replace("<v>never</v>", ""),
    ));
    assert_eq!(report.rows[0].verdict, Verdict::Create);
    let rules: Vec<_> = report.problems().map(|problem| (problem.row, problem.problem.rule)).collect();
    assert_eq!(rules, [(3, "FORMULA_WITHOUT_VALUE"), (4, "FORMULA_ERROR")]);
}

#[test]
fn numbers_that_a_spreadsheet_broke_are_told_with_their_cell() {
    let report = read_bytes(workbook(|sheet| {
        write_rows(sheet, 0, &[&["基本编码", "事项名称", "通办方式", "收件地"]]);
        write_rows(
            sheet,
            1,
            &[&["5.1E+11", "失业登记", "全程网办", "昆山"], &["", "社会保障卡申领", "全程网办", "昆山"]],
        );
        sheet.write_number(2, 0, 100_000_109).unwrap();
    }));
    let problems: Vec<_> = report.problems().collect();
    assert_eq!(problems[0].problem.rule, "CODE_IN_SCIENTIFIC_NOTATION");
    assert_eq!(problems[1].problem.rule, "CODE_LOST_ZEROS");
    assert_eq!(
        (problems[1].address.as_deref(), problems[1].column.as_deref(), problems[1].value.as_deref()),
        (Some("A3"), Some("基本编码"), Some("100000109"))
    );
    assert_eq!(report.count(Verdict::Error), 2);
}

#[test]
fn a_thousand_equal_faults_are_one_sentence() {
    let report = read_bytes(workbook(|sheet| {
        write_rows(sheet, 0, &[HEAD]);
        for row in 1..=1_000 {
            write_rows(sheet, row, &[&["", "失业登记", "同城办", "昆山", "南沙"]]);
        }
    }));
    let summaries = summaries(report.problems());
    assert_eq!((summaries.len(), summaries[0].count), (1, 1_000));
    assert_eq!(summaries[0].message.zh, "第 2–1001 行（共 1000 行）“通办方式”列：“同城办”不是已知的通办方式");
}
