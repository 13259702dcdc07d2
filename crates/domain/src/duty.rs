//! The table of duties that follows from a mode and its terms: the steps in order, each with the office or applicant
//! responsible and its limit in days.

use crate::code::DistrictCode;
use crate::handling::actor::Actor;
use crate::offering::Offering;
use crate::problem::Message;

/// One line of the duty table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    pub actor: Actor,
    pub district: Option<DistrictCode>,
    pub task: Message,
    pub days: Option<u32>,
    /// The unit of the days, in the words of offerings.
    pub day_kind: Option<String>,
    /// Whether this is the decision, whose days are those of an offering.
    pub decides: bool,
}

const AT_ONCE: &str = "AT_ONCE";
pub(crate) const WORKING_DAY: &str = "WORKING_DAY";

/// The districts of a table of duties, and the offering whose days count.
#[derive(Debug)]
pub(crate) struct Sides<'a> {
    pub(crate) receiving: DistrictCode,
    pub(crate) competent: DistrictCode,
    pub(crate) offering: Option<&'a Offering>,
}

impl Sides<'_> {
    pub(crate) fn applicant(&self, zh: &str, en: &str) -> Duty {
        Duty {
            actor: Actor::Applicant,
            district: None,
            task: Message::new(zh, en),
            days: None,
            day_kind: None,
            decides: false,
        }
    }

    /// A duty of the window, with its limit in working days.
    pub(crate) fn window(&self, zh: String, en: String, days: Option<u32>) -> Duty {
        Duty {
            actor: Actor::ReceivingWindow,
            district: Some(self.receiving),
            task: Message { zh, en },
            days,
            day_kind: days.map(|_| WORKING_DAY.to_owned()),
            decides: false,
        }
    }

    /// The decision, within the days of the offering.
    pub(crate) fn decide(&self) -> Duty {
        let limit = self.offering.and_then(Offering::days);
        let stated = self.offering.and_then(|offering| offering.day_kind.clone());
        let day_kind = limit.map(|_| stated.unwrap_or_else(|| WORKING_DAY.to_owned()));
        Duty {
            actor: Actor::CompetentAuthority,
            district: Some(self.competent),
            task: Message::new(
                "受理、审查并作出决定（时限自受理之日起算）",
                "accept, examine and decide (the days run from acceptance)",
            ),
            days: limit,
            day_kind,
            decides: true,
        }
    }

    pub(crate) fn competent_duty(&self, zh: String, en: String) -> Duty {
        Duty {
            actor: Actor::CompetentAuthority,
            district: Some(self.competent),
            task: Message { zh, en },
            days: None,
            day_kind: None,
            decides: false,
        }
    }
}

/// The index of the offering that promises the fewest days; 即办 counts as 0. The table of duties uses this one.
pub fn shortest<'a>(offerings: impl IntoIterator<Item = &'a Offering>) -> Option<usize> {
    let days = |(at, offering): (usize, &Offering)| (offering.days().unwrap_or(u32::MAX), at);
    offerings.into_iter().enumerate().map(days).min().map(|(_, at)| at)
}

/// Whether others than the applicant have duties without a limit, so that it takes longer than the sum of days.
pub fn has_unlimited(duties: &[Duty]) -> bool {
    duties.iter().any(|duty| duty.days.is_none() && duty.actor != Actor::Applicant)
}

/// The sum of days of a table and their unit, if all limited duties have the same unit. 即办 counts as 0 days of any
/// unit.
pub fn total(duties: &[Duty]) -> Option<(u32, Option<&str>)> {
    sum(duties.iter().filter_map(|duty| Some((duty.days?, duty.day_kind.as_deref()))))
}

/// The same of the limits alone: days and their unit.
pub fn sum<'a>(limits: impl Iterator<Item = (u32, Option<&'a str>)> + Clone) -> Option<(u32, Option<&'a str>)> {
    let mut kinds = limits.clone().map(|(_, kind)| kind).filter(|kind| *kind != Some(AT_ONCE));
    let kind = match kinds.next() {
        Some(first) => kinds.all(|kind| kind == first).then_some(first)?,
        None => limits.clone().next().map(|_| Some(AT_ONCE))?,
    };
    Some((limits.map(|(days, _)| days).sum(), kind))
}
