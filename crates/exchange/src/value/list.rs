//! Lists in one cell.

/// Entries of a list of names, separated by `;`, `；`, `、` or line ends.
pub fn names(text: &str) -> Vec<&str> {
    entries(text, &[';', '；', '、', '\n', '\r'])
}

/// Entries of a list of words and codes, which have no commas, slashes and signs within.
pub fn words(text: &str) -> Vec<&str> {
    entries(text, &[';', '；', '、', '\n', '\r', ',', '，', '/', '／', '+', '＋', '|', '&', '＆'])
}

fn entries<'a>(text: &'a str, separators: &[char]) -> Vec<&'a str> {
    text.split(separators).map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_at_the_separators_that_offices_use() {
        assert_eq!(names("甲；乙;丙、丁\n戊，己"), ["甲", "乙", "丙", "丁", "戊，己"]);
        assert_eq!(words("全程网办/代收代办＋多地联办、"), ["全程网办", "代收代办", "多地联办"]);
    }
}
