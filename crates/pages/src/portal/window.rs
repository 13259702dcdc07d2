//! The page of a window: where it is, when it is open, and what it takes.

use catalogue::Kept;
use chrono::Datelike as _;
use domain::{Id, Locale, Message, Window};
use maud::{Markup, html};
use registry::presentation::{self, Say as _, period, sentence};

use super::guide::outside;
use super::hours::{badge, times};
use super::{fault, print};
use crate::frame::{Frame, Sample, sample_badge};
use crate::language::chinese;
use crate::name::{self, fact, text_fact};
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many matters one page names.
const MATTERS_PER_PAGE: usize = 200;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let found = visit.segment().parse::<Id<Window>>().ok().and_then(|id| visit.context.snapshot.window_by_id(id));
    match found {
        Some(window) => PageResponse::page(200, draw(visit, window)),
        None => fault::no_record(visit, &Message::new("窗口", "window"), visit.segment()),
    }
}

fn draw(visit: &Visit, window: &Kept<Window>) -> Markup {
    let locale = visit.locale;
    let district = visit.context.snapshot.district(window.district);
    let pager = Pager::new(visit, window.matters.len(), MATTERS_PER_PAGE);
    let open = window.open();
    Frame::new(visit, &window.name).with(Sample::from(window.provenance.synthetic)).about(window.id).draw(&html! {
        h1 lang=[chinese(locale)] { (window.name) }
        p class="lead" {
            (presentation::window_kind(&window.kind, locale))
            @if let Some(district) = district { (locale.say("，", ", ")) (name::district_path(visit, district)) }
            @if window.provenance.synthetic { " " (sample_badge(locale)) }
            " " (badge(visit, window))
        }
        @if open.ended_before(visit.on()) {
            div class="note" role="alert" {
                p { (locale.say("这个窗口已关闭。", "This window is closed.")) @if let Some(reason) = &window.closed_reason { " " span lang=[chinese(locale)] { (reason) } } }
                p { a href=(name::to_district(visit, window.district)) { (locale.say("看当地的其他窗口", "Other windows of the district")) } }
            }
        } @else if open.begins_after(visit.on()) {
            div class="note" role="alert" { p { (locale.say("这个窗口还没有启用。", "This window is not open yet.")) } }
        }
        dl class="facts-list" {
            (text_fact(locale.say("地址", "Address"), Some(&window.address), locale))
            (times(visit, window))
            @if !visit.context.calendar.covers(visit.on().year()) && (window.hours.is_some() || !window.opening.is_empty()) {
                (fact(locale.say("节假日", "Holidays"), &html! { (locale.say("以窗口公告为准", "as the window announces")) }))
            }
            @if let Some(phone) = &window.phone { (fact(locale.say("电话", "Phone"), &name::phone(phone))) }
            @if let Some(url) = &window.appointment_url { (fact(locale.say("预约", "Appointment"), &outside(url))) }
            @if let Some(phone) = &window.complaint_phone { (fact(locale.say("监督投诉", "Complaints"), &name::phone(phone))) }
            (text_fact(locale.say("交通", "How to get there"), window.transport.as_deref(), locale))
            (fact(locale.say("通办方式", "Handling modes"), &modes(window, locale)))
            @if !window.domains.is_empty() {
                (fact(locale.say("领域", "Domains"), &html! { (sentence(&window.domains.iter().map(|domain| domain.label(locale)).collect::<Vec<_>>().join(locale.say("、", ", ")))) }))
            }
            @if open.from.is_some() || open.to.is_some() { (fact(locale.say("启用", "In use"), &html! { (sentence(&period(open, locale))) })) }
        }
        section {
            h2 { (locale.say("受理的事项", "Matters")) }
            @if window.matters.is_empty() {
                p { (locale.say("受理上述领域和方式的全部通办事项。", "All matters of these domains and modes.")) }
            } @else {
                ul class="names" { @for code in pager.of(&window.matters) { li { (name::matter_of(visit, *code)) } } }
                (pager.links(visit))
            }
            p class="next" {
                a class="button" href=(visit.link.between(window.district.as_str(), "").to_list()) {
                    @match (district, locale) {
                        (Some(district), Locale::Zh) => { "在" (district.name) "能办哪里的事" }
                        (Some(district), Locale::En) => { "What can be done in " (presentation::district_name(district, locale)) }
                        (None, _) => { (locale.say("能办哪里的事", "What can be done here")) }
                    }
                }
            }
        }
        @if let Some(source) = &window.provenance.source {
            section class="sources" { h2 { (locale.say("数据来源", "Sources")) } p lang=[chinese(locale)] { (source) } }
        }
        (print::foot(visit))
    })
}

/// The modes that a window serves; without any it serves all that need a window.
fn modes(window: &Window, locale: Locale) -> Markup {
    html! {
        @if window.modes.is_empty() { (locale.say("各种需要到窗口的方式", "all that need a window")) }
        @for mode in &window.modes { (name::mode(*mode, locale)) " " }
    }
}
