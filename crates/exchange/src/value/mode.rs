//! Handling modes by the words that lists use for them.

use domain::{HandlingMode, Locale, Problem};

use super::line::plain;
use super::list;
use super::narrow::folded;
use super::rejected::rejected;
use crate::sheet::cell::Value;

/// The mode that a word means.
pub fn mode_of(word: &str) -> Option<HandlingMode> {
    let folded: String = folded(word).chars().filter(|character| character.is_alphanumeric()).collect();
    HandlingMode::ALL.iter().copied().find(|mode| mode.synonyms().contains(&folded.as_str()))
}

/// The modes of a cell, each once, in their order. Empty if the cell is blank.
pub fn modes(value: &Value) -> Result<Vec<HandlingMode>, Problem> {
    let text = plain(value)?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(mode) = mode_of(&text) {
        return Ok(vec![mode]);
    }
    let mut modes = Vec::new();
    for word in list::words(&text) {
        let mode = mode_of(word).ok_or_else(|| unknown(word))?;
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    Ok(modes)
}

fn unknown(word: &str) -> Problem {
    let labels = |locale| HandlingMode::ALL.iter().map(|mode| mode.label(locale)).collect::<Vec<_>>();
    rejected("MODE_UNKNOWN", word, "不是已知的通办方式", "is no known handling mode").remedy(
        format!("请填{}，可填几种，用“、”分隔", labels(Locale::Zh).join("、")),
        format!("write {}, several separated by 、", labels(Locale::En).join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<HandlingMode>, &'static str> {
        modes(&Value::of_text(text)).map_err(|problem| problem.rule)
    }

    #[test]
    fn modes_are_read_by_their_synonyms() {
        use HandlingMode::{FullOnline, MultiSiteJoint, ProxyCollection};
        for (text, expected) in [
            ("全程网办", vec![FullOnline]),
            ("网上办理", vec![FullOnline]),
            (" 异地代收\n代办 ", vec![ProxyCollection]),
            ("代收代办", vec![ProxyCollection]),
            ("异地代收,属地办理", vec![ProxyCollection]),
            ("多地联办", vec![MultiSiteJoint]),
            ("全程网办、代收代办", vec![FullOnline, ProxyCollection]),
            ("全程网办/网上办理＋多地联办", vec![FullOnline, MultiSiteJoint]),
            ("FULL_ONLINE; Proxy collection", vec![FullOnline, ProxyCollection]),
            ("", vec![]),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        assert_eq!(read("全程网办、同城办"), Err("MODE_UNKNOWN"));
    }

    #[test]
    fn every_mode_has_its_own_names() {
        for mode in HandlingMode::ALL {
            assert_eq!(mode_of(mode.name()), Some(*mode));
            assert_eq!(mode_of(mode.label(Locale::Zh)), Some(*mode));
            assert_eq!(mode_of(mode.label(Locale::En)), Some(*mode));
        }
    }
}
