//! The page of a matter: how it is handled between two districts, or why it is not.

use catalogue::{Answer, Kept, Reason, ReasonCode, Route};
use domain::handling::full_online::FullOnlineTerms;
use domain::{District, Duty, Locale, Matter, MatterCode, Message, Terms};
use maud::{Markup, html};
use registry::presentation::{
    self, Guides, Presentation, RoutePresentation, Say, Sources, district_name, matter_name, sentence,
};
use registry::total_days::total_days_of;

use super::basis::basis;
use super::choice::choices;
use super::guide::{guide, outside};
use super::hours::{card, holidays};
use super::linked_data::service;
use super::next_step::steps;
use super::reason::{notices, reasons};
use super::ways::{Way, ways};
use super::{fault, places, print};
use crate::form::{faults, question_about_matter};
use crate::frame::{Frame, Sample, sample_badge};
use crate::language::chinese;
use crate::name::{self, district_path, fact, text_fact};
use crate::response::PageResponse;
use crate::side::Side;
use crate::visit::Visit;

/// The number of other places beside a no, and what finding them costs.
const NEAREST: usize = 3;
const ELSEWHERE_COST: u64 = 10;

/// The page of the matter that the address names.
pub(crate) async fn answer(visit: &Visit, query: &str) -> PageResponse {
    let written = visit.segment();
    let matter = match written.parse::<MatterCode>() {
        Ok(code) => match visit.context.snapshot.matter(code) {
            Some(matter) => matter,
            None => return fault::no_record(visit, &Message::new("事项", "matter"), written),
        },
        Err(malformed) => {
            let kind = Message::new("事项代码", "the code of a matter");
            return fault::bad_code(visit, &kind, written, &malformed.expected());
        }
    };
    if let Some(address) = visit.canonical_address(&format!("/matter/{}", matter.code), query) {
        return PageResponse::redirect(address);
    }
    let presented = match visit.districts() {
        (Some(receiving), Some(competent)) => {
            let handling = visit.context.snapshot.handling(matter.code, receiving.code, competent.code, visit.on());
            Some(presentation::present(handling, &visit.context.store).await)
        }
        _ => None,
    };
    let cost = match &presented {
        Some(presented) if presented.handling.answer == Answer::Available => 0,
        Some(_) => ELSEWHERE_COST,
        None => places::ADDITIONAL_COST,
    };
    PageResponse::page(visit.status(), draw(visit, matter, presented.as_ref())).costing(cost)
}

fn draw(visit: &Visit, matter: &Kept<Matter>, presented: Option<&Presentation>) -> Markup {
    let locale = visit.locale;
    let title = matter_name(matter, locale);
    let sources = presented.map_or_else(
        || {
            let mut sources = Sources::default();
            sources.add("事项", "matter", &matter.provenance);
            sources
        },
        Presentation::sources,
    );
    // Without two districts, where the matter can be done.
    let places = if presented.is_none() { places::places(visit, matter) } else { (html! {}, false) };
    // Of an answer, the guide of the competent district is what is most often wrong.
    let guide = presented.and_then(|presented| presented.routes.iter().find_map(|route| route.offerings.first()));
    let record = guide.map_or_else(|| matter.id.to_string(), |offering| offering.id.to_string());
    Frame::new(visit, title).with(Sample::from(sources.has_synthetic() || places.1)).about(record).draw(&html! {
        p class="back" { a href=(visit.link.to_any_list()) { span aria-hidden="true" { "← " } (locale.say("返回事项列表", "Back to the list")) } }
        h1 lang=[matter.english_name.is_none().then(|| chinese(locale)).flatten()] { (title) }
        @if locale == Locale::En && matter.english_name.is_some() { p class="original" lang="zh-Hans" { (matter.name) } }
        (about(matter, locale))
        (faults(visit))
        @match presented {
            Some(presented) => (verdict(visit, matter, presented)),
            None => {
                p class="lead" { (locale.say("您现在在哪里，要办哪里的业务？选好两地，就知道能不能办、怎么办。", "Where are you, and whose matter is it? Choose both districts to see whether and how it can be done.")) }
                (question_about_matter(visit, &format!("/matter/{}", matter.code)))
                (choices(visit, &|link| link.to_matter(matter.code)))
                (places.0)
            }
        }
        (provenance(&sources, locale))
        @if presented.is_some() { (print::foot(visit)) }
        (service(matter))
    })
}

