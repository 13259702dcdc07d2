//! The console for registrars, signatories and stewards: which page answers which address. A page reads the snapshot as
//! its caller may see it, and every form runs an act of the registry: nothing can be done here that the API cannot do.

mod act;
mod field;
mod form;
mod home;
mod keep;
mod keys;
mod people;
mod refusal;
pub mod sign_in;
mod token;
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
    Keys,
    People,
}

/// The pages by the patterns of their paths. Each is read by GET, and takes its forms by POST.
pub const PAGES: [(&str, Page); 3] =
    [("/console", Page::Home), ("/console/keys", Page::Keys), ("/console/people", Page::People)];

/// The answer of a page, for a caller who has signed in.
pub async fn answer(page: Page, request: PageRequest) -> PageResponse {
    let visit = Visit::new(request);
    match page {
        Page::Home => home::answer(&visit).await,
        Page::Keys => keys::answer(&visit).await,
        Page::People => people::answer(&visit).await,
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
