//! A form that was not accepted, to be submitted again: nothing that was typed is lost.

use maud::{Markup, html};
use registry::presentation::Say as _;

use super::token::token;
use crate::visit::Visit;

/// A form with the fields that were submitted and a button. Files have to be chosen again.
pub(super) fn resubmit(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let Some(submission) = &visit.submission else { return html! {} };
    html! {
        form method="post" action=(visit.address) {
            (token(visit))
            @for (name, value) in submission.fields.iter().filter(|(name, _)| name != crate::submission::CSRF) {
                input type="hidden" name=(name) value=(value) {}
            }
            @if !submission.files.is_empty() {
                p class="note" { (locale.say("文件需要重新选择：请返回原页面。", "Files have to be chosen again: go back to the page.")) }
            }
            p class="buttons" {
                button class="button" type="submit" { (locale.say("继续提交", "Continue")) }
                a class="button quiet" href=(visit.address) { (locale.say("返回原页面", "Back to the page")) }
            }
        }
    }
}
