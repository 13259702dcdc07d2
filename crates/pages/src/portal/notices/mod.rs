//! Notices for everybody, as a page and as a feed.

mod atom;
pub(crate) mod notice;

use domain::{Date, Locale, Scope};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::frame::{Frame, Sample, sample_badge};
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;
use notice::{Kind, Notice, Subject, expected_end};

/// How many notices one page shows.
const PAGE_SIZE: usize = 40;

/// How many of the entries before and after today are shown above the list.
const MAX_COMING: usize = 20;

/// The points that it costs to compute the notices of a revision, for every hundred agreements and districts.
const POINTS_PER_HUNDRED: u64 = 5;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let (notices, is_new) = visit.cache.notices(&visit.context.snapshot);
    let chosen = visit.address.get("kind");
    let fits = |notice: &&Notice| chosen.is_empty() || notice.kind.name() == chosen;
    let today = visit.context.today;
    let running: Vec<&Notice> = notices.iter().filter(|notice| notice.running).collect();
    let coming: Vec<&Notice> = notices.iter().filter(fits).filter(|notice| notice.day > today).collect();
    let past: Vec<&Notice> = notices.iter().filter(fits).filter(|notice| notice.day <= today).collect();
    let pager = Pager::new(visit, past.len(), PAGE_SIZE);
    let synthetic = notices.iter().any(|notice| notice.synthetic);
    let title = locale.say("公告", "Notices");
    let markup = Frame::new(visit, title).with(Sample::from(synthetic)).draw(&html! {
        h1 { (title) }
        p class="lead" {
            (locale.say("暂停与恢复、到期与退出、新签协议、区划调整。", "Stops, ends, new agreements, and changes of districts."))
            " " a href=(visit.to("/notices.atom")) { (locale.say("用阅读器订阅（Atom）", "Subscribe (Atom)")) }
        }
        (kinds(visit, chosen))
        section {
            h2 { (locale.say("正在暂停", "Stopped now")) }
            @if running.is_empty() { p { (locale.say("目前没有暂停的协议。", "No agreement is stopped at the moment.")) } }
            @else { (list(visit, &running)) }
        }
        @if !coming.is_empty() {
            section {
                h2 { (locale.say("即将发生", "Coming")) }
                (list(visit, &coming.iter().rev().take(MAX_COMING).copied().collect::<Vec<_>>()))
            }
        }
        section {
            h2 { (locale.say("已发生", "Past")) }
            @if past.is_empty() { p { (locale.say("没有公告。", "There are none.")) } }
            (list(visit, pager.of(&past)))
            (pager.links(visit))
        }
    });
    PageResponse::page(200, markup).costing(additional_cost(visit, is_new))
}

/// The feed of the newest notices.
pub(crate) fn feed(visit: &Visit) -> PageResponse {
    let (notices, is_new) = visit.cache.notices(&visit.context.snapshot);
    PageResponse::text("application/atom+xml; charset=utf-8", atom::feed(visit, &notices))
        .costing(additional_cost(visit, is_new))
}

/// The newest notices up to today, for the start page, and the cost of them.
pub(crate) fn newest(visit: &Visit, since: Date, limit: usize) -> (Markup, u64) {
    let (notices, is_new) = visit.cache.notices(&visit.context.snapshot);
    let today = visit.context.today;
    let newest = notices.iter().filter(|notice| notice.running || (since <= notice.day && notice.day <= today));
    let newest: Vec<&Notice> = newest.take(limit).collect();
    (list(visit, &newest), additional_cost(visit, is_new))
}

/// Notices are cached by revision and day. The request that computes them pays for it.
fn additional_cost(visit: &Visit, is_new: bool) -> u64 {
    let counts = visit.context.snapshot.counts(&Scope::Public);
    if is_new { (counts.agreements + counts.districts) as u64 * POINTS_PER_HUNDRED / 100 } else { 0 }
}

fn kinds(visit: &Visit, chosen: &str) -> Markup {
    let locale = visit.locale;
    let to = |kind: &str| visit.address.clone().without("page").with("kind", kind);
    html! {
        nav class="tabs" aria-label=(locale.say("公告类别", "Kinds of notices")) {
            ul {
                li { a href=(to("")) aria-current=[chosen.is_empty().then_some("true")] { (locale.say("全部", "All")) } }
                @for kind in Kind::ALL {
                    li { a href=(to(kind.name())) aria-current=[(chosen == kind.name()).then_some("true")] { (kind.label().text(locale)) } }
                }
            }
        }
    }
}

fn list(visit: &Visit, notices: &[&Notice]) -> Markup {
    html! { @if !notices.is_empty() { ol class="news" { @for notice in notices { (entry(visit, notice)) } } } }
}

fn entry(visit: &Visit, notice: &Notice) -> Markup {
    let locale = visit.locale;
    html! {
        li {
            time datetime=(notice.day) { (notice.day) } " "
            span class="badge" { (notice.kind.label().text(locale)) } " "
            @match &notice.subject {
                Subject::Agreement(number, title) => {
                    (name::agreement(visit, *number, title))
                    (locale.say("：", ": ")) (notice.text.text(locale))
                }
                Subject::District(code, _) => {
                    (name::district_of(visit, *code)) @if locale == Locale::En { " " }
                    (notice.text.text(locale))
                }
            }
            @if notice.running || notice.until.is_some() {
                " " span class="quiet" { (sentence(&expected_end(notice.until, locale))) }
            }
            @if notice.synthetic { " " (sample_badge(locale)) }
        }
    }
}
