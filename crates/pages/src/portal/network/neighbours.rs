//! The partners of one district, with what can be done in either direction.

use catalogue::{CoverageCell, Kept};
use domain::{District, Locale};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, sentence};

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
            div class="note" { p { (locale.say("今天没有生效的协议。", "No agreement is in force today.")) } }
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

/// The districts with agreements in a province.
fn parties_within(visit: &Visit, district: &Kept<District>) -> Vec<domain::DistrictCode> {
    let snapshot = &visit.context.snapshot;
    if province_of(snapshot, district.code, visit.on()) != Some(district.code) {
        return Vec::new();
    }
    let (network, _) = visit.cache.network(snapshot);
    let parties = network.provinces.get(&district.code);
    parties.into_iter().flatten().copied().filter(|code| *code != district.code).collect()
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
