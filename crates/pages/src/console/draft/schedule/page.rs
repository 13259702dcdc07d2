//! The page of the schedule.

use domain::Locale;
use maud::html;
use registry::presentation::Say as _;

use super::add::{self, pasted, picked};
use super::cells::{Change, Row, apply, directions, rows};
use super::grid::{self, MAX_DIRECTIONS};
use super::import;
use crate::asset::SHEET_SCRIPT;
use crate::console::act::{Acted, DONE};
use crate::console::draft::open::Open;
use crate::console::draft::record;
use crate::console::draft::steps::{respond, to};
use crate::console::trouble::Trouble;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

/// How many matters one page shows.
const PAGE_SIZE: usize = 40;
/// The points for every hundred cells.
const POINTS_PER_HUNDRED: u64 = 1;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let open = match Open::find(visit).await {
        Ok(open) => open,
        Err(missing) => return missing,
    };
    let version = open.version();
    let all = directions(version);
    let all_rows = rows(version, &all);
    let cost = (all_rows.len() * all.len()) as u64 * POINTS_PER_HUNDRED / 100;
    let Some(form) = &visit.submission else {
        return page(visit, &open, &all_rows, &Submission::default(), &Trouble::default()).costing(cost);
    };
    match form.get("do") {
        "paste" => match pasted(visit, form, version) {
            Some((file, form)) => import::pasted(visit, &open, &form, &file).await,
            None => {
                let mut trouble = Trouble::default();
                trouble.add("lines", visit.locale.say("请先粘贴事项", "Paste some lines first"));
                page(visit, &open, &all_rows, form, &trouble)
            }
        },
        act => {
            let changes = if act == "pick" { picked(form, version, &all_rows) } else { grid::changes(form, &all) };
            save(visit, &open, form, &all_rows, &changes).await
        }
    }
    .costing(cost)
}

async fn save(visit: &Visit, open: &Open, form: &Submission, rows: &[Row], changes: &[Change]) -> PageResponse {
    let mut next = open.version().clone();
    next.schedule = apply(&next, changes);
    let acted = open.revise(visit, form, record::revision(open.number(), &next)).await;
    if matches!(acted, Acted::Done(_)) {
        let (step, at) = match (form.get("goto"), form.get("do")) {
            ("", "") => ("check", ""),
            ("", _) => ("schedule", visit.address.get("page")),
            (page, _) => ("schedule", page),
        };
        let address = visit.at(&open.path(step)).with("version", visit.address.get("version")).with("page", at);
        return PageResponse::redirect(address.with(DONE, "saved").text());
    }
    let trouble = Trouble::of(&acted, visit.locale, |_| String::new());
    // What was chosen in the cells stands in the page again.
    let chosen: Vec<Row> = rows.iter().map(|row| with_changes(open, row, changes)).collect();
    page(visit, open, &chosen, form, &trouble)
}

fn with_changes(open: &Open, (matter, cells): &Row, changes: &[Change]) -> Row {
    let directions = directions(open.version());
    let cell = |(column, modes): (usize, &Vec<_>)| {
        let change = changes.iter().find(|change| change.matter == *matter && change.direction == directions[column]);
        change.map_or_else(|| modes.clone(), |change| change.modes.clone())
    };
    (*matter, cells.iter().enumerate().map(cell).collect())
}

