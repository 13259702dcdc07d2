//! The windows of a district.

use catalogue::Kept;
use catalogue::search::{Query, Text};
use domain::{Locale, Window};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence, window_kind};

use super::own::{DISTRICT, Own};
use crate::console::workspace::Workspace;
use crate::language::{chinese, lang};
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(super) const PATH: &str = "/console/windows";
pub(super) const REGISTER: &str = "registerWindow";
const PAGE_SIZE: usize = 50;
const POINTS: u64 = 20;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let (locale, today) = (visit.locale, visit.context.today);
    let title = locale.say("通办窗口", "Windows");
    let own = match Own::of(visit, title, REGISTER) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let query = Query::new(visit.address.get("q"));
    let is_found = |window: &&Kept<Window>| {
        query.as_ref().is_none_or(|query| query.matches(&Text::new(&window.name, [&*window.address])))
    };
    let all = visit.context.snapshot.windows(own.district.code);
    let mut found: Vec<&Kept<Window>> = all.iter().filter(is_found).collect();
    // Those that lack what visitors ask for come first, closed ones last.
    found.sort_by_key(|window| {
        (window.open().ended_before(today), lacks(window, locale).is_empty(), window.name.clone())
    });
    let pager = Pager::new(visit, found.len(), PAGE_SIZE);
    let content = html! {
        (own.chooser(visit))
        p class="lead" { (own.name(visit)) }
        p class="acts" {
            a class="button" href=(own.at(visit, &format!("{PATH}/new"))) { (locale.say("登记窗口", "Register a window")) }
            a class="button quiet" href=(own.at(visit, &format!("{PATH}/sheet"))) { (locale.say("用表格导入导出", "By a spreadsheet")) }
        }
        form class="filters" method="get" action=(PATH) {
            p class="field" {
                label for="q" { (locale.say("窗口名称或地址", "Name or address")) }
                input id="q" name="q" type="text" value=(visit.address.get("q")) {}
            }
            @if !visit.address.get(DISTRICT).is_empty() { input type="hidden" name=(DISTRICT) value=(visit.address.get(DISTRICT)) {} }
            @if let Some(language) = visit.link.lang { input type="hidden" name="lang" value=(lang(language)) {} }
            p class="buttons" { button class="button quiet" type="submit" { (locale.say("查找", "Find")) } }
        }
        p role="status" class="count" { @match locale { Locale::Zh => { "共 " (found.len()) " 个" } Locale::En => { (found.len()) " windows" } } }
        @if found.is_empty() { p { (locale.say("没有这样的窗口。", "There is no such window.")) } }
        ul class="tasks" { @for window in pager.of(&found) { (entry(visit, &own, window)) } }
        (pager.links(visit))
    };
    Workspace::new(visit, title).page(&content).costing(POINTS)
}

/// What visitors ask for and the record does not say.
fn lacks(window: &Window, locale: Locale) -> Vec<&'static str> {
    let mut lacks = Vec::new();
    if window.phone.is_none() {
        lacks.push(locale.say("电话", "telephone"));
    }
    if window.hours.is_none() && window.opening.is_empty() {
        lacks.push(locale.say("办公时间", "hours"));
    }
    lacks
}

fn entry(visit: &Visit, own: &Own, window: &Kept<Window>) -> Markup {
    let locale = visit.locale;
    let is_closed = window.open().ended_before(visit.context.today);
    let lacks = lacks(window, locale);
    html! {
        li {
            @if is_closed { span class="badge task" { (locale.say("已关闭", "closed")) } " " }
            @else if !lacks.is_empty() { span class="badge finding" { (locale.say("缺少：", "lacks: ")) (lacks.join(locale.say("、", ", "))) } " " }
            a href=(own.at(visit, &format!("{PATH}/{}", window.id))) lang=[chinese(locale)] { (window.name) }
            p class="facts" {
                span { (window_kind(&window.kind, locale)) } " · " span lang=[chinese(locale)] { (window.address) }
                @if let Some(phone) = &window.phone { " · " (phone) }
                @for mode in &window.modes { " " span class="badge mode" { (sentence(mode.label(locale))) } }
            }
        }
    }
}
