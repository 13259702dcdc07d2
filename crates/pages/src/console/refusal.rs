//! Pages that say why another one cannot be shown.

use domain::{Locale, Role};
use maud::html;
use registry::error::Error;
use registry::presentation::Say as _;

use super::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;

/// The page when records could not be read.
pub(super) fn failed(visit: &Visit, error: &Error) -> PageResponse {
    let locale = visit.locale;
    let text = error.message();
    let title = locale.say("暂时不能显示", "It cannot be shown now");
    Workspace::new(visit, title).response(503, &html! { p class="lead" { (text.text(locale)) } })
}

/// The page for a caller without the role that a page needs.
pub(super) fn not_yours(visit: &Visit, role: Role) -> PageResponse {
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
