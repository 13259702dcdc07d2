//! The reasons of a negative answer, and the notices of a positive one.

use catalogue::Reason;
use domain::Locale;
use maud::{Markup, html};
use registry::presentation::{Say, sentence};

/// The reasons of a no, each with a remedy.
pub(crate) fn reasons(reasons: &[Reason], locale: Locale) -> Markup {
    html! {
        @if !reasons.is_empty() {
            ul class="reasons" {
                @for reason in reasons {
                    li {
                        p class="why" { (sentence(reason.message(locale))) }
                        p class="remedy" { span class="label" { (locale.say("怎么办", "What to do")) } " " (sentence(reason.remedy(locale))) }
                        p class="code" { code { (reason.code.name()) } }
                    }
                }
            }
        }
    }
}

/// Notices of a yes.
pub(crate) fn notices(notices: &[Reason], locale: Locale) -> Markup {
    html! {
        @if !notices.is_empty() {
            ul class="notices" {
                @for notice in notices {
                    li {
                        p { (sentence(notice.message(locale))) }
                        @if !notice.remedy(locale).is_empty() { p class="remedy" { (sentence(notice.remedy(locale))) } }
                    }
                }
            }
        }
    }
}
