//! The console for registrars, signatories and stewards: which page answers which address. A page reads the snapshot as
//! its caller may see it, and every form runs an act of the registry: nothing can be done here that the API cannot do.

mod act;
mod agreements;
mod draft;
mod field;
mod form;
mod home;
mod keep;
mod list;
mod names;
mod new;
mod remap;
pub mod sign_in;
mod trouble;
mod workspace;

use domain::Message;
use maud::html;
use registry::presentation::Say as _;

use crate::request::PageRequest;
use crate::response::PageResponse;
use crate::visit::Visit;
use workspace::Workspace;

/// A page of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Home,
    Agreements,
    NewAgreement,
    DraftParties,
    DraftTerms,
    DraftSchedule,
    DraftImport,
    DraftCheck,
}

/// The pages by the patterns of their paths. Each is read by GET, and takes its forms by POST.
pub const PAGES: [(&str, Page); 8] = [
    ("/console", Page::Home),
    ("/console/agreements", Page::Agreements),
    ("/console/agreements/new", Page::NewAgreement),
    ("/console/agreements/{number}/draft/parties", Page::DraftParties),
    ("/console/agreements/{number}/draft/terms", Page::DraftTerms),
    ("/console/agreements/{number}/draft/schedule", Page::DraftSchedule),
    ("/console/agreements/{number}/draft/schedule/import", Page::DraftImport),
    ("/console/agreements/{number}/draft/check", Page::DraftCheck),
];

/// The answer of a page, for a caller who has signed in.
pub async fn answer(page: Page, request: PageRequest) -> PageResponse {
    let visit = Visit::new(request);
    match page {
        Page::Home => home::answer(&visit).await,
        Page::Agreements => agreements::answer(&visit),
        Page::NewAgreement => new::answer(&visit).await,
        Page::DraftParties => draft::parties::answer(&visit).await,
        Page::DraftTerms => draft::terms::answer(&visit).await,
        Page::DraftSchedule => draft::schedule::page::answer(&visit).await,
        Page::DraftImport => draft::schedule::import::answer(&visit).await,
        Page::DraftCheck => draft::check::answer(&visit).await,
    }
}

/// The page for a form that did not come from this session: nothing was done.
pub fn forged(request: PageRequest) -> PageResponse {
    let visit = Visit::unresolved(request);
    let locale = visit.locale;
    let title = Message::new("请再提交一次", "Submit it once more");
    let content = html! {
        p class="lead" {
            (locale.say(
                "表单不是在这次登录中打开的，所以没有执行。请核对后再提交。",
                "The form was not opened in this session, so nothing was done. Check it, then submit it again.",
            ))
        }
        (keep::resubmit(&visit))
    };
    Workspace::new(&visit, title.text(locale)).response(403, &content)
}
