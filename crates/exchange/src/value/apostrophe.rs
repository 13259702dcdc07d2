//! The apostrophe that marks a cell as text, so that a spreadsheet program does not take it for a formula or a number.

/// The text without the apostrophe that protects it. Other apostrophes stay.
pub fn unprotected(text: &str) -> &str {
    match text.strip_prefix(['\'', '’']) {
        Some(rest) if needs_protection(rest) => rest,
        Some(_) | None => text,
    }
}

fn needs_protection(text: &str) -> bool {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\'']);
    let is_number = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'/' | b':' | b'-' | b'+'));
    is_formula || is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_protecting_apostrophe_is_taken_off() {
        for (cell, text) in [("'=1+1", "=1+1"), ("'000100000109", "000100000109"), ("'引号'", "'引号'"), ("甲", "甲")]
        {
            assert_eq!(unprotected(cell), text);
        }
    }
}
