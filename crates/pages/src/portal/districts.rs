//! The districts: by region and province in their official order, and by search.

use std::collections::BTreeMap;

use catalogue::search::Query;
use catalogue::{DistrictFilter, Kept, Order, Slice, highlight_district};
use domain::{District, DistrictCode, DistrictKind, Locale};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name};

use crate::form;
use crate::frame::Frame;
use crate::language::chinese;
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many districts one page of a search shows, and how many of a province the tree.
const PAGE_SIZE: usize = 60;
const MAX_BRANCHES: usize = 60;

/// The points of a search in all districts.
const SEARCH_COST: u64 = 20;

/// The regions by the first digit of the codes of their provinces (GB/T 2260), which is the official order.
const REGIONS: [(&[u8], &str, &str); 7] = [
    (b"1", "华北", "North China"),
    (b"2", "东北", "North-east China"),
    (b"3", "华东", "East China"),
    (b"4", "中南", "Central and South China"),
    (b"5", "西南", "South-west China"),
    (b"6", "西北", "North-west China"),
    (b"78", "港澳台", "Hong Kong, Macao, Taiwan"),
];

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let within = visit.address.get("within").parse::<DistrictCode>().ok();
    let is_search = !visit.link.search.is_empty() || within.is_some();
    let locale = visit.locale;
    let title = locale.say("区域", "Districts");
    let (status, content) = if is_search { found(visit, within) } else { (200, tree(visit)) };
    let markup = Frame::new(visit, title).draw(&html! {
        h1 { (title) }
        (form::search(visit, locale.say("名称、拼音首字母或区划代码", "Name or code"), &html! {}, &[]))
        (content)
    });
    PageResponse::page(status, markup).costing(if is_search { SEARCH_COST } else { 0 })
}

/// The districts that a search finds, or those below another.
fn found(visit: &Visit, within: Option<DistrictCode>) -> (u16, Markup) {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let typed = &visit.link.search;
    let filter =
        DistrictFilter { search: Query::new(typed), kinds: Vec::new(), within: within.map(|code| (code, visit.on())) };
    let order = if filter.search.is_some() { Order::Relevance } else { Order::Code };
    let list = snapshot.list_districts(&filter, &Slice::all(order));
    let all: Vec<&Kept<District>> = list.items().collect();
    let meant = snapshot.suggest_districts(&filter);
    let pager = Pager::new(visit, all.len(), PAGE_SIZE);
    let markup = html! {
        p class="verdict" role="status" {
            @if all.is_empty() {
                @match locale { Locale::Zh => { "没有找到“" (typed) "”" } Locale::En => { "Nothing is found for “" (typed) "”" } }
            } @else {
                strong { (all.len()) } (locale.say(" 个区域", if all.len() == 1 { " district" } else { " districts" }))
            }
        }
        @if !meant.is_empty() {
            p class="meant" {
                (locale.say("您是不是要找：", "Did you mean ")) " "
                @for (at, words) in meant.iter().enumerate() {
                    @if at > 0 { (locale.say("、", ", ")) }
                    a href=(visit.address.clone().without("page").with("q", words.as_str())) lang=[chinese(locale)] { (words) }
                }
            }
        }
        @if all.is_empty() {
            div class="note" { p { (locale.say("请写区县名称（如“南沙”）、拼音首字母（如 nsq）或六位区划代码。", "Write a name, such as “Nansha”, or a six-digit code.")) } }
        }
        ul class="partners" {
            @for district in pager.of(&all) {
                li {
                    span {
                        (name::district_path(visit, district))
                        @if let Some(query) = &filter.search {
                            @let found = highlight_district(query, district);
                            @if found.text != *district.name && found.text != district_name(district, locale) && found.text != district.code.as_str() {
                                " " span class="original" { (locale.say("又称 ", "also called ")) (found.text) }
                            }
                        }
                    }
                    code { (district.code) }
                }
            }
        }
        (pager.links(visit))
    };
    (if all.is_empty() { 404 } else { 200 }, markup)
}

/// The provinces by region, each with the districts directly below it.
fn tree(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let on = visit.on();
    let list = snapshot.list_districts(&DistrictFilter::default(), &Slice::all(Order::Code));
    let mut below: BTreeMap<DistrictCode, Vec<&Kept<District>>> = BTreeMap::new();
    let mut provinces: Vec<&Kept<District>> = Vec::new();
    for district in list.items().filter(|district| !district.is_retired(on)) {
        match district.parent(on) {
            None if district.kind == DistrictKind::Province => provinces.push(district),
            None => {}
            // Only what stands below a province is shown.
            Some(parent) if parent.as_str().ends_with("0000") => below.entry(parent).or_default().push(district),
            Some(_) => {}
        }
    }
    html! {
        @if provinces.is_empty() { div class="note" { p { (locale.say("本平台还没有任何区域。", "There are no districts yet.")) } } }
        @for (digits, zh, en) in REGIONS {
            @let of_region: Vec<_> = provinces.iter().filter(|province| digits.contains(&province.code.as_str().as_bytes()[0])).collect();
            @if !of_region.is_empty() {
                section class="region" {
                    h2 { (locale.say(zh, en)) }
                    @for province in of_region { (branch(visit, province, below.get(&province.code).map_or(&[][..], Vec::as_slice))) }
                }
            }
        }
    }
}

fn branch(visit: &Visit, province: &District, below: &[&Kept<District>]) -> Markup {
    html! {
        @if below.is_empty() {
            p { (name::district(visit, province)) }
        } @else {
            details class="province" {
                summary { (district_name(province, visit.locale)) " " span class="count" { (below.len()) } }
                ul class="names" {
                    li { (name::district(visit, province)) }
                    @for district in below.iter().take(MAX_BRANCHES) { li { (name::district(visit, district)) } }
                }
            }
        }
    }
}
