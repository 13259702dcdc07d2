//! The form of the question, and what was typed wrong in it.

use domain::Locale;
use maud::{Markup, html};
use registry::presentation::{Say as _, place};

use crate::language::lang;
use crate::side::Side;
use crate::visit::Visit;

/// The search form: receiving district, competent district, words, and day.
pub(crate) fn question(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let words = html! {
        p class="field" {
            label for="q" { (locale.say("办什么（可不填）", "What for (optional)")) }
            input id="q" name="q" type="search" value=(visit.link.search) autocomplete="off" enterkeyhint="search" data-matters
                placeholder=(locale.say("如：身份证、医保、sfz", "such as: identity card")) {}
        }
    };
    draw(visit, "/", "words", &words)
}

/// The form on the page of a matter: districts and day, for the same matter.
pub(crate) fn question_about_matter(visit: &Visit, path: &str) -> Markup {
    let words =
        html! { @if !visit.link.search.is_empty() { input type="hidden" name="q" value=(visit.link.search) {} } };
    draw(visit, path, "words narrow", &words)
}

fn draw(visit: &Visit, action: &str, class: &str, words: &Markup) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    html! {
        form class="question" action=(action) method="get" role="search" aria-label=(locale.say("查询跨域通办事项", "Look up matters across districts")) {
            (district_field(visit, "receiving", locale.say("我现在在", "I am in"), &visit.receiving, &link.receiving))
            (district_field(visit, "competent", locale.say("要办哪里的业务", "My matter belongs to"), &visit.competent, &link.competent))
            div class=(class) {
                (words)
                p class="field day" {
                    label for="on" { (locale.say("哪一天办（不填为今天）", "Day (today if empty)")) }
                    input id="on" name="on" type="date" value=[link.on] {}
                }
                button class="button" type="submit" { (locale.say("查询", "Search")) }
            }
            // Enter in a field presses the first submit button of a form, so this one comes after the search button;
            // the style sheet places it between the districts.
            button class="turn" type="submit" name="swap" value="1" title=(locale.say("对调两地", "Turn the direction around")) {
                span aria-hidden="true" { "⇄" }
                span class="unseen" { (locale.say("对调两地", "Turn the direction around")) }
            }
            @for mode in &link.modes { input type="hidden" name="mode" value=(mode.name()) {} }
            @for domain in &link.domains { input type="hidden" name="domain" value=(domain.name()) {} }
            @for audience in &link.audiences { input type="hidden" name="audience" value=(audience.name()) {} }
            @if let Some(sort) = link.sort() { input type="hidden" name="sort" value=(sort) {} }
            @if let Some(locale) = link.lang { input type="hidden" name="lang" value=(lang(locale)) {} }
        }
    }
}

fn district_field(visit: &Visit, name: &str, label: &str, side: &Side, written: &str) -> Markup {
    let locale = visit.locale;
    let value = match side {
        Side::Known(district) => place(&visit.context.snapshot, district, visit.on(), locale),
        Side::Open | Side::Several(_) | Side::Unknown(_) => written.to_owned(),
    };
    let trouble = match side {
        Side::Unknown(guesses) if !guesses.is_empty() => Some(match locale {
            Locale::Zh => format!("没有找到“{written}”。是否要找：{}？", guesses.join("、")),
            Locale::En => format!("No district “{written}” is known. Did you mean {}?", guesses.join(", ")),
        }),
        Side::Unknown(_) => Some(match locale {
            Locale::Zh => format!("没有找到“{written}”。请写区县名称（如“南沙”）、拼音首字母或六位区划代码。"),
            Locale::En => {
                format!("No district “{written}” is known. Write its name, such as “Nansha”, or its six-digit code.")
            }
        }),
        Side::Several(_) => Some(match locale {
            Locale::Zh => format!("叫“{written}”的不止一处，请在下面选择。"),
            Locale::En => format!("“{written}” means more than one district. Choose below."),
        }),
        Side::Open | Side::Known(_) => None,
    };
    let trouble_id = format!("{name}-trouble");
    html! {
        div class={ "field district " (name) } {
            label for=(name) { (label) }
            input id=(name) name=(name) type="text" value=(value) autocomplete="off" spellcheck="false" data-districts
                placeholder=(locale.say("区县名称或代码", "name or code of a district"))
                aria-invalid=[trouble.as_ref().map(|_| "true")] aria-describedby=[trouble.as_ref().map(|_| trouble_id.as_str())] {}
            @if let Some(trouble) = &trouble { p class="trouble" id=(trouble_id) { (trouble) } }
        }
    }
}

/// The parameters of the address that are invalid.
pub(crate) fn faults(visit: &Visit) -> Markup {
    html! {
        @if !visit.faults.is_empty() {
            div class="note" role="alert" {
                @for fault in &visit.faults { p { (fault.text(visit.locale)) } }
            }
        }
    }
}

/// The search field of a list, with its button. `more` are further fields.
pub(crate) fn search(visit: &Visit, label: &str, more: &Markup, shown: &[&str]) -> Markup {
    let locale = visit.locale;
    let shown: Vec<&str> = shown.iter().copied().chain(["q", "page", "view"]).collect();
    html! {
        form class="search" action=(visit.address.path()) method="get" role="search" aria-label=(label) {
            p class="field" {
                label for="q" { (label) }
                input id="q" name="q" type="search" value=(visit.link.search) autocomplete="off" enterkeyhint="search" {}
            }
            (more)
            (visit.address.hidden_except(&shown))
            button class="button" type="submit" { (locale.say("查询", "Search")) }
        }
    }
}

/// A field with a choice; empty: no choice.
pub(crate) fn choice<'a>(
    name: &str,
    label: &str,
    any: &str,
    options: impl Iterator<Item = (&'a str, &'a str)>,
    chosen: &str,
) -> Markup {
    html! {
        p class="field" {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { (any) }
                @for (value, text) in options { option value=(value) selected[value == chosen] { (text) } }
            }
        }
    }
}
