//! Records of agreements that were signed on paper: record, confirm, contest, correct, void.

use domain::agreement::acts::Corrector;
use domain::agreement::form::{RecordedBy, read_paper};
use domain::agreement::lifecycle::RejectionKind;
use domain::journal::Action;
use domain::reading::Reader;
use domain::{Agreement, DistrictCode, Message, ProblemCode, Role, Version};

use super::{MAX_REASON, number, party, reason, version};
use crate::acts::write::write;
use crate::acts::writing::Writing;
use crate::acts::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

/// A steward's record takes effect at once; a registrar's counts for its own party.
fn recorded_by(request: &RequestContext) -> RecordedBy {
    if request.viewer.roles.contains(&Role::Steward) { RecordedBy::Steward } else { RecordedBy::Party }
}

pub async fn record(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        if r.has("number") {
            r.refuse(
                ProblemCode::Invalid,
                "number",
                "NOT_YET",
                Message::new("协议编号由系统给出", "the registry gives a new agreement its number"),
                Message::new(
                    "请不填 number；更正已有记录请用 correctRecord",
                    "leave number out; correctRecord corrects an existing record",
                ),
            );
        }
        // Accepted for the sake of one input type for both mutations. It is not stored.
        r.optional_line("reason", MAX_REASON);
        read_paper(r)
    };
    write(request, "recordPaperAgreement", input, read, async |work, (recorder, paper)| {
        work.expect(0);
        let paper = work.settled(None, paper.clone(), None).await?;
        let paper = work.entered(paper, *recorder);
        let number = work.next_number()?;
        let recorded = work.noted(Agreement::recorded(number, paper, work.today()));
        work.save_agreement(recorded, Action::Recorded).await
    })
    .await
}

pub async fn correct(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "correctRecord",
        input,
        |r| (number(r), reason(r), read_paper(r)),
        async |work, (number, reason, (recorder, paper))| {
            let agreement = work.agreement(*number).await?;
            let paper = work.settled(*number, paper.clone(), agreement.as_ref()).await?;
            let paper = work.entered(paper, *recorder);
            let corrected = match agreement {
                Some(agreement) => {
                    let by = match recorded_by(work.request) {
                        RecordedBy::Party => Corrector::Recorder(work.party(&agreement, *recorder)),
                        RecordedBy::Steward => Corrector::Steward,
                    };
                    work.noted(agreement.correct(paper, by, reason.as_str().into(), work.when()))
                }
                None => {
                    work.noted(paper.ensure_signed_by(work.today()));
                    None
                }
            };
            work.save_agreement(corrected, Action::Corrected).await
        },
    )
    .await
}

pub async fn confirm(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "confirmRecord",
        input,
        |r| (number(r), version(r), party(r)),
        async |work, (number, version, party)| {
            let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let confirmed = work.noted(agreement.confirm(version, party, work.when()));
            work.save_version(confirmed, version, Action::Confirmed).await
        },
    )
    .await
}

/// A paper record is contested as a whole.
fn refuse_of_rejections(r: &mut Reader<'_>, field: &str) {
    r.refuse(
        ProblemCode::Invalid,
        field,
        "NOT_FOR_RECORDS",
        Message::new("纸质协议的登记不能退回修改", "a paper record is not returned for changes"),
        Message::new(
            format!("请不填 {field}，在 reason 中写明异议"),
            format!("leave {field} out, and state the objection in reason"),
        ),
    );
}

pub async fn contest(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "contestRecord",
        input,
        |r| {
            // The form is shared with rejections.
            if r.optional_word("kind") == Some(RejectionKind::Return) {
                refuse_of_rejections(r, "kind");
            }
            if r.has("remarks") {
                refuse_of_rejections(r, "remarks");
            }
            (number(r), version(r), party(r), reason(r))
        },
        async |work, (number, version, party, reason)| {
            let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
            let party = work.party(&agreement, *party);
            let contested = work.noted(agreement.contest(version, party, reason.as_str().into(), work.when()));
            work.save_version(contested, version, Action::Contested).await
        },
    )
    .await
}

pub async fn void(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "voidAgreement",
        input,
        |r| (number(r), reason(r)),
        async |work, (number, reason)| {
            let Some(agreement) = work.agreement(*number).await? else { return Ok(None) };
            let voided = work.noted(agreement.void(reason.as_str().into(), work.when()));
            work.save_agreement(voided, Action::Voided).await
        },
    )
    .await
}

impl Writing<'_> {
    /// The version as the caller records it: a registrar's record counts as the confirmation of its own party.
    fn entered(&mut self, paper: Version, recorder: DistrictCode) -> Version {
        match recorded_by(self.request) {
            RecordedBy::Steward => paper,
            RecordedBy::Party => {
                let recorder = self.as_named(paper.parties.iter(), recorder);
                self.noted(paper.clone().recorded_by(recorder)).unwrap_or(paper)
            }
        }
    }
}
