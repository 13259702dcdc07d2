//! Numbers of days with their unit: `5个工作日`, `20个工作日内`, `即办`, `１５`, `10天`.

use domain::Problem;
use domain::offering::DayKind;

use super::line::plain;
use super::narrow::narrow;
use super::rejected::rejected;
use crate::sheet::cell::Value;

/// A number of days. Without a unit the kind is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Days {
    pub count: u32,
    pub kind: Option<DayKind>,
}

const UNITS: [(&str, DayKind); 11] = [
    ("个工作日", DayKind::WorkingDay),
    ("工作日", DayKind::WorkingDay),
    ("个自然日", DayKind::CalendarDay),
    ("自然日", DayKind::CalendarDay),
    ("个日历日", DayKind::CalendarDay),
    ("日历日", DayKind::CalendarDay),
    ("工作天", DayKind::WorkingDay),
    ("天", DayKind::CalendarDay),
    ("日", DayKind::CalendarDay),
    ("workingdays", DayKind::WorkingDay),
    ("days", DayKind::CalendarDay),
];

const AT_ONCE: [&str; 12] = [
    "即办",
    "即办件",
    "即时",
    "即时办结",
    "即时办理",
    "当场",
    "当场办结",
    "当场办理",
    "马上办",
    "立即",
    "立等可取",
    "atonce",
];

/// A number of days. `None` if the cell is blank.
pub fn days(value: &Value) -> Result<Option<Days>, Problem> {
    let text: String = narrow(&plain(value)?).to_lowercase().split_whitespace().collect();
    if text.is_empty() || text == "-" || text == "/" {
        return Ok(None);
    }
    if AT_ONCE.contains(&text.as_str()) {
        return Ok(Some(Days { count: 0, kind: Some(DayKind::AtOnce) }));
    }
    let bare = text.strip_suffix("以内").or_else(|| text.strip_suffix('内')).unwrap_or(&text);
    let unit = UNITS.iter().find_map(|(word, kind)| Some((bare.strip_suffix(word)?, Some(*kind))));
    let (number, kind) = unit.unwrap_or((bare, None));
    let count = whole_number(number).and_then(|count| u32::try_from(count).ok());
    count.map(|count| Some(Days { count, kind })).ok_or_else(|| {
        rejected("DAYS", &value.text(), "不是天数", "is not a number of days").remedy(
            "请填一个整数，可带单位，如 5、5个工作日、10天、即办",
            "write one whole number, with its unit if need be: 5, 5个工作日, 10天, 即办",
        )
    })
}

/// `5`, `5.0`, `1,000`.
fn whole_number(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let groups: Vec<&str> = whole.split(',').collect();
    let is_grouped = groups.len() == 1 || groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    let digits = groups.concat();
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_zero = !part.is_empty() && part.bytes().all(|byte| byte == b'0');
    (is_grouped && are_digits(groups[0]) && are_digits(&digits) && is_zero).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_with_their_unit() {
        for (text, count, kind) in [
            ("5个工作日", 5, Some(DayKind::WorkingDay)),
            ("20个工作日内", 20, Some(DayKind::WorkingDay)),
            ("20 工作日以内", 20, Some(DayKind::WorkingDay)),
            ("即办", 0, Some(DayKind::AtOnce)),
            ("１５", 15, None),
            ("10", 10, None),
            ("10天", 10, Some(DayKind::CalendarDay)),
            ("30个自然日", 30, Some(DayKind::CalendarDay)),
            ("5.0", 5, None),
            ("1,000", 1000, None),
        ] {
            assert_eq!(days(&Value::of_text(text)).expect(text), Some(Days { count, kind }), "{text}");
        }
        assert_eq!(days(&Value::Number(15.0)).expect("a number"), Some(Days { count: 15, kind: None }));
        for text in ["5-10", "约5天", "-5", "5.5", "1,00"] {
            assert_eq!(days(&Value::of_text(text)).expect_err(text).rule, "DAYS", "{text}");
        }
    }
}
