//! The one place that reads the clock. Days are calendar days in China, which has one time zone and no
//! summer time.

use chrono::{DateTime, DurationRound, FixedOffset, TimeDelta, Utc};
use domain::Date;

const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");

/// Now, to the microsecond: what both databases keep.
#[expect(clippy::disallowed_methods, reason = "this is the gateway's clock")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
}

/// The moment as people in China read it on the wall.
pub fn in_china(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    moment.with_timezone(&CHINA)
}

/// The calendar day that it is in China at that moment.
pub fn day_in_china(moment: DateTime<Utc>) -> Date {
    in_china(moment).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_eight_hours_before_greenwich() {
        let moment = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(day_in_china(moment("2026-11-22T15:59:59Z")).to_string(), "2026-11-22");
        assert_eq!(day_in_china(moment("2026-11-22T16:00:00Z")).to_string(), "2026-11-23");
    }
}
