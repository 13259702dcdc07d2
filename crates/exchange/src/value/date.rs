//! Days in all forms that offices write.

use domain::{Date, Problem};

use super::line::plain;
use super::narrow::narrow;
use super::rejected::rejected;
use crate::sheet::cell::Value;

/// A day. `None` if the cell is blank or says that there is no last day.
pub fn date(value: &Value) -> Result<Option<Date>, Problem> {
    let text = match value {
        Value::Date(date) => return in_range(*date).map(Some).ok_or_else(|| refused(&value.text())),
        Value::Number(number) => number_text(*number),
        Value::Empty | Value::Text(_) | Value::Bool(_) | Value::Error(_) | Value::FormulaWithoutValue => {
            narrow(&plain(value)?)
        }
    };
    let text = text.trim();
    if text.is_empty() || ["长期", "长期有效", "永久", "无固定期限", "无", "-", "--", "/"].contains(&text)
    {
        return Ok(None);
    }
    day(text).or_else(|| serial(text)).map(Some).ok_or_else(|| refused(text))
}

fn number_text(number: f64) -> String {
    // The fraction is a time of the day.
    format!("{:.0}", number.trunc())
}

/// `2021-05-28`, `2021/5/28`, `2021.5.28`, `2021年5月28日`, `20210528`, with midnight or without.
fn day(text: &str) -> Option<Date> {
    let text = text.split_once([' ', 'T']).filter(|(_, time)| is_midnight(time)).map_or(text, |(day, _)| day);
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return of(&text[..4], &text[4..6], &text[6..]);
    }
    if let Some((year, rest)) = text.split_once('年') {
        let (month, day) = rest.split_once('月')?;
        return of(year, month, day.trim().strip_suffix(['日', '号'])?);
    }
    ['-', '/', '.'].iter().find_map(|mark| {
        let (year, rest) = text.split_once(*mark)?;
        let (month, day) = rest.split_once(*mark)?;
        of(year, month, day)
    })
}

fn of(year: &str, month: &str, day: &str) -> Option<Date> {
    let number = |text: &str, most: usize| {
        let text = text.trim();
        let is_number = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = number(year, 4).filter(|year| *year >= 1000)?;
    Date::from_ymd_opt(i32::try_from(year).ok()?, number(month, 2)?, number(day, 2)?)
}

fn is_midnight(time: &str) -> bool {
    let time = time.trim().trim_end_matches('Z').split('.').next().unwrap_or_default();
    matches!(time, "0:00" | "00:00" | "0:00:00" | "00:00:00")
}

/// The serial number of a day since 1900, from 1950 to 2118.
fn serial(text: &str) -> Option<Date> {
    /// 30 December 1899, counted from the year 1.
    const DAY_0: i32 = 693_594;
    let number: i32 = text.parse().ok().filter(|number| (18_264..=80_000).contains(number))?;
    Date::from_num_days_from_ce_opt(DAY_0 + number)
}

fn in_range(date: Date) -> Option<Date> {
    let within = Date::from_ymd_opt(1949, 1, 1)?..=Date::from_ymd_opt(9999, 12, 31)?;
    within.contains(&date).then_some(date)
}

fn refused(text: &str) -> Problem {
    rejected("DATE", text, "不是日期", "is not a date").remedy(
        "可写作 2021-06-01、2021/6/1、2021.6.1、2021年6月1日、20210601",
        "write it like 2021-06-01, 2021/6/1, 2021.6.1, 2021年6月1日 or 20210601",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &Value) -> Option<String> {
        date(value).expect("a date").map(|date| date.to_string())
    }

    #[test]
    fn days_are_read_in_their_usual_forms() {
        for text in [
            "2021-05-28",
            "2021/5/28",
            "2021.5.28",
            "2021年5月28日",
            "2021 年 5 月 28 日",
            "20210528",
            "44344",
            "2021-05-28 00:00:00",
            "2021-05-28T00:00:00.000Z",
            "２０２１／５／２８",
        ] {
            assert_eq!(read(&Value::of_text(text)).as_deref(), Some("2021-05-28"), "{text}");
        }
        assert_eq!(read(&Value::Number(44344.0)).as_deref(), Some("2021-05-28"));
        assert_eq!(read(&Value::Number(20_210_528.0)).as_deref(), Some("2021-05-28"));
        assert_eq!(read(&Value::of_text("长期")), None);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["2021-02-30", "6/1/2021", "2021/6", "2021-06-01 09:30:00", "二〇二一年六月一日", "5", "21.5.28"]
        {
            assert_eq!(date(&Value::of_text(text)).expect_err(text).rule, "DATE", "{text}");
        }
    }
}
