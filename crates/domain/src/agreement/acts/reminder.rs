//! Reminders of districts whose answer is missing (催办).

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::lifecycle::{Life, VersionState};
use crate::agreement::office::Reminder;
use crate::agreement::refusal::{refused, wrong_state};
use crate::code::DistrictCode;
use crate::problem::{Message, Problem};

impl Agreement {
    /// Reminds a district, once a day: of its signature, of its remarks on a draft, or of its answer to a paper record.
    pub fn remind(mut self, number: u32, party: DistrictCode, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let version = &mut self.versions[at];
        let is_awaited = match &version.life {
            Life::Draft(_) => {
                version.consults(party, when.today)
                    && version.office().remarks.iter().all(|remark| remark.party != party)
            }
            Life::Proposal(proposal) => match version.state(when.today) {
                VersionState::Proposed => proposal.outstanding().contains(&party) && !proposal.has_rejected(party),
                state => return Err(wrong_state(state, "催办", "reminded of")),
            },
            Life::Paper(_) => version.unconfirmed().any(|unconfirmed| unconfirmed.district == party),
        };
        if !is_awaited {
            return Err(refused(
                "party",
                "NOT_AWAITED",
                Message::new(format!("没有等待 {party} 的答复"), format!("no answer of {party} is awaited")),
                Message::new("无需催办", "nothing to do"),
            ));
        }
        if version.office().reminders.iter().any(|sent| sent.party == party && sent.on == when.today) {
            return Err(refused(
                "party",
                "REMINDED_TODAY",
                Message::new("今天已催办过该方", "the party was reminded today"),
                Message::new("每天只能催办一次，请明天再催办", "remind it again tomorrow"),
            ));
        }
        version.change_office(|office| {
            office.reminders.retain(|sent| sent.party != party);
            office.reminders.push(Reminder { party, on: when.today });
        });
        Ok(self)
    }
}
