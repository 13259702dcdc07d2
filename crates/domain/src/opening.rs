//! Opening hours (开放时间) of a window, as data: weekdays with times of the day in China.

use std::fmt;
use std::str::FromStr;

use chrono::Datelike as _;
use serde::{Serialize, Serializer};

use crate::calendar::{Calendar, DayOff};
use crate::period::{Date, Period};
use crate::problem::{Locale, Message, ProblemCode};
use crate::reading::Reader;
use crate::text::quoting;
use crate::words::words;

words! {
    /// A day of the week.
    Weekday {
        Monday = "MONDAY", "周一", "Monday";
        Tuesday = "TUESDAY", "周二", "Tuesday";
        Wednesday = "WEDNESDAY", "周三", "Wednesday";
        Thursday = "THURSDAY", "周四", "Thursday";
        Friday = "FRIDAY", "周五", "Friday";
        Saturday = "SATURDAY", "周六", "Saturday";
        Sunday = "SUNDAY", "周日", "Sunday";
    }
}

impl Weekday {
    pub fn of(day: Date) -> Self {
        Self::ALL[day.weekday().num_days_from_monday() as usize]
    }
}

/// A time of the day in minutes after midnight: 00:00 to 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    const MIDNIGHT: Self = Self(0);
}

impl FromStr for TimeOfDay {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = |text: &str| {
            let is_right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            is_right.then(|| text.parse::<u16>().ok()).flatten().ok_or(())
        };
        let (hour, minute) = text.split_once(':').ok_or(())?;
        let (hour, minute) = (digits(hour)?, digits(minute)?);
        let minutes = hour * 60 + minute;
        if minute < 60 && minutes <= 24 * 60 { Ok(Self(minutes)) } else { Err(()) }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// One entry of the opening hours: on these weekdays from one time to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Opening {
    pub days: Box<[Weekday]>,
    pub from: TimeOfDay,
    pub to: TimeOfDay,
    /// The days on which the entry counts, such as those of summer hours.
    #[serde(flatten)]
    pub period: Period,
}

impl Opening {
    pub fn read(r: &mut Reader<'_>) -> Self {
        let mut days: Vec<Weekday> = r.words("days");
        if !r.has("days") || r.is_empty("days") {
            r.refuse(
                ProblemCode::Invalid,
                "days",
                "REQUIRED",
                Message::new("没有写明星期几", "no weekday is given"),
                Message::new("请至少写一天，如 [\"MONDAY\"]", "give at least one weekday, such as [\"MONDAY\"]"),
            );
        }
        days.sort_unstable();
        let (from, to) = (read_time(r, "from"), read_time(r, "to"));
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            r.refuse(
                ProblemCode::Invalid,
                "to",
                "TIMES_OUT_OF_ORDER",
                Message::new("结束时间不晚于开始时间", "it ends before it begins"),
                Message::new(
                    "请让 to 晚于 from；跨零点的分成两条",
                    "let to be after from; write hours beyond midnight as two entries",
                ),
            );
        }
        let period = r.period("validFrom", "validTo");
        let midnight = TimeOfDay::MIDNIGHT;
        Self { days: days.into(), from: from.unwrap_or(midnight), to: to.unwrap_or(midnight), period }
    }

    /// The weekdays, runs of three and more from the first to the last: 周一至周五, 周日.
    pub fn days_text(&self, locale: Locale) -> String {
        let (to, and) = match locale {
            Locale::Zh => ("至", "、"),
            Locale::En => ("–", ", "),
        };
        let mut runs: Vec<Vec<Weekday>> = Vec::new();
        for day in self.days.iter().copied() {
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|last| *last as u8 + 1 == day as u8) => run.push(day),
                _ => runs.push(vec![day]),
            }
        }
        let label = |day: &Weekday| day.label(locale).to_owned();
        let text = |run: &Vec<Weekday>| match run.as_slice() {
            [first, _, .., last] => format!("{}{to}{}", label(first), label(last)),
            days => days.iter().map(label).collect::<Vec<_>>().join(and),
        };
        runs.iter().map(text).collect::<Vec<_>>().join(and)
    }
}

