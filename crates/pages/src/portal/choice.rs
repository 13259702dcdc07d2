//! The choice between districts, when a name is ambiguous or unknown.

use maud::{Markup, html};
use registry::presentation::Say;

use crate::form::{faults, question};
use crate::frame::Frame;
use crate::link::Link;
use crate::name::district_with_path;
use crate::side::Side;
use crate::visit::Visit;

/// A choice between the districts that a name means, if it means several or none.
pub(crate) fn choose(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let title = match (&visit.receiving, &visit.competent) {
        (Side::Several(_), _) | (_, Side::Several(_)) => locale.say("您说的是哪一个？", "Which one do you mean?"),
        _ => locale.say("没有找到这个区域", "This district is not known"),
    };
    Frame::new(visit, title).draw(&html! {
        h1 { (title) }
        (faults(visit))
        (question(visit))
        (choices(visit, &Link::to_list))
    })
}

/// The districts that an ambiguous name means, on either side.
pub(crate) fn choices(visit: &Visit, to: &dyn Fn(&Link) -> String) -> Markup {
    let (locale, link) = (visit.locale, &visit.link);
    let of_side = |side: &Side, label: &str, with: &dyn Fn(&str) -> Link| match side {
        Side::Several(found) => html! {
            section class="choices" {
                h2 { (label) }
                ul { @for district in found { li { a href=(to(&with(district.code.as_str()))) { (district_with_path(visit, district)) } " " code { (district.code) } } } }
            }
        },
        Side::Open | Side::Known(_) | Side::Unknown(_) => html! {},
    };
    html! {
        (of_side(&visit.receiving, locale.say("我现在在", "I am in"), &|code| link.between(code, &link.competent)))
        (of_side(&visit.competent, locale.say("要办哪里的业务", "My matter belongs to"), &|code| link.between(&link.receiving, code)))
    }
}
