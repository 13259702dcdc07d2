//! Windows are registered and closed.

use domain::journal::Action;
use domain::{DistrictCode, Record, Window};

use super::{Fault, Input, Outcome, write};
use crate::request_context::RequestContext;

/// By what a window is known.
const KNOWN_BY: &[&str] = &["district", "name"];

pub(crate) async fn register(asked: &RequestContext, input: Input) -> Result<Outcome, Fault> {
    write(asked, "registerWindow", input, Window::read, async |work, window| {
        let found = work.work.window(window.district, &window.name).await?;
        let (window, action) = match work.seen_before(found, KNOWN_BY) {
            Some(held) => (held.record.revised(window.clone()), Action::Revised),
            None => (window.clone(), Action::Registered),
        };
        work.names(&window.references(), None).await?;
        work.save(Some(Record::Window(window)), action).await
    })
    .await
}

pub(crate) async fn close(asked: &RequestContext, input: Input) -> Result<Outcome, Fault> {
    write(
        asked,
        "closeWindow",
        input,
        |r| (r.code("district").unwrap_or(DistrictCode::UNREAD), r.line("name", 120), r.line("reason", 2_000)),
        async |work, (district, name, reason)| {
            let found = work.work.window(*district, name).await?;
            let today = work.today();
            let closed = work.held(found, KNOWN_BY).and_then(|held| work.noted(held.record.close(reason.as_str().into(), today)));
            work.save(closed.map(Record::Window), Action::Closed).await
        },
    )
    .await
}