/// A required time of the day.
fn read_time(r: &mut Reader<'_>, field: &'static str) -> Option<TimeOfDay> {
    let text = r.line(field, 20);
    if text.is_empty() {
        return None;
    }
    let time = text.parse().ok();
    if time.is_none() {
        let message = quoting(&text, "不是时刻", "is no time of the day");
        let remedy = Message::new(
            "请按北京时间写成 09:00 的形式，从 00:00 到 24:00",
            "write it like 09:00, in China's time, from 00:00 to 24:00",
        );
        r.refuse(ProblemCode::Invalid, field, "TIME", message, remedy);
    }
    time
}

/// Whether a place is open on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenDay<'a> {
    /// Its hours are not data.
    Unknown,
    Closed,
    Open(Vec<&'a Opening>),
}

/// Whether a place with these hours is open on a day. On a working day that replaces a day off (调休), it is open as
/// on a Monday.
pub fn open_day<'a>(opening: &'a [Opening], closed: &[Date], day: Date, calendar: &Calendar) -> OpenDay<'a> {
    let counting: Vec<&Opening> = opening.iter().filter(|entry| entry.period.includes(day)).collect();
    if counting.is_empty() {
        return if closed.contains(&day) { OpenDay::Closed } else { OpenDay::Unknown };
    }
    let weekday = match calendar.stated(day) {
        Some(DayOff::Off) => return OpenDay::Closed,
        Some(DayOff::Worked) => Weekday::Monday,
        None => Weekday::of(day),
    };
    let mut hours: Vec<&Opening> = counting.into_iter().filter(|entry| entry.days.contains(&weekday)).collect();
    hours.sort_by_key(|entry| entry.from);
    if hours.is_empty() || closed.contains(&day) { OpenDay::Closed } else { OpenDay::Open(hours) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problems;
    use crate::reading;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn read(value: &serde_json::Value) -> (Option<Opening>, Vec<(String, &'static str)>) {
        let mut problems = Problems::new();
        let opening = reading::read(value, &mut problems, Opening::read);
        (opening, problems.iter().map(|problem| (problem.field(), problem.rule)).collect())
    }

    fn weekdays() -> Opening {
        read(&serde_json::json!({ "days": ["FRIDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY"], "from": "09:00", "to": "17:00" })).0.expect("it reads")
    }

    #[test]
    fn every_problem_of_an_entry_is_named() {
        let (_, problems) = read(&serde_json::json!({ "days": [], "from": "9:00", "to": "25:00" }));
        let expected = [("days", "REQUIRED"), ("from", "TIME"), ("to", "TIME")];
        assert_eq!(problems, expected.map(|(field, rule)| (field.to_owned(), rule)));
        let (_, problems) = read(&serde_json::json!({ "days": ["MONDAY"], "from": "12:00", "to": "12:00" }));
        assert_eq!(problems, [("to".to_owned(), "TIMES_OUT_OF_ORDER")]);
    }

    #[test]
    fn weekdays_are_told_as_runs() {
        assert_eq!(weekdays().days_text(Locale::Zh), "周一至周五");
        let two = Opening { days: [Weekday::Monday, Weekday::Tuesday, Weekday::Sunday].into(), ..weekdays() };
        assert_eq!(two.days_text(Locale::Zh), "周一、周二、周日");
        assert_eq!(weekdays().days_text(Locale::En), "Monday–Friday");
    }

    #[test]
    fn holidays_and_worked_weekends_are_respected() {
        let opening = [weekdays()];
        let calendar: Calendar = "2026-10-01 休\n2026-10-10 班\n".parse().expect("a calendar");
        let open =
            |day_: &str, closed: &[Date]| matches!(open_day(&opening, closed, day(day_), &calendar), OpenDay::Open(_));
        assert!(open("2026-10-09", &[]));
        assert!(!open("2026-10-01", &[]), "a holiday");
        assert!(open("2026-10-10", &[]), "a Saturday that is worked");
        assert!(!open("2026-10-11", &[]), "a Sunday");
        assert!(!open("2026-10-09", &[day("2026-10-09")]), "closed for a day");
        assert_eq!(open_day(&[], &[], day("2026-10-09"), &calendar), OpenDay::Unknown);
    }
}
