//! Proposals, and the answers of the parties.

use domain::agreement::acts::{Rejecting, Signing, Withdrawer};
use domain::agreement::lifecycle::{RejectionKind, Signature};
use domain::agreement::remark::references_of_form;
use domain::journal::Action;
use domain::{Digest, Version};

use super::office::remarks;
use super::{MAX_REASON, day, number, party, reason, state, version};
use crate::acts::write::write;
use crate::acts::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

pub async fn propose(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "proposeVersion",
        input,
        |r| (number(r), version(r), day(r, "answerBy")),
        async |work, (number, version, answer_by)| {
            let Some((agreement, version)) = work.own(*number, *version).await? else { return Ok(None) };
            let author = agreement.version(version).and_then(Version::author);
            let author = author.and_then(|author| work.request.snapshot.district(author));
            if work.request.viewer.is_person() && author.is_some_and(|author| author.requires_approval) {
                work.noted(agreement.ensure_approved(version));
            }
            let proposed = work.noted(agreement.propose(version, *answer_by, work.when()));
            work.save_version(proposed, version, Action::Proposed).await
        },
    )
    .await
}

pub async fn withdraw(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "withdrawProposal",
        input,
        |r| (number(r), version(r), r.optional_line("reason", MAX_REASON)),
        async |work, (number, version, reason)| {
            let Some((agreement, version)) = work.own(*number, *version).await? else { return Ok(None) };
            let author = agreement.version(version).and_then(Version::author);
            let by = if author.is_some_and(|author| work.is_registrar_of(author)) {
                Withdrawer::Author
            } else {
                Withdrawer::Steward
            };
            let withdrawn =
                work.noted(agreement.withdraw_proposal(version, by, reason.as_deref().map(Into::into), work.when()));
            work.save_version(withdrawn, version, Action::ProposalWithdrawn).await
        },
    )
    .await
}

pub async fn sign(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "signVersion",
        input,
        |r| {
            let digest = r.code("digest").unwrap_or(Digest::GENESIS);
            let (approval_number, approved_on) = Signature::read_paper(r);
            (number(r), version(r), party(r), Signing { digest, approval_number, approved_on })
        },
        async |work, (number, version, party, signing)| {
            let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
            let (party, was) = (work.party(&agreement, *party), state(&agreement, version, work.today()));
            let signed = work.noted(agreement.sign(version, party, signing.clone(), work.when()));
            work.save_answer(signed, version, Action::Signed, was).await
        },
    )
    .await
}

pub async fn reject(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "rejectVersion",
        input,
        |r| {
            let kind = r.optional_word("kind").unwrap_or(RejectionKind::Refuse);
            let rejecting = Rejecting { kind, reason: reason(r).into(), remarks: remarks(r) };
            (number(r), version(r), party(r), rejecting)
        },
        async |work, (number, version, party, rejecting)| {
            work.names(&references_of_form(&rejecting.remarks), None).await?;
            let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
            let (party, was) = (work.party(&agreement, *party), state(&agreement, version, work.today()));
            let rejected = work.noted(agreement.reject(version, party, rejecting.clone(), work.when()));
            let action = match rejecting.kind {
                RejectionKind::Refuse => Action::Rejected,
                RejectionKind::Return => Action::Returned,
            };
            work.save_answer(rejected, version, action, was).await
        },
    )
    .await
}

pub async fn undo_rejection(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "undoRejection",
        input,
        |r| (number(r), version(r), party(r)),
        async |work, (number, version, party)| {
            let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
            let (party, was) = (work.party(&agreement, *party), state(&agreement, version, work.today()));
            let undone = work.noted(agreement.undo_rejection(version, party, work.when()));
            work.save_answer(undone, version, Action::RejectionUndone, was).await
        },
    )
    .await
}
