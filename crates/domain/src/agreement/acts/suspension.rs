//! Suspending an agreement for a party or as a whole, and resuming it.

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::refusal::refused;
use crate::agreement::suspension::Suspension;
use crate::code::DistrictCode;
use crate::period::Date;
use crate::problem::{Message, Problem, Problems};

impl Agreement {
    /// Suspends a party, or with `None` the whole agreement (the registry's emergency stop). Suspending again changes
    /// the last day and the reason.
    pub fn suspend(
        mut self,
        party: Option<DistrictCode>,
        reason: Box<str>,
        until: Option<Date>,
        when: When,
    ) -> Result<Self, Problems> {
        let is_past = until.is_some_and(|until| until < when.today).then(|| {
            refused(
                "until",
                "DATES_OUT_OF_ORDER",
                Message::new("暂停截止日已过", "the last day has passed"),
                Message::new("截止日应为今天或以后", "give today or a later day"),
            )
        });
        let may = self
            .current_version(when.today)
            .and_then(|_| party.map_or(Ok(()), |party| self.ensure_member(party, when.today)));
        let problems: Problems = may.err().into_iter().chain(is_past).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        // A suspension from contesting the record is separate from the party's own.
        let own = |suspension: &&mut Suspension| {
            suspension.party == party
                && !suspension.contests
                && suspension.cleared_on.is_none()
                && suspension.until.is_none_or(|until| when.today <= until)
        };
        match self.suspensions.iter_mut().find(own) {
            Some(suspension) if suspension.until == until => Err(refused(
                "party",
                "ALREADY_SUSPENDED",
                Message::new("已处于暂停状态", "the agreement is already suspended"),
                Message::new("可另填截止日，或恢复", "give another last day, or resume it"),
            )
            .into()),
            Some(suspension) => {
                suspension.until = until;
                suspension.reason = reason;
                Ok(self)
            }
            None => {
                self.suspensions.push(Suspension {
                    party,
                    since: when.today,
                    until,
                    cleared_on: None,
                    contests: false,
                    reason,
                });
                Ok(self)
            }
        }
    }

    /// Clears a party's own suspension, or with `None` the emergency stop. Other suspensions stay, including one from
    /// contesting the record.
    pub fn resume(mut self, party: Option<DistrictCode>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        if !self.suspensions.iter().any(|suspension| suspension.party == party && suspension.applies_on(when.today)) {
            return Err(refused(
                "party",
                "NOT_SUSPENDED",
                Message::new("该方没有暂停协议", "the party has set no suspension"),
                Message::new("只有设置暂停的一方可以恢复", "only the party that set a suspension can end it"),
            ));
        }
        if !self
            .suspensions
            .iter()
            .any(|suspension| suspension.party == party && !suspension.contests && suspension.applies_on(when.today))
        {
            return Err(refused(
                "party",
                "CONTESTED",
                Message::new(
                    "该方对登记有异议，暂停随异议而来",
                    "the party is suspended because it contests the record",
                ),
                Message::new("请先确认登记", "confirm the record, which ends the suspension"),
            ));
        }
        self.clear(|suspension| suspension.party == party && !suspension.contests, when.today);
        Ok(self)
    }

    pub(super) fn clear(&mut self, which: impl Fn(&Suspension) -> bool, today: Date) {
        for suspension in
            self.suspensions.iter_mut().filter(|suspension| which(suspension) && suspension.applies_on(today))
        {
            suspension.cleared_on = Some(today);
        }
        // A suspension that is set and cleared on one day never applied.
        self.suspensions.retain(|suspension| suspension.cleared_on != Some(suspension.since));
    }
}
