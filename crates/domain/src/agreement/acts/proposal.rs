//! Proposals: submitting a draft to the parties, and withdrawing it.

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::lifecycle::{Life, Needs, Proposal, VersionState};
use crate::agreement::office::ApprovalState;
use crate::agreement::refusal::{refused, superseded, wrong_state};
use crate::code::DistrictCode;
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode, Problems};

/// Who withdraws a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawer {
    /// A caller that acts for the author.
    Author,
    Steward,
}

impl Agreement {
    /// Proposes a draft: its content is frozen, and the parties sign its digest.
    pub fn propose(mut self, number: u32, answer_by: Date, when: When) -> Result<Self, Problems> {
        let on = when.today;
        let is_past = (answer_by < on).then(|| {
            refused(
                "answerBy",
                "ANSWER_BY_PAST",
                Message::new(
                    format!("答复期限 {answer_by} 已过"),
                    format!("the last day for an answer, {answer_by}, has passed"),
                ),
                Message::new("答复期限应为今天或以后", "give today or a later day"),
            )
        });
        let (at, by) = match (self.ready_to_propose(number, on), is_past) {
            (Ok(ready), None) => ready,
            (Ok(_), Some(past)) => return Err(past.into()),
            (Err(problem), past) => return Err(std::iter::once(problem).chain(past).collect()),
        };
        let (needs, signers) = self.needed_consent(at, on);
        let version = &mut self.versions[at];
        let proposal = Proposal {
            by,
            on,
            answer_by,
            needs,
            signers,
            signatures: Vec::new(),
            rejections: Vec::new(),
            withdrawn_on: None,
            withdrawn_reason: None,
            superseded_on: None,
        };
        let objections_until = proposal.objections_until(version.objection_days);
        if needs == Needs::NoObjection && answer_by < objections_until {
            return Err(refused(
                "answerBy",
                "ANSWER_BY_TOO_EARLY",
                Message::new(
                    format!("异议期到 {objections_until} 届满，答复期限不能早于该日"),
                    format!(
                        "objections may be made until {objections_until}; the last day for answers must not be earlier"
                    ),
                ),
                Message::new(
                    format!("请把答复期限定为 {objections_until} 或以后"),
                    format!("give {objections_until} or a later day"),
                ),
            )
            .into());
        }
        let latest = match needs {
            Needs::All | Needs::Affected | Needs::Lead => answer_by,
            Needs::NoObjection => objections_until.succ_opt().unwrap_or(Date::MAX).max(answer_by),
            Needs::Signatories => answer_by.succ_opt().unwrap_or(Date::MAX),
        };
        if let Some(last) = version.effective_to.filter(|last| *last < latest) {
            return Err(refused(
                "answerBy",
                "CONCLUDED_TOO_LATE",
                Message::new(
                    format!("最晚到 {latest} 才签订，而该版本 {last} 截止"),
                    format!("it may be concluded as late as {latest}, but it ends on {last}"),
                ),
                Message::new("请提前答复期限，或推迟截止日", "set an earlier answerBy, or a later effectiveTo"),
            )
            .into());
        }
        version.life = Life::Proposal(proposal);
        // The districts that were only consulted do not see the proposal.
        version.change_office(|office| {
            office.consultation = None;
            office.approval.take_if(|approval| approval.state != ApprovalState::Approved);
        });
        Ok(self.with_supersessions())
    }

    /// The index and the author of a draft that can be proposed.
    fn ready_to_propose(&self, number: u32, on: Date) -> Result<(usize, DistrictCode), Problem> {
        let at = self.index(number)?;
        let Life::Draft(draft) = &self.versions[at].life else {
            return Err(wrong_state(self.versions[at].state(on), "发送签约方", "proposed"));
        };
        self.ensure_not_ended(on)?;
        match (self.versions[at].base_version, self.concluded(on)) {
            (Some(base), _) => {
                self.ensure_base(base, on)?;
                let may = self.ensure_may_amend(self.index(base)?, draft.author, on);
                may.map_err(|problem| Problem { path: vec!["version".to_owned()], ..problem })?;
                self.ensure_changed(at, base)?;
            }
            (None, Some(concluded)) => return Err(superseded("baseVersion", Some(concluded.number))),
            (None, None) => {}
        }
        Ok((at, draft.author))
    }

    /// Refuses a draft without any change from its base.
    fn ensure_changed(&self, at: usize, base: u32) -> Result<(), Problem> {
        let version = &self.versions[at];
        if !self.versions[self.index(base)?].has_content_of(version, self.number) {
            return Ok(());
        }
        Err(refused(
            "version",
            "NOTHING_CHANGED",
            Message::new(
                format!("与第 {base} 版相比没有任何变更"),
                format!("the draft has no changes from version {base}"),
            ),
            Message::new("请先修订草稿，或删除草稿", "revise the draft first, or discard it"),
        ))
    }

    /// Withdraws a proposal. A steward must give a reason, and may do so only if nobody but the proposer has signed.
    pub fn withdraw_proposal(
        mut self,
        number: u32,
        by: Withdrawer,
        reason: Option<Box<str>>,
        when: When,
    ) -> Result<Self, Problems> {
        let unexplained = (by == Withdrawer::Steward && reason.is_none()).then(|| {
            let message = Message::new("平台撤回须说明理由", "a steward must give a reason for the withdrawal");
            Problem {
                code: ProblemCode::Invalid,
                ..refused("reason", "REQUIRED", message, Message::new("请补填 reason", "add reason"))
            }
        });
        let proposal = match (self.proposal_to_withdraw(number, by, when.today), unexplained) {
            (Ok(proposal), None) => proposal,
            (Ok(_), Some(unexplained)) => return Err(unexplained.into()),
            (Err(problem), unexplained) => return Err(std::iter::once(problem).chain(unexplained).collect()),
        };
        proposal.withdrawn_on = Some(when.today);
        proposal.withdrawn_reason = reason;
        Ok(self.with_supersessions())
    }

    fn proposal_to_withdraw(&mut self, number: u32, by: Withdrawer, on: Date) -> Result<&mut Proposal, Problem> {
        self.ensure_not_voided()?;
        let (proposal, state) = self.proposal_mut(number, "撤回", "withdrawn", on)?;
        match state {
            VersionState::Proposed | VersionState::Rejected => {}
            VersionState::Draft | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                return Err(wrong_state(state, "撤回", "withdrawn"));
            }
        }
        let others = proposal.signatures.iter().map(|signature| signature.party).find(|party| *party != proposal.by);
        match (by, others) {
            (Withdrawer::Steward, Some(party)) => Err(refused(
                "version",
                "SIGNED_BY_OTHERS",
                Message::new(
                    format!("{party} 已签署，平台不能撤回"),
                    format!("{party} has signed, so a steward cannot withdraw it"),
                ),
                Message::new(format!("请由 {} 撤回", proposal.by), format!("have {} withdraw it", proposal.by)),
            )),
            (Withdrawer::Steward, None) | (Withdrawer::Author, _) => Ok(proposal),
        }
    }

    pub(super) fn proposal_mut(
        &mut self,
        number: u32,
        zh: &str,
        en: &str,
        on: Date,
    ) -> Result<(&mut Proposal, VersionState), Problem> {
        let at = self.index(number)?;
        let state = self.versions[at].state(on);
        match &mut self.versions[at].life {
            Life::Proposal(proposal) => Ok((proposal, state)),
            Life::Draft(_) | Life::Paper(_) => Err(wrong_state(state, zh, en)),
        }
    }
}
