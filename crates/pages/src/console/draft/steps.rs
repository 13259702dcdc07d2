//! What stands on every page of a draft: which agreement it is, when it was saved, and the steps to its proposal.

use domain::Locale;
use maud::{Markup, html};
use registry::presentation::Say as _;

use super::open::Open;
use crate::console::workspace::Workspace;
use crate::language::chinese;
use crate::response::PageResponse;
use crate::visit::Visit;

/// The steps: page, name.
const STEPS: [(&str, &str, &str); 4] = [
    ("parties", "签约方", "Parties"),
    ("terms", "约定", "Terms"),
    ("schedule", "事项清单", "Schedule"),
    ("check", "核对与发送", "Check and propose"),
];

/// A page of a draft. `page`: the step that it belongs to.
pub(super) fn respond(visit: &Visit, open: &Open, page: &str, status: u16, content: &Markup) -> PageResponse {
    let locale = visit.locale;
    let step = STEPS.iter().find(|(step, ..)| *step == page).map_or("", |(_, zh, en)| locale.say(zh, en));
    let version = open.version();
    let number = match locale {
        Locale::Zh => format!("第 {} 版草稿", version.number),
        Locale::En => format!("draft, version {}", version.number),
    };
    let markup = html! {
        p class="facts draft" {
            strong lang=[chinese(locale)] { (version.title) } " "
            code { (open.number()) } " " span { (number) } " " span class="quiet" role="status" data-saved { (open.saved(locale)) }
        }
        nav class="steps-of-draft" aria-label=(locale.say("起草步骤", "Steps of the draft")) {
            ol {
                @for (step, zh, en) in STEPS {
                    li { a href=(to(visit, open, step)) aria-current=[(step == page).then_some("step")] { (locale.say(zh, en)) } " " span class="quiet" { (state(open, step, locale)) } }
                }
            }
        }
        (content)
    };
    Workspace::new(visit, step)
        .below("/console/agreements", locale.say("我的协议", "My agreements"))
        .below(&format!("/console/agreements/{}", open.number()), &open.number().to_string())
        .response(status, &markup)
}

/// The address of a step of the same draft.
pub(super) fn to(visit: &Visit, open: &Open, step: &str) -> String {
    visit.at(&open.path(step)).with("version", visit.address.get("version")).text()
}

/// How far a step is.
fn state(open: &Open, step: &str, locale: Locale) -> String {
    let version = open.version();
    let counted = |count: usize, zh: &str, en: &str| match locale {
        Locale::Zh => format!("{count} {zh}"),
        Locale::En => format!("{count} {en}"),
    };
    match step {
        "parties" => counted(version.parties.len(), "方", "parties"),
        "schedule" => {
            let matters: std::collections::BTreeSet<_> =
                version.schedule.iter().flat_map(|clause| clause.matters.iter()).collect();
            counted(matters.len(), "项", "matters")
        }
        _ => String::new(),
    }
}
