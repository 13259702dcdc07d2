//! Suspensions: by a party, and by the registry in an emergency.

use domain::Date;
use domain::journal::Action;
use domain::reading::Reader;

use super::{number, party, reason};
use crate::acts::write::write;
use crate::acts::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

/// The last day of a suspension. One that cannot be read becomes the last of all days, which no suspension has.
fn until(r: &mut Reader<'_>) -> Option<Date> {
    let until = r.date("until");
    if r.has("until") { Some(until.unwrap_or(Date::MAX)) } else { None }
}

pub async fn suspend(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "suspendAgreement",
        input,
        |r| (number(r), party(r), reason(r), until(r)),
        async |work, (number, party, reason, until)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let suspended = work.noted(agreement.suspend(Some(party), reason.as_str().into(), *until, work.when()));
            work.save_standing(suspended, Action::Suspended).await
        },
    )
    .await
}

pub async fn resume(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "resumeAgreement",
        input,
        |r| (number(r), party(r)),
        async |work, (number, party)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let resumed = work.noted(agreement.resume(Some(party), work.when()));
            work.save_standing(resumed, Action::Resumed).await
        },
    )
    .await
}

pub async fn stop(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "stopAgreement",
        input,
        |r| (number(r), reason(r)),
        async |work, (number, reason)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let stopped = work.noted(agreement.suspend(None, reason.as_str().into(), None, work.when()));
            work.save_standing(stopped, Action::Stopped).await
        },
    )
    .await
}

pub async fn release(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "releaseAgreement",
        input,
        |r| (number(r), reason(r)),
        async |work, (number, _)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let released = work.noted(agreement.resume(None, work.when()));
            work.save_standing(released, Action::Released).await
        },
    )
    .await
}
