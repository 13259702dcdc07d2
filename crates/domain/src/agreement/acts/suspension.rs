//! Suspending an agreement for a party or as a whole, in a scope, and resuming it.

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::refusal::refused;
use crate::agreement::suspension::{NewSuspension, Suspension};
use crate::code::DistrictCode;
use crate::period::Date;
use crate::problem::{Message, Problem, Problems};

/// Maximum number of suspensions of an agreement that are not over.
const MAX_OPEN: usize = 100;

impl Agreement {
    /// Suspends a party, or with `None` the agreement for all (a stop of the registry). If a suspension by the same
    /// author with the same scope applies on the first day, its last day and texts are changed.
    pub fn suspend(mut self, party: Option<DistrictCode>, new: NewSuspension, when: When) -> Result<Self, Problems> {
        let mut problems = new.out_of_order(when.today);
        let NewSuspension { scope, reason, public_text, from, until } = new;
        let since = from.unwrap_or(when.today);
        let may = self
            .current_version(when.today)
            .and_then(|_| party.map_or(Ok(()), |party| self.ensure_member(party, when.today)));
        problems.extend(may.err());
        if !problems.is_empty() {
            return Err(problems);
        }
        // A suspension from contesting the record is separate from the party's own.
        let is_same = |known: &&mut Suspension| {
            known.party == party && known.scope == scope && !known.contests && known.applies_on(since)
        };
        if let Some(known) = self.suspensions.iter_mut().find(is_same) {
            if known.until == until && (public_text.is_none() || known.public_text == public_text) {
                return Err(refused(
                    "party",
                    "ALREADY_SUSPENDED",
                    Message::new("已处于暂停状态", "the agreement is already suspended"),
                    Message::new("可另填截止日，或恢复", "give another last day, or resume it"),
                )
                .into());
            }
            known.until = until;
            known.reason = reason;
            known.public_text = public_text.or(known.public_text.take());
            return Ok(self);
        }
        if self.suspensions.iter().filter(|known| !known.is_over(when.today)).count() >= MAX_OPEN {
            return Err(refused(
                "scope",
                "TOO_MANY",
                Message::new(
                    format!("该协议已有 {MAX_OPEN} 项未结束的暂停"),
                    format!("the agreement has {MAX_OPEN} suspensions that are not over"),
                ),
                Message::new("请先恢复其中几项，或扩大一项的范围", "end some of them first, or use a wider scope"),
            )
            .into());
        }
        self.suspensions.push(Suspension {
            party,
            scope,
            since,
            set_on: (when.today < since).then_some(when.today),
            until,
            cleared_on: None,
            contests: false,
            reason,
            public_text,
            end_reason: None,
        });
        Ok(self)
    }

    /// Ends all suspensions of a party, running and planned, or with `None` the registry's stops of the whole
    /// agreement. Other suspensions stay, including one from contesting the record.
    pub fn resume(mut self, party: Option<DistrictCode>, reason: Option<&str>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let is_meant = |known: &Suspension| {
            known.party == party && !known.is_over(when.today) && (party.is_some() || known.scope.is_everything())
        };
        if !self.suspensions.iter().any(is_meant) {
            return Err(refused(
                "party",
                "NOT_SUSPENDED",
                Message::new("该方没有暂停协议", "the party has set no suspension"),
                Message::new("只有设置暂停的一方可以恢复", "only the party that set a suspension can end it"),
            ));
        }
        if !self.suspensions.iter().any(|known| is_meant(known) && !known.contests) {
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
        self.clear(|known| is_meant(known) && !known.contests, reason, when.today);
        Ok(self)
    }

    /// Ends the registry's stop at an index, and returns it with the agreement.
    pub fn end_stop(mut self, at: usize, reason: &str, when: When) -> Result<(Self, Suspension), Problem> {
        self.ensure_not_voided()?;
        let known = &self.suspensions[at];
        if known.party.is_some() {
            return Err(refused(
                "ids",
                "NOT_THE_REGISTRYS",
                Message::new("该暂停由签约方设置", "the suspension was set by a party"),
                Message::new("只有设置暂停的一方可以恢复", "only the party that set a suspension can end it"),
            ));
        }
        if known.is_over(when.today) {
            return Err(refused(
                "ids",
                "ALREADY_ENDED",
                Message::new("该停用已结束", "the stop has ended already"),
                Message::new("无需解除", "nothing to do"),
            ));
        }
        let ended = Suspension { cleared_on: Some(when.today), end_reason: Some(reason.into()), ..known.clone() };
        self.suspensions[at] = ended.clone();
        self.forget_those_that_never_applied(when.today);
        Ok((self, ended))
    }

    pub(super) fn clear(&mut self, which: impl Fn(&Suspension) -> bool, reason: Option<&str>, today: Date) {
        for known in self.suspensions.iter_mut().filter(|known| which(known) && !known.is_over(today)) {
            known.cleared_on = Some(today);
            known.end_reason = reason.map(Into::into);
        }
        self.forget_those_that_never_applied(today);
    }

    /// A suspension that is cleared on its first day or before never applied.
    fn forget_those_that_never_applied(&mut self, today: Date) {
        self.suspensions.retain(|known| known.cleared_on != Some(today) || known.since < today);
    }
}

impl NewSuspension {
    /// The problems of its days.
    pub fn out_of_order(&self, today: Date) -> Problems {
        let Self { from, until, .. } = *self;
        let mut problems = Problems::new();
        if from.is_some_and(|from| from < today) {
            problems.push(refused(
                "from",
                "DATES_OUT_OF_ORDER",
                Message::new("暂停起始日已过", "the first day has passed"),
                Message::new("起始日应为今天或以后", "give today or a later day"),
            ));
        }
        // A day that could not be read is the last of all.
        let first = from.filter(|from| *from < Date::MAX).unwrap_or(today).max(today);
        if let Some(until) = until.filter(|until| *until < first) {
            let (message, remedy) = if until < today {
                (
                    Message::new("暂停截止日已过", "the last day has passed"),
                    Message::new("截止日应为今天或以后", "give today or a later day"),
                )
            } else {
                (
                    Message::new("暂停截止日早于起始日", "the last day is before the first day"),
                    Message::new("截止日应为起始日或以后", "give the first day or a later day"),
                )
            };
            problems.push(refused("until", "DATES_OUT_OF_ORDER", message, remedy));
        }
        problems
    }
}
