//! The network: what the agreements in force cover, between provinces and around one district.

pub(crate) mod matrix;
mod neighbours;

use catalogue::{Kept, Snapshot};
use domain::{District, DistrictCode, HandlingMode, Locale, Message};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, sentence};

use super::fault;
use crate::frame::{Frame, Sample};
use crate::language::chinese;
use crate::response::PageResponse;
use crate::side::Side;
use crate::visit::Visit;
use matrix::Network;

/// How many shades the table has.
const SHADES: usize = 4;

/// The points that it costs to compute the network of a revision, for each agreement in force.
const POINTS_PER_AGREEMENT: u64 = 1;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let snapshot = &visit.context.snapshot;
    let written = visit.address.get("of");
    if !written.is_empty() {
        return match Side::read(written, snapshot, visit.on()) {
            Side::Known(district) => neighbours::answer(visit, &district),
            Side::Several(found) => several(visit, written, &found),
            Side::Open | Side::Unknown(_) => fault::no_record(visit, &Message::new("区域", "district"), written),
        };
    }
    let (network, is_new) = visit.cache.network(snapshot);
    PageResponse::page(200, draw(visit, &network)).costing(computing_cost(&network, is_new))
}

/// The network is cached by revision and day. The request that computes it pays for it.
pub(crate) fn computing_cost(network: &Network, is_new: bool) -> u64 {
    if is_new { network.agreements as u64 * POINTS_PER_AGREEMENT } else { 0 }
}

fn draw(visit: &Visit, network: &Network) -> Markup {
    let locale = visit.locale;
    let mode = visit.link.modes.first().copied();
    let title = locale.say("通办网络", "The network");
    Frame::new(visit, title).with(Sample::from(network.synthetic)).draw(&html! {
        h1 { (title) }
        p class="lead" {
            @match locale {
                Locale::Zh => { "今天生效的 " (network.agreements) " 份协议，在哪些省份之间列了多少事项。全国性的政策清单不在表内。" }
                Locale::En => { "How many matters the " (network.agreements) " agreements in force today list between provinces. National lists are not counted here." }
            }
        }
        (modes(visit, mode))
        @if network.provinces.is_empty() {
            div class="note" { p { (locale.say("今天没有生效的协议。", "No agreement is in force today.")) } }
        } @else {
            (table(visit, network, mode))
        }
        section {
            h2 { (locale.say("一个区域的通办伙伴", "The partners of one district")) }
            form class="search" action="/network" method="get" {
                p class="field" {
                    label for="of" { (locale.say("区域", "District")) }
                    input id="of" name="of" type="text" autocomplete="off" spellcheck="false" data-districts placeholder=(locale.say("区县名称或代码", "name or code of a district")) {}
                }
                (visit.address.hidden_except(&["of", "mode"]))
                button class="button" type="submit" { (locale.say("查看", "Show")) }
            }
        }
        (parties(visit, network))
    })
}

fn modes(visit: &Visit, chosen: Option<HandlingMode>) -> Markup {
    let locale = visit.locale;
    html! {
        nav class="tabs" aria-label=(locale.say("通办方式", "Handling mode")) {
            ul {
                li { a href=(visit.address.clone().without("mode")) aria-current=[chosen.is_none().then_some("true")] { (locale.say("全部方式", "All modes")) } }
                @for mode in HandlingMode::ALL.iter().copied() {
                    li { a href=(visit.address.clone().with("mode", mode.name())) aria-current=[(chosen == Some(mode)).then_some("true")] { (sentence(mode.label(locale))) } }
                }
            }
        }
    }
}

/// The heat map is a table: shades say nothing that the numbers do not say.
fn table(visit: &Visit, network: &Network, mode: Option<HandlingMode>) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let greatest = network.greatest(mode);
    let caption = locale.say(
        "行：收件地所在省；列：业务属地所在省；数：事项数",
        "Rows: where one applies. Columns: whose matter it is. Numbers: matters",
    );
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(locale.say("省份之间的事项数", "Matters between provinces")) {
            table class="heat" {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (locale.say("在↓办→的业务", "In ↓ for →")) }
                    @for code in network.provinces.keys() { th scope="col" { (province(snapshot, *code, locale)) } }
                } }
                tbody {
                    @for from in network.provinces.keys() {
                        tr {
                            th scope="row" { a href=(visit.at("/network").with("of", from.as_str())) { (province(snapshot, *from, locale)) } }
                            @for to in network.provinces.keys() {
                                @let count = network.cell(*from, *to).map_or(0, |cell| cell.count(mode));
                                td class={ "shade-" (shade(count, greatest)) } { @if count > 0 { (count) } @else { span class="quiet" { "·" span class="unseen" { (locale.say("无", "none")) } } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The shade of a number: 0 for none, else 1 to `SHADES`.
fn shade(count: usize, greatest: usize) -> usize {
    if count == 0 { 0 } else { (count * SHADES).div_ceil(greatest.max(1)).clamp(1, SHADES) }
}

/// The short name of a province, which people write in tables: 广东, 内蒙古, 广西.
fn province(snapshot: &Snapshot, code: DistrictCode, locale: Locale) -> Markup {
    let Some(found) = snapshot.district(code) else { return html! { (code) } };
    let lang = found.english_name.is_none().then(|| chinese(locale)).flatten();
    let name = district_name(found, locale);
    let short = [
        " Province",
        " Municipality",
        " Autonomous Region",
        "特别行政区",
        "壮族自治区",
        "回族自治区",
        "维吾尔自治区",
        "自治区",
        "省",
        "市",
    ]
    .iter()
    .find_map(|ending| name.strip_suffix(ending))
    .filter(|short| short.chars().count() > 1)
    .unwrap_or(name);
    html! { span lang=[lang] { (short) } }
}

/// The districts with agreements, by province.
fn parties(visit: &Visit, network: &Network) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    /// How many districts of a province are named.
    const MAX_NAMED: usize = 40;
    html! {
        section {
            h2 { (locale.say("有协议的区域", "Districts with an agreement")) }
            dl class="provinces" {
                @for (code, districts) in &network.provinces {
                    div {
                        dt { (province(snapshot, *code, locale)) " " span class="count" { (districts.len()) } }
                        dd {
                            @for (at, district) in districts.iter().take(MAX_NAMED).filter_map(|code| snapshot.district(*code)).enumerate() {
                                @if at > 0 { (locale.say("、", ", ")) }
                                a href=(visit.at("/network").with("of", district.code.as_str())) { (district_name(district, locale)) }
                            }
                            @if districts.len() > MAX_NAMED { (locale.say("等", " and more")) }
                        }
                    }
                }
            }
        }
    }
}

fn several(visit: &Visit, written: &str, found: &[Kept<District>]) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("您说的是哪一个？", "Which one do you mean?");
    let markup = Frame::new(visit, title).draw(&html! {
        h1 { (title) }
        p class="lead" { "“" (written) "”" }
        ul class="partners" {
            @for district in found { li { a href=(visit.at("/network").with("of", district.code.as_str())) { (crate::name::district_with_path(visit, district)) } " " code { (district.code) } } }
        }
    });
    PageResponse::page(200, markup)
}

#[cfg(test)]
mod tests {
    use super::shade;

    #[test]
    fn shades_are_quarters_of_the_greatest_number() {
        assert_eq!([0, 1, 25, 26, 50, 99, 100].map(|count| shade(count, 100)), [0, 1, 1, 2, 2, 4, 4]);
        assert_eq!(shade(1, 1), 4);
    }
}
