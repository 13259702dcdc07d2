//! The matters of the catalogue: without districts, or of one district. With two districts it is the list between them.

use std::collections::BTreeMap;

use catalogue::search::Query;
use catalogue::{Kept, MatterFilter, Order, Slice, highlight_matter};
use domain::{Locale, Matter, MatterDomain};
use maud::{Markup, html};
use registry::presentation::{Say as _, matter_name, sentence};

use super::choice;
use super::empty::Nothing;
use super::list::{did_you_mean, marked};
use super::query::asked_about;
use crate::form;
use crate::frame::{Frame, Sample, sample_badge};
use crate::language::chinese;
use crate::link::{Link, MATTERS, toggled};
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many matters one page shows.
const PAGE_SIZE: usize = 50;

/// The points of going through all matters.
const SEARCH_COST: u64 = 30;

/// The matters that fit, with the counts of their domains before these are filtered.
struct Found {
    matters: Vec<Kept<Matter>>,
    domains: BTreeMap<MatterDomain, usize>,
    meant: Vec<String>,
}

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    if matches!(visit.districts(), (Some(_), Some(_))) {
        return PageResponse::redirect(visit.link.to_list());
    }
    let found = match visit.districts() {
        (None, None) => anywhere(visit),
        _ => of_one_district(visit),
    };
    PageResponse::page(visit.status(), draw(visit, &found)).costing(SEARCH_COST)
}

fn anywhere(visit: &Visit) -> Found {
    let snapshot = &visit.context.snapshot;
    let Link { search, audiences, order, .. } = &visit.link;
    let filter =
        MatterFilter { search: snapshot.matter_query(search), domains: Vec::new(), audiences: audiences.clone() };
    let order = if *order == Order::PromisedDays { Order::Relevance } else { *order };
    let list = snapshot.list_matters(&filter, &Slice::all(order));
    let active = list.items().filter(|matter| matter.is_active(visit.on())).cloned().collect();
    Found { meant: snapshot.suggest_matters(&filter), ..of_domains(visit, active) }
}

fn of_one_district(visit: &Visit) -> Found {
    let snapshot = &visit.context.snapshot;
    let (receiving, competent) = visit.districts();
    let all = Link { domains: Vec::new(), ..visit.link.clone() };
    let code = |side: Option<&Kept<domain::District>>| side.map(|district| district.code);
    let question = asked_about(visit, code(receiving), code(competent), &all);
    let available = snapshot.available(&question, &Slice::all(visit.link.order));
    let meant = snapshot.suggest_available(&question, &available);
    let matters = available.matters.items().map(|item| item.matter.clone()).collect();
    Found { meant, ..of_domains(visit, matters) }
}

/// Counts the domains, and filters by them.
fn of_domains(visit: &Visit, mut matters: Vec<Kept<Matter>>) -> Found {
    let mut domains = BTreeMap::new();
    matters.iter().for_each(|matter| *domains.entry(matter.domain).or_default() += 1);
    let chosen = &visit.link.domains;
    matters.retain(|matter| chosen.is_empty() || chosen.contains(&matter.domain));
    Found { matters, domains, meant: Vec::new() }
}

fn draw(visit: &Visit, found: &Found) -> Markup {
    let locale = visit.locale;
    let pager = Pager::new(visit, found.matters.len(), PAGE_SIZE);
    let shown = pager.of(&found.matters);
    let synthetic = shown.iter().any(|matter| matter.provenance.synthetic);
    let title = locale.say("事项", "Matters");
    let query = visit.context.snapshot.matter_query(&visit.link.search);
    Frame::new(visit, title).with(Sample::from(synthetic)).draw(&html! {
        h1 { (title) }
        (form::faults(visit))
        (form::question(visit))
        (choice::choices(visit, &|link| link.address(MATTERS)))
        div id="results" {
            p class="verdict" role="status" { (verdict(visit, found.matters.len())) }
            (did_you_mean(visit, &found.meant, MATTERS))
            @if found.matters.is_empty() && !visit.link.search.is_empty() { (Nothing::of(&visit.context.snapshot, &visit.link.search).draw(visit)) }
            div class="columns" {
                (domains(visit, found))
                div {
                    (orders(visit))
                    ol class="matters" { @for matter in shown { (entry(visit, matter, query.as_ref())) } }
                    (pager.links(visit))
                }
            }
        }
    })
}

