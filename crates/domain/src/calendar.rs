//! Days are calendar days in China, which has one time zone and no daylight saving time.

use chrono::{DateTime, FixedOffset, Utc};

use crate::period::Date;

const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");

/// The moment in China's time zone.
pub fn in_china(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    moment.with_timezone(&CHINA)
}

/// The calendar day in China at that moment.
pub fn day_in_china(moment: DateTime<Utc>) -> Date {
    in_china(moment).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_china_begins_eight_hours_before_utc() {
        let moment = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(day_in_china(moment("2026-11-22T15:59:59Z")).to_string(), "2026-11-22");
        assert_eq!(day_in_china(moment("2026-11-22T16:00:00Z")).to_string(), "2026-11-23");
    }
}
