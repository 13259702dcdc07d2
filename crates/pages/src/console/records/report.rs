//! What an import does with each row of a sheet, and why.

use domain::Locale;
use domain::import::Verdict;
use maud::{Markup, html};
use registry::acts::import_records::{Change, ImportedRow, RecordsImport};
use registry::entries;
use registry::presentation::Say as _;
use serde_json::Value as Json;

use crate::console::field::Field;
use crate::console::form::text;
use crate::visit::Visit;

/// The most rows that are shown, and the longest value of a field.
const MAX_ROWS: usize = 100;
const MAX_VALUE: usize = 60;
/// The most changes of a row that are shown.
const MAX_CHANGES: usize = 8;

const VERDICTS: [Verdict; 4] = [Verdict::Error, Verdict::Create, Verdict::Update, Verdict::Unchanged];

/// How many rows would be written.
pub(super) fn to_write(report: &RecordsImport) -> usize {
    report.rows.iter().filter(|row| matches!(row.verdict, Verdict::Create | Verdict::Update)).count()
}

pub(super) fn at_fault(report: &RecordsImport) -> usize {
    report.rows.iter().filter(|row| row.verdict.is_fault()).count()
}

/// `fields`: those of the form of a record, for their labels.
pub(super) fn draw(visit: &Visit, fields: &[Field], report: &RecordsImport) -> Markup {
    let locale = visit.locale;
    let count = |verdict: Verdict| report.rows.iter().filter(|row| row.verdict == verdict).count();
    // What is at fault comes first; rows without a change say nothing.
    let of = |verdict: Verdict| report.rows.iter().filter(move |row| row.verdict == verdict);
    let told: Vec<&ImportedRow> = VERDICTS[..3].iter().flat_map(|verdict| of(*verdict)).collect();
    let unread: Vec<&str> = report
        .list
        .columns
        .iter()
        .filter(|column| column.filled > 0 && column.path.is_none())
        .map(|column| column.header.as_str())
        .collect();
    html! {
        section aria-labelledby="result" {
            h2 id="result" { (locale.say("检查结果（尚未写入）", "The result; nothing is written yet")) }
            p role="status" class="count" {
                @for (at, verdict) in VERDICTS.iter().enumerate() {
                    @if at > 0 { (locale.say("，", ", ")) }
                    (verdict.label(locale)) " " (count(*verdict))
                }
            }
            @if !unread.is_empty() {
                p class="note" { (locale.say("没有读取的列：", "Columns that are not read: ")) (unread.join(locale.say("、", ", "))) }
            }
            @if !told.is_empty() {
                div class="scroll" tabindex="0" role="group" aria-label=(locale.say("检查结果", "Result")) {
                    table class="compared" {
                        thead { tr {
                            th scope="col" { (locale.say("行", "Row")) }
                            th scope="col" { (locale.say("记录", "Record")) }
                            th scope="col" { (locale.say("结果", "Result")) }
                            th scope="col" { (locale.say("改了什么，或错在哪里", "What changes, or what is wrong")) }
                        } }
                        tbody { @for row in told.iter().take(MAX_ROWS) { (entry(row, fields, locale)) } }
                    }
                }
            }
            @if told.len() > MAX_ROWS {
                p class="hint" { @match locale { Locale::Zh => { "另有 " (told.len() - MAX_ROWS) " 行未列出。" } Locale::En => { (told.len() - MAX_ROWS) " more rows are not shown." } } }
            }
        }
    }
}

fn entry(row: &ImportedRow, fields: &[Field], locale: Locale) -> Markup {
    let class = match row.verdict {
        Verdict::Create => "badge added",
        Verdict::Error => "badge removed",
        _ => "badge changed",
    };
    html! {
        tr {
            th scope="row" { (row.row) }
            td { (short(&row.text)) @if let Some(code) = row.matter { " " code { (code) } } }
            td { span class=(class) { (row.verdict.label(locale)) } }
            td {
                @for problem in &row.problems {
                    p { @if let Some(field) = problem.path.first() { (field_name(field, fields, locale)) (locale.say("：", ": ")) } (text(problem, locale)) }
                }
                @if row.verdict == Verdict::Update {
                    @for change in row.changes.iter().take(MAX_CHANGES) { (changed(change, fields, locale)) }
                    @if row.changes.len() > MAX_CHANGES { p class="hint" { "+ " (row.changes.len() - MAX_CHANGES) } }
                }
            }
        }
    }
}

fn changed(change: &Change, fields: &[Field], locale: Locale) -> Markup {
    let value = |value: &Option<Json>| match value {
        None => locale.say("（空）", "(none)").to_owned(),
        Some(Json::String(text)) => short(text),
        Some(Json::Array(list)) if entries::is_written(&change.field) => {
            short(&entries::written(&change.field, list, locale))
        }
        Some(Json::Array(list)) if change.field == "opening" => short(&entries::written_hours(list)),
        Some(other) => short(&other.to_string()),
    };
    html! { p { (field_name(&change.field, fields, locale)) (locale.say("：", ": ")) (value(&change.before)) " → " (value(&change.after)) } }
}

/// The label of a field of a line. In a form the single days of a window are `closedOn`.
fn field_name(field: &str, fields: &[Field], locale: Locale) -> String {
    let name = if field == "closedDates" { "closedOn" } else { field };
    let is_it = |other: &&Field| other.name.split('.').next() == Some(name);
    fields.iter().find(is_it).map_or(field, |known| known.label.text(locale)).to_owned()
}

fn short(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(MAX_VALUE).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}
