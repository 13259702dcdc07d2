//! Dates as spreadsheet programs keep them.

use calamine::ExcelDateTime;
use domain::Date;

use super::cell::Value;

/// The day of a date, whatever its epoch. A length of time stays a number.
pub(crate) fn date_of(moment: &ExcelDateTime) -> Value {
    // Day 0 is a time without a date.
    if moment.is_duration() || moment.as_f64() < 1.0 {
        return Value::Number(moment.as_f64());
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    Date::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
        .map_or(Value::Number(moment.as_f64()), Value::Date)
}
