//! A new agreement: first how it comes about, then what it takes.

mod draft;
mod paper;
mod question;
mod start;

use domain::Role;
use maud::html;
use registry::presentation::Say as _;

use super::home::acts;
use super::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;
use question::How;

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    if !acts(visit, Role::Registrar) && !acts(visit, Role::Steward) {
        let content = html! {
            p class="lead" { (locale.say("只有经办人可以起草或补录协议。您的身份没有这项权限，请联系平台管理员。", "Only a registrar drafts or records agreements. Ask a steward for the role.")) }
            p { a href=(visit.to("/console/agreements")) { (locale.say("返回协议", "Back to the agreements")) } }
        };
        return Workspace::new(visit, locale.say("起草或补录协议", "New agreement")).response(403, &content);
    }
    match How::named(visit.address.get(question::HOW)) {
        None => question::page(visit),
        Some(How::Paper) => paper::answer(visit).await,
        Some(how) => draft::answer(visit, how).await,
    }
}
