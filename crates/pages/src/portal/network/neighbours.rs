//! The partners of one district, with what can be done in either direction.

use catalogue::{CoverageCell, Kept};
use domain::{District, DistrictCode, Locale};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, lineage, sentence};

use super::matrix::province_of;
use crate::frame::{Frame, Sample};
use crate::name;
use crate::pager::Pager;
use crate::portal::query::has_synthetic_basis;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many partners one page shows.
const PAGE_SIZE: usize = 30;

pub(super) fn answer(visit: &Visit, district: &Kept<District>) -> PageResponse {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let partners = snapshot.partners(district.code, visit.on());
    let codes: Vec<_> = (0..partners.len()).filter_map(|place| partners.code(place)).collect();
    let pager = Pager::new(visit, codes.len(), PAGE_SIZE);
    let shown = pager.of(&codes);
    let here = snapshot.coverage(district.code, shown, visit.on());
    let there = shown.iter().filter_map(|code| snapshot.coverage(*code, &[district.code], visit.on()).pop());
    let rows: Vec<(CoverageCell, CoverageCell)> = here.into_iter().zip(there).collect();
    let name = district_name(district, locale);
    let title = match locale {
        Locale::Zh => format!("{name}的通办伙伴"),
        Locale::En => format!("Partners of {name}"),
    };
    let within = parties_within(visit, district);
    let markup = Frame::new(visit, &title).with(Sample::from(has_synthetic_basis(visit, district))).draw(&html! {
        p class="back" { a href=(visit.to("/network")) { span aria-hidden="true" { "← " } (locale.say("返回通办网络", "Back to the network")) } }
        h1 { (title) }
        p class="lead" { (name::district_path(visit, district)) }
        @if rows.is_empty() {
            (elsewhere(visit, district, !within.is_empty()))
        } @else {
            (table(visit, district, &rows))
            (pager.links(visit))
        }
        @if !within.is_empty() {
            section {
                h2 { (locale.say("下辖区域的协议", "Agreements of the districts below")) }
                ul class="partners" {
                    @for below in within.iter().filter_map(|code| snapshot.district(*code)) {
                        li { a href=(visit.at("/network").with("of", below.code.as_str())) { (name::district_with_path(visit, below)) } }
                    }
                }
            }
        }
    });
    // Either direction of a pair is counted, as `coverage` counts it.
    PageResponse::page(200, markup).costing(2 * shown.len() as u64)
}

/// The districts below it with agreements.
fn parties_within(visit: &Visit, district: &Kept<District>) -> Vec<DistrictCode> {
    let snapshot = &visit.context.snapshot;
    let Some(province) = province_of(snapshot, district.code, visit.on()) else { return Vec::new() };
    let (network, _) = visit.cache.network(snapshot);
    let parties = network.provinces.get(&province).into_iter().flatten().copied();
    let is_below = |code: &DistrictCode| {
        let found = snapshot.district(*code).filter(|found| found.code != district.code);
        found.is_some_and(|found| lineage(snapshot, found, visit.on()).iter().any(|above| above.code == district.code))
    };
    parties.filter(is_below).collect()
}

/// What to look at instead of a district without agreements: what lies below it, else what lies around it.
fn elsewhere(visit: &Visit, district: &Kept<District>, has_parties_below: bool) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let province = province_of(snapshot, district.code, visit.on()).filter(|code| *code != district.code);
    html! {
        div class="note" {
            @if has_parties_below {
                p { (locale.say("本级今天没有生效的协议；下辖区域的协议见下面。", "No agreement of its own is in force today; those of the districts below are listed below.")) }
            } @else {
                p { (locale.say("今天没有生效的协议。", "No agreement is in force today.")) }
                ul class="links" {
                    @if let Some(province) = province.and_then(|code| snapshot.district(code)) {
                        li { a href=(visit.at("/network").with("of", province.code.as_str())) { @match locale { Locale::Zh => { "看" (province.name) "有协议的区域" } Locale::En => { "Districts of " (district_name(province, locale)) " with an agreement" } } } }
                    }
                    li { a href=(name::to_district(visit, district.code)) { @match locale { Locale::Zh => { "看" (district.name) "和下辖区域" } Locale::En => { (district_name(district, locale)) " and the districts below" } } } }
                }
            }
        }
    }
}

fn table(visit: &Visit, district: &District, rows: &[(CoverageCell, CoverageCell)]) -> Markup {
    let locale = visit.locale;
    let name = district_name(district, locale);
    let count = |cell: &CoverageCell| {
        let link = visit.link.between(cell.receiving.code.as_str(), cell.competent.code.as_str());
        html! {
            @if cell.total == 0 { span class="quiet" { (locale.say("无", "none")) } }
            @else {
                a href=(link.to_list()) { (cell.total) (locale.say(" 项", if cell.total == 1 { " matter" } else { " matters" })) }
                @for (mode, count) in &cell.modes { " " span class="quiet" { (sentence(mode.label(locale))) " " (count) } }
            }
        }
    };
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(locale.say("通办伙伴", "Partners")) {
            table {
                thead { tr {
                    th scope="col" { (locale.say("伙伴", "Partner")) }
                    th scope="col" { @match locale { Locale::Zh => { "在" (name) "办伙伴的业务" } Locale::En => { "Its matters, in " (name) } } }
                    th scope="col" { @match locale { Locale::Zh => { "在伙伴处办" (name) "的业务" } Locale::En => { "Matters of " (name) ", there" } } }
                } }
                tbody {
                    @for (here, there) in rows {
                        tr {
                            th scope="row" { (name::district_path(visit, &here.competent)) }
                            td { (count(here)) }
                            td { (count(there)) }
                        }
                    }
                }
            }
        }
    }
}
