//! The district whose records a page maintains: that of the caller, or the one that the address names.

use catalogue::Kept;
use domain::{District, Extent, Role};
use maud::{Markup, html};
use registry::permission;
use registry::presentation::{Say as _, district_name};

use crate::address::Address;
use crate::console::workspace::Workspace;
use crate::language::lang;
use crate::response::PageResponse;
use crate::side::Side;
use crate::visit::Visit;

pub(super) const DISTRICT: &str = "district";

pub(super) struct Own {
    pub(super) district: Kept<District>,
    /// Does the address name it?
    is_named: bool,
}

impl Own {
    /// The district, if the caller maintains its records by this mutation; else the page that says why not.
    pub(super) fn of(visit: &Visit, title: &str, mutation: &str) -> Result<Self, PageResponse> {
        let (locale, context) = (visit.locale, &visit.context);
        let written = visit.address.get(DISTRICT);
        let side = match (written, context.viewer.district) {
            ("", Some(code)) => Side::read(code.as_str(), &context.snapshot, context.today),
            (written, _) => Side::read(written, &context.snapshot, context.today),
        };
        let may = |code| permission::authorize(&context.viewer, mutation, code, &context.snapshot, context.today);
        if let Some(district) = side.known() {
            return match may(Some(district.code)) {
                Ok(()) => Ok(Self { district: district.clone(), is_named: !written.is_empty() }),
                Err(forbidden) => Err(refused(visit, title, forbidden.lack().text(locale))),
            };
        }
        if let Err(forbidden) = may(context.viewer.district) {
            return Err(refused(visit, title, forbidden.lack().text(locale)));
        }
        let content = html! {
            p class="lead" { (locale.say("请先选择区域。", "Choose a district first.")) }
            @if !written.is_empty() { p class="note" role="status" { (locale.say("没有找到区域：", "There is no such district: ")) (written) } }
            (chooser(visit, ""))
        };
        Err(Workspace::new(visit, title).response(if written.is_empty() { 200 } else { 404 }, &content))
    }

    /// The address of another page about the same district.
    pub(super) fn at(&self, visit: &Visit, path: &str) -> Address {
        let code = if self.is_named { self.district.code.to_string() } else { String::new() };
        visit.at(path).with(DISTRICT, code)
    }

    /// The same for whoever may maintain several districts: a field to choose another one.
    pub(super) fn chooser(&self, visit: &Visit) -> Markup {
        let viewer = &visit.context.viewer;
        let may_choose = viewer.roles.contains(&Role::Steward) || viewer.extent == Extent::Subtree;
        html! { @if may_choose { (chooser(visit, self.district.code.as_str())) } }
    }

    pub(super) fn name<'a>(&'a self, visit: &Visit) -> &'a str {
        district_name(&self.district, visit.locale)
    }
}

fn refused(visit: &Visit, title: &str, why: &str) -> PageResponse {
    let locale = visit.locale;
    Workspace::new(visit, title).response(
        403,
        &html! {
            p class="lead" { (locale.say("您不能维护这个区域的记录：", "You do not maintain the records of this district: ")) (why) }
        },
    )
}

fn chooser(visit: &Visit, value: &str) -> Markup {
    let locale = visit.locale;
    html! {
        form class="filters" method="get" action=(visit.address.path()) {
            p class="field district" {
                label for=(DISTRICT) { (locale.say("区域（名称或代码）", "District (name or code)")) }
                input id=(DISTRICT) name=(DISTRICT) type="text" value=(value) autocomplete="off" spellcheck="false" data-districts {}
            }
            @if let Some(language) = visit.link.lang { input type="hidden" name="lang" value=(lang(language)) {} }
            p class="buttons" { button class="button quiet" type="submit" { (locale.say("切换区域", "Change the district")) } }
        }
    }
}

/// The page for a record that is not there.
pub(super) fn missing(visit: &Visit, title: &str) -> PageResponse {
    let locale = visit.locale;
    Workspace::new(visit, title)
        .response(404, &html! { p class="lead" { (locale.say("没有这条记录。", "There is no such record.")) } })
}
