//! How long a route takes in all, for people.

use domain::Locale;
use domain::duty::has_unlimited;

use crate::presentation::{RoutePresentation, Say as _, days};

/// The sum of days of a table. `is_least`: some have duties without a limit, so that it takes longer.
pub fn total_days((sum, kind): (u32, Option<&str>), is_least: bool, locale: Locale) -> Option<String> {
    let days = days(Some(sum), kind, locale)?;
    Some(if is_least && sum > 0 { format!("{}{days}", locale.say("不少于 ", "at least ")) } else { days })
}

/// The same of a route.
pub fn total_days_of(details: &RoutePresentation, locale: Locale) -> Option<String> {
    let (sum, kind) = details.total.as_ref()?;
    total_days((*sum, kind.as_deref()), has_unlimited(&details.duties), locale)
}
