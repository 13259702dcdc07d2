//! The page of a district: what can be done here for others, what elsewhere for us, windows, agreements, and the
//! districts below.

use catalogue::{DistrictFilter, Kept, Listed, Order, Partner, Slice};
use domain::{District, DistrictCode, Locale, Message, Scope};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, lineage, sentence};

use super::agreements::entry;
use super::fault;
use super::guide::outside;
use super::hours::{card, holidays};
use super::query::{has_synthetic_basis, in_force};
use crate::frame::{Frame, Sample};
use crate::language::chinese;
use crate::name::{self, fact};
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many partners, agreements, windows and districts below are shown.
const MAX_PARTNERS: usize = 12;
const MAX_AGREEMENTS: usize = 10;
const MAX_WINDOWS: usize = 20;
const MAX_BELOW: usize = 150;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let written = visit.segment();
    let code = match written.parse::<DistrictCode>() {
        Ok(code) => code,
        Err(malformed) => {
            let kind = Message::new("区域代码", "the code of a district");
            return fault::bad_code(visit, &kind, written, &malformed.expected());
        }
    };
    let Some(district) = visit.context.snapshot.district(code) else {
        return fault::no_record(visit, &Message::new("区域", "district"), written);
    };
    // A former code leads to the page of the current one.
    if district.code.as_str() != written {
        return PageResponse::redirect(name::to_district(visit, district.code));
    }
    let partners: Vec<_> = visit.context.snapshot.partners(district.code, visit.on()).iter().collect();
    let cost = partners.len() as u64;
    PageResponse::page(200, draw(visit, district, &partners)).costing(cost)
}

fn draw(visit: &Visit, district: &Kept<District>, partners: &[Listed<DistrictCode, Partner>]) -> Markup {
    let locale = visit.locale;
    let title = district_name(district, locale);
    let synthetic = has_synthetic_basis(visit, district);
    Frame::new(visit, title).with(Sample::from(synthetic)).about(district.id).draw(&html! {
        (path(visit, district))
        h1 lang=[district.english_name.is_none().then(|| chinese(locale)).flatten()] { (title) }
        @if locale == Locale::En && district.english_name.is_some() { p class="original" lang="zh-Hans" { (district.name) } }
        (facts(visit, district))
        (retired(visit, district))
        (ways(visit, district, partners, true))
        (ways(visit, district, partners, false))
        (windows(visit, district))
        (agreements(visit, district))
        (below(visit, district))
    })
}

/// The districts above.
fn path(visit: &Visit, district: &Kept<District>) -> Markup {
    let locale = visit.locale;
    let lineage = lineage(&visit.context.snapshot, district, visit.on());
    let above = lineage.split_last().map_or(&[][..], |(_, above)| above);
    html! {
        nav class="back" aria-label=(locale.say("上级区域", "Districts above")) {
            a href=(visit.to("/districts")) { (locale.say("全部区域", "All districts")) }
            @for district in above { " › " (name::district(visit, district)) }
        }
    }
}

fn facts(visit: &Visit, district: &District) -> Markup {
    let locale = visit.locale;
    let aliases: Vec<&str> = district.aliases.iter().map(AsRef::as_ref).collect();
    html! {
        dl class="about" {
            (fact(locale.say("区域代码", "Code"), &html! { code { (district.code) } }))
            (fact(locale.say("层级", "Level"), &html! { (sentence(district.kind.label(locale))) }))
            @if !aliases.is_empty() { (fact(locale.say("又称", "Also called"), &html! { span lang=[chinese(locale)] { (aliases.join("、")) } })) }
            @if let Some(hotline) = &district.hotline { (fact(locale.say("服务热线", "Service line"), &name::phone(hotline))) }
            @if let Some(phone) = &district.complaint_phone { (fact(locale.say("监督投诉", "Complaints"), &name::phone(phone))) }
            @if let Some(portal) = &district.portal { (fact(locale.say("政务服务网", "Service site"), &outside(portal))) }
            @if !district.administers.is_empty() {
                @let administered: Vec<_> = district.administers.iter().filter(|tenure| tenure.period.includes(visit.on())).map(|tenure| tenure.district).collect();
                @if !administered.is_empty() { (fact(locale.say("托管", "Administers"), &name::districts(visit, &administered, 20))) }
            }
        }
    }
}

fn retired(visit: &Visit, district: &District) -> Markup {
    let locale = visit.locale;
    html! {
        @if let Some(retired) = &district.retired {
            div class="note" role="alert" {
                p {
                    @match locale { Locale::Zh => { "这个区域自 " (retired.on) " 起撤销。" } Locale::En => { "This district is retired since " (retired.on) "." } }
                    @if !retired.successors.is_empty() { " " (locale.say("由以下区域承接：", "Its successors: ")) (name::districts(visit, &retired.successors, 20)) }
                }
            }
        }
    }
}

