//! What lists say, and what a caller says about them.

mod support;

use domain::import::{Direction, Verdict};
use domain::offering::DayKind;
use exchange::header::field::Field;
use exchange::matching::{Choice, Choices};
use exchange::schedule::options::Options;
use exchange::schedule::report::{Report, ScheduleRow};
use support::{KUNSHAN, NANSHA, code, read_bytes, read_with};

const HEAD: &str = "事项名称,基本编码,通办方式,收件地,业务属地,办理时限（工作日）,批次,生效日期,失效日期,备注";

fn list(rows: &str) -> Vec<u8> {
    format!("{HEAD}\n{rows}").into_bytes()
}

fn with(rows: &str, options: &Options) -> Report {
    read_with(list(rows), options).expect("a list")
}

fn directions(row: &ScheduleRow) -> Vec<(String, String)> {
    let entry = row.entry.as_ref().expect("usable");
    entry.directions().iter().map(|(receiving, competent)| (receiving.to_string(), competent.to_string())).collect()
}

fn rules(report: &Report) -> Vec<(u32, &'static str)> {
    report.problems().map(|problem| (problem.row, problem.problem.rule)).collect()
}

#[test]
fn a_row_says_everything() {
    let report = read_bytes(list(
        "失业登记*,,全程网办、代收代办,昆山市,南沙区,5,第一批,2021.5.28,2026年12月31日,\"一\n二\"\n社会保障卡申领,,多地联办,双方,双方,即办,,,长期,\n",
    ));
    let entry = report.rows[0].entry.as_ref().expect("usable");
    assert_eq!(
        (entry.modes.len(), entry.batch.as_deref(), entry.remark.as_deref()),
        (2, Some("第一批"), Some("一 二"))
    );
    assert_eq!(entry.days.map(|days| (days.count, days.kind)), Some((5, Some(DayKind::WorkingDay))));
    assert_eq!(entry.period.from.map(|day| day.to_string()).as_deref(), Some("2021-05-28"));
    assert_eq!(entry.period.to.map(|day| day.to_string()).as_deref(), Some("2026-12-31"));
    let second = report.rows[1].entry.as_ref().expect("usable");
    assert_eq!((second.days.and_then(|days| days.kind), second.period.to), (Some(DayKind::AtOnce), None));
    assert_eq!(directions(&report.rows[1]).len(), 2);
    // A line break within a cell does not make a row.
    assert_eq!(report.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn matters_are_matched_by_code_then_name_then_alias() {
    let report = read_bytes(list(
        "随便写的,LRS000000001,全程网办,昆山,南沙,,,,,\n换身份证,,全程网办,昆山,南沙,,,,,\n失业登记,000100000109,全程网办,南沙,昆山,,,,,\n\
         失业登记,LRS000000009,多地联办,昆山,南沙,,,,,\n身份证业务办理,,全程网办,昆山,南沙,,,,,\n火星居留许可,,全程网办,昆山,南沙,,,,,\n",
    ));
    let verdicts: Vec<_> = report.rows.iter().map(|row| row.verdict).collect();
    let (create, confirm) = (Verdict::Create, Verdict::Confirm);
    assert_eq!(verdicts[..4], [create, create, create, confirm]);
    assert_eq!(verdicts[5], Verdict::Unknown);
    assert_eq!(report.rows[1].matter, Some(code("LGA000000001")));
    // The code is of another list; the name decides, and the report says so.
    assert_eq!(rules(&report)[..2], [(4, "CODE_UNKNOWN"), (5, "CODE_AND_NAME_DIFFER")]);
    assert_eq!(report.rows[3].candidates, [code("LRS000000009"), code("LRS000000001")]);
    assert_eq!(report.rows[5].candidates.len(), 3);
}

#[test]
fn a_choice_decides_for_all_rows_with_its_text() {
    let rows = "火星居留许可,,全程网办,昆山,南沙,,,,,\n 火星 居留许可＊,,多地联办,昆山,南沙,,,,,\n月球,,瞎填,,,,,,,\n";
    let choices = Choices::new([("火星居留许可", Choice::Matter(code("LGA000000001"))), ("月球", Choice::Skip)]);
    let report = with(rows, &Options { choices, ..Options::default() });
    let verdicts: Vec<_> = report.rows.iter().map(|row| row.verdict).collect();
    assert_eq!(verdicts, [Verdict::Create, Verdict::Create, Verdict::Skip]);
    assert!(report.is_faultless());
    let choices = Choices::new([("月球", Choice::Matter(code("000000000000")))]);
    let report = with("月球,,全程网办,昆山,南沙,,,,,\n", &Options { choices, ..Options::default() });
    assert_eq!((report.rows[0].verdict, rules(&report)[0].1), (Verdict::Unknown, "CHOICE_UNKNOWN"));
}

#[test]
fn the_same_row_twice_is_skipped_and_a_contradiction_names_both_rows() {
    let report = read_bytes(list(
        "失业登记,,全程网办,昆山,南沙,5,,,,\n失业登记,,全程网办,昆山,南沙,5,,,,备注不同\n失业登记,,全程网办,昆山,南沙,5,第二批,,,\n\
         失业登记,,多地联办,昆山,南沙,9,,,,\n社会保障卡申领,,全程网办,昆山,南沙,,,,,\n社会保障卡申领,,全程网办,双方,双方,,,,,\n",
    ));
    let verdicts: Vec<_> = report.rows.iter().map(|row| row.verdict).collect();
    use Verdict::{Create, Error, Skip};
    // The last row has a direction that the one before has not.
    assert_eq!(verdicts, [Error, Skip, Error, Create, Create, Create]);
    assert_eq!(rules(&report), [(2, "CELL_TWICE"), (3, "ROW_REPEATED"), (4, "CELL_TWICE")]);
    let message = &report.rows[0].problems[0].problem.message;
    assert!(message.zh.starts_with("第 2 行与第 4 行") && message.en.starts_with("rows 2 and 4"), "{message:?}");
}

#[test]
fn problems_name_the_cell_the_value_and_the_remedy() {
    let report = read_bytes(list(
        "失业登记,,全程网办,上海,南沙,约5天,,2021-13-01,,\n身份\u{200B}证,,全程网办,昆山,南沙,,,,,\n,,全程网办,昆山,南沙,,,,,\n\
         失业登记,,,昆山,昆山,,,2022-01-01,2021-01-01,\n",
    ));
    assert_eq!(
        rules(&report),
        [
            (2, "NOT_A_PARTY"),
            (2, "DATE"),
            (2, "DAYS"),
            (3, "INVISIBLE_CHARACTER"),
            (4, "MATTER_MISSING"),
            (5, "SAME_SIDES"),
            (5, "DATES_BACKWARDS"),
        ]
    );
    assert!(report.problems().all(|problem| problem.problem.remedy.is_some()));
    let days = report.problems().nth(2).expect("a problem");
    assert_eq!(
        (days.column.as_deref(), days.address.as_deref(), days.value.as_deref(), days.problem.field().as_str()),
        (Some("办理时限（工作日）"), Some("F2"), Some("约5天"), "promisedDays")
    );
}

#[test]
fn blank_cells_below_a_value_are_filled_when_the_caller_wants_it() {
    let rows =
        "失业登记,,全程网办,昆山,南沙,,,,,\n社会保障卡申领,,,,,,,,,\n二、公安类,,,,,,,,,\n普通护照签发,,,,,,,,,\n";
    let report = with(rows, &Options::default());
    assert_eq!(report.rows[1].verdict, Verdict::Create);
    // Nothing is carried into another section.
    assert_eq!(rules(&report), [(5, "MODE_MISSING"), (5, "SIDE_MISSING")].map(|(row, rule)| (row, rule)).to_vec());
    let report = with(rows, &Options { fill_down: false, ..Options::default() });
    assert_eq!(report.count(Verdict::Error), 2);
}

#[test]
fn columns_defaults_and_directions_are_as_the_caller_says() {
    let bytes = || "目录清单\n甲列,乙列,依据\n失业登记,×,国办发\n社会保障卡申领,×,\n".as_bytes().to_vec();
    let options = Options {
        columns: vec![("甲列".to_owned(), Field::Name)],
        defaults: vec![
            (Field::Mode, "全程网办".to_owned()),
            (Field::Receiving, KUNSHAN.to_owned()),
            (Field::Batch, "第一批".to_owned()),
        ],
        ..Options::default()
    };
    let report = read_with(bytes(), &options).expect("a list");
    assert_eq!((report.header_row, report.count(Verdict::Create)), (2, 2));
    assert_eq!(report.unread_columns(), ["乙列", "依据"]);
    assert_eq!(directions(&report.rows[0]), [(KUNSHAN.to_owned(), NANSHA.to_owned())]);
    assert_eq!(report.rows[1].entry.as_ref().expect("usable").batch.as_deref(), Some("第一批"));
    let reversed = Options { direction: Direction::Reversed, header_row: Some(2), ..options.clone() };
    let report = read_with(bytes(), &reversed).expect("a list");
    assert_eq!(directions(&report.rows[0]), [(NANSHA.to_owned(), KUNSHAN.to_owned())]);
    let both = Options { direction: Direction::Both, ..options.clone() };
    assert_eq!(directions(&read_with(bytes(), &both).expect("a list").rows[0]).len(), 2);
    let few = Options { max_rows: Some(1), ..options };
    assert_eq!(read_with(bytes(), &few).expect_err("too many rows")[0].rule, "USE_UPLOAD");
}

#[test]
fn what_is_no_data_is_counted_by_kind() {
    let report = read_bytes(
        format!(
            "附件\n清单（第一批）\n\n{HEAD}\n一、人社（共2项）\n失业登记,,全程网办,昆山,南沙\n\n{HEAD}\n社会保障卡申领,,全程网办,昆山,南沙\n\
             小计,,,,,2项\n共2项\n注：自签订之日起施行\n填表人：,张三\n"
        )
        .into_bytes(),
    );
    let skipped = report.skipped_rows;
    assert_eq!((report.header_row, report.rows.len()), (4, 2));
    assert_eq!((skipped.titles, skipped.sections, skipped.totals, skipped.notes), (2, 1, 2, 2));
    assert_eq!((skipped.blank, skipped.repeated_headers), (1, 1));
}

#[test]
fn a_file_without_a_header_says_what_is_missing() {
    let refused = |text: &str| read_with(text.into(), &Options::default()).expect_err("no header")[0].rule;
    assert_eq!(refused("甲,乙\n1,2\n"), "HEADER_NOT_FOUND");
    assert_eq!(refused("序号,通办方式,收件地\n1,全程网办,昆山\n"), "HEADER_NOT_FOUND");
    assert_eq!(refused("事项名称,通办方式\n注：无\n"), "NO_ROWS");
    let given = Options { header_row: Some(1), ..Options::default() };
    assert_eq!(read_with("甲,乙\n1,2\n".into(), &given).expect_err("no names")[0].rule, "NO_MATTER_COLUMN");
}

#[test]
fn the_memory_of_a_report_has_a_bound() {
    let rows = "失业登记,,瞎填,上海,南沙,约5天,,,,\n".repeat(7_000);
    let report = read_bytes(list(&rows));
    assert_eq!((report.problems().count() + report.unlisted_problems, report.count(Verdict::Error)), (21_000, 7_000));
    assert!(report.unlisted_problems > 0);
}

/// A list as a district published it: departments span rows, several modes in a cell, a name with more than its matter.
#[test]
fn a_published_list_reads_as_it_is() {
    let text = "附件1,,,,,,\n示例地区“跨域通办”事项清单（第一批）,,,,,,\n序号,实施部门,事项名称,事项编码,通办方式,办理地点,备注\n\
                1,公安部门,居民身份证换领,LGA000000001,异地代收代办,示例路1号一楼,\n\
                2,,居民身份证补领,,异地代收代办/全程网办,示例路1号一楼,\n\
                3,人社部门,\"失业登记\n（含变更）\",,全程网办,,示例\n合计,3,,,,,\n";
    let options = Options { direction: Direction::Both, ..Options::default() };
    let report = read_with(text.into(), &options).expect("a list");
    let verdicts: Vec<_> = report.rows.iter().map(|row| (row.row, row.verdict)).collect();
    assert_eq!(verdicts, [(4, Verdict::Create), (5, Verdict::Create), (6, Verdict::Confirm)]);
    assert_eq!(report.rows[2].candidates, [code("LRS000000001")]);
    assert_eq!(report.unread_columns(), ["实施部门", "办理地点", "备注"]);
    assert_eq!(report.columns[2].samples[2], "失业登记（含变更）");
}

#[test]
fn what_a_schedule_does_not_keep_is_a_hint() {
    let report = read_bytes(list("失业登记,,全程网办,昆山,南沙,按法定时限,,,,\u{200B}见通知\n"));
    assert_eq!(report.rows[0].verdict, Verdict::Create);
    assert_eq!(rules(&report), [(2, "DAYS"), (2, "INVISIBLE_CHARACTER")]);
}
