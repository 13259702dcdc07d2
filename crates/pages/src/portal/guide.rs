//! The guide of a district to a matter (办事指南), with its materials.

use domain::{Locale, Offering};
use maud::{Markup, html};
use registry::presentation::{self, Say as _, sentence};

use crate::frame::sample_badge;
use crate::language::chinese;
use crate::name::{self, fact, text_fact};

pub(crate) fn guide(offering: &Offering, of: usize, locale: Locale) -> Markup {
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
            (forms(offering, locale))
            dl {
                @if let Some(authority) = &offering.authority { (text_fact(locale.say("审批部门", "Deciding body"), Some(&authority.name), locale)) }
                (text_fact(locale.say("申请条件", "Conditions"), offering.conditions.as_deref(), locale))
                @if let Some(promised) = &promised { (fact(locale.say("承诺时限", "Promised"), &html! { (promised) })) }
                @if let Some(statutory) = &statutory { (fact(locale.say("法定时限", "By law within"), &html! { (statutory) })) }
                (fact(locale.say("到现场次数", "Visits"), &html! { (sentence(&presentation::visit_count(offering.visits, locale))) }))
                (text_fact(locale.say("收费", "Fee"), offering.fee.as_deref(), locale))
                (text_fact(locale.say("办理结果", "Result"), offering.result.as_deref(), locale))
                @if let Some(url) = &offering.result_sample { (fact(locale.say("结果样本", "Sample of it"), &outside(url))) }
                (text_fact(locale.say("结果送达", "Delivery"), offering.delivery.as_deref(), locale))
                (text_fact(locale.say("预约", "Appointment"), offering.appointment.as_deref(), locale))
                @if let Some(url) = &offering.appointment_url { (fact(locale.say("网上预约", "Appointment"), &outside(url))) }
                (text_fact(locale.say("法律依据", "Legal basis"), offering.legal_basis.as_deref(), locale))
                @if let Some(url) = &offering.url { (fact(locale.say("网上办理", "Online"), &outside(url))) }
                @if let Some(phone) = &offering.consult_phone { (fact(locale.say("咨询电话", "Questions"), &name::phone(phone))) }
                @if let Some(phone) = &offering.complaint_phone { (fact(locale.say("监督投诉", "Complaints"), &name::phone(phone))) }
                @if let Some(verified) = offering.verified_on { (fact(locale.say("指南核对日期", "Verified on"), &html! { (verified) })) }
            }
            (questions(offering, locale))
        }
    }
}

/// Forms and filled samples.
fn forms(offering: &Offering, locale: Locale) -> Markup {
    html! {
        @if !offering.forms.is_empty() {
            h4 { (locale.say("表格和样表", "Forms and samples")) }
            ul class="links" {
                @for form in &offering.forms {
                    li {
                        a class="outside" href=(form.url) rel="external noopener noreferrer" lang=[chinese(locale)] { (form.name) }
                        " " span class="badge" { @if form.sample { (locale.say("样表", "sample")) } @else { (locale.say("空白表", "blank form")) } }
                    }
                }
            }
        }
    }
}

/// Questions that are often asked.
fn questions(offering: &Offering, locale: Locale) -> Markup {
    html! {
        @if !offering.questions.is_empty() {
            h4 { (locale.say("常见问题", "Often asked")) }
            @for asked in &offering.questions {
                details { summary lang=[chinese(locale)] { (asked.question) } p class="text" lang=[chinese(locale)] { (asked.answer) } }
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
                            th scope="row" lang=[chinese(locale)] { label class="tick" { input type="checkbox" {} " " (material.name) } }
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

/// A link to another site.
pub(crate) fn outside(url: &str) -> Markup {
    html! { a class="outside" href=(url) rel="external noopener noreferrer" { (url) } }
}
