//! Records that a form names as people write them.

use catalogue::{MatterFilter, Order, Slice};
use domain::MatterCode;
use serde_json::Value as Json;

use crate::visit::Visit;

/// The code of a matter: of its code, or of its name when no other matter has the same. What is not found is passed on
/// as it was written, so that the act names the problem.
pub(super) fn matter(visit: &Visit, written: &str) -> String {
    let snapshot = &visit.context.snapshot;
    if written.parse::<MatterCode>().is_ok() {
        return written.to_owned();
    }
    let filter = MatterFilter { search: snapshot.matter_query(written), ..MatterFilter::default() };
    let list = snapshot.list_matters(&filter, &Slice::first(20, Order::Relevance));
    let is_named = |name: &str| name == written;
    let mut named = list.items().filter(|matter| {
        is_named(&matter.name)
            || matter.english_name.as_deref().is_some_and(is_named)
            || matter.aliases.iter().any(|alias| is_named(alias))
    });
    match (named.next(), named.next()) {
        (Some(only), None) => only.code.to_string(),
        _ => written.to_owned(),
    }
}

/// The codes of a list of matters.
pub(super) fn matters(visit: &Visit, written: Json) -> Json {
    let Json::Array(entries) = written else { return written };
    entries.iter().map(|entry| Json::from(matter(visit, entry.as_str().unwrap_or_default()))).collect()
}
