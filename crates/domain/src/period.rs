//! Calendar days in China. A range includes both ends, and what is not dated holds always.

use chrono::Datelike as _;
use serde::Serialize;

/// A calendar day in China (UTC+8).
pub type Date = chrono::NaiveDate;

/// From a first day to a last day, both included; an end that is not stated is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    #[serde(rename = "validFrom", skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(rename = "validTo", skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

impl Period {
    /// Undated: always.
    pub const ALWAYS: Self = Self { from: None, to: None };

    pub fn new(from: Option<Date>, to: Option<Date>) -> Self {
        Self { from, to }
    }

    /// Is the day within the range?
    pub fn includes(self, on: Date) -> bool {
        !self.begins_after(on) && !self.ended_before(on)
    }

    /// Has the range not begun on that day?
    pub fn begins_after(self, on: Date) -> bool {
        self.from.is_some_and(|from| on < from)
    }

    /// Is the range over on that day?
    pub fn ended_before(self, on: Date) -> bool {
        self.to.is_some_and(|to| to < on)
    }

    /// Does a first day come after its last day?
    pub fn is_backwards(self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }

    /// The days that both ranges have; may be backwards, which is none.
    pub fn and(self, other: Self) -> Self {
        let later = |a: Option<Date>, b: Option<Date>| a.max(b);
        let earlier = |a: Option<Date>, b: Option<Date>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { from: later(self.from, other.from), to: earlier(self.to, other.to) }
    }

    /// The days that are left when an act ends them from a day on; the earlier end holds.
    #[must_use]
    pub fn ended_from(self, day: Option<Date>) -> Self {
        // Dates are written with four digits.
        let last = day.map(|day| day.pred_opt().filter(|last| last.year() >= 0).unwrap_or(day));
        self.and(Self::new(None, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn both_ends_belong_to_the_range() {
        let may = Period::new(Some(day("2021-05-01")), Some(day("2021-05-31")));
        assert!(may.includes(day("2021-05-01")) && may.includes(day("2021-05-31")));
        assert!(!may.includes(day("2021-04-30")) && !may.includes(day("2021-06-01")));
        assert!(Period::ALWAYS.includes(day("1949-10-01")));
    }

    #[test]
    fn what_two_ranges_share() {
        let a = Period::new(Some(day("2021-05-01")), None);
        let b = Period::new(None, Some(day("2021-05-31")));
        assert_eq!(a.and(b), Period::new(Some(day("2021-05-01")), Some(day("2021-05-31"))));
        assert_eq!(a.and(Period::ALWAYS), a);
    }
}
