//! The work of an office on a version: approval, consultation, remarks, opinions of bodies, reminders.

use domain::agreement::acts::{Decision, Opinion};
use domain::agreement::lifecycle::Life;
use domain::agreement::office::BodyOpinion;
use domain::agreement::remark::{RemarkContent, references_of_form};
use domain::journal::Action;
use domain::reading::Reader;
use domain::{Agreement, DistrictCode, Message, ProblemCode, Reference, Role, Scope, Version};

use super::{MAX_REASON, day, number, party, version};
use crate::acts::write::write;
use crate::acts::writing::Writing;
use crate::acts::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

pub async fn submit(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        // The form is shared with acts that have a reason.
        r.optional_line("reason", MAX_REASON);
        (number(r), version(r))
    };
    write(request, "submitDraft", input, read, async |work, (number, version)| {
        let Some((agreement, version)) = work.own(*number, *version).await? else { return Ok(None) };
        let submitted = work.noted(agreement.submit(version, work.when()));
        work.save_version(submitted, version, Action::Submitted).await
    })
    .await
}

pub async fn approve(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        r.require("approve");
        let decision = Decision {
            approve: r.flag("approve"),
            reason: r.optional_line("reason", MAX_REASON).map(Into::into),
            number: r.optional_number_text("approvalNumber", 120).map(Into::into),
        };
        (number(r), version(r), decision)
    };
    write(request, "approveDraft", input, read, async |work, (number, version, decision)| {
        let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
        // A steward who is a signatory too approves for its own district alone.
        let own = Scope::Districts(work.request.viewer.districts(&work.request.snapshot, work.today()));
        if work.noted(agreement.ensure_own(version, &own)).is_none() {
            return Ok(None);
        }
        work.work.on_behalf_of(agreement.version(version).and_then(Version::author));
        let decided = work.noted(agreement.approve(version, decision.clone(), work.when()));
        let action = if decision.approve { Action::Approved } else { Action::GivenBack };
        work.save_version(decided, version, action).await
    })
    .await
}

pub async fn consult(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        r.require("with");
        (number(r), version(r), r.codes::<DistrictCode>("with"), day(r, "answerBy"))
    };
    write(request, "consultOnDraft", input, read, async |work, (number, version, with, answer_by)| {
        let references: Vec<Reference> =
            with.iter().enumerate().map(|(i, code)| Reference::district(format!("with.{i}"), *code)).collect();
        work.names(&references, None).await?;
        let Some((agreement, version)) = work.own(*number, *version).await? else { return Ok(None) };
        let with = with.iter().map(|code| work.as_known(&agreement, *code)).collect();
        let consulted = work.noted(agreement.consult(version, with, *answer_by, work.when()));
        work.save_version(consulted, version, Action::Consulted).await
    })
    .await
}

pub async fn remark(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        let remarks = remarks(r);
        if remarks.is_empty() && r.is_empty("remarks") {
            r.refuse(
                ProblemCode::Invalid,
                "remarks",
                "EMPTY_LIST",
                Message::new("没有填写意见", "there are no remarks"),
                Message::new("请至少填写一条意见", "make one remark at least"),
            );
        }
        r.require("remarks");
        (number(r), version(r), party(r), remarks)
    };
    write(request, "remarkOnVersion", input, read, async |work, (number, version, party, remarks)| {
        work.names(&references_of_form(remarks), None).await?;
        let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
        let party = work.consulted(&agreement, version, *party);
        let remarked = work.noted(agreement.remark(version, party, remarks.clone(), work.when()));
        work.save_version(remarked, version, Action::Remarked).await
    })
    .await
}

pub async fn confirm_body(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        let given = Opinion {
            body: r.name("body", 200).into(),
            opinion: r.word("opinion").unwrap_or(BodyOpinion::Agree),
            remark: r.optional_line("remark", MAX_REASON).map(Into::into),
        };
        (number(r), version(r), party(r), given)
    };
    write(request, "confirmBody", input, read, async |work, (number, version, party, given)| {
        let Some((agreement, version)) = work.version(*number, *version).await? else { return Ok(None) };
        let party = work.party(&agreement, *party);
        let confirmed = work.noted(agreement.confirm_body(version, party, given.clone(), work.when()));
        work.save_version(confirmed, version, Action::BodyConfirmed).await
    })
    .await
}

pub async fn remind(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "remindParty",
        input,
        |r| (number(r), version(r), party(r)),
        async |work, (number, version, party)| {
            let Some((agreement, version)) = work.own(*number, *version).await? else { return Ok(None) };
            if !work.reminds(&agreement, version) {
                return Ok(None);
            }
            let party = work.consulted(&agreement, version, *party);
            let reminded = work.noted(agreement.remind(version, party, work.when()));
            work.save_version(reminded, version, Action::Reminded).await
        },
    )
    .await
}

/// The remarks of a form.
pub(super) fn remarks(r: &mut Reader<'_>) -> Vec<RemarkContent> {
    let remarks = r.objects("remarks", RemarkContent::read);
    if remarks.len() > domain::agreement::remark::MAX_REMARKS {
        let most = domain::agreement::remark::MAX_REMARKS;
        r.refuse(
            ProblemCode::Invalid,
            "remarks",
            "TOO_MANY",
            Message::new(format!("超过 {most} 条"), format!("more than {most}")),
            Message::new("请合并意见", "put remarks together"),
        );
    }
    remarks
}

impl Writing<'_> {
    /// A district with the code that the agreement uses, else with its current code.
    fn as_known(&self, agreement: &Agreement, meant: DistrictCode) -> DistrictCode {
        let known = self.as_written(agreement, meant);
        if agreement.versions.iter().any(|version| version.party(known).is_some()) {
            return known;
        }
        self.request.snapshot.district(known).map_or(known, |district| district.code)
    }

    /// A district with the code by which it is consulted on the draft, else with the code that the agreement uses. An
    /// unreadable code is replaced by the caller's own district.
    fn consulted(&self, agreement: &Agreement, version: u32, meant: DistrictCode) -> DistrictCode {
        let own = self.request.viewer.district.unwrap_or(agreement.latest().lead);
        let meant = if meant.is_unread() { own } else { meant };
        let id = |code| self.request.snapshot.district(code).map(|district| district.id);
        let consulted = agreement.version(version).into_iter().flat_map(Version::consulted);
        let named =
            consulted.into_iter().find(|code| *code == meant || id(meant).is_some_and(|of| id(*code) == Some(of)));
        named.unwrap_or_else(|| self.as_written(agreement, meant))
    }

    /// Checks that the caller acts for a party of a paper record, or is a steward. Other versions have an author.
    fn reminds(&mut self, agreement: &Agreement, version: u32) -> bool {
        let Some(of) = agreement.version(version).filter(|of| matches!(of.life, Life::Paper(_))) else { return true };
        let acts = self.request.viewer.roles.contains(&Role::Steward)
            || of.parties.iter().any(|party| self.scope().includes(party.district));
        if !acts {
            self.note(domain::agreement::refusal::not_the_author_of_a_record());
        }
        acts
    }
}
