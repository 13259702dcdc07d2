//! A version to read: its state, its text, and what changed.

use maud::html;
use registry::presentation::{Say as _, sentence};

use super::{difference, found, office, text};
use crate::console::effect::{self, Drawn};
use crate::console::home::version_name;
use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    respond(visit).await.unwrap_or_else(|missing| missing)
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let version = found::version(visit, &agreement)?;
    let path = found::path(&agreement);
    let Drawn { markup: effect, points } = effect::section(visit, &agreement, version.number).await;
    let content = html! {
        p class="facts" {
            code { (agreement.number) } " "
            span class="badge" { (sentence(version.state(visit.context.today).label(locale))) } " "
            a href=(visit.to(&format!("{}/office", found::version_path(&agreement, version.number)))) { (office::link_name(version).text(locale)) }
        }
        (text::whole(visit, version))
        (difference::summary(visit, &agreement, version))
        (effect)
        section {
            h2 { (locale.say("摘要", "Digest")) }
            p { code class="digest" { (version.digest(agreement.number)) } }
        }
    };
    Ok(Workspace::new(visit, &format!("{} · {}", version.title, version_name(version.number, locale)))
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(text::points(version) + points))
}
