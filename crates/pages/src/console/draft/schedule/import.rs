//! A list from a spreadsheet: read without writing, its rows decided on, then written.

use domain::Problem;
use domain::import::Verdict;
use maud::html;
use registry::acts::agreement::import::{ScheduleImport, import_schedule};
use registry::presentation::Say as _;

use crate::console::act::{Acted, DONE, acted};
use crate::console::draft::open::{EXPECTED, Open, expected};
use crate::console::draft::steps::{respond, to};
use crate::console::list::file::{FILE, ListFile, field};
use crate::console::list::options::{Options, draw_direction};
use crate::console::list::report::{counts, open_rows, usable_rows};
use crate::console::trouble::Trouble;
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

/// The points for reading a list, and for every row of it.
const POINTS: u64 = 200;
/// The check box that leaves rows at fault out.
const LEAVE_OUT: &str = "leaveOut";
const REPLACE: &str = "replace";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let open = match Open::find(visit).await {
        Ok(open) => open,
        Err(missing) => return missing,
    };
    let Some(form) = &visit.submission else {
        return upload(visit, &open, &Submission::default(), &Trouble::default());
    };
    match ListFile::read(form) {
        Some(file) => review(visit, &open, form, &file, form.get("do") == "write").await,
        None => {
            let mut trouble = Trouble::default();
            trouble.add(FILE, visit.locale.say("请选择文件", "Choose a file"));
            upload(visit, &open, form, &trouble)
        }
    }
}

/// Pasted lines: they are written at once if nothing is open.
pub(super) async fn pasted(visit: &Visit, open: &Open, form: &Submission, file: &ListFile) -> PageResponse {
    review(visit, open, form, file, true).await
}

async fn review(visit: &Visit, open: &Open, form: &Submission, file: &ListFile, is_write: bool) -> PageResponse {
    let mut trouble = Trouble::default();
    let options = Options::read(visit, form, &mut trouble);
    let is_write = is_write && trouble.is_empty();
    // A dry run tells the rows by themselves, so they need not be refused as a whole.
    let faults = if is_write && !form.has(LEAVE_OUT) { "REFUSE" } else { "LEAVE_OUT" };
    let version = open.version();
    let mut input = options.input(file);
    let author = version.author().unwrap_or(version.lead);
    for (name, value) in [
        ("number", open.number().to_string().into()),
        ("version", version.number.into()),
        ("party", author.to_string().into()),
        ("faults", faults.into()),
        ("replace", (is_write && form.has(REPLACE)).into()),
        ("dryRun", (!is_write).into()),
        (EXPECTED, expected(form)),
    ] {
        input.insert(name.to_owned(), value);
    }
    let (report, acted) = match import_schedule(&visit.context, input, Some(file.content.clone())).await {
        Ok(imported) => (imported.report, acted(Ok(imported.outcome))),
        Err(error) => (None, acted(Err(error))),
    };
    if matches!(acted, Acted::Done(_)) {
        let address = visit.at(&open.path("schedule")).with("version", visit.address.get("version"));
        return PageResponse::redirect(address.with(DONE, "imported").text());
    }
    let acted = match acted {
        Acted::Problems(problems) => {
            Acted::Problems(problems.into_iter().filter(is_of_whole).map(in_words_of_the_page).collect())
        }
        other => other,
    };
    let own = Trouble::of(&acted, visit.locale, |problem| place(problem, report.is_some()));
    trouble.append(own);
    let rows = report.as_ref().map_or(0, |report| report.report.rows.len());
    let page = match &report {
        Some(import) => reviewed(visit, open, form, (file, &options, import), &trouble),
        None => upload(visit, open, form, &trouble),
    };
    page.costing(POINTS + rows as u64)
}

/// Each row tells its own faults; the problem that counts them stays.
fn is_of_whole(problem: &Problem) -> bool {
    problem.path != ["file"] || matches!(problem.rule, "ROWS_AT_FAULT" | "NOTHING_CHANGED" | "TOO_MANY")
}

/// The remedy as the page has it.
fn in_words_of_the_page(problem: Problem) -> Problem {
    match problem.rule {
        "ROWS_AT_FAULT" => problem.remedy(
            "请逐行选择或重新选择，或勾选“其余没有确定或有错误的行不写入”",
            "decide on each row, or tick to leave the others out",
        ),
        _ => problem,
    }
}

