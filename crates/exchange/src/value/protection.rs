//! Protection of cells that a spreadsheet program would change: formulas, and texts that look like numbers or dates. An
//! apostrophe before the text marks it as text.
//!
//! Exports for spreadsheets add the apostrophe, and import removes it. To keep the round trip exact, every export adds
//! one to texts that begin with an apostrophe which import would remove.

use std::borrow::Cow;

/// Would a spreadsheet program change the text, or import remove its apostrophe?
fn needs_apostrophe(text: &str) -> bool {
    match text.strip_prefix('\'') {
        Some(rest) => needs_apostrophe(rest),
        None => is_formula(text) || is_taken_for_number(text),
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Digits and signs of numbers, except short plain numbers and dates as this registry writes them: programs change only
/// how those look, and import reads every form of them.
fn is_taken_for_number(text: &str) -> bool {
    let is_of_numbers = |byte: u8| {
        byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'/' | b':' | b'-' | b'+' | b' ' | b'%' | b'E' | b'e')
    };
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 11 && (text == "0" || !text.starts_with('0'));
    text.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && text.bytes().all(is_of_numbers)
        && !is_plain
        && domain::reading::format::parse_date(text).is_none()
}

/// The text of a cell for spreadsheet programs.
pub fn protected(text: &str) -> Cow<'_, str> {
    if needs_apostrophe(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell for other programs: only an apostrophe that import would remove is doubled.
pub fn exact(text: &str) -> Cow<'_, str> {
    if text.starts_with('\'') { protected(text) } else { Cow::Borrowed(text) }
}

/// Removes the apostrophe of either form.
pub fn unprotected(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| needs_apostrophe(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_change_are_protected() {
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
    fn every_text_survives_the_round_trip() {
        for text in [
            "=1",
            "'=1",
            "''=1",
            "'",
            "''",
            "'甲",
            "甲'",
            "0",
            "00",
            "'00",
            "-",
            "",
            "1",
            "'1",
            "2021-06-01",
            "'2021-06-01",
        ] {
            assert_eq!(unprotected(&protected(text)), text, "for spreadsheets: {text}");
            assert_eq!(unprotected(&exact(text)), text, "exact: {text}");
        }
        assert_eq!(exact("=1+1"), "=1+1");
    }
}
