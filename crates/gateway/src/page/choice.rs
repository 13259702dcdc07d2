//! The choice between districts, when a name is ambiguous or unknown.

use maud::{Markup, html};
use registry::presentation::Say;

use super::frame::{Frame, district_with_path, faults, question};
use super::side::Side;
use super::visit::Visit;

/// A choice between the districts that a name means, if it means several or none.
pub(super) fn choose(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let title = match (&visit.receiving, &visit.competent) {
        (Side::Several(_), _) | (_, Side::Several(_)) => locale.say("您说的是哪一个？", "Which one do you mean?"),
        _ => locale.say("没有找到这个区域", "This district is not known"),
    };
    let choices = |side: &Side, label: &str, to: &dyn Fn(&str) -> String| match side {
        Side::Several(found) => html! {
            section class="choices" {
                h2 { (label) }
                ul { @for district in found { li { a href=(to(district.code.as_str())) { (district_with_path(visit, district)) } " " code { (district.code) } } } }
            }
        },
        Side::Open | Side::Known(_) | Side::Unknown => html! {},
    };
    let link = &visit.link;
    Frame::new(visit, title, "/").draw(&html! {
        h1 { (title) }
        (faults(visit))
        (question(visit))
        (choices(&visit.receiving, locale.say("我现在在", "I am in"), &|code| link.between(code, &link.competent).to_list()))
        (choices(&visit.competent, locale.say("要办哪里的业务", "My matter belongs to"), &|code| link.between(&link.receiving, code).to_list()))
    })
}
