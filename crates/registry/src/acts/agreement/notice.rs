//! Notice of a party that leaves, and objection to a renewal.

use domain::agreement::acts::Leaving;
use domain::journal::Action;

use super::{day, number, party, reason};
use crate::acts::write::write;
use crate::acts::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

pub async fn give(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "giveNotice",
        input,
        |r| {
            let leaving = if r.flag("lawChanged") { Leaving::LawChanged } else { Leaving::InTime };
            (number(r), party(r), day(r, "endsOn"), leaving, reason(r))
        },
        async |work, (number, party, ends_on, leaving, reason)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let given =
                work.noted(agreement.give_notice(party, *ends_on, *leaving, reason.as_str().into(), work.when()));
            work.save_standing(given, Action::NoticeGiven).await
        },
    )
    .await
}

pub async fn revoke(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "revokeNotice",
        input,
        |r| (number(r), party(r)),
        async |work, (number, party)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let revoked = work.noted(agreement.revoke_notice(party, work.when()));
            work.save_standing(revoked, Action::NoticeRevoked).await
        },
    )
    .await
}

pub async fn oppose_renewal(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "opposeRenewal",
        input,
        |r| (number(r), party(r)),
        async |work, (number, party)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let opposed = work.noted(agreement.oppose_renewal(party, work.when()));
            work.save_standing(opposed, Action::RenewalOpposed).await
        },
    )
    .await
}
