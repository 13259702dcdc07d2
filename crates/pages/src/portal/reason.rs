//! The reasons of a negative answer, and the notices of a positive one.

use catalogue::Reason;
use domain::{Locale, MatterCode};
use maud::{Markup, html};
use registry::presentation::{Say, sentence};

use super::advice::advice;
use super::remedy::links;
use crate::visit::Visit;

/// The reasons of a no, each with a remedy. The first one is shown; the others are folded.
pub(crate) fn reasons(visit: &Visit, reasons: &[Reason], matter: Option<MatterCode>) -> Markup {
    let locale = visit.locale;
    html! {
        @if let Some((first, others)) = reasons.split_first() {
            ul class="reasons" { (item(visit, first, matter)) }
            @if !others.is_empty() {
                details class="more" {
                    summary {
                        @match locale {
                            Locale::Zh => { "其他原因（" (others.len()) "）" }
                            Locale::En => { "Other reasons (" (others.len()) ")" }
                        }
                    }
                    ul class="reasons" { @for reason in others { (item(visit, reason, matter)) } }
                }
            }
        }
    }
}

fn item(visit: &Visit, reason: &Reason, matter: Option<MatterCode>) -> Markup {
    let locale = visit.locale;
    html! {
        li {
            p class="why" { (sentence(reason.message(locale))) }
            p class="remedy" { span class="label" { (locale.say("怎么办", "What to do")) } " " (sentence(&advice(reason, locale))) }
            (links(visit, reason, matter))
            details class="codes" { summary { (locale.say("供系统对接的代码", "Code for systems")) } p { code { (reason.code.name()) } } }
        }
    }
}

/// Notices of a yes.
pub(crate) fn notices(visit: &Visit, notices: &[Reason], matter: Option<MatterCode>) -> Markup {
    let locale = visit.locale;
    html! {
        @if !notices.is_empty() {
            ul class="notices" {
                @for notice in notices {
                    li {
                        p { (sentence(notice.message(locale))) }
                        @if !notice.remedy(locale).is_empty() { p class="remedy" { (sentence(&advice(notice, locale))) } }
                        (links(visit, notice, matter))
                    }
                }
            }
        }
    }
}
