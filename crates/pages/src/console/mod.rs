//! The console for registrars, signatories and stewards: which page answers which address. A page reads the snapshot as
//! its caller may see it, and every form runs an act of the registry: nothing can be done here that the API cannot do.

mod act;
mod field;
mod form;
mod home;
mod keep;
mod keys;
mod people;
pub mod sign_in;
mod workspace;

use domain::{Locale, Message, Role};
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

/// The page for a caller without the role that a page needs.
fn not_yours(visit: &Visit, role: Role) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("您没有这个页面的权限", "This page is not yours");
    let content = match locale {
        Locale::Zh => format!("此页面需要“{}”角色。请切换身份，或联系平台管理员。", role.label(locale)),
        Locale::En => {
            format!("The page needs the role “{}”. Act in another capacity, or ask a steward.", role.label(locale))
        }
    };
    Workspace::new(visit, title).response(403, &html! { p class="lead" { (content) } })
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