fn page(visit: &Visit, open: &Open, rows: &[Row], form: &Submission, trouble: &Trouble) -> PageResponse {
    let locale = visit.locale;
    let all = directions(open.version());
    let shown = &all[..all.len().min(MAX_DIRECTIONS)];
    let pager = Pager::new(visit, rows.len(), PAGE_SIZE);
    let cut: Vec<Row> = pager.of(rows).iter().map(|(matter, cells)| (*matter, cells[..shown.len()].to_vec())).collect();
    let status = if trouble.is_empty() { 200 } else { 422 };
    let content = html! {
        script src=(SHEET_SCRIPT.address()) defer {}
        (trouble.summary(locale))
        p class="remedies" {
            a class="button quiet" href=(to_import(visit, open)) { (locale.say("从表格导入（XLSX、CSV）", "Import a spreadsheet (XLSX, CSV)")) } " "
            a class="button quiet" href={ "/agreements/" (open.number()) "/versions/" (open.version().number) "/schedule.xlsx" } { (locale.say("导出为 XLSX", "Export as XLSX")) }
        }
        @if rows.is_empty() {
            div class="note" { p { (locale.say("还没有事项。可以从表格导入、粘贴，或在下面查找。也可以先不列：先签框架，清单分批补充。", "No matter is listed yet. Import a spreadsheet, paste lines, or search below. A framework may also come first, and its lists later.")) } }
            p class="buttons" { a class="button" href=(to(visit, open, "check")) { (locale.say("先不列事项，下一步", "Next, without matters")) } }
        } @else {
            form method="post" action=(visit.address.clone().without(DONE)) class="wide-form" id="grid" data-autosave="do=stay" {
                (open.hidden(visit))
                p class="hint" id="sheet-help" {
                    (locale.say("每格选择通办方式，“—”表示这个方向不办。", "Choose a mode in each cell; “—” means not in this direction."))
                    span data-sheet-help hidden { (locale.say("方向键移动，空格展开，Delete 清空，Ctrl+D 向下填充，Shift+方向键选择多格，Ctrl+C / Ctrl+V 与表格软件互相复制，Ctrl+Z 撤销。", " Arrow keys move, Space opens, Delete clears, Ctrl+D fills down, Shift+arrows select, Ctrl+C and Ctrl+V copy to and from a spreadsheet, Ctrl+Z undoes.")) }
                }
                p class="unseen" role="status" data-sheet-status {}
                (grid::draw(visit, shown, &cut))
                @if all.len() > MAX_DIRECTIONS {
                    p class="hint" { @match locale {
                        Locale::Zh => { "共 " (all.len()) " 个方向，这里显示前 " (MAX_DIRECTIONS) " 个；其余请用导出的表格修改后导入。" }
                        Locale::En => { "Of " (all.len()) " directions the first " (MAX_DIRECTIONS) " are shown; change the others in an exported spreadsheet." }
                    } }
                }
                p class="buttons" {
                    (open.button(visit, locale.say("保存并继续", "Save and continue")))
                    @if open.off.is_none() { button class="button quiet" type="submit" name="do" value="stay" { (locale.say("保存，留在本页", "Save and stay")) } }
                }
                (onward(visit, rows.len()))
            }
        }
        @if open.off.is_none() { (add::draw(visit, open, form, trouble)) }
    };
    respond(visit, open, "schedule", status, &content)
}

/// Buttons to other pages of a long schedule, which save this one first.
fn onward(visit: &Visit, rows: usize) -> maud::Markup {
    let locale = visit.locale;
    let pages = rows.div_ceil(PAGE_SIZE);
    let now = visit.address.get("page").parse().unwrap_or(1_usize).clamp(1, pages.max(1));
    let other = [now.checked_sub(1).filter(|page| *page > 0), Some(now + 1).filter(|page| *page <= pages)];
    html! {
        @if pages > 1 {
            p class="pager" {
                span { @match locale { Locale::Zh => { "第 " (now) " 页，共 " (pages) " 页" } Locale::En => { "Page " (now) " of " (pages) } } }
                @for page in other.into_iter().flatten() {
                    button class="button quiet" type="submit" name="goto" value=(page) {
                        @match locale { Locale::Zh => { "保存，到第 " (page) " 页" } Locale::En => { "Save, to page " (page) } }
                    }
                }
            }
        }
    }
}

fn to_import(visit: &Visit, open: &Open) -> String {
    visit.at(&open.path("schedule/import")).with("version", visit.address.get("version")).text()
}
