//! The token against forms of other sites (CSRF).

use maud::{Markup, html};

use crate::submission::CSRF;
use crate::visit::Visit;

/// The token that every form of a session carries.
pub(super) fn token(visit: &Visit) -> Markup {
    let csrf = visit.session.as_ref().map_or("", |session| session.csrf.as_str());
    html! { input type="hidden" name=(CSRF) value=(csrf) {} }
}
