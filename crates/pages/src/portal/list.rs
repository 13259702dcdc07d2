//! The list of matters between two districts.

use catalogue::search::Query;
use catalogue::search::highlight::Found;
use catalogue::{Available, AvailableMatter, Basis, Detail, Kept, Order, Route, Slice, highlight_matter};
use domain::{District, Locale};
use maud::{Markup, html};
use registry::presentation::{Say, district_name, matter_name, sentence, visits};

use super::empty::Nothing;
use super::filter::filters;

use super::query::{asked_for, has_synthetic_basis};
use super::reason::{notices, reasons};
use super::stopped::stopped;
use crate::form::{faults, question};
use crate::frame::{Frame, Sample, sample_badge};
use crate::language::chinese;
use crate::link::Link;
use crate::name::{self, district_path};
use crate::visit::Visit;

/// How many matters a list shows at first.
pub(crate) const PAGE_SIZE: usize = 50;

pub(crate) fn list(visit: &Visit, receiving: &Kept<District>, competent: &Kept<District>) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    let shown = link.show.unwrap_or(PAGE_SIZE);
    let question_asked = asked_for(visit, receiving, competent, link);
    let available = visit.context.snapshot.available(&question_asked, &Slice::first(shown, link.order));
    let codes: Vec<_> = available.matters.items().map(|item| item.matter.code).collect();
    let routes = visit.context.snapshot.routes(&question_asked, &available, &codes, 1, Detail::Whole);
    let facets = visit.context.snapshot.facets(&available);
    let meant = visit.context.snapshot.suggest_available(&question_asked, &available);
    let count = available.matters.total;
    let synthetic =
        available.matters.items().any(|item| item.matter.provenance.synthetic) || has_synthetic_basis(visit, receiving);
    let title = match locale {
        Locale::Zh => format!("在{}办{}的事", receiving.name, competent.name),
        Locale::En => format!("In {}, for {}", district_name(receiving, locale), district_name(competent, locale)),
    };
    Frame::new(visit, &title).with(Sample::from(synthetic)).draw(&html! {
        h1 class="unseen" { (title) }
        (faults(visit))
        (question(visit))
        div id="results" {
            p class="verdict" role="status" {
                @if count == 0 {
                    @if link.has_filters() { (locale.say("没有符合条件的事项", "No matter fits")) } @else { (locale.say("这一天没有可以通办的事项", "Nothing can be done across these districts on that day")) }
                } @else {
                    @match locale {
                        Locale::Zh => { strong { (count) } " 项可以在 " (district_path(visit, receiving)) " 办，归 " (district_path(visit, competent)) " 管" }
                        Locale::En => {
                            strong { (count) } @if count == 1 { " matter" } @else { " matters" } " of " (district_path(visit, competent)) " can be done in " (district_path(visit, receiving))
                        }
                    }
                }
            }
            (did_you_mean(visit, &meant, "/"))
            (stopped(visit, receiving, competent))
            (notices(visit, &available.notices, None))
            @if count == 0 { (nothing(visit, &available)) }
            @if count > 0 || facets.modes.iter().any(|(_, count)| *count > 0) {
                div class="columns" {
                    (filters(visit, &facets))
                    div {
                        @if count > 1 { (orders(visit)) }
                        @if count > 0 { ol class="matters" {
                            @for (item, routes) in available.matters.items().zip(&routes) { (entry(visit, item, routes.first(), question_asked.search.as_ref())) }
                        } }
                        @if count > 0 {
                            p class="change" { a href=(visit.at(&format!("/between/{}/{}/matters.xlsx", receiving.code, competent.code))) { (locale.say("下载两地之间的全部事项（XLSX）", "Download all matters between the two (XLSX)")) } }
                        }
                        @if count > shown {
                            p {
                                a class="button quiet" href=(Link { show: Some(shown + PAGE_SIZE), ..link.clone() }.to_list()) {
                                    @match locale {
                                        Locale::Zh => { "再看 " ((count - shown).min(PAGE_SIZE)) " 项（共 " (count) " 项）" }
                                        Locale::En => { "Show " ((count - shown).min(PAGE_SIZE)) " more of " (count) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// Suggestions for words that find nothing, or for initials.
pub(crate) fn did_you_mean(visit: &Visit, meant: &[String], path: &str) -> Markup {
    html! {
        @if !meant.is_empty() {
            p class="meant" {
                (visit.locale.say("您是不是要找：", "Did you mean ")) " "
                @for (at, words) in meant.iter().enumerate() {
                    @if at > 0 { (visit.locale.say("、", ", ")) }
                    a href=(Link { search: words.clone(), show: None, ..visit.link.clone() }.address(path)) lang=[chinese(visit.locale)] { (words) }
                }
            }
        }
    }
}

/// Links to the other orders.
fn orders(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    let orders = [
        (Order::Relevance, locale.say("相关", "Relevance")),
        (Order::Name, locale.say("名称", "Name")),
        (Order::PromisedDays, locale.say("承诺时限", "Promised days")),
    ];
    html! {
        p class="orders" {
            span class="quiet" { (locale.say("排序：", "Sorted by: ")) }
            @for (order, label) in orders {
                a href=(Link { order, show: None, ..link.clone() }.to_list()) aria-current=[(link.order == order).then_some("true")] { (label) } " "
            }
        }
    }
}

/// A name with its matches marked.
pub(crate) fn marked(found: &Found) -> Markup {
    html! { @for part in &found.parts { @if part.hit { mark { (part.text) } } @else { (part.text) } } }
}

fn entry(visit: &Visit, item: &AvailableMatter, route: Option<&Route>, search: Option<&Query>) -> Markup {
    let locale = visit.locale;
    let matter = &item.matter;
    let shown = matter_name(matter, locale);
    let found = search.map(|query| highlight_matter(query, matter));
    // A match of the code needs no explanation.
    let by_other_name = found
        .as_ref()
        .filter(|found| found.text != shown && found.text != *matter.name && found.text != matter.code.as_str());
    let name = |name: &str| match &found {
        Some(found) if found.text == name => marked(found),
        Some(_) | None => html! { (name) },
    };
    html! {
        li {
            a class="title" href=(visit.link.to_matter(matter.code)) lang=[matter.english_name.is_none().then(|| chinese(locale)).flatten()] { (name(shown)) }
            @if locale == Locale::En && matter.english_name.is_some() { span class="original" lang="zh-Hans" { (name(&matter.name)) } }
            @if let Some(found) = by_other_name { span class="original" { (locale.say("又称 ", "also called ")) (marked(found)) } }
            p class="facts" {
                @for mode in &item.modes { span class="badge mode" { (sentence(mode.label(locale))) } " " }
                span { (sentence(matter.domain.label(locale))) }
                @if !matter.competent_by.is_empty() {
                    span lang=[chinese(locale)] { (locale.say("属地按", "competence by ")) (matter.competent_by.join("、")) }
                }
                @if let Some(route) = route { (facts(visit, route)) }
                @if matter.provenance.synthetic { " " (sample_badge(locale)) }
            }
        }
    }
}

/// Days, visits and basis of the best route.
fn facts(visit: &Visit, route: &Route) -> Markup {
    let locale = visit.locale;
    let fastest = route.offerings.iter().min_by_key(|offering| offering.days.unwrap_or(u32::MAX));
    let basis = match &route.basis {
        Basis::Agreement { agreement, .. } => name::to_agreement(visit, agreement.number),
        Basis::Policy(policy) => visit.to(&format!("/policy/{}", policy.id)),
    };
    html! {
        @if let Some(offering) = fastest {
            @match (offering.days, locale) {
                (Some(0), _) => { span { (locale.say("当场办结", "at once")) } }
                (Some(days), Locale::Zh) => { span { (days) " 日" } }
                (Some(1), Locale::En) => { span { "1 day" } }
                (Some(days), Locale::En) => { span { (days) " days" } }
                (None, _) => {}
            }
            span { (visits(offering.visits, locale)) }
        }
        span { (locale.say("依据 ", "by ")) a href=(basis) lang=[chinese(locale)] { (route.basis.number()) } }
    }
}

/// Why the list is empty, and what to do about it.
fn nothing(visit: &Visit, available: &Available<'_>) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    html! {
        @if !link.search.is_empty() {
            (Nothing::of(&visit.context.snapshot, &link.search).draw(visit))
        } @else if link.has_filters() {
            div class="note" {
                p { (locale.say("去掉一些筛选条件试试。", "Take some of the filters away.")) }
                p { a class="button" href=(link.without_filters().to_list()) { (locale.say("看全部事项", "See all matters")) } }
            }
        } @else {
            (reasons(visit, &available.reasons, None))
            @if available.reasons.is_empty() {
                div class="note" {
                    p {
                        (locale.say(
                            "两地之间没有列出事项的协议。全国清单上的事项，要等业务属地公布办事指南才能跨域办理；请向业务属地的政务服务中心询问。",
                            "No agreement between the two lists a matter. A matter on a national list can be handled once the competent district has published its guide: please ask its service hall.",
                        ))
                    }
                }
            }
            p class="next" { a class="button" href=(link.turned().to_list()) { (locale.say("查看反方向", "See the other direction")) } }
        }
    }
}
