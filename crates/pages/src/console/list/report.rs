//! What came of reading a list, by the file's own rows: usable, to be confirmed, unknown, at fault.

use std::collections::BTreeSet;

use domain::Locale;
use domain::import::Verdict;
use maud::{Markup, html};
use registry::acts::agreement::import::{ListReport, ListRow};
use registry::presentation::{Say as _, sentence};

use super::options::{OTHER, SKIP, matter_text};
use crate::console::trouble::Trouble;
use crate::name;
use crate::submission::Submission;
use crate::visit::Visit;

/// How many rows to decide on, and how many usable ones, are shown at a time.
const MAX_OPEN: usize = 20;
const MAX_USABLE: usize = 60;

/// The form and the counts.
pub(crate) fn counts(visit: &Visit, report: &ListReport, name: &str) -> Markup {
    let locale = visit.locale;
    let usable = [Verdict::Create, Verdict::Update, Verdict::Unchanged].map(|verdict| report.count(verdict));
    let shown = [
        (usable[0] + usable[1], "可用", "usable"),
        (usable[2], "清单里已有", "there already"),
        (report.count(Verdict::Confirm), "待确认", "to be confirmed"),
        (report.count(Verdict::Unknown), "没有找到事项", "without a known matter"),
        (report.count(Verdict::Error), "有错误", "at fault"),
        (report.count(Verdict::Skip), "不写入", "left out"),
    ];
    html! {
        p class="facts" {
            span { (name) }
            span { (report.form) }
            @if let Some(sheet) = &report.sheet { span { (locale.say("工作表 ", "sheet ")) (sheet) } }
            span { @match locale { Locale::Zh => { "表头在第 " (report.header_row) " 行" } Locale::En => { "header in row " (report.header_row) } } }
        }
        ul class="counts" {
            @for (count, zh, en) in shown.into_iter().filter(|(count, ..)| *count > 0) {
                li { strong { (count) } " " (locale.say(zh, en)) }
            }
        }
    }
}

/// The rows that have to be decided on. Rows with the same text are decided on once.
pub(crate) fn open_rows(visit: &Visit, report: &ListReport, form: &Submission, trouble: &Trouble) -> Markup {
    let locale = visit.locale;
    let mut texts = BTreeSet::new();
    let open: Vec<&ListRow> = report
        .rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Confirm | Verdict::Unknown) && texts.insert(row.text.as_str()))
        .collect();
    let errors: Vec<&ListRow> = report.rows.iter().filter(|row| row.verdict == Verdict::Error).collect();
    html! {
        @if !open.is_empty() {
            section id="open" {
                h2 { (locale.say("请确定这些行指哪个事项", "Say which matters these rows mean")) " " span class="count" { (open.len()) } }
                @for (at, row) in open.iter().enumerate().take(MAX_OPEN) { (question(visit, at, row, form, trouble)) }
                (more(open.len(), MAX_OPEN, locale))
            }
        }
        @if !errors.is_empty() {
            section id="errors" {
                h2 { (locale.say("这些行有错误，须在文件中改正", "These rows are at fault: correct the file")) " " span class="count" { (errors.len()) } }
                ul class="tasks" { @for row in errors.iter().take(MAX_OPEN) { li { (heading(row, locale)) (faults(row, locale)) } } }
                (more(errors.len(), MAX_OPEN, locale))
            }
        }
    }
}

fn heading(row: &ListRow, locale: Locale) -> Markup {
    html! {
        @match locale { Locale::Zh => { "第 " (row.row) " 行" } Locale::En => { "Row " (row.row) } }
        @if !row.text.is_empty() { " “" (row.text) "”" }
    }
}

fn faults(row: &ListRow, locale: Locale) -> Markup {
    html! {
        @for fault in &row.problems {
            p class="hint" {
                @if let Some(address) = &fault.address { code { (address) } " " }
                (fault.problem.message.text(locale))
                @if let Some(remedy) = &fault.problem.remedy { (locale.say("；", "; ")) (remedy.text(locale)) }
            }
        }
    }
}

