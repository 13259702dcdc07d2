//! Cells that a spreadsheet program would take for something else: formulas, which it would run, and texts of digits
//! and signs, which it would make numbers and days of. An apostrophe before the cell says that it is text.
//!
//! An export for spreadsheets puts it before such cells, and import takes it off again. So that the round trip is exact
//! for every text, a text that begins with an apostrophe itself gets another one in every export, where import would
//! take off the one that it has.

use std::borrow::Cow;

/// Would a spreadsheet program take the text for something else, or import take off its apostrophe?
fn needs_apostrophe(text: &str) -> bool {
    match text.strip_prefix('\'') {
        Some(rest) => needs_apostrophe(rest),
        None => is_formula(text) || is_taken_for_number(text),
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Digits and their signs, but for a short plain number and a day as this registry writes it: a program changes how
/// they look, and import reads that.
fn is_taken_for_number(text: &str) -> bool {
    let is_of_numbers = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'/' | b':' | b'-' | b'+' | b' ' | b'%' | b'E' | b'e');
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 11 && (text == "0" || !text.starts_with('0'));
    text.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && text.bytes().all(is_of_numbers)
        && !is_plain
        && domain::reading::format::parse_date(text).is_none()
}

/// The text for a cell of a spreadsheet.
pub(crate) fn protected(text: &str) -> Cow<'_, str> {
    if needs_apostrophe(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text for a cell that stays as it is: only an apostrophe that import would take off gets another one.
pub(crate) fn exact(text: &str) -> Cow<'_, str> {
    if text.starts_with('\'') { protected(text) } else { Cow::Borrowed(text) }
}

/// The cell's text, without the apostrophe of either.
pub(crate) fn unprotected(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| needs_apostrophe(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_change_is_protected() {
        for (text, cell) in [
            ("=HYPERLINK(\"https://a\")", "'=HYPERLINK(\"https://a\")"),
            ("-示例窗", "'-示例窗"),
            ("+86 20 1234", "'+86 20 1234"),
            ("@示例", "'@示例"),
            ("000100000031", "'000100000031"),
            ("511602000000", "'511602000000"),
            ("1-2", "'1-2"),
            ("1E5", "'1E5"),
            ("'=1", "''=1"),
            ("440115", "440115"),
            ("2021-06-01", "2021-06-01"),
            ("'引号'", "'引号'"),
            ("示例路1号", "示例路1号"),
            ("", ""),
        ] {
            assert_eq!(protected(text), cell, "{text}");
        }
    }

    #[test]
    fn every_text_comes_back_as_it_was() {
        for text in ["=1", "'=1", "''=1", "'", "''", "'甲", "甲'", "0", "00", "'00", "-", "", "1", "'1", "2021-06-01", "'2021-06-01"] {
            assert_eq!(unprotected(&protected(text)), text, "for spreadsheets: {text}");
            assert_eq!(unprotected(&exact(text)), text, "exact: {text}");
        }
        assert_eq!(exact("=1+1"), "=1+1");
    }
}
