//! Notices of withdrawal.

use chrono::Days;

use crate::agreement::acts::When;
use crate::agreement::refusal::{already_left, refused};
use crate::agreement::{Agreement, Notice};
use crate::code::DistrictCode;
use crate::period::Date;
use crate::problem::{Message, Problem};

/// How a party leaves an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// With the agreed notice period.
    InTime,
    /// The law changed, so the notice period is waived.
    LawChanged,
}

impl Agreement {
    /// Gives notice of withdrawal: `ends_on` is the party's last day, after the agreed notice period unless the law
    /// changed. Giving notice again changes the day.
    pub fn give_notice(
        mut self,
        party: DistrictCode,
        ends_on: Date,
        leaving: Leaving,
        reason: Box<str>,
        when: When,
    ) -> Result<Self, Problem> {
        let at = self.effective_version(when.today)?;
        self.ensure_member(party, when.today)?;
        let given = self.notices.iter().position(|notice| notice.party == party && notice.ends_on >= when.today);
        let before = given.map(|given| self.notices[given].ends_on);
        if before == Some(ends_on) {
            return Err(refused(
                "party",
                "NOTICE_GIVEN",
                Message::new(
                    format!("该方已通知于 {ends_on} 退出"),
                    format!("the party has given notice for {ends_on}"),
                ),
                Message::new("可另填退出日，或撤销退出通知", "give another last day, or revoke the notice"),
            ));
        }
        let days = match leaving {
            Leaving::InTime => self.versions[at].notice_days,
            Leaving::LawChanged => 0,
        };
        let earliest = when.today.checked_add_days(Days::new(u64::from(days))).unwrap_or(Date::MAX);
        // A later last day than the one given before is always allowed.
        let earliest = before.map_or(earliest, |before| before.min(earliest));
        if ends_on < earliest {
            return Err(refused(
                "endsOn",
                "NOTICE_TOO_SHORT",
                Message::new(format!("退出须提前 {days} 天通知"), format!("notice must be given {days} days ahead")),
                Message::new(format!("最早可于 {earliest} 退出"), format!("{earliest} is the earliest last day")),
            ));
        }
        let notice = Notice { party, ends_on, law_changed: leaving == Leaving::LawChanged, reason };
        match given {
            Some(given) => self.notices[given] = notice,
            None => self.notices.push(notice),
        }
        Ok(self)
    }

    pub fn revoke_notice(mut self, party: DistrictCode, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let given = |notice: &Notice| notice.party == party;
        match self.notices.iter().position(|notice| given(notice) && notice.ends_on >= when.today) {
            Some(at) => {
                self.notices.remove(at);
                Ok(self)
            }
            None if self.notices.iter().any(given) => Err(already_left()),
            None => Err(refused(
                "party",
                "NO_NOTICE",
                Message::new("该方没有发出退出通知", "the party has given no notice"),
                Message::new("无需撤销", "nothing to do"),
            )),
        }
    }
}