fn about(matter: &Matter, locale: Locale) -> Markup {
    let audience: Vec<_> = matter.audience.iter().map(|audience| audience.label(locale)).collect();
    html! {
        dl class="about" {
            div { dt { (locale.say("事项代码", "Code")) } dd { code { (matter.code) } } }
            div { dt { (locale.say("领域", "Domain")) } dd { (sentence(matter.domain.label(locale))) } }
            @if !audience.is_empty() { div { dt { (locale.say("服务对象", "Who applies")) } dd { (sentence(&audience.join(locale.say("、", ", ")))) } } }
            @if !matter.competent_by.is_empty() {
                div { dt { (locale.say("属地确定方式", "Competence follows")) } dd lang=[chinese(locale)] { (matter.competent_by.join(locale.say("或", " / "))) } }
            }
            @if let Some(department) = &matter.lead_department { div { dt { (locale.say("主管部门", "Lead department")) } dd lang=[chinese(locale)] { (department) } } }
        }
    }
}

fn verdict(visit: &Visit, matter: &Matter, presented: &Presentation) -> Markup {
    let locale = visit.locale;
    let handling = &presented.handling;
    let side = |label: &str, side: &Side| html! { @if let Some(district) = side.known() { div { dt { (label) } dd { (district_path(visit, district)) } } } };
    let said = presentation::verdict(handling, locale);
    let yes = handling.answer == Answer::Available;
    let ways = ways(presented, locale);
    html! {
        section class={ "answer" @if yes { " yes" } @else { " no" } } aria-labelledby="verdict" {
            dl class="between" {
                (side(locale.say("我现在在", "I am in"), &visit.receiving))
                (side(locale.say("要办哪里的业务", "My matter belongs to"), &visit.competent))
                div { dt { (locale.say("办理日期", "On")) } dd { (handling.on) } }
            }
            h2 id="verdict" { (said) @if yes && ways.len() > 1 { span class="count" { (counted(ways.len(), locale)) } } }
            @if yes { (steps(visit, presented)) }
            (reasons(visit, &handling.reasons, Some(matter.code)))
            @if !yes { (elsewhere(visit, matter)) }
            // The remedy of this reason is the same link.
            @if handling.reasons.first().is_none_or(|reason| reason.code != ReasonCode::OnlyOtherDirection) {
                p class="change" { a href=(visit.link.turned().to_matter(matter.code)) { (locale.say("查看反方向", "See the other direction")) } }
            }
        }
        @if presented.guides == Guides::Unavailable {
            p class="note" role="alert" { (locale.say("办事指南暂时读不到，材料和时限请稍后再看。", "The guides cannot be read at the moment. Please look again later for materials and limits.")) }
        }
        @for (at, way) in ways.iter().enumerate() { (draw_way(visit, at + 1, ways.len(), way)) }
    }
}

/// The nearest districts in which the matter can be handed in instead.
fn elsewhere(visit: &Visit, matter: &Matter) -> Markup {
    let (Some(receiving), Some(competent)) = visit.districts() else { return html! {} };
    let snapshot = &visit.context.snapshot;
    let places = snapshot.elsewhere(matter.code, receiving.code, competent.code, visit.on(), NEAREST);
    html! {
        @if !places.is_empty() {
            p class="elsewhere" {
                (visit.locale.say("最近的这些地方可以办：", "The nearest places where it can be done: "))
                @for (at, place) in places.iter().enumerate() {
                    @if at > 0 { (visit.locale.say("、", ", ")) }
                    a href=(visit.link.between(place.code.as_str(), competent.code.as_str()).to_matter(matter.code)) { (district_name(place, visit.locale)) }
                }
            }
        }
    }
}

