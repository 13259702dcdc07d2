//! Names of records. Every name is a link.

use std::fmt::Display;

use catalogue::Kept;
use domain::{AgreementNumber, District, DistrictCode, HandlingMode, Id, Locale, Matter, MatterCode, Policy, Window};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, lineage, matter_name, sentence};

use crate::language::chinese;
use crate::visit::Visit;

/// A district's name, with the districts above it in small letters.
pub(crate) fn district_with_path(visit: &Visit, district: &Kept<District>) -> Markup {
    let lineage = lineage(&visit.context.snapshot, district, visit.on());
    let locale = visit.locale;
    let above = lineage.split_last().map_or(&[][..], |(_, above)| above);
    let above: Vec<&str> = match locale {
        Locale::Zh => above.iter().map(|district| district_name(district, locale)).collect(),
        Locale::En => above.iter().rev().map(|district| district_name(district, locale)).collect(),
    };
    html! {
        span class="place" {
            @if locale == Locale::Zh && !above.is_empty() { span class="above" { (above.join(" ")) } " " }
            span class="name" { (district_name(district, locale)) }
            @if locale == Locale::En && !above.is_empty() { span class="above" { ", " (above.join(", ")) } }
        }
    }
}

/// A link to a district, by its name.
pub(crate) fn district(visit: &Visit, district: &District) -> Markup {
    let lang = district.english_name.is_none().then(|| chinese(visit.locale)).flatten();
    html! { a href=(to_district(visit, district.code)) lang=[lang] { (district_name(district, visit.locale)) } }
}

/// A link to a district, by its path.
pub(crate) fn district_path(visit: &Visit, district: &Kept<District>) -> Markup {
    html! { a href=(to_district(visit, district.code)) { (district_with_path(visit, district)) } }
}

/// The district of a code; the code alone if there is none.
pub(crate) fn district_of(visit: &Visit, code: DistrictCode) -> Markup {
    visit.context.snapshot.district(code).map_or_else(|| html! { code { (code) } }, |found| district(visit, found))
}

/// Districts in a row, at most `limit` of them.
pub(crate) fn districts(visit: &Visit, codes: &[DistrictCode], limit: usize) -> Markup {
    let locale = visit.locale;
    html! {
        @for (at, code) in codes.iter().take(limit).enumerate() {
            @if at > 0 { (locale.say("、", ", ")) }
            (district_of(visit, *code))
        }
        @if codes.len() > limit {
            @match locale {
                Locale::Zh => { "等 " (codes.len()) " 地" }
                Locale::En => { " and " (codes.len() - limit) " more" }
            }
        }
    }
}

pub(crate) fn to_district(visit: &Visit, code: DistrictCode) -> String {
    visit.to(&format!("/district/{code}"))
}

/// A link to a matter, for the districts of the question.
pub(crate) fn matter(visit: &Visit, matter: &Matter) -> Markup {
    let lang = matter.english_name.is_none().then(|| chinese(visit.locale)).flatten();
    html! { a href=(visit.to(&format!("/matter/{}", matter.code))) lang=[lang] { (matter_name(matter, visit.locale)) } }
}

pub(crate) fn matter_of(visit: &Visit, code: MatterCode) -> Markup {
    visit.context.snapshot.matter(code).map_or_else(|| html! { code { (code) } }, |found| matter(visit, found))
}

/// A link to an agreement with its title.
pub(crate) fn agreement(visit: &Visit, number: AgreementNumber, title: &str) -> Markup {
    html! { a href=(to_agreement(visit, number)) lang=[chinese(visit.locale)] { (title) } }
}

pub(crate) fn to_agreement(visit: &Visit, number: impl Display) -> String {
    visit.to(&format!("/agreement/{number}"))
}

pub(crate) fn policy(visit: &Visit, id: Id<Policy>, policy: &Policy) -> Markup {
    html! { a href=(visit.to(&format!("/policy/{id}"))) lang=[chinese(visit.locale)] { (policy.title) } }
}

pub(crate) fn window(visit: &Visit, id: Id<Window>, window: &Window) -> Markup {
    html! { a href=(visit.to(&format!("/window/{id}"))) lang=[chinese(visit.locale)] { (window.name) } }
}

/// The badge of a handling mode.
pub(crate) fn mode(mode: HandlingMode, locale: Locale) -> Markup {
    html! { span class="badge mode" { (sentence(mode.label(locale))) } }
}

/// A telephone number that can be dialled.
pub(crate) fn phone(number: &str) -> Markup {
    let digits: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    html! { @if digits.len() >= 3 { a href={ "tel:" (digits) } { (number) } } @else { (number) } }
}

/// A row of a list of facts.
pub(crate) fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}

/// The same with a text in Chinese, if there is one.
pub(crate) fn text_fact(label: &str, value: Option<&str>, locale: Locale) -> Markup {
    html! { @if let Some(value) = value { (fact(label, &html! { span class="text" lang=[chinese(locale)] { (value) } })) } }
}