/// What can be done here for partners, or there for this district.
fn ways(visit: &Visit, district: &District, partners: &[Listed<DistrictCode, Partner>], is_here: bool) -> Markup {
    let locale = visit.locale;
    let name = district_name(district, locale);
    let count = |partner: &Partner| if is_here { partner.matters_in } else { partner.matters_out };
    let mut busy: Vec<&Partner> =
        partners.iter().map(|listed| &listed.item).filter(|partner| count(partner) > 0).collect();
    busy.sort_by_key(|partner| std::cmp::Reverse(count(partner)));
    let (title, all) = match (is_here, locale) {
        (true, Locale::Zh) => (format!("在{name}能办哪里的事"), visit.link.between(district.code.as_str(), "")),
        (true, Locale::En) => {
            (format!("Whose matters can be done in {name}"), visit.link.between(district.code.as_str(), ""))
        }
        (false, Locale::Zh) => (format!("{name}的事能在哪里办"), visit.link.between("", district.code.as_str())),
        (false, Locale::En) => {
            (format!("Where matters of {name} can be done"), visit.link.between("", district.code.as_str()))
        }
    };
    let to = |partner: &District| {
        let (here, there) = (district.code.as_str(), partner.code.as_str());
        let link = if is_here { visit.link.between(here, there) } else { visit.link.between(there, here) };
        link.to_list()
    };
    html! {
        section {
            h2 { (title) }
            @if busy.is_empty() {
                p class="quiet" { (locale.say("没有通过协议开通的事项；全国性的政策清单另查。", "Nothing is open by an agreement; national lists may apply.")) }
            } @else {
                ul class="partners" {
                    @for partner in busy.iter().take(MAX_PARTNERS) {
                        li {
                            a href=(to(&partner.district)) { (name::district_with_path(visit, &partner.district)) } " "
                            span class="count" { (count(partner)) (locale.say(" 项", if count(partner) == 1 { " matter" } else { " matters" })) }
                        }
                    }
                }
            }
            p class="change" { a href=(all.to_list()) { (locale.say("选另一地查询", "Choose the other district")) @if busy.len() > MAX_PARTNERS { (locale.say("（共 ", " (")) (busy.len()) (locale.say(" 地）", " districts)")) } } }
        }
    }
}

fn windows(visit: &Visit, district: &District) -> Markup {
    let locale = visit.locale;
    let windows = visit.context.snapshot.windows(district.code);
    let open: Vec<_> = windows.iter().filter(|window| !window.open().ended_before(visit.on())).collect();
    html! {
        section class="windows" {
            h2 { (locale.say("通办窗口", "Windows")) }
            @if open.is_empty() { p class="quiet" { (locale.say("本平台没有这里的窗口信息，请先电话询问当地政务服务中心。", "The registry knows no window here. Please ask the local service hall first.")) } }
            ul class="window-list" { @for window in open.iter().take(MAX_WINDOWS) { li { (card(visit, window)) } } }
            (holidays(visit, &open.iter().map(|window| &window.record).collect::<Vec<_>>()))
            @if open.len() > MAX_WINDOWS { p class="quiet" { @match locale { Locale::Zh => { "共 " (open.len()) " 个窗口" } Locale::En => { (open.len()) " windows in all" } } } }
        }
    }
}

fn agreements(visit: &Visit, district: &District) -> Markup {
    let locale = visit.locale;
    let filter = in_force(visit, Some(district.code));
    let list = visit.context.snapshot.list_agreements(&filter, &Scope::Public);
    html! {
        section {
            h2 { (locale.say("生效中的协议", "Agreements in force")) " " span class="count" { (list.len()) } }
            ol class="matters" { @for listed in list.iter().take(MAX_AGREEMENTS) { (entry(visit, &listed.item, visit.on())) } }
            p class="change" { a href=(visit.at("/agreements").with("party", district.code.as_str())) { (locale.say("全部协议，含已到期的", "All agreements, the ended ones too")) } }
        }
    }
}

/// The districts directly below.
fn below(visit: &Visit, district: &Kept<District>) -> Markup {
    let locale = visit.locale;
    let on = visit.on();
    let filter = DistrictFilter { within: Some((district.code, on)), ..DistrictFilter::default() };
    let within = visit.context.snapshot.list_districts(&filter, &Slice::all(Order::Code));
    let below: Vec<_> =
        within.items().filter(|other| other.parent(on) == Some(district.code) && !other.is_retired(on)).collect();
    html! {
        @if !below.is_empty() {
            section {
                h2 { (locale.say("下辖区域", "Districts below")) " " span class="count" { (below.len()) } }
                ul class="names" { @for district in below.iter().take(MAX_BELOW) { li { (name::district(visit, district)) } } }
            }
        }
    }
}