fn counted(count: usize, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!("，有 {count} 种办法"),
        Locale::En => format!(", in {count} ways"),
    }
}

fn draw_way(visit: &Visit, number: usize, of: usize, way: &Way<'_>) -> Markup {
    let locale = visit.locale;
    let (route, details) = (way.route, way.details);
    let mode = route.mode;
    let id = format!("route-{number}");
    let mut told: Vec<Reason> = Vec::new();
    for notice in way.routes().flat_map(|route| &route.notices) {
        if !told.contains(notice) {
            told.push(notice.clone());
        }
    }
    html! {
        article class="route" aria-labelledby=(id) {
            h2 id=(id) {
                @if of > 1 { span class="number" { (number) } " " }
                (sentence(mode.label(locale)))
                @if let Some(label) = route.clause().mode_label.as_deref().filter(|label| *label != mode.label(Locale::Zh)) {
                    " " span class="called" lang=[chinese(locale)] { (locale.say("原文称“", "called “")) (label) "”" }
                }
            }
            @if let Some((first, differs)) = way.differs.as_ref().filter(|(_, differs)| !differs.is_empty()) {
                p class="quiet" {
                    @match locale {
                        Locale::Zh => { "与第 " (first) " 种办法的不同：" (differs.join("、")) }
                        Locale::En => { "Differs from way " (first) " in: " (differs.join(", ")) }
                    }
                }
            }
            (brief(details, locale))
            (notices(visit, &told, Some(route.matter.code)))
            div class="facts-grid" {
                (windows(visit, route))
                (online(route.terms(), locale))
                (basis(visit, way))
            }
            (duty_table(visit, route, details))
            @for offering in &details.offerings { (guide(offering, details.offerings.len(), locale)) }
        }
    }
}

/// What to do where no window is registered.
fn no_window(visit: &Visit, receiving: &District) -> Markup {
    let locale = visit.locale;
    html! {
        p {
            (locale.say("本平台没有这里的窗口信息，请先电话询问当地政务服务中心。", "The registry knows no window here. Please call the local service hall first."))
            @if let Some(hotline) = &receiving.hotline { " " (locale.say("服务热线：", "Service line: ")) (name::phone(hotline)) }
        }
    }
}

/// The most important facts: days, visits, fee.
fn brief(details: &RoutePresentation, locale: Locale) -> Markup {
    let fastest = details.offerings.first();
    let facts = [
        (locale.say("共需", "Takes"), total_days_of(details, locale)),
        (
            locale.say("到现场次数", "Visits"),
            fastest.map(|offering| presentation::visit_count(offering.visits, locale)),
        ),
        (locale.say("收费", "Fee"), fastest.and_then(|offering| offering.fee.clone())),
    ];
    html! {
        @if facts.iter().any(|(_, value)| value.is_some()) {
            dl class="brief" { @for (label, value) in &facts { @if let Some(value) = value { div { dt { (label) } dd lang=[(*label == "Fee").then(|| chinese(locale)).flatten()] { (sentence(value)) } } } } }
        }
    }
}

/// The agreed terms of online submission.
fn online(terms: &Terms, locale: Locale) -> Markup {
    let Terms::FullOnline(FullOnlineTerms { url, identity_level, certificates_accepted, result_delivery }) = terms
    else {
        return html! {};
    };
    html! {
        section {
            h3 { (locale.say("在网上办", "Online")) }
            dl {
                @if let Some(url) = url { (fact(locale.say("网址", "Address"), &outside(url))) }
                (text_fact(locale.say("身份核验", "Identity"), identity_level.as_deref(), locale))
                @if !certificates_accepted.is_empty() { (text_fact(locale.say("认可的电子证照", "Electronic certificates accepted"), Some(&certificates_accepted.join("、")), locale)) }
                (text_fact(locale.say("结果送达", "Result"), result_delivery.as_deref(), locale))
            }
            @if url.is_none() { p class="quiet" { (locale.say("网址见下面的办事指南。", "See the guide below for the address.")) } }
        }
    }
}

