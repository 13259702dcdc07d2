//! What the pages of the catalogue share: the list with its search, and a form that keeps what it does not show.

use domain::{Locale, Record, Revision};
use maud::{Markup, html};
use registry::acts::Input;
use registry::presentation::Say as _;

use crate::console::act::DONE;
use crate::console::form::Form;
use crate::console::workspace::Workspace;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(super) const PAGE_SIZE: usize = 40;
/// The parameter that names the record to revise, and the one for a new record.
pub(super) const EDIT: &str = "edit";
pub(super) const NEW: &str = "new";
/// The points of a search.
const SEARCH_COST: u64 = 20;

/// The three pages of the catalogue.
const PAGES: [(&str, &str, &str); 3] = [
    ("/console/catalogue/districts", "区域", "Districts"),
    ("/console/catalogue/matters", "事项", "Matters"),
    ("/console/catalogue/policies", "政策依据", "Policies"),
];

/// Is the page asked for a form?
pub(super) fn is_form(visit: &Visit) -> bool {
    !visit.address.get(EDIT).is_empty() || !visit.address.get(NEW).is_empty()
}

/// A page with the list. `hint`: what the search takes. `rows`: those of this page.
pub(super) fn list(visit: &Visit, title: &str, hint: &str, pager: Pager, rows: &[Markup]) -> PageResponse {
    let locale = visit.locale;
    let path = visit.address.path();
    let content = html! {
        p class="tabs" {
            @for (page, zh, en) in PAGES {
                @if page == path { strong { (locale.say(zh, en)) } } @else { a href=(visit.to(page)) { (locale.say(zh, en)) } } " "
            }
        }
        form class="filters" method="get" action=(path) {
            p class="field" {
                label for="q" { (locale.say("查找", "Find")) }
                input type="text" id="q" name="q" value=(visit.link.search) aria-describedby="q-hint" {}
            }
            p class="hint" id="q-hint" { (hint) }
            (visit.address.hidden_except(&["q", "page", DONE]))
            p class="buttons" { button class="button" type="submit" { (locale.say("查找", "Find")) } }
        }
        p { a class="button quiet" href=(visit.at(path).with(NEW, "1")) { (locale.say("登记一项", "Register one")) } }
        p role="status" class="count" { @match locale { Locale::Zh => { "共 " (pager.total) " 项" } Locale::En => { (pager.total) " in all" } } }
        @if rows.is_empty() { p { (locale.say("没有找到。", "Nothing was found.")) } }
        ul class="tasks" { @for row in rows { li { (row) } } }
        (pager.links(visit))
    };
    Workspace::new(visit, title).page(&content).costing(if visit.link.search.is_empty() { 0 } else { SEARCH_COST })
}

/// The link to the form of a record.
pub(super) fn edit(visit: &Visit, key: &str) -> Markup {
    let to = visit.at(visit.address.path()).with(EDIT, key);
    html! { a href=(to) { (visit.locale.say("修订", "Revise")) } }
}

/// A page with the form of a record. `more`: what stands below it.
pub(super) fn page(visit: &Visit, title: &str, form: &Form, revision: Option<Revision>, more: &Markup) -> PageResponse {
    let locale = visit.locale;
    let button = match revision {
        Some(_) => locale.say("保存修订", "Save"),
        None => locale.say("登记", "Register"),
    };
    let hidden = html! {
        @if let Some(revision) = revision { input type="hidden" name="expectedRevision" value=(revision) {} }
        a class="button quiet" href=(visit.to(visit.address.path())) { (locale.say("返回列表", "Back to the list")) }
    };
    let name =
        PAGES.iter().find(|(page, ..)| *page == visit.address.path()).map_or("", |(_, zh, en)| locale.say(zh, en));
    let content = html! {
        (form.draw(visit, button, &hidden))
        (more)
    };
    Workspace::new(visit, title).below(visit.address.path(), name).page(&content)
}

/// The page for a record that is not there.
pub(super) fn missing(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let content = html! {
        p class="lead" { (locale.say("没有这项记录，请返回列表查找。", "There is no such record; find it in the list.")) }
        p { a href=(visit.to(visit.address.path())) { (locale.say("返回列表", "Back to the list")) } }
    };
    Workspace::new(visit, locale.say("没有找到", "Not found")).response(404, &content)
}

/// The fields of a record as its line has them.
pub(super) fn line(record: &Record) -> Input {
    // A line that the registry writes is an object.
    let mut fields: Input = serde_json::from_str(&record.line()).unwrap_or_default();
    fields.remove("type");
    fields
}

/// The record with what the form says: a field of the form replaces that of the record, and an empty one clears it;
/// what the form does not show is kept.
pub(super) fn merged(visit: &Visit, mut line: Input, form: &Form, fields: Input) -> Input {
    for field in &form.fields {
        line.remove(&*field.name);
    }
    line.extend(fields);
    expected(visit, line)
}

/// The input with the revision that the form was made of.
pub(super) fn expected(visit: &Visit, mut fields: Input) -> Input {
    let stated = visit.submission.as_ref().map_or("", |form| form.get("expectedRevision"));
    if let Ok(revision) = stated.parse::<Revision>() {
        fields.insert("expectedRevision".to_owned(), revision.into());
    }
    fields
}

/// Fills a field whose value is a list: one a line.
pub(super) fn lines<T: ToString>(list: impl IntoIterator<Item = T>) -> String {
    list.into_iter().map(|entry| entry.to_string()).collect::<Vec<_>>().join("\n")
}
