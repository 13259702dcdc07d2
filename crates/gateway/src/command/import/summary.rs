//! The report of an import as text for a person.

use std::fmt::Write as _;

use domain::import::Verdict;
use domain::text::shown;
use domain::{Locale, Problem};
use persistence::{Fault, Mode, ReadList, Report, RowReport, Skipped};
use registry::presentation::Say;

/// The most predicted rows that are printed.
const MAX_PREDICTED: usize = 1_000;

/// Faults and warnings, a line for each; then what was skipped; then the counts.
pub(super) fn summary(report: &Report, mode: Mode, locale: Locale) -> String {
    let mut out = read_lists(&report.lists, locale);
    for fault in &report.faults {
        let _ = writeln!(out, "{}", line(fault, locale));
    }
    for warning in &report.warnings {
        let _ = writeln!(out, "{}{}", locale.say("提醒：", "warning: "), line(warning, locale));
    }
    let unlisted = report.warning_count - report.warnings.len() as u64;
    if unlisted > 0 {
        let _ = match locale {
            Locale::Zh => writeln!(out, "另有 {unlisted} 条提醒未列出"),
            Locale::En => writeln!(out, "{} not listed", counted(unlisted, "more warning is", "more warnings are")),
        };
    }
    if mode == Mode::Check && report.fault_count == 0 {
        out += &predicted(&report.rows, locale);
    }
    out += &skipped(report.skipped, locale);
    let hidden = report.fault_count - report.faults.len() as u64;
    let Report { read, registered, revised, unchanged, fault_count, revision, .. } = report;
    let _ = match (locale, *fault_count > 0) {
        (Locale::Zh, true) => {
            let more = if hidden > 0 { format!("（其中 {hidden} 个未列出）") } else { String::new() };
            writeln!(out, "读取 {read} 条记录，有 {fault_count} 个问题{more}，没有写入任何内容")
        }
        (Locale::En, true) => {
            let more = if hidden > 0 { format!(" ({hidden} of them not listed)") } else { String::new() };
            writeln!(
                out,
                "{}, {}{more}; nothing was written",
                counted(*read, "record read", "records read"),
                counted(*fault_count, "problem", "problems")
            )
        }
        (Locale::Zh, false) => {
            let counts = format!("读取 {read} 条记录：新增 {registered}，修订 {revised}，未变 {unchanged}");
            match mode {
                Mode::Check => writeln!(out, "{counts}；只核对，没有写入"),
                Mode::Write => writeln!(out, "{counts}；数据版本 {revision}"),
            }
        }
        (Locale::En, false) => {
            let counts = format!(
                "{}: {registered} new, {revised} revised, {unchanged} unchanged",
                counted(*read, "record read", "records read")
            );
            match mode {
                Mode::Check => writeln!(out, "{counts}; checked only, nothing was written"),
                Mode::Write => writeln!(out, "{counts}; revision {revision}"),
            }
        }
    };
    out
}

/// How lists were read: their form, sheet and header, and the columns that nobody read.
fn read_lists(lists: &[ReadList], locale: Locale) -> String {
    let mut out = String::new();
    for ReadList { file, form, sheet, header_row, unread_columns, .. } in lists {
        let file = shown(file);
        let sheet = sheet.as_deref().map(shown).unwrap_or_default();
        let unread = unread_columns.iter().map(|column| shown(column)).collect::<Vec<_>>();
        let _ = match locale {
            Locale::Zh => {
                let sheet = if sheet.is_empty() { String::new() } else { format!("，工作表“{sheet}”") };
                let unread = if unread.is_empty() {
                    String::new()
                } else {
                    format!("；未读取的列：{}", unread.join("、"))
                };
                writeln!(out, "{file}：{form}{sheet}，表头在第 {header_row} 行{unread}")
            }
            Locale::En => {
                let sheet = if sheet.is_empty() { String::new() } else { format!(", sheet “{sheet}”") };
                let unread = if unread.is_empty() {
                    String::new()
                } else {
                    format!("; columns not read: {}", unread.join(", "))
                };
                writeln!(out, "{file}: {form}{sheet}, header in row {header_row}{unread}")
            }
        };
    }
    out
}

/// The records that would be new or change, a line for each.
fn predicted(rows: &[RowReport], locale: Locale) -> String {
    let mut out = String::new();
    let is_listed = |row: &&RowReport| matches!(row.verdict, Verdict::Create | Verdict::Update);
    for row in rows.iter().filter(is_listed).take(MAX_PREDICTED) {
        let changes = match locale {
            _ if row.changes.is_empty() => String::new(),
            Locale::Zh => format!("（{}）", row.changes.join("、")),
            Locale::En => format!(" ({})", row.changes.join(", ")),
        };
        let _ = match locale {
            Locale::Zh => {
                writeln!(out, "{}：{}{changes}", place(&row.file, row.line, locale), row.verdict.label(locale))
            }
            Locale::En => {
                writeln!(out, "{}: {}{changes}", place(&row.file, row.line, locale), row.verdict.label(locale))
            }
        };
    }
    let more = rows.iter().filter(is_listed).count().saturating_sub(MAX_PREDICTED);
    if more > 0 {
        let _ = match locale {
            Locale::Zh => writeln!(out, "另有 {more} 条未列出（--report 或 --json 有全部）"),
            Locale::En => writeln!(out, "{more} more are not listed (--report and --json have all)"),
        };
    }
    out
}

pub(super) fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// The rows and columns of tables that were skipped, if there are any.
fn skipped(skipped: Skipped, locale: Locale) -> String {
    let Skipped { blank_rows, remark_rows, unnamed_columns } = skipped;
    let counts = [
        (blank_rows, "空行", "blank rows"),
        (remark_rows, "说明行", "rows of remarks"),
        (unnamed_columns, "无列名的空列", "blank columns without a name"),
    ];
    let counts = counts.iter().filter(|(count, ..)| *count > 0);
    let parts: Vec<String> = counts.map(|(count, zh, en)| format!("{} {count}", locale.say(zh, en))).collect();
    if parts.is_empty() {
        return String::new();
    }
    match locale {
        Locale::Zh => format!("跳过：{}\n", parts.join("，")),
        Locale::En => format!("skipped: {}\n", parts.join(", ")),
    }
}

/// Where a row is, as people say it. Without a row the whole file is meant.
pub(super) fn place(file: &str, row: u64, locale: Locale) -> String {
    match locale {
        _ if row == 0 => shown(file).into_owned(),
        Locale::Zh => format!("{} 第 {row} 行", shown(file)),
        Locale::En => format!("{} row {row}", shown(file)),
    }
}

/// The place, the field, the message with its code, and the remedy.
fn line(fault: &Fault, locale: Locale) -> String {
    let Fault { file, line, problem } = fault;
    told(&place(file, *line, locale), problem, locale)
}

/// A problem at a place.
pub(super) fn told(place: &str, problem: &Problem, locale: Locale) -> String {
    let field = problem.field();
    let field = shown(&field);
    let (message, code, rule) = (problem.message.text(locale), problem.code, problem.rule);
    let remedy = problem.remedy.as_ref().map(|remedy| remedy.text(locale));
    match locale {
        Locale::Zh => {
            let field = if field.is_empty() { String::new() } else { format!("，{field}") };
            let remedy = remedy.map_or_else(String::new, |remedy| format!("。{remedy}"));
            format!("{place}{field}：{message}（{code}/{rule}）{remedy}")
        }
        Locale::En => {
            let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
            let remedy = remedy.map_or_else(String::new, |remedy| format!(" — {remedy}"));
            format!("{place}: {field}{message} ({code}/{rule}){remedy}")
        }
    }
}
