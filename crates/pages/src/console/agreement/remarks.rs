//! Remarks on a version in a form: rows for the whole, a clause or a matter; and remarks as they were made.

use domain::agreement::remark::Remark;
use domain::{Locale, Version, calendar};
use maud::{Markup, html};
use registry::presentation::Say as _;
use serde_json::{Map, Value as Json};

use crate::console::act::Acted;
use crate::console::find;
use crate::language::chinese;
use crate::name;
use crate::submission::Submission;
use crate::visit::Visit;

/// The rows of a new form, and the most of one form.
const ROWS: usize = 3;
const MAX_ROWS: usize = 50;
/// How many clauses are suggested.
const MAX_CLAUSES: usize = 200;
const PARTS: [&str; 3] = ["clause", "matter", "text"];

fn field(part: &str, row: usize) -> String {
    format!("{part}-{row}")
}

/// The rows of the form, with what was typed.
pub(super) fn rows(visit: &Visit, version: &Version, typed: Option<&Submission>) -> Markup {
    let locale = visit.locale;
    let filled = typed.map_or(0, |typed| written(typed).last().map_or(0, |row| row + 1));
    let asked: usize = visit.address.get("rows").parse().unwrap_or(ROWS);
    let count = asked.max(filled).clamp(1, MAX_ROWS);
    let value = |part: &str, row: usize| typed.map_or("", |typed| typed.get(&field(part, row))).to_owned();
    html! {
        p class="hint" {
            (locale.say("不填条款和事项的，是对全文的意见。", "A remark without clause and matter is about the whole text."))
            @if count < MAX_ROWS {
                " " a href=(visit.address.clone().with("rows", (count + 10).min(MAX_ROWS).to_string())) { (locale.say("多填几条", "More rows")) }
            }
        }
        @for row in 0..count {
            fieldset class="field remark" {
                legend { @match locale { Locale::Zh => { "第 " (row + 1) " 条意见" } Locale::En => { "Remark " (row + 1) } } }
                label for=(field("clause", row)) { (locale.say("条款（选填）", "Clause (optional)")) }
                input type="text" id=(field("clause", row)) name=(field("clause", row)) value=(value("clause", row)) list="clauses" autocomplete="off" {}
                label for=(field("matter", row)) { (locale.say("事项名称或编码（选填）", "Matter, by name or code (optional)")) }
                input type="text" id=(field("matter", row)) name=(field("matter", row)) value=(value("matter", row)) autocomplete="off" {}
                label for=(field("text", row)) { (locale.say("意见", "Remark")) }
                textarea id=(field("text", row)) name=(field("text", row)) rows="2" { (value("text", row)) }
            }
        }
        datalist id="clauses" { @for clause in version.schedule.iter().take(MAX_CLAUSES) { option value=(clause.key) {} } }
    }
}

/// The rows in which something stands.
fn written(form: &Submission) -> Vec<usize> {
    (0..MAX_ROWS).filter(|row| PARTS.iter().any(|part| !form.get(&field(part, *row)).is_empty())).collect()
}

/// The remarks of a form, for the act.
pub(super) fn read(visit: &Visit, form: &Submission) -> Json {
    let remark = |row: usize| {
        let mut remark = Map::new();
        for part in PARTS {
            let text = form.get(&field(part, row));
            let text = if part == "matter" && !text.is_empty() { find::matter(visit, text) } else { text.to_owned() };
            if !text.is_empty() || part == "text" {
                remark.insert(part.to_owned(), text.into());
            }
        }
        Json::Object(remark)
    };
    written(form).into_iter().map(remark).collect()
}

/// Problems tell the row of the form, counted from one.
pub(super) fn placed(acted: Acted, form: &Submission) -> Acted {
    let Acted::Problems(mut problems) = acted else { return acted };
    let rows = written(form);
    for problem in problems.iter_mut().filter(|problem| problem.path.first().is_some_and(|first| first == "remarks")) {
        let row = problem.path.get(1).and_then(|at| rows.get(at.parse::<usize>().ok()?));
        if let Some(row) = row {
            problem.path[1] = (row + 1).to_string();
        }
    }
    Acted::Problems(problems)
}

/// A remark as it was made.
pub(super) fn shown(visit: &Visit, remark: &Remark) -> Markup {
    let locale = visit.locale;
    let content = &remark.content;
    html! {
        (name::district_of(visit, remark.party)) " "
        span class="quiet" { (calendar::in_china(remark.at).format("%Y-%m-%d %H:%M")) } " "
        @if remark.on_draft { span class="badge" { (locale.say("对草稿", "on the draft")) } " " }
        @if let Some(clause) = &content.clause { (locale.say("条款 ", "clause ")) code { (clause) } " " }
        @if let Some(matter) = content.matter { (name::matter_of(visit, matter)) " " }
        @if let Some(field) = &content.field { code { (field) } " " }
        @if content.clause.is_none() && content.matter.is_none() && content.field.is_none() { (locale.say("全文 ", "the whole ")) }
        p class="text" lang=[chinese(locale)] { (content.text) }
    }
}