fn verdict(visit: &Visit, count: usize) -> Markup {
    let locale = visit.locale;
    let matters = if count == 1 { " matter" } else { " matters" };
    html! {
        @match (visit.districts(), locale) {
            ((Some(district), _), Locale::Zh) => { strong { (count) } " 个事项可以在 " (name::district_path(visit, district)) " 办外地的业务" }
            ((Some(district), _), Locale::En) => { strong { (count) } (matters) " of other districts can be done in " (name::district_path(visit, district)) }
            ((None, Some(district)), Locale::Zh) => { strong { (count) } " 个 " (name::district_path(visit, district)) " 的事项可以在外地办" }
            ((None, Some(district)), Locale::En) => { strong { (count) } (matters) " of " (name::district_path(visit, district)) " can be done elsewhere" }
            ((None, None), Locale::Zh) => { strong { (count) } " 个事项" }
            ((None, None), Locale::En) => { strong { (count) } (matters) }
        }
    }
}

/// The filter of domains: links, so that it works without scripts and can be shared.
fn domains(visit: &Visit, found: &Found) -> Markup {
    let (locale, link) = (visit.locale, &visit.link);
    html! {
        aside class="filters" aria-label=(locale.say("筛选", "Filters")) {
            @if !found.domains.is_empty() {
                h2 { (locale.say("领域", "Domain")) }
                ul {
                    @for (domain, count) in &found.domains {
                        li { a href=(Link { domains: toggled(&link.domains, *domain), ..link.clone() }.address(MATTERS)) aria-current=[link.domains.contains(domain).then_some("true")] { span { (sentence(domain.label(locale))) } " " span class="count" { (count) } } }
                    }
                }
            }
            @if link.has_filters() { p { a href=(link.without_filters().address(MATTERS)) { (locale.say("清除全部条件", "Clear all filters")) } } }
        }
    }
}

fn orders(visit: &Visit) -> Markup {
    let (locale, link) = (visit.locale, &visit.link);
    let orders =
        [(Order::Relevance, locale.say("相关", "Relevance")), (Order::Name, locale.say("名称（A–Z）", "Name (A–Z)"))];
    html! {
        p class="orders" {
            span class="quiet" { (locale.say("排序：", "Sorted by: ")) }
            @for (order, label) in orders {
                a href=(Link { order, ..link.clone() }.address(MATTERS)) aria-current=[(link.order == order).then_some("true")] { (label) } " "
            }
        }
    }
}

fn entry(visit: &Visit, matter: &Matter, query: Option<&Query>) -> Markup {
    let locale = visit.locale;
    let shown = matter_name(matter, locale);
    let found = query.map(|query| highlight_matter(query, matter));
    let offered = visit.context.snapshot.districts_offering(matter.code);
    let hit = |name: &str| match &found {
        Some(found) if found.text == name => marked(found),
        Some(_) | None => html! { (name) },
    };
    html! {
        li {
            a class="title" href=(visit.link.to_matter(matter.code)) lang=[matter.english_name.is_none().then(|| chinese(locale)).flatten()] { (hit(shown)) }
            @if locale == Locale::En && matter.english_name.is_some() { span class="original" lang="zh-Hans" { (hit(&matter.name)) } }
            @if let Some(found) = found.as_ref().filter(|found| found.text != shown && found.text != *matter.name && found.text != matter.code.as_str()) {
                span class="original" { (locale.say("又称 ", "also called ")) (marked(found)) }
            }
            p class="facts" {
                span { (sentence(matter.domain.label(locale))) }
                @if !matter.competent_by.is_empty() { span lang=[chinese(locale)] { (locale.say("属地按", "competence by ")) (matter.competent_by.join("、")) } }
                @if offered > 0 { span { @match locale { Locale::Zh => { (offered) " 地公布了办事指南" } Locale::En => { "guides of " (offered) @if offered == 1 { " district" } @else { " districts" } } } } }
                @if matter.provenance.synthetic { (sample_badge(locale)) }
            }
        }
    }
}
