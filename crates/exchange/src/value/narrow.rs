//! Converts full-width characters to ASCII, and folds names for comparison.

use domain::radical;

/// The text with full-width letters, digits and signs, and ideographic spaces as ASCII.
pub fn narrow(text: &str) -> String {
    text.chars().map(narrow_character).collect()
}

fn narrow_character(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        '\u{3000}' | '\u{A0}' => ' ',
        other => other,
    }
}

/// A name for comparison: without blanks, line breaks and a mark at its end, full-width characters as ASCII, small
/// letters, radicals as the characters that they look like.
pub fn folded(name: &str) -> String {
    let characters = name.chars().map(|character| radical::unified(character).unwrap_or(character));
    let narrow = characters.map(narrow_character).filter(|character| !character.is_whitespace());
    let folded: String = narrow.flat_map(char::to_lowercase).collect();
    folded.trim_end_matches(['*', '★', '▲', '△', '※']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_for_comparison() {
        for name in
            ["婚姻登记(内地居民)", " 婚姻登记（内地居民）\u{3000}", "婚姻登记（内地\n居民）＊", "婚姻登记（内地居⺠）*"]
        {
            assert_eq!(folded(name), "婚姻登记(内地居民)", "{name:?}");
        }
        assert_eq!(narrow("１５，Ａ\u{3000}b"), "15,A b");
    }
}
