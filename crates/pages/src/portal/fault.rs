//! The pages of faults: the reason, a search form with what was typed, and a contact.

use domain::Message;
use maud::html;
use registry::presentation::Say as _;

use crate::form::{faults, question};
use crate::frame::{Frame, operator};
use crate::response::PageResponse;
use crate::visit::Visit;

/// A page with a reason. The status is that of HTTP.
pub(crate) fn page(visit: &Visit, status: u16, title: &Message, reason: &Message) -> PageResponse {
    let locale = visit.locale;
    let title = title.text(locale);
    let retry = visit.address.text();
    let markup = Frame::new(visit, title).hidden_from_search_engines().draw(&html! {
        h1 { (title) }
        p class="lead" { (reason.text(locale)) }
        @if status >= 429 { p { a class="button" href=(retry) { (locale.say("重试", "Try again")) } } }
        (faults(visit))
        (question(visit))
        section {
            h2 { (locale.say("您也可以", "You can also")) }
            ul class="links" {
                li { a href=(visit.to("/matters")) { (locale.say("按事项查找", "look through the matters")) } }
                li { a href=(visit.to("/districts")) { (locale.say("按区域查找", "look through the districts")) } }
                li { a href=(visit.to("/help")) { (locale.say("看帮助", "read the help")) } }
            }
            @if visit.site.contact.is_some() {
                p { (locale.say("还是不行？请联系我们：", "Still lost? Contact us:")) }
                (operator(visit))
            }
        }
    });
    PageResponse::page(status, markup)
}

/// The record of an address does not exist.
pub(crate) fn no_record(visit: &Visit, kind: &Message, written: &str) -> PageResponse {
    let title = Message::new(format!("没有这个{}", kind.zh), format!("There is no such {}", kind.en));
    let reason = Message::new(
        format!("本平台没有“{written}”。请核对后再查，或从下面查找。"),
        format!("The registry has no “{written}”. Check it, or search below."),
    );
    page(visit, 404, &title, &reason)
}

/// The code in an address is malformed.
pub(crate) fn bad_code(visit: &Visit, kind: &Message, written: &str, expected: &Message) -> PageResponse {
    let title = Message::new(format!("{}有误", kind.zh), format!("This is not {}", kind.en));
    let reason = Message::new(format!("“{written}”：{}。", expected.zh), format!("“{written}”: {}.", expected.en));
    page(visit, 400, &title, &reason)
}
