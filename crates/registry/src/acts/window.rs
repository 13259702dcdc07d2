//! Acts on windows: register, close.

use domain::journal::Action;
use domain::{DistrictCode, Record, Window};

use super::write::write;
use super::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

/// The fields that identify a window.
const KEY_FIELDS: &[&str] = &["district", "name"];

/// The form has the single days on which a window is closed as `closedOn`; in a line that is the day of the closing.
const CLOSED_DATES: (&str, &str) = ("closedOn", "closedDates");

pub async fn register(request: &RequestContext, mut input: Input) -> Result<Outcome, Error> {
    let (in_form, in_line) = CLOSED_DATES;
    if let Some(dates) = input.remove(in_form) {
        input.insert(in_line.to_owned(), dates);
    }
    let mut outcome = written(request, input).await?;
    for step in outcome.problems.iter_mut().filter_map(|problem| problem.path.first_mut()) {
        if step == in_line {
            in_form.clone_into(step);
        }
    }
    Ok(outcome)
}

async fn written(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "registerWindow", input, Window::read, async |work, window| {
        let found = work.work.window(window.district, &window.name).await?;
        let (window, action) = match work.seen_before(found, KEY_FIELDS) {
            Some(held) => (held.record.revised(window.clone()), Action::Revised),
            None => (window.clone(), Action::Registered),
        };
        work.names(&window.references(), None).await?;
        work.save(Some(Record::Window(window)), action).await
    })
    .await
}

pub async fn close(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "closeWindow",
        input,
        |r| (r.code("district").unwrap_or(DistrictCode::UNREAD), r.line("name", 120), r.line("reason", 2_000)),
        async |work, (district, name, reason)| {
            let found = work.work.window(*district, name).await?;
            let today = work.today();
            let closed = work
                .held(found, KEY_FIELDS)
                .and_then(|held| work.noted(held.record.close(reason.as_str().into(), today)));
            work.save(closed.map(Record::Window), Action::Closed).await
        },
    )
    .await
}
