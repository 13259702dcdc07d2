//! Why a code cannot be read, where more can be said than its form: characters that nobody sees, and codes of towns.

use crate::problem::{Malformed, Message};
use crate::text::{self, Layout, quoted};

/// What is wrong with a malformed code, and its remedy.
pub(super) fn cause(code: &str, malformed: Malformed) -> Option<(Message, Message)> {
    unfit(code).or_else(|| (malformed == Malformed::DistrictCode).then(|| town(code)).flatten())
}

/// A character that may not be in a text. On a screen the code looks right.
fn unfit(code: &str) -> Option<(Message, Message)> {
    let text::Fault { message, remedy, .. } = text::fault(code, usize::MAX, Layout::OneLine)?;
    let shown = quoted(code);
    let message = Message::new(
        format!("“{shown}”中有不该有的字符：{}", message.zh),
        format!("“{shown}” has a character that no code has: {}", message.en),
    );
    Some((message, remedy))
}

/// The code of a town or village in the statistics code of 9 or 12 digits.
fn town(code: &str) -> Option<(Message, Message)> {
    let is_long = matches!(code.len(), 9 | 12) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !is_long || code[6..].bytes().all(|byte| byte == b'0') {
        return None;
    }
    let is_village = code.len() == 12 && !code.ends_with("000");
    let (zh, en) =
        if is_village { ("村（社区）", "a village or community") } else { ("乡镇（街道）", "a town") };
    let county = &code[..6];
    let message = Message::new(
        format!("“{code}”是{zh}的代码；登记到县级为止"),
        format!("“{code}” is the code of {en}; districts are registered down to counties"),
    );
    let remedy =
        Message::new(format!("请填所属县（市、区）的代码 {county}"), format!("write the code of its county, {county}"));
    Some((message, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: &str, malformed: Malformed) -> Option<(String, String)> {
        cause(code, malformed).map(|(message, remedy)| (message.zh, remedy.zh))
    }

    #[test]
    fn codes_of_towns_are_named() {
        let (message, remedy) = told("440115001000", Malformed::DistrictCode).expect("a town");
        assert!(message.contains("乡镇（街道）") && remedy.ends_with("440115"), "{message} {remedy}");
        assert!(told("440115001", Malformed::DistrictCode).expect("a town").0.contains("乡镇（街道）"));
        assert!(told("440115001007", Malformed::DistrictCode).expect("a village").0.contains("村（社区）"));
        assert_eq!(told("440115001000", Malformed::MatterCode), None);
        assert_eq!(told("440115000000", Malformed::DistrictCode), None);
        assert_eq!(told("4401", Malformed::DistrictCode), None);
    }

    #[test]
    fn invisible_characters_are_named() {
        let (message, _) = told("4401\u{200B}15", Malformed::DistrictCode).expect("a character");
        assert_eq!(message, "“4401<U+200B>15”中有不该有的字符：第 5 个字是看不见的字符 U+200B");
        assert!(told("00010000010\u{FEFF}9", Malformed::MatterCode).is_some());
    }
}
