//! The page of a matter: how it is handled between two districts, or why it is not.

use catalogue::{Answer, Basis, Kept, Route};
use domain::handling::FullOnlineTerms;
use domain::{Duty, Locale, Matter, Offering, Terms, Window};
use maud::{Markup, html};
use registry::presentation::{
    self, Guides, Presentation, RoutePresentation, Say, Sources, basis_line, district_name, matter_name, sentence,
};

use super::frame::{Frame, Sample, chinese, district_with_path, faults, question, sample_badge};
use super::reason::{notices, reasons};
use super::side::Side;
use super::visit::Visit;

pub(crate) async fn page(visit: &Visit, matter: &Kept<Matter>) -> Markup {
    let presented = match (&visit.receiving, &visit.competent) {
        (Side::Known(receiving), Side::Known(competent)) => {
            let handling = visit.context.snapshot.handling(matter.code, receiving.code, competent.code, visit.on());
            Some(presentation::present(handling, &visit.context.store).await)
        }
        _ => None,
    };
    draw(visit, matter, presented.as_ref())
}

fn draw(visit: &Visit, matter: &Kept<Matter>, presented: Option<&Presentation>) -> Markup {
    let locale = visit.locale;
    let title = matter_name(matter, locale);
    let path = format!("/matter/{}", matter.code);
    let sources = presented.map_or_else(
        || {
            let mut sources = Sources::default();
            sources.add("事项", "matter", &matter.provenance);
            sources
        },
        Presentation::sources,
    );
    Frame::new(visit, title, &path).with(Sample::from(sources.has_synthetic())).draw(&html! {
        p class="back" { a href=(visit.link.to_list()) { span aria-hidden="true" { "← " } (locale.say("返回事项列表", "Back to the list")) } }
        h1 lang=[matter.english_name.is_none().then(|| chinese(locale)).flatten()] { (title) }
        @if locale == Locale::En && matter.english_name.is_some() { p class="original" lang="zh-Hans" { (matter.name) } }
        (about(matter, locale))
        (faults(visit))
        @match presented {
            Some(presented) => (answer(visit, matter, presented)),
            None => {
                p class="lead" { (locale.say("您现在在哪里，要办哪里的业务？选好两地，就知道能不能办、怎么办。", "Where are you, and whose matter is it? Choose both districts to see whether and how it can be done.")) }
                (question(visit))
            }
        }
        (provenance(&sources, locale))
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

fn answer(visit: &Visit, matter: &Matter, presented: &Presentation) -> Markup {
    let locale = visit.locale;
    let handling = &presented.handling;
    let side = |label: &str, side: &Side| html! { @if let Some(district) = side.known() { div { dt { (label) } dd { (district_with_path(visit, district)) " " code { (district.code) } } } } };
    let verdict = match (handling.answer, locale) {
        (Answer::Available, Locale::Zh) if presentation::has_unknown_window(handling) => {
            "可以办，请先电话确认窗口".to_owned()
        }
        (Answer::Available, Locale::En) if presentation::has_unknown_window(handling) => {
            "Yes; call first to ask for the window".to_owned()
        }
        (Answer::Available, Locale::Zh) => "可以办".to_owned(),
        (Answer::Available, Locale::En) => "Yes, it can be done".to_owned(),
        (Answer::NotOffered, Locale::Zh) => "暂时不能办：业务属地没有提供".to_owned(),
        (Answer::NotOffered, Locale::En) => "No: the competent district does not offer it".to_owned(),
        (Answer::NotCovered, Locale::Zh) => "这两地之间不能办".to_owned(),
        (Answer::NotCovered, Locale::En) => "No, not between these districts".to_owned(),
        (Answer::UnknownMatter | Answer::UnknownDistrict | Answer::Malformed, _) => {
            handling.answer.label(locale).to_owned()
        }
    };
    let yes = handling.answer == Answer::Available;
    html! {
        section class={ "answer" @if yes { " yes" } @else { " no" } } aria-labelledby="verdict" {
            dl class="between" {
                (side(locale.say("我现在在", "I am in"), &visit.receiving))
                (side(locale.say("要办哪里的业务", "My matter belongs to"), &visit.competent))
                div { dt { (locale.say("办理日期", "On")) } dd { (handling.on) } }
            }
            h2 id="verdict" { (verdict) @if yes && handling.routes.len() > 1 { span class="count" { (ways(handling.routes.len(), locale)) } } }
            (reasons(&handling.reasons, locale))
            p class="change" { a href=(visit.link.turned().to_matter(matter.code)) { (locale.say("查看反方向", "See the other direction")) } }
        }
        @if presented.guides == Guides::Unavailable {
            p class="note" role="alert" { (locale.say("办事指南暂时读不到，材料和时限请稍后再看。", "The guides cannot be read at the moment. Please look again later for materials and limits.")) }
        }
        @for (at, (route, details)) in handling.routes.iter().zip(&presented.routes).enumerate() { (way(visit, at + 1, handling.routes.len(), route, details)) }
    }
}

fn ways(count: usize, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!("，有 {count} 种办法"),
        Locale::En => format!(", in {count} ways"),
    }
}

fn way(visit: &Visit, number: usize, of: usize, route: &Route, details: &RoutePresentation) -> Markup {
    let locale = visit.locale;
    let clause = route.clause();
    let mode = route.mode;
    let id = format!("route-{number}");
    html! {
        article class="route" aria-labelledby=(id) {
            h2 id=(id) {
                @if of > 1 { span class="number" { (number) } " " }
                (sentence(mode.label(locale)))
                @if let Some(label) = clause.mode_label.as_deref().filter(|label| *label != mode.label(Locale::Zh)) {
                    " " span class="called" lang=[chinese(locale)] { (locale.say("原文称“", "called “")) (label) "”" }
                }
            }
            (brief(details, locale))
            (notices(&route.notices, locale))
            div class="facts-grid" {
                (windows(route, locale))
                (online(route.terms(), locale))
                (basis(route, locale))
            }
            (duty_table(visit, route, details))
            @for offering in &details.offerings { (guide(offering, details.offerings.len(), locale)) }
        }
    }
}

fn basis(route: &Route, locale: Locale) -> Markup {
    let clause = route.clause();
    let synthetic = presentation::basis_provenance(&route.basis).synthetic;
    html! {
        section {
            h3 { (locale.say("依据", "Basis")) }
            p class="basis" lang=[chinese(locale)] { (basis_line(&route.basis, locale)) @if synthetic { " " (sample_badge(locale)) } }
            dl {
                @match &route.basis {
                    Basis::Agreement { agreement, version } => {
                        @let version = &agreement.versions[*version];
                        @if let Some(number) = &version.document_number { (row(locale.say("发文字号", "Document"), &html! { span lang=[chinese(locale)] { (number) } })) }
                        @if let Some(signed) = version.signed_on() { (row(locale.say("签署日期", "Signed on"), &html! { (signed) })) }
                    }
                    Basis::Policy(policy) => {
                        @if !policy.issued_by.is_empty() { (row(locale.say("发文机关", "Issued by"), &html! { span lang=[chinese(locale)] { (policy.issued_by.join("、")) } })) }
                    }
                }
                (row(locale.say("有效期", "Valid"), &html! { (sentence(&presentation::period(route.valid, locale))) }))
                @if let Some(batch) = &clause.batch { (row(locale.say("批次", "Batch"), &html! { span lang=[chinese(locale)] { (batch) } })) }
                (row(locale.say("清单条款", "Clause"), &html! { code { (clause.key) } }))
            }
        }
    }
}

fn row(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}

fn text_row(label: &str, value: Option<&str>, locale: Locale) -> Markup {
    html! { @if let Some(value) = value { (row(label, &html! { span class="text" lang=[chinese(locale)] { (value) } })) } }
}

/// The most important facts: days, visits, fee.
fn brief(details: &RoutePresentation, locale: Locale) -> Markup {
    let fastest = details.offerings.first();
    let facts = [
        (
            locale.say("共需", "Takes"),
            details.total.as_ref().and_then(|(total, kind)| presentation::days(Some(*total), kind.as_deref(), locale)),
        ),
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
    match terms {
        Terms::FullOnline(FullOnlineTerms { url, identity_level, certificates_accepted, result_delivery }) => html! {
            section {
                h3 { (locale.say("在网上办", "Online")) }
                dl {
                    @if let Some(url) = url { (row(locale.say("网址", "Address"), &outside(url))) }
                    (text_row(locale.say("身份核验", "Identity"), identity_level.as_deref(), locale))
                    @if !certificates_accepted.is_empty() { (text_row(locale.say("认可的电子证照", "Electronic certificates accepted"), Some(&certificates_accepted.join("、")), locale)) }
                    (text_row(locale.say("结果送达", "Result"), result_delivery.as_deref(), locale))
                }
                @if url.is_none() { p class="quiet" { (locale.say("网址见下面的办事指南。", "See the guide below for the address.")) } }
            }
        },
        Terms::ProxyCollection(_) | Terms::MultiSiteJoint(_) => html! {},
    }
}

/// A link to another site.
fn outside(url: &str) -> Markup {
    html! { a class="outside" href=(url) rel="external noopener noreferrer" { (url) } }
}

fn windows(route: &Route, locale: Locale) -> Markup {
    let needs_window = !matches!(route.terms(), Terms::FullOnline(_));
    html! {
        @if needs_window || !route.windows.is_empty() {
            section class="windows" {
                h3 {
                    @match locale {
                        Locale::Zh => { (route.receiving.name) "的通办窗口" }
                        Locale::En => { "Windows in " (district_name(&route.receiving, locale)) }
                    }
                }
                @if route.windows.is_empty() { p { (locale.say("本平台没有这里的窗口信息，请先电话询问当地政务服务中心。", "The registry knows no window here. Please ask the local service hall first.")) } }
                ul { @for window in &route.windows { li { (window_card(window, locale)) } } }
            }
        }
    }
}

fn window_card(window: &Window, locale: Locale) -> Markup {
    html! {
        p class="name" { span lang=[chinese(locale)] { (window.name) } " " span class="kind" { (presentation::window_kind(&window.kind, locale)) } @if window.provenance.synthetic { " " (sample_badge(locale)) } }
        dl {
            (text_row(locale.say("地址", "Address"), Some(&window.address), locale))
            (text_row(locale.say("时间", "Hours"), window.hours.as_deref(), locale))
            @if let Some(phone) = &window.phone { (row(locale.say("电话", "Phone"), &html! { (phone) })) }
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
                    @if let Some((total, kind)) = &details.total {
                        tfoot { tr {
                            th scope="row" colspan="3" { (locale.say("合计", "Total")) }
                            td class="days" { (presentation::days(Some(*total), kind.as_deref(), locale).unwrap_or_default()) }
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
                @if let Some(district) = district { span class="where" { (district_name(district, locale)) } }
            }
            td { (sentence(duty.task.text(locale))) }
            td class="days" { (presentation::days(duty.days, duty.day_kind.as_deref(), locale).unwrap_or_else(|| "—".to_owned())) }
        }
    }
}

fn guide(offering: &Offering, of: usize, locale: Locale) -> Markup {
    let kind = offering.day_kind.as_deref();
    let promised = presentation::days(offering.promised_days, kind, locale);
    let statutory = offering
        .statutory_days
        .and_then(|days| presentation::days(Some(days), kind.filter(|kind| *kind != "AT_ONCE"), locale));
    html! {
        section class="guide" {
            h3 {
                (locale.say("办事指南", "Guide"))
                @if let Some(name) = offering.name.as_ref().filter(|_| of > 1) { (locale.say("：", ": ")) span lang=[chinese(locale)] { (name) } }
                @if offering.provenance.synthetic { " " (sample_badge(locale)) }
            }
            @if locale == Locale::En { p class="quiet" { "The guide is in Chinese, as the district wrote it." } }
            @if !offering.materials.is_empty() { (materials(offering, locale)) }
            dl {
                @if let Some(authority) = &offering.authority { (text_row(locale.say("审批部门", "Deciding body"), Some(&authority.name), locale)) }
                (text_row(locale.say("申请条件", "Conditions"), offering.conditions.as_deref(), locale))
                @if let Some(promised) = &promised { (row(locale.say("承诺时限", "Promised"), &html! { (promised) })) }
                @if let Some(statutory) = &statutory { (row(locale.say("法定时限", "By law within"), &html! { (statutory) })) }
                (row(locale.say("到现场次数", "Visits"), &html! { (sentence(&presentation::visit_count(offering.visits, locale))) }))
                (text_row(locale.say("收费", "Fee"), offering.fee.as_deref(), locale))
                (text_row(locale.say("办理结果", "Result"), offering.result.as_deref(), locale))
                (text_row(locale.say("结果送达", "Delivery"), offering.delivery.as_deref(), locale))
                (text_row(locale.say("预约", "Appointment"), offering.appointment.as_deref(), locale))
                (text_row(locale.say("法律依据", "Legal basis"), offering.legal_basis.as_deref(), locale))
                @if let Some(url) = &offering.url { (row(locale.say("网上办理", "Online"), &outside(url))) }
                @if let Some(verified) = offering.verified_on { (row(locale.say("指南核对日期", "Verified on"), &html! { (verified) })) }
            }
        }
    }
}

fn materials(offering: &Offering, locale: Locale) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(locale.say("材料", "Materials")) {
            table class="materials" {
                caption { (locale.say("材料", "Materials")) }
                thead { tr {
                    th scope="col" { (locale.say("名称", "Name")) }
                    th scope="col" { (locale.say("要求", "Needed")) }
                    th scope="col" { (locale.say("窗口核对什么", "What the window checks")) }
                } }
                tbody {
                    @for material in &offering.materials {
                        tr {
                            th scope="row" lang=[chinese(locale)] { (material.name) }
                            td {
                                (sentence(presentation::necessity(&material.necessity, locale)))
                                @if let Some(days) = material.deferrable_days { (deferrable(days, locale)) }
                                @if let Some(medium) = &material.medium { span class="form" { (presentation::medium(medium, locale)) @if let Some(copies) = material.copies { (copies_of(copies, locale)) } } }
                            }
                            td lang=[chinese(locale)] { (material.check.as_deref().unwrap_or("—")) }
                        }
                    }
                }
            }
        }
    }
}

fn deferrable(days: u32, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!("（{days} 日内补交）"),
        Locale::En => format!(" (within {days} days)"),
    }
}

fn copies_of(copies: u32, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!(" {copies} 份"),
        Locale::En => format!(" × {copies}"),
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
