//! Objections to the automatic renewal.

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::lifecycle::Objection;
use crate::agreement::refusal::refused;
use crate::code::DistrictCode;
use crate::problem::{Message, Problem};

impl Agreement {
    /// Objects to the renewal, so that the agreement ends with the current period. The objection must be in time.
    pub fn oppose_renewal(mut self, party: DistrictCode, when: When) -> Result<Self, Problem> {
        let at = self.effective_version(when.today)?;
        self.ensure_member(party, when.today)?;
        let version = &self.versions[at];
        let (Some(renewal), Some(first)) = (version.renewal, version.effective_to) else {
            return Err(refused(
                "number",
                "NO_RENEWAL",
                Message::new("协议没有约定自动续期", "the agreement does not renew itself"),
                Message::new("无需反对；如需退出，请发出退出通知", "nothing to do; to leave, give notice"),
            ));
        };
        if version.objections.iter().any(|objection| objection.party == party) {
            return Err(refused(
                "party",
                "ALREADY_OPPOSED",
                Message::new("该方已反对续期", "the party has opposed the renewal"),
                Message::new("无需重复办理", "nothing to do"),
            ));
        }
        let end = version.current_end(when.today);
        if renewal.end_after_objection(first, when.today) != end && version.objections.is_empty() {
            let end = end.map_or_else(String::new, |end| end.to_string());
            let days = renewal.objection_days;
            return Err(refused(
                "number",
                "OBJECTION_PERIOD_OVER",
                Message::new(
                    format!("反对续期须在 {end} 前 {days} 天提出"),
                    format!("an objection to the renewal must be made {days} days before {end}"),
                ),
                Message::new(
                    format!("协议将续期；请在 {end} 之后反对下一次续期，或发出退出通知"),
                    format!("it will be renewed; oppose the next renewal after {end}, or give notice"),
                ),
            ));
        }
        self.versions[at].objections.push(Objection { party, on: when.today });
        Ok(self)
    }
}
