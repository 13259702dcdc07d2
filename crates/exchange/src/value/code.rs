//! Codes, without what protects them from a spreadsheet program; codes that it changed are refused with the cause.

use domain::Problem;

use super::line::plain;
use super::narrow::narrow;
use super::rejected::rejected;
use crate::sheet::cell::Value;

/// The digits of a matter's code.
pub const MATTER_CODE_LENGTH: usize = 12;

/// A code in capital letters. `None` if the cell is blank. `length` is that of codes of digits, whose leading zeros a
/// spreadsheet program may have taken off.
pub fn code(value: &Value, length: usize) -> Result<Option<String>, Problem> {
    let narrow = narrow(&plain(value)?);
    let bare = narrow.trim();
    let bare = bare.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(bare);
    let bare: String = bare.trim_start_matches('\'').split_whitespace().collect();
    if bare.is_empty() {
        return Ok(None);
    }
    if is_scientific(&bare) {
        return Err(rejected(
            "CODE_IN_SCIENTIFIC_NOTATION",
            &bare,
            "是科学计数：电子表格把编码改成了数字，后面的位数已丢失",
            "is in scientific notation: a spreadsheet made a number of the code, and its digits are lost",
        )
        .remedy(REMEDY.0, REMEDY.1));
    }
    let digits = bare.strip_suffix(".0").unwrap_or(&bare);
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if are_digits && (length.saturating_sub(4)..length).contains(&digits.len()) {
        return Err(rejected(
            "CODE_LOST_ZEROS",
            digits,
            &format!("不足 {length} 位：可能是电子表格去掉了开头的 0"),
            &format!("has less than {length} digits: a spreadsheet may have taken off its leading zeros"),
        )
        .remedy(REMEDY.0, REMEDY.1));
    }
    Ok(Some(if are_digits { digits.to_owned() } else { bare.to_ascii_uppercase() }))
}

const REMEDY: (&str, &str) = (
    "请先把该列的格式设为“文本”，再按原件重新填写编码，然后另存",
    "set the format of the column to text, enter the code again after the original, and save the file",
);

/// `5.11602E+11`, which spreadsheet programs write for long numbers.
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix(['+', '-']) else { return false };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 1 && digits(whole) && digits(part) && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, &'static str> {
        code(&Value::of_text(text), MATTER_CODE_LENGTH).map_err(|problem| problem.rule)
    }

    #[test]
    fn codes_lose_what_protected_them() {
        for text in ["'000100000109", "=\"000100000109\"", "０００１００００0109", " 0001 0000 0109 "] {
            assert_eq!(read(text), Ok(Some("000100000109".to_owned())), "{text}");
        }
        assert_eq!(read("lmz000000001"), Ok(Some("LMZ000000001".to_owned())));
        assert_eq!(read("511A0138000000"), Ok(Some("511A0138000000".to_owned())));
    }

    #[test]
    fn codes_that_a_spreadsheet_broke_are_refused_with_the_cause() {
        assert_eq!(read("5.11602E+11"), Err("CODE_IN_SCIENTIFIC_NOTATION"));
        assert_eq!(read("100000109"), Err("CODE_LOST_ZEROS"));
        let number = code(&Value::Number(100_000_109.0), MATTER_CODE_LENGTH).expect_err("zeros are lost");
        assert_eq!(number.rule, "CODE_LOST_ZEROS");
        assert!(number.message.zh.contains("100000109"), "{}", number.message.zh);
        assert_eq!(code(&Value::Number(5.1e30), 12).expect_err("broken").rule, "CODE_IN_SCIENTIFIC_NOTATION");
    }
}
