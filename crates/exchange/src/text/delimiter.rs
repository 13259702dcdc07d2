//! Finds the delimiter of a text table: the one that most of the first lines have equally often.

use std::collections::HashMap;

use crate::form::Delimiter;

/// Lines that are looked at.
const LINES: usize = 50;

/// The delimiter of a table, by its beginning.
pub fn delimiter(head: &str) -> Delimiter {
    let lines = lines(head);
    let score = |delimiter: Delimiter| {
        let mut lines_by_count: HashMap<usize, usize> = HashMap::new();
        for line in &lines {
            let count = line.matches(char::from(delimiter.byte())).count();
            if count > 0 {
                *lines_by_count.entry(count).or_default() += 1;
            }
        }
        lines_by_count.into_values().max().unwrap_or_default()
    };
    let best = Delimiter::ALL.map(score).into_iter().max().unwrap_or_default();
    let found = Delimiter::ALL.into_iter().find(|delimiter| best > 0 && score(*delimiter) == best);
    found.unwrap_or(Delimiter::Comma)
}

/// The first records, without what stands between quotation marks.
fn lines(head: &str) -> Vec<String> {
    let (mut lines, mut line, mut is_quoted) = (Vec::new(), String::new(), false);
    for character in head.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '\n' if !is_quoted => lines.push(std::mem::take(&mut line)),
            _ if is_quoted => {}
            other => line.push(other),
        }
        if lines.len() == LINES {
            return lines;
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_the_lines_have_in_common() {
        for (text, expected) in [
            ("附件1,,\n序号,事项;名称,编码\n1,\"甲;乙;丙\",2\n", Delimiter::Comma),
            ("序号\t事项,名称\n1\t甲,乙\n", Delimiter::Tab),
            ("name;code\n甲;1\n乙,丙;2\n", Delimiter::Semicolon),
            ("事项名称\n甲\n", Delimiter::Comma),
            ("", Delimiter::Comma),
        ] {
            assert_eq!(delimiter(text), expected, "{text}");
        }
    }
}
