//! Calendar days in China, and ranges of days. A range includes both ends; an undated range includes every day.

use chrono::Datelike as _;
use serde::Serialize;

/// A calendar day in China (UTC+8).
pub type Date = chrono::NaiveDate;

/// A range of days, both ends included. A missing end is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    #[serde(rename = "validFrom", skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(rename = "validTo", skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

impl Period {
    /// The undated range, which includes every day.
    pub const ALWAYS: Self = Self { from: None, to: None };

    pub fn new(from: Option<Date>, to: Option<Date>) -> Self {
        Self { from, to }
    }

    /// Whether the day is within the range.
    pub fn includes(self, on: Date) -> bool {
        !self.begins_after(on) && !self.ended_before(on)
    }

    /// Whether the range begins after the day.
    pub fn begins_after(self, on: Date) -> bool {
        self.from.is_some_and(|from| on < from)
    }

    /// Whether the range ended before the day.
    pub fn ended_before(self, on: Date) -> bool {
        self.to.is_some_and(|to| to < on)
    }

    /// Whether the last day is before the first.
    pub fn is_backwards(self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }

    /// The intersection. If the ranges do not overlap, the result is backwards (see `is_backwards`).
    pub fn and(self, other: Self) -> Self {
        let later = |a: Option<Date>, b: Option<Date>| a.max(b);
        let earlier = |a: Option<Date>, b: Option<Date>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { from: later(self.from, other.from), to: earlier(self.to, other.to) }
    }

    /// The range cut off before `day`, the day of the act that ended the record. An earlier end stays.
    #[must_use]
    pub fn ended_from(self, day: Option<Date>) -> Self {
        // Years are written with four digits, so the last day must not fall before year 0.
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
    fn a_range_includes_both_ends() {
        let may = Period::new(Some(day("2021-05-01")), Some(day("2021-05-31")));
        assert!(may.includes(day("2021-05-01")) && may.includes(day("2021-05-31")));
        assert!(!may.includes(day("2021-04-30")) && !may.includes(day("2021-06-01")));
        assert!(Period::ALWAYS.includes(day("1949-10-01")));
    }

    #[test]
    fn two_ranges_intersect() {
        let a = Period::new(Some(day("2021-05-01")), None);
        let b = Period::new(None, Some(day("2021-05-31")));
        assert_eq!(a.and(b), Period::new(Some(day("2021-05-01")), Some(day("2021-05-31"))));
        assert_eq!(a.and(Period::ALWAYS), a);
    }
}
