//! Approval of a draft by its own signatory (送审, 审核).

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::lifecycle::Life;
use crate::agreement::office::{Approval, ApprovalState};
use crate::agreement::refusal::{refused, wrong_state};
use crate::agreement::version::Version;
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode, Problems};

/// The decision of a signatory about a draft.
#[derive(Debug, Clone)]
pub struct Decision {
    pub approve: bool,
    /// Required to give a draft back.
    pub reason: Option<Box<str>>,
    /// The internal number of an approval.
    pub number: Option<Box<str>>,
}

impl Agreement {
    /// Submits a draft to its own signatory.
    pub fn submit(mut self, number: u32, when: When) -> Result<Self, Problem> {
        let at = self.draft_at(number, ("送审", "submitted"), when.today)?;
        match self.versions[at].approval_state() {
            Some(ApprovalState::Submitted) => Err(refused(
                "version",
                "ALREADY_SUBMITTED",
                Message::new("草稿已送审", "the draft has been submitted"),
                Message::new("请等待审核", "wait for the decision"),
            )),
            Some(ApprovalState::Approved) => Err(already_approved()),
            Some(ApprovalState::GivenBack) | None => {
                let approval = Approval { state: ApprovalState::Submitted, at: when.at, number: None, reason: None };
                self.versions[at].change_office(|office| office.approval = Some(approval));
                Ok(self)
            }
        }
    }

    /// Approves a draft, or gives it back. An approval can be taken back in this way until the draft is proposed.
    pub fn approve(mut self, number: u32, decision: Decision, when: When) -> Result<Self, Problems> {
        let Decision { approve, reason, number: approval_number } = decision;
        let mut problems = Problems::new();
        if !approve && reason.is_none() {
            problems.push(Problem {
                code: ProblemCode::Invalid,
                ..refused(
                    "reason",
                    "REQUIRED",
                    Message::new("审核退回须说明理由", "a reason is required to give a draft back"),
                    Message::new("请补填 reason", "add reason"),
                )
            });
        }
        if !approve && approval_number.is_some() {
            problems.push(Problem {
                code: ProblemCode::Invalid,
                ..refused(
                    "approvalNumber",
                    "NOT_AN_APPROVAL",
                    Message::new("审核退回没有批准文号", "a draft that is given back has no approval number"),
                    Message::new("请不填 approvalNumber", "leave approvalNumber out"),
                )
            });
        }
        let at = match self.draft_at(number, ("审核", "approved"), when.today) {
            Ok(at) => at,
            Err(problem) => return Err(std::iter::once(problem).chain(problems).collect()),
        };
        match (approve, self.versions[at].approval_state()) {
            (true, Some(ApprovalState::Approved)) => problems.push(already_approved()),
            (false, None | Some(ApprovalState::GivenBack)) => problems.push(refused(
                "version",
                "NOT_SUBMITTED",
                Message::new("草稿没有送审", "the draft has not been submitted"),
                Message::new("请先由经办人送审", "have a registrar submit it first"),
            )),
            (true, _) | (false, Some(ApprovalState::Submitted | ApprovalState::Approved)) => {}
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let state = if approve { ApprovalState::Approved } else { ApprovalState::GivenBack };
        let approval = Approval { state, at: when.at, number: approval_number, reason };
        self.versions[at].change_office(|office| office.approval = Some(approval));
        Ok(self)
    }

    /// Refuses a draft that was not approved, for districts that require it of people.
    pub fn ensure_approved(&self, number: u32) -> Result<(), Problem> {
        let version = &self.versions[self.index(number)?];
        match version.life {
            Life::Draft(_) if version.approval_state() != Some(ApprovalState::Approved) => Err(refused(
                "version",
                "NOT_APPROVED",
                Message::new("草稿未经审核通过", "the draft has not been approved"),
                Message::new(
                    "请先送审（submitDraft），由本方签发人审核通过后再发送签约方",
                    "submit it (submitDraft) and have the own signatory approve it first",
                ),
            )),
            Life::Draft(_) | Life::Proposal(_) | Life::Paper(_) => Ok(()),
        }
    }

    /// The index of a draft.
    pub(super) fn draft_at(&self, number: u32, (zh, en): (&str, &str), on: Date) -> Result<usize, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        match self.versions[at].life {
            Life::Draft(_) => Ok(at),
            Life::Proposal(_) | Life::Paper(_) => Err(wrong_state(self.versions[at].state(on), zh, en)),
        }
    }
}

impl Version {
    fn approval_state(&self) -> Option<ApprovalState> {
        self.office().approval.as_ref().map(|approval| approval.state)
    }
}

fn already_approved() -> Problem {
    refused(
        "version",
        "ALREADY_APPROVED",
        Message::new("草稿已审核通过", "the draft has been approved"),
        Message::new("可发送签约方；修改草稿后须重新送审", "propose it; after an edit it must be submitted again"),
    )
}
