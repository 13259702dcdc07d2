//! Date-driven changes of an agreement: changes that take effect on a day without an act.

use crate::agreement::Agreement;
use crate::agreement::lifecycle::LapseReason;
use crate::agreement::standing::Standing;
use crate::agreement::version::Version;
use crate::journal::Action;
use crate::period::Date;

impl Agreement {
    /// The date-driven changes after `from`, up to and including `to`, in order. A change that an act causes on its own
    /// day is recorded with that act instead.
    pub fn date_changes(&self, from: Date, to: Date) -> Vec<(Date, Action)> {
        if self.voided.is_some() {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for version in &self.versions {
            changes.extend(version.consultation_end().map(|after| (after, Action::ConsultationEnded)));
            self.date_changes_of(version, (from, to), &mut changes);
        }
        for notice in &self.notices {
            let left = |on: Date| {
                self.version_begun(on)
                    .is_some_and(|version| self.members_on(version, on).any(|party| party.district == notice.party))
            };
            let after = notice.ends_on.succ_opt().filter(|after| left(notice.ends_on) && !left(*after));
            changes.extend(after.map(|after| (after, Action::Left)));
        }
        for suspension in &self.suspensions {
            let began =
                suspension.set_on.is_some() && suspension.cleared_on.is_none_or(|cleared| suspension.since < cleared);
            changes.extend(began.then_some((suspension.since, Action::SuspensionBegan)));
            let until = suspension.until.filter(|until| suspension.cleared_on.is_none_or(|cleared| *until < cleared));
            changes.extend(until.and_then(|until| until.succ_opt()).map(|after| (after, Action::SuspensionEnded)));
        }
        changes.retain(|(on, _)| from < *on && *on <= to);
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    fn date_changes_of(&self, version: &Version, (from, to): (Date, Date), changes: &mut Vec<(Date, Action)>) {
        if let Some(proposal) = version.proposal() {
            let after = proposal.answer_by.succ_opt();
            // A superseded proposal ended with the journal entry of the conclusion that superseded it.
            let lapses = |after: &Date| version.lapse_reason(*after) == Some(LapseReason::AnswerByPassed);
            changes.extend(after.filter(lapses).map(|after| (after, Action::Lapsed)));
            if let Some(concluded) =
                version.signed_on().filter(|concluded| proposal.last_answer().is_none_or(|answer| answer < *concluded))
            {
                changes.push((concluded, Action::Concluded));
            }
        }
        let Some(term) = version.term() else { return };
        let counts = |on: Date| self.version_begun(on).is_some_and(|begun| begun.number == version.number);
        let holds = |on: Date| counts(on) && matches!(self.standing(on), Standing::InForce | Standing::Suspended);
        let by_an_act =
            |begins: Date| version.proposal().is_some_and(|proposal| proposal.last_answer() == Some(begins));
        changes.extend(
            term.from.filter(|begins| holds(*begins) && !by_an_act(*begins)).map(|begins| (begins, Action::TookEffect)),
        );
        let expired = term
            .to
            .and_then(|last| last.succ_opt())
            .filter(|after| counts(*after) && self.standing(*after) == Standing::Expired);
        changes.extend(expired.map(|after| (after, Action::Expired)));
        let terminated = self.last_day_of_two_parties(version).and_then(|last| last.succ_opt());
        let terminated = terminated.filter(|after| counts(*after) && self.standing(*after) == Standing::Terminated);
        changes.extend(terminated.map(|after| (after, Action::Terminated)));
        if let (Some(first), Some(renewal)) = (version.effective_to, version.renewal) {
            let starts =
                renewal.ends_from(first, from).map_while(|end| end.succ_opt()).take_while(|starts| *starts <= to);
            changes.extend(starts.filter(|starts| holds(*starts)).map(|starts| (starts, Action::Renewed)));
        }
    }
}
