//! Detects codes that a spreadsheet changed into numbers.

use crate::problem::{Malformed, Message};
use crate::text::quoting;

/// Detects scientific notation such as `5.11602E+11`, which spreadsheets write for long numbers. Most digits are lost.
pub(super) fn spreadsheet_number(text: &str) -> Option<(Message, Remedy)> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let exponent = exponent.strip_prefix(['+', '-'])?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let form = whole.len() == 1
        && !part.is_empty()
        && (2..=3).contains(&exponent.len())
        && digits(whole)
        && digits(part)
        && digits(exponent);
    form.then(|| {
        let message = quoting(
            text,
            "是科学计数：电子表格把编号改成了数字，后面的位数已丢失",
            "is in scientific notation: a spreadsheet made a number of the code, and its digits are lost",
        );
        (message, type_as_text())
    })
}

pub(super) type Remedy = Message;

fn type_as_text() -> Remedy {
    Message::new(
        "请先把该列的格式设为“文本”，再按原件重新填写编号，然后另存",
        "set the format of the column to text, enter the code again after the original, and save the file",
    )
}

/// Detects a code that a spreadsheet changed into a number.
pub(super) fn changed_by_spreadsheet(text: &str, malformed: Malformed) -> Option<(Message, Remedy)> {
    if let Some(changed) = spreadsheet_number(text) {
        return Some(changed);
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.strip_suffix(".0").is_some_and(digits) {
        let message =
            quoting(text, "是小数：电子表格把编号改成了数字", "is a decimal: a spreadsheet made a number of the code");
        return Some((message, type_as_text()));
    }
    // A matter's code begins with zeros, mostly with three.
    (malformed == Malformed::MatterCode && (8..12).contains(&text.len()) && digits(text)).then(|| {
        let message = quoting(
            text,
            "不足 12 位：可能是电子表格去掉了开头的 0",
            "has less than 12 digits: a spreadsheet may have taken off its leading zeros",
        );
        (message, type_as_text())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_a_spreadsheet_changed_is_detected() {
        for changed in ["5.11602E+11", "1.00E+08", "1E+12", "2.01235e+11", "1.14403E+30"] {
            assert!(spreadsheet_number(changed).is_some(), "{changed}");
        }
        for code in ["5.1E", "E+11", "511A0138000000", "1E10", "G-000007-001", "12E+11", "1.E+11", "020-12345678"] {
            assert_eq!(spreadsheet_number(code), None, "{code}");
        }
        let is_changed = |text| changed_by_spreadsheet(text, Malformed::MatterCode).is_some();
        assert!(is_changed("100000001") && is_changed("100000003.0") && !is_changed("00010000000A"));
    }
}
