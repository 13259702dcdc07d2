//! The widths of columns. A Han character is as wide as two digits.

/// The narrowest and the widest column, in digits.
const NARROWEST: usize = 8;
const WIDEST: usize = 48;
/// The room beside a text: its margins and the arrow of a drop-down.
const MARGIN: usize = 3;

/// The width of the longest line of a text, in digits.
pub(super) fn width(text: &str) -> usize {
    text.lines()
        .map(|line| line.chars().map(|character| if is_wide(character) { 2 } else { 1 }).sum())
        .max()
        .unwrap_or(0)
}

/// The width of a column that has these texts.
pub(super) fn column_width<'a>(texts: impl IntoIterator<Item = &'a str>) -> f64 {
    let widest = texts.into_iter().map(width).max().unwrap_or(0) + MARGIN;
    f64::from(u32::try_from(widest.clamp(NARROWEST, WIDEST)).unwrap_or_default())
}

/// Characters of East Asian scripts, their punctuation and full-width forms.
fn is_wide(character: char) -> bool {
    matches!(
        character,
        '\u{1100}'..='\u{115F}'
            | '\u{2E80}'..='\u{303E}'
            | '\u{3041}'..='\u{A4CF}'
            | '\u{AC00}'..='\u{D7A3}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FE30}'..='\u{FE6F}'
            | '\u{FF00}'..='\u{FF60}'
            | '\u{FFE0}'..='\u{FFE6}'
            | '\u{20000}'..='\u{3FFFD}'
            | '“' | '”' | '‘' | '’' | '…' | '—'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_han_character_is_two_wide() {
        assert_eq!((width("abc"), width("居民身份证"), width("（A）\n居民身份证换领")), (3, 10, 14));
        assert!((column_width(["序号"]) - 8.0).abs() < f64::EPSILON);
        assert!((column_width(["字".repeat(99).as_str()]) - 48.0).abs() < f64::EPSILON);
    }
}
