//! A version to read: its state, its text, and what changed.

use maud::html;
use registry::presentation::{Say as _, sentence};

use super::{difference, found, text};
use crate::console::home::version_name;
use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    respond(visit).unwrap_or_else(|missing| missing)
}

fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let version = found::version(visit, &agreement)?;
    let path = found::path(&agreement);
    let content = html! {
        p class="facts" {
            code { (agreement.number) } " "
            span class="badge" { (sentence(version.state(visit.context.today).label(locale))) }
        }
        (text::whole(visit, version))
        (difference::summary(visit, &agreement, version))
        section {
            h2 { (locale.say("摘要", "Digest")) }
            p { code class="digest" { (version.digest(agreement.number)) } }
        }
    };
    Ok(Workspace::new(visit, &format!("{} · {}", version.title, version_name(version.number, locale)))
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(text::points(version)))
}