/// A row that may mean several matters, or none: the likeliest, another one, or none.
fn question(visit: &Visit, at: usize, row: &ListRow, form: &Submission, trouble: &Trouble) -> Markup {
    let locale = visit.locale;
    let (choice, other) = (format!("choice.{at}"), format!("other.{at}"));
    // The rows move up when others are decided on; what was typed belongs to its text.
    let is_same = form.get(&format!("text.{at}")) == row.text;
    let chosen = if is_same { form.get(&choice) } else { "" };
    html! {
        fieldset class="group" id=(format!("row.{}", row.row)) {
            legend { (heading(row, locale)) }
            (faults(row, locale))
            input type="hidden" name=(format!("text.{at}")) value=(row.text) {}
            @for (place, code) in row.candidates.iter().enumerate() {
                @let id = format!("{choice}-{place}");
                p class="check" {
                    input type="radio" id=(id) name=(choice) value=(code) checked[chosen == code.as_str()] {}
                    " " label for=(id) { (matter_text(visit, *code)) }
                }
            }
            p class="check" {
                input type="radio" id=(format!("{choice}-skip")) name=(choice) value=(SKIP) checked[chosen == SKIP] {}
                " " label for=(format!("{choice}-skip")) { (locale.say("不写入这一行", "Leave this row out")) }
            }
            p class="check" {
                input type="radio" id=(format!("{choice}-other")) name=(choice) value=(OTHER) checked[chosen == OTHER] {}
                " " label for=(format!("{choice}-other")) { (locale.say("其他事项", "Another matter")) }
            }
            div class="field indented" {
                label for=(other) { (locale.say("事项名称或编码", "Its name or code")) }
                (trouble.notes(&other))
                input id=(other) name=(other) type="text" value=(if is_same { form.get(&other) } else { "" }) autocomplete="off" data-matters {}
            }
        }
    }
}

/// The rows that are written as they are.
pub(crate) fn usable_rows(visit: &Visit, report: &ListReport) -> Markup {
    let locale = visit.locale;
    let usable: Vec<&ListRow> =
        report.rows.iter().filter(|row| row.entry.is_some() && !row.verdict.is_fault()).collect();
    html! {
        @if !usable.is_empty() {
            details class="usable" {
                summary { (locale.say("可用的行", "Usable rows")) " " span class="count" { (usable.len()) } }
                div class="scroll" tabindex="0" role="group" aria-label=(locale.say("可用的行", "Usable rows")) {
                    table {
                        thead { tr {
                            th scope="col" { (locale.say("行", "Row")) }
                            th scope="col" { (locale.say("清单写法", "As written")) }
                            th scope="col" { (locale.say("事项", "Matter")) }
                            th scope="col" { (locale.say("通办方式", "Mode")) }
                            th scope="col" { (locale.say("收件地 → 业务属地", "Receiving → competent")) }
                            th scope="col" { (locale.say("结果", "Result")) }
                        } }
                        tbody { @for row in usable.iter().take(MAX_USABLE) { (usable_row(visit, row)) } }
                    }
                }
                (more(usable.len(), MAX_USABLE, locale))
            }
        }
    }
}

fn usable_row(visit: &Visit, row: &ListRow) -> Markup {
    let locale = visit.locale;
    html! {
        tr {
            td { (row.row) }
            td { (row.text) }
            th scope="row" { @if let Some(code) = row.matter { (matter_text(visit, code)) } }
            @if let Some(entry) = &row.entry {
                td { @for mode in &entry.modes { (name::mode(*mode, locale)) " " } }
                td { (name::districts(visit, &entry.receiving, 4)) " → " (name::districts(visit, &entry.competent, 4)) }
            }
            td { (sentence(row.verdict.label(locale))) }
        }
    }
}

fn more(all: usize, shown: usize, locale: Locale) -> Markup {
    html! {
        @if all > shown {
            p class="hint" { @match locale { Locale::Zh => { "还有 " (all - shown) " 行没有显示。" } Locale::En => { (all - shown) " more rows are not shown." } } }
        }
    }
}
