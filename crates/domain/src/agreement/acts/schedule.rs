//! Replacing the schedule of a draft, as an import of a list does.

use crate::agreement::Agreement;
use crate::agreement::clause::AgreementClause;
use crate::agreement::refusal::refused;
use crate::clause::{MAX_CLAUSES, MAX_MATTERS};
use crate::code::DistrictCode;
use crate::period::Date;
use crate::problem::{Message, Problem, Problems};

impl Agreement {
    /// Whether a party may replace the schedule of a version: it is the author's, and a draft.
    pub fn ensure_scheduling(&self, number: u32, party: DistrictCode, on: Date) -> Result<(), Problem> {
        self.ensure_not_voided()?;
        let checked = self.ensure_author(self.index(number)?, party, "修订", "revised", on);
        checked.map_err(|problem| match problem.path.first().map(String::as_str) {
            Some("proposer") => Problem { path: vec!["party".to_owned()], ..problem },
            Some(_) | None => problem,
        })
    }

    /// Replaces the schedule of a draft by another one. Like any edit, it voids the approval.
    pub fn replace_schedule(mut self, number: u32, schedule: Vec<AgreementClause>) -> Result<Self, Problems> {
        let at = self.index(number)?;
        let mut problems = Vec::new();
        if schedule.len() > MAX_CLAUSES {
            problems.push(refused(
                "file",
                "TOO_MANY",
                Message::new(
                    format!("清单会形成 {} 个条款，超过 {MAX_CLAUSES} 个", schedule.len()),
                    format!("the list would make {} clauses, more than {MAX_CLAUSES}", schedule.len()),
                ),
                Message::new(
                    "方向、方式、批次与日期相同的行合为一个条款；请减少不同的写法",
                    "rows with the same sides, mode, batch and dates are one clause: use fewer different ones",
                ),
            ));
        }
        if let Some(clause) = schedule.iter().find(|clause| clause.matters.len() > MAX_MATTERS) {
            problems.push(refused(
                "file",
                "TOO_MANY",
                Message::new(
                    format!("条款 {} 的事项超过 {MAX_MATTERS} 项", clause.key),
                    format!("clause {} would have more than {MAX_MATTERS} matters", clause.key),
                ),
                Message::new("请用批次把事项分到几个条款", "spread the matters over several clauses by their batch"),
            ));
        }
        if schedule == self.versions[at].schedule {
            problems.push(refused(
                "file",
                "NOTHING_CHANGED",
                Message::new("清单与草稿一致，没有变化", "the draft has all of the list already"),
                Message::new("无需处理", "nothing to do"),
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        self.versions[at].schedule = schedule;
        self.versions[at].void_approval();
        Ok(self)
    }
}
