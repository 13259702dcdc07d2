//! The report of an import as a workbook and as JSON.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use domain::Locale;
use exchange::workbook::report::{ReportRow, report as write_workbook};
use persistence::{AtomicFile, Fault, IfExists, Mode, Report, RowReport};
use serde_json::{Value, json};

use super::super::failure::Failure;
use super::summary::place;

/// The texts of the problems of a row, by its file and line.
fn problems(report: &Report, locale: Locale) -> HashMap<(&str, u64), Vec<String>> {
    let mut problems: HashMap<(&str, u64), Vec<String>> = HashMap::new();
    for fault in report.faults.iter().chain(&report.warnings) {
        problems.entry((&fault.file, fault.line)).or_default().push(text(fault, locale));
    }
    problems
}

fn text(fault: &Fault, locale: Locale) -> String {
    let problem = &fault.problem;
    let field = problem.field();
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    let remedy = problem.remedy.as_ref().map_or_else(String::new, |remedy| format!(" — {}", remedy.text(locale)));
    format!("{field}{}{remedy}", problem.message.text(locale))
}

/// Writes the rows with a first column of problems. A file without cells of its own has its lines by number.
pub(super) fn write(path: &Path, report: &Report, force: bool, locale: Locale) -> Result<(), Failure> {
    let problems = problems(report, locale);
    let width = report.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut headers = vec![locale_header(locale)];
    headers.extend(report.lists.first().map(|list| list.headers.clone()).unwrap_or_default());
    headers.resize(headers.len().max(width + 1), String::new());
    let row = |row: &RowReport| {
        let told = problems.get(&(row.file.as_str(), row.line)).map(|texts| texts.join("\n"));
        let place = place(&row.file, row.line, locale);
        ReportRow {
            verdict: row.verdict,
            text: told.unwrap_or_else(|| row.changes.join(", ")),
            cells: std::iter::once(place).chain(row.cells.iter().cloned()).collect(),
        }
    };
    let rows: Vec<ReportRow> = report.rows.iter().map(row).collect();
    let workbook = write_workbook(&headers, &rows).map_err(Failure::because)?;
    let mut file = AtomicFile::create(path, if force { IfExists::Replace } else { IfExists::Refuse })?;
    file.write_all(&workbook)?;
    Ok(file.finish()?)
}

fn locale_header(locale: Locale) -> String {
    match locale {
        Locale::Zh => "文件与行".to_owned(),
        Locale::En => "file and row".to_owned(),
    }
}

/// The report as JSON, for programs.
pub(super) fn json(report: &Report, mode: Mode, locale: Locale) -> String {
    let fault = |fault: &Fault| {
        json!({
            "file": fault.file, "line": (fault.line > 0).then_some(fault.line), "code": fault.problem.code.name(), "rule": fault.problem.rule,
            "path": fault.problem.path, "message": fault.problem.message.text(locale),
            "remedy": fault.problem.remedy.as_ref().map(|remedy| remedy.text(locale)),
        })
    };
    let row = |row: &RowReport| json!({ "file": row.file, "line": row.line, "verdict": row.verdict.name(), "changes": row.changes });
    let lists = report.lists.iter().map(|list| {
        json!({
            "file": list.file, "form": list.form, "sheet": list.sheet, "headerRow": list.header_row,
            "unreadColumns": list.unread_columns,
        })
    });
    let told = json!({
        "written": mode == Mode::Write && report.fault_count == 0,
        "read": report.read, "registered": report.registered, "revised": report.revised, "unchanged": report.unchanged,
        "faultCount": report.fault_count, "warningCount": report.warning_count, "revision": report.revision,
        "files": lists.collect::<Vec<Value>>(),
        "faults": report.faults.iter().map(fault).collect::<Vec<Value>>(),
        "warnings": report.warnings.iter().map(fault).collect::<Vec<Value>>(),
        "rows": report.rows.iter().map(row).collect::<Vec<Value>>(),
    });
    format!("{told}\n")
}