fn windows(visit: &Visit, route: &Route) -> Markup {
    let locale = visit.locale;
    let needs_window = route.mode.needs_window();
    html! {
        @if needs_window || !route.windows.is_empty() {
            section class="windows" {
                h3 {
                    @match locale {
                        Locale::Zh => { (route.receiving.name) "的通办窗口" }
                        Locale::En => { "Windows in " (district_name(&route.receiving, locale)) }
                    }
                }
                @if route.windows.is_empty() { (no_window(visit, &route.receiving)) }
                ul { @for window in &route.windows { li { (card(visit, window)) } } }
                (holidays(visit, &route.windows.iter().map(|window| &window.record).collect::<Vec<_>>()))
            }
        }
    }
}

fn duty_table(visit: &Visit, route: &Route, details: &RoutePresentation) -> Markup {
    let locale = visit.locale;
    let from_acceptance =
        details.duties.iter().any(|duty| duty.actor == domain::Actor::CompetentAuthority && duty.days.is_some());
    html! {
        section class="duties" {
            h3 { (locale.say("谁做什么", "Who does what")) }
            div class="scroll" tabindex="0" role="group" aria-label=(locale.say("谁做什么", "Who does what")) {
                table {
                    thead { tr {
                        th scope="col" class="order" { (locale.say("步骤", "Step")) }
                        th scope="col" { (locale.say("谁", "Who")) }
                        th scope="col" { (locale.say("做什么", "What")) }
                        th scope="col" class="days" { (locale.say("时限", "Within")) }
                    } }
                    tbody { @for (at, duty) in details.duties.iter().enumerate() { (duty_row(visit, at + 1, duty)) } }
                    @if let Some(total) = total_days_of(details, locale) {
                        tfoot { tr {
                            th scope="row" colspan="3" { (locale.say("合计", "Total")) }
                            td class="days" { (total) }
                        } }
                    }
                }
            }
            @if from_acceptance {
                p class="quiet" { (locale.say("业务属地的时限自受理之日起算，不自收件之日起算。", "The competent district's days run from acceptance (受理), not from the day the window receives your materials.")) }
            }
            @if let Terms::ProxyCollection(terms) = route.terms() && let Some(rule) = &terms.supplement_rule {
                p class="quiet" lang=[chinese(locale)] { (rule) }
            }
        }
    }
}

fn duty_row(visit: &Visit, number: usize, duty: &Duty) -> Markup {
    let locale = visit.locale;
    let district = duty.district.and_then(|code| visit.context.snapshot.district(code));
    html! {
        tr {
            td class="order" { (number) }
            td class="who" {
                span class="actor" { (sentence(duty.actor.label(locale))) }
                @if let Some(district) = district { span class="where" { (name::district(visit, district)) } }
            }
            td { (sentence(duty.task.text(locale))) }
            td class="days" { (presentation::days(duty.days, duty.day_kind.as_deref(), locale).unwrap_or_else(|| "—".to_owned())) }
        }
    }
}

/// The sources of the records on the page.
fn provenance(sources: &Sources<'_>, locale: Locale) -> Markup {
    html! {
        section class="sources" {
            h2 { (locale.say("数据来源", "Sources")) }
            ul {
                @for (what, provenance) in sources.stated(locale) {
                    li {
                        span class="what" { (sentence(what)) } " "
                        @if provenance.synthetic { (sample_badge(locale)) " " }
                        @if let Some(source) = &provenance.source { span lang=[chinese(locale)] { (source) } }
                        @if let Some(licence) = &provenance.licence { (locale.say("（许可：", " (licence: ")) (presentation::licence(licence, locale)) (locale.say("）", ")")) }
                    }
                }
            }
        }
    }
}