fn place(problem: &Problem, is_read: bool) -> String {
    match problem.path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["file"] if problem.rule == "ROWS_AT_FAULT" => "open".to_owned(),
        ["file", "sheet", ..] => "sheet".to_owned(),
        ["file", "headerRow", ..] => "headerRow".to_owned(),
        ["file", ..] if !is_read => FILE.to_owned(),
        _ => String::new(),
    }
}

fn upload(visit: &Visit, open: &Open, form: &Submission, trouble: &Trouble) -> PageResponse {
    let locale = visit.locale;
    let status = if trouble.is_empty() { 200 } else { 422 };
    let author = open.version().author().unwrap_or(open.version().lead);
    let content = html! {
        (trouble.summary(locale))
        p class="lead" { (locale.say("上传清单后先逐行核对，确认后才写入草稿。", "The list is checked row by row first; nothing is written before you say so.")) }
        form method="post" enctype="multipart/form-data" action=(visit.at(&open.path("schedule/import")).with("version", visit.address.get("version"))) class="form" {
            (open.hidden(visit))
            (field(
                locale.say("清单文件", "The list"),
                locale.say("XLSX、XLS、CSV，有标题行、合并单元格、合计和备注也可以；没有编码的事项按名称查找。不超过 7 MB。", "XLSX, XLS or CSV, with titles, merged cells, totals and notes as they are. At most 7 MB."),
                trouble,
            ))
            (draw_direction(visit, form))
            p class="buttons" {
                @match &open.off {
                    None => { button class="button" type="submit" { (locale.say("读取并核对", "Read and check")) } }
                    Some(why) => { button class="button" type="button" disabled { (locale.say("读取并核对", "Read and check")) } span class="hint" { (why.text(locale)) } }
                }
                a class="button quiet" href=(to(visit, open, "schedule")) { (locale.say("返回清单", "Back to the schedule")) }
            }
        }
        p class="hint" {
            (locale.say("还没有清单？", "No list yet? ")) a href={ "/templates/schedule.xlsx?district=" (author) } { (locale.say("下载模板", "Download the template")) }
        }
    };
    respond(visit, open, "schedule", status, &content)
}

fn reviewed(
    visit: &Visit,
    open: &Open,
    form: &Submission,
    (file, options, import): (&ListFile, &Options, &ScheduleImport),
    trouble: &Trouble,
) -> PageResponse {
    let locale = visit.locale;
    let report = &import.report;
    let usable = report.count(Verdict::Create) + report.count(Verdict::Update);
    let is_open = !report.is_faultless();
    let write = match locale {
        domain::Locale::Zh => format!("写入清单（{usable} 行）"),
        domain::Locale::En => format!("Write the list ({usable} rows)"),
    };
    let status = if trouble.is_empty() { 200 } else { 422 };
    let address = visit.at(&open.path("schedule/import")).with("version", visit.address.get("version"));
    let content = html! {
        (trouble.summary(locale))
        (counts(visit, report, &file.name))
        form method="post" enctype=[file.enctype()] action=(address) class="form" {
            (open.hidden(visit))
            (file.carry(visit))
            (options.carry())
            (open_rows(visit, report, form, trouble))
            (options.draw_choices(visit))
            @if is_open {
                p class="check" {
                    input type="checkbox" id=(LEAVE_OUT) name=(LEAVE_OUT) value="1" checked[form.has(LEAVE_OUT)] {}
                    " " label for=(LEAVE_OUT) { (locale.say("其余没有确定或有错误的行不写入", "Leave the other rows out that are open or at fault")) }
                }
            }
            (options.draw(visit, form, report))
            @if !open.version().schedule.is_empty() {
                p class="check" {
                    input type="checkbox" id=(REPLACE) name=(REPLACE) value="1" checked[form.has(REPLACE)] {}
                    " " label for=(REPLACE) { (locale.say("以这份清单为准：草稿里有而清单没有的，从草稿中删去", "Replace: what the list does not name is removed from the draft")) }
                }
            }
            p class="buttons" {
                button class="button" type="submit" name="do" value="write" { (write) }
                button class="button quiet" type="submit" name="do" value="read" { (locale.say("重新核对", "Check again")) }
                a class="button quiet" href=(address) { (locale.say("换一个文件", "Another file")) }
            }
        }
        (usable_rows(visit, report))
    };
    respond(visit, open, "schedule", status, &content)
}
