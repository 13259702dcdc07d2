//! Days are calendar days in China, which has one time zone and no daylight saving time. Which of them are worked
//! follows from the week, but for the holidays and exchanged days (调休) that the State Council announces year by year.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, FixedOffset, Utc, Weekday};

use crate::period::Date;
use crate::problem::Message;
use crate::reading::format::parse_date;
use crate::text::quoted;

const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");

/// The moment in China's time zone.
pub fn in_china(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    moment.with_timezone(&CHINA)
}

/// The calendar day in China at that moment.
pub fn day_in_china(moment: DateTime<Utc>) -> Date {
    in_china(moment).date_naive()
}

/// What an announcement says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff {
    /// A holiday (休).
    Off,
    /// A weekend day that is worked (班).
    Worked,
}

/// The announced holidays and worked weekend days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<Date, DayOff>,
}

impl Calendar {
    /// What is announced of a day; `None`: nothing, so the week decides.
    pub fn stated(&self, day: Date) -> Option<DayOff> {
        self.days.get(&day).copied()
    }

    /// Whether the holidays of that year are known.
    pub fn covers(&self, year: i32) -> bool {
        self.days.keys().any(|day| day.year() == year)
    }

    /// Whether a day is a working day: a weekday, but for what is announced.
    pub fn is_worked(&self, day: Date) -> bool {
        match self.stated(day) {
            Some(DayOff::Off) => false,
            Some(DayOff::Worked) => true,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The day that is so many working days after another one.
    pub fn working_days_after(&self, day: Date, count: usize) -> Date {
        let worked = day.iter_days().skip(1).filter(|day| self.is_worked(*day));
        worked.take(count).last().unwrap_or(day)
    }
}

/// Why a table of holidays cannot be read: the line, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub line: usize,
    pub message: Message,
}

impl FromStr for Calendar {
    type Err = Unreadable;

    /// A line for each day: `2026-10-01 休` or `2026-10-10 班`. Blank lines and what follows `#` are left out.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut days = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            let stated = line.trim_start_matches('\u{FEFF}').split('#').next().unwrap_or_default().trim();
            if stated.is_empty() {
                continue;
            }
            let day = stated.split_once(char::is_whitespace).and_then(|(day, word)| {
                let word = match word.trim() {
                    "休" | "off" => DayOff::Off,
                    "班" | "worked" => DayOff::Worked,
                    _ => return None,
                };
                Some((parse_date(day)?, word))
            });
            let fault = |zh: &str, en: &str| {
                let line = quoted(stated);
                Unreadable {
                    line: at + 1, message: Message::new(format!("“{line}”{zh}"), format!("“{line}” {en}"))
                }
            };
            let (day, word) = day.ok_or_else(|| {
                fault(
                    "应写成“2026-10-01 休”或“2026-10-10 班”",
                    "should be like “2026-10-01 休” (a holiday) or “2026-10-10 班” (a worked weekend day)",
                )
            })?;
            if days.insert(day, word).is_some() {
                return Err(fault("的日期重复", "has a day that is named twice"));
            }
        }
        Ok(Self { days })
    }
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

    #[test]
    fn working_days_pass_over_weekends_and_holidays() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let after = |calendar: &Calendar, from: &str| calendar.working_days_after(day(from), 5).to_string();
        assert_eq!(after(&Calendar::default(), "2026-11-30"), "2026-12-07");
        let calendar: Calendar =
            "# 国庆\n2026-10-01 休\n2026-10-02 休\n2026-10-05 休\n\n2026-10-10 班\n".parse().expect("a table");
        assert_eq!(after(&calendar, "2026-09-30"), "2026-10-10");
        assert!(calendar.covers(2026) && !calendar.covers(2027));
        assert_eq!("2026-10-01 休\n2026-10-2 休".parse::<Calendar>().map_err(|fault| fault.line), Err(2));
        assert_eq!("2026-10-01 休\n2026-10-01 班".parse::<Calendar>().map_err(|fault| fault.line), Err(2));
    }
}
