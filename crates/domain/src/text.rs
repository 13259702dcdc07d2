//! Validates and escapes texts from outside. [`fault`] says whether a text may be stored, [`shown`] escapes one that
//! may not.
//!
//! Texts end up in page titles, on terminals and in signed content, so a stored text has no control characters, no
//! bidirectional overrides, no invisible characters and no replacement characters.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use crate::problem::Message;

/// Whether a text may have several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    OneLine,
    /// Line feeds and tabs are allowed.
    Lines,
}

/// Why a character is not allowed in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    LineBreak,
    Control,
    /// It changes the direction of writing.
    Direction,
    Invisible,
    /// A replacement character of a lossy conversion, or a private-use character.
    Broken,
}

impl Unfit {
    fn rule(self) -> &'static str {
        match self {
            Self::LineBreak | Self::Control => "CONTROL_CHARACTER",
            Self::Direction => "DIRECTION_CHARACTER",
            Self::Invisible => "INVISIBLE_CHARACTER",
            Self::Broken => "BROKEN_CHARACTER",
        }
    }

    fn named(self) -> (&'static str, &'static str) {
        match self {
            Self::LineBreak => ("换行", "a line break"),
            Self::Control => ("控制字符", "a control character"),
            Self::Direction => ("改变书写方向的字符", "a character that changes the direction of writing"),
            Self::Invisible => ("看不见的字符", "an invisible character"),
            Self::Broken => ("损坏或私有的字符", "a broken or private character"),
        }
    }

    fn remedy(self) -> Message {
        match self {
            Self::LineBreak => Message::new(
                "此项只能写一行：请把换行改成空格或分号",
                "this field has one line: replace the line break with a space or a semicolon",
            ),
            Self::Control | Self::Direction | Self::Invisible => Message::new(
                "请删去该字符，或删去整段文字后重新键入；从网页、文档或聊天软件复制的文字常带有这种字符",
                "delete the character, or type the text anew; text copied from pages, documents and chats often brings such characters",
            ),
            Self::Broken => Message::new(
                "文字在转换编码时可能已损坏：请对照原件改正；生僻字请用 Unicode 正式编码的字",
                "the text was probably damaged when its encoding was converted: correct it after the original, with characters that Unicode has",
            ),
        }
    }
}

/// The fault of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub rule: &'static str,
    pub message: Message,
    pub remedy: Message,
}

/// The first reason why a text of at most `most` characters may not be stored.
pub fn fault(text: &str, most: usize, layout: Layout) -> Option<Fault> {
    if text.len() > most && text.chars().count() > most {
        return Some(Fault {
            rule: "TOO_LONG",
            message: Message::new(format!("超过 {most} 个字"), format!("longer than {most} characters")),
            remedy: Message::new(format!("请缩短到 {most} 个字以内"), format!("shorten it to {most} characters")),
        });
    }
    let (at, character, unfit) = unfit(text, layout).next()?;
    let place = text[..at].chars().count() + 1;
    let (zh, en) = unfit.named();
    let code = u32::from(character);
    let message =
        Message::new(format!("第 {place} 个字是{zh} U+{code:04X}"), format!("character {place} is {en}, U+{code:04X}"));
    Some(Fault { rule: unfit.rule(), message, remedy: unfit.remedy() })
}

/// The text with every character that is not allowed in one line replaced by its code: `<U+200B>`.
pub fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, Layout::OneLine)
}

/// Like `shown`, for a text of several lines.
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    escaped(text, Layout::Lines)
}

/// An input text to be quoted in a message: escaped and truncated.
pub fn quoted(text: &str) -> Cow<'_, str> {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(shown(&text[..end]).into_owned() + "…"),
        None => shown(text),
    }
}

/// A message that begins with the quoted text.
pub(crate) fn quoting(text: &str, zh: &str, en: &str) -> Message {
    let text = quoted(text);
    Message::new(format!("“{text}”{zh}"), format!("“{text}” {en}"))
}

/// The text without the characters that are not allowed in one line, truncated to `most` characters. For names from
/// other systems.
pub fn cleaned(text: &str, most: usize) -> String {
    let unfit: Vec<usize> = unfit(text, Layout::OneLine).map(|(at, ..)| at).collect();
    let fit: String = text
        .char_indices()
        .filter(|(at, _)| unfit.binary_search(at).is_err())
        .map(|(_, character)| character)
        .take(most)
        .collect();
    fit.trim().to_owned()
}

/// Normalises CR LF and CR to line feeds.
pub fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// Whether the text has at least one letter, digit or character of a script.
pub fn is_readable(text: &str) -> bool {
    text.chars().any(|character| character.is_alphanumeric() && !is_blank_letter(character))
}

fn escaped(text: &str, layout: Layout) -> Cow<'_, str> {
    let mut written = 0;
    let mut out = String::new();
    for (at, character, _) in unfit(text, layout) {
        out += &text[written..at];
        let _ = write!(out, "<U+{:04X}>", u32::from(character));
        written = at + character.len_utf8();
    }
    if written == 0 { Cow::Borrowed(text) } else { Cow::Owned(out + &text[written..]) }
}

/// The characters that are not allowed, each with its byte offset.
fn unfit(text: &str, layout: Layout) -> impl Iterator<Item = (usize, char, Unfit)> {
    let mut before = None;
    text.char_indices().filter_map(move |(at, character)| {
        let before = before.replace(character);
        if is_plain(character) {
            return None;
        }
        why(character, before, layout).map(|unfit| (at, character, unfit))
    })
}

/// Fast path: nearly every character is one of these, and all of them are allowed.
fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{4E00}'..='\u{9FFF}' | '\u{3001}'..='\u{303F}' | '\u{FF01}'..='\u{FF5E}')
}

fn why(character: char, before: Option<char>, layout: Layout) -> Option<Unfit> {
    match character {
        '\n' | '\t' if layout == Layout::Lines => None,
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(Unfit::LineBreak),
        '\u{200C}' | '\u{200D}' if before.is_some_and(joins) => None,
        // The vowel separator of Mongolian.
        '\u{180E}' if before.is_some_and(is_mongolian) => None,
        '\u{180B}'..='\u{180D}' | '\u{180F}' if before.is_some_and(is_mongolian) => None,
        // Variation selectors choose the form of the character before them, as in names with rare characters.
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' if before.is_some_and(is_seen) => None,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180D}' | '\u{180F}' => {
            Some(Unfit::Invisible)
        }
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            Some(Unfit::Direction)
        }
        // The combining grapheme joiner, vowels of Khmer that are not seen, a blank of Braille.
        '\u{34F}' | '\u{17B4}' | '\u{17B5}' | '\u{2800}' => Some(Unfit::Invisible),
        // The object replacement and the replacement character.
        '\u{FFFC}' | '\u{FFFD}' => Some(Unfit::Broken),
        _ if is_blank_letter(character) => Some(Unfit::Invisible),
        _ => match character.general_category() {
            GeneralCategory::Control => Some(Unfit::Control),
            GeneralCategory::Format => Some(Unfit::Invisible),
            GeneralCategory::PrivateUse | GeneralCategory::Surrogate => Some(Unfit::Broken),
            // Unicode assigns ideographs faster than our tables are updated.
            GeneralCategory::Unassigned
                if ('\u{20000}'..='\u{3FFFD}').contains(&character) && !is_noncharacter(character) =>
            {
                None
            }
            GeneralCategory::Unassigned => Some(Unfit::Broken),
            _ => None,
        },
    }
}

/// Korean letters without a visible form.
fn is_blank_letter(character: char) -> bool {
    matches!(character, '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}')
}

fn is_noncharacter(character: char) -> bool {
    u32::from(character) & 0xFFFE == 0xFFFE
}

/// Whether the character is of a script that uses joiners: Arabic (Uyghur, Kazakh), Syriac, Indic, Mongolian, Khmer,
/// Burmese.
fn joins(character: char) -> bool {
    matches!(
        character,
        '\u{600}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
    ) || is_mongolian(character)
}

fn is_mongolian(character: char) -> bool {
    matches!(character, '\u{1800}'..='\u{18AF}')
}

/// Whether the character is visible, so that a variation selector may follow it.
fn is_seen(character: char) -> bool {
    is_plain(character) && character != ' '
        || !character.is_whitespace() && why(character, None, Layout::OneLine).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str, layout: Layout) -> Option<&'static str> {
        fault(text, 100, layout).map(|fault| fault.rule)
    }

    #[test]
    fn names_of_all_scripts_and_their_punctuation_are_allowed() {
        for text in [
            "居民身份证换领（含变更）",
            "“一件事”、《办法》〔2020〕35号 — ①√■□…",
            "Lüliang café № 5 ½ ℃",
            "麦㙦镇 织𬕂镇 𪉈鹭树镇",
            "\u{6C26}\u{E0100}区",
            "ئۇيغۇر\u{200C}چە",
            "क्\u{200D}ष",
            "ᠮᠣᠩᠭᠣᠯ\u{180E}ᠠ",
            "བོད་ལྗོངས།",
            "\u{3000}表\u{A0}格",
            "e\u{301}",
        ] {
            assert_eq!(fault(text, 100, Layout::OneLine), None, "{text}");
        }
    }

    #[test]
    fn a_forbidden_character_is_reported_with_its_code() {
        for (text, expected) in [
            ("a\u{0}b", "CONTROL_CHARACTER"),
            ("a\u{1B}[2J", "CONTROL_CHARACTER"),
            ("a\u{9B}b", "CONTROL_CHARACTER"),
            ("a\nb", "CONTROL_CHARACTER"),
            ("a\u{2028}b", "CONTROL_CHARACTER"),
            ("登记\u{202E}记登", "DIRECTION_CHARACTER"),
            ("a\u{2066}b", "DIRECTION_CHARACTER"),
            ("a\u{200F}b", "DIRECTION_CHARACTER"),
            ("a\u{200B}b", "INVISIBLE_CHARACTER"),
            ("a\u{FEFF}b", "INVISIBLE_CHARACTER"),
            ("a\u{AD}b", "INVISIBLE_CHARACTER"),
            ("a\u{200D}b", "INVISIBLE_CHARACTER"),
            ("a\u{E0041}b", "INVISIBLE_CHARACTER"),
            ("\u{FE0F}a", "INVISIBLE_CHARACTER"),
            ("a\u{3164}b", "INVISIBLE_CHARACTER"),
            ("a\u{FFFD}b", "BROKEN_CHARACTER"),
            ("a\u{E000}b", "BROKEN_CHARACTER"),
            ("a\u{FFFF}b", "BROKEN_CHARACTER"),
            ("a\u{378}b", "BROKEN_CHARACTER"),
        ] {
            assert_eq!(rule(text, Layout::OneLine), Some(expected), "{text:?}");
        }
        let fault = fault("窗口\u{200B}甲", 100, Layout::OneLine).expect("it is not fit");
        assert_eq!(fault.message.zh, "第 3 个字是看不见的字符 U+200B");
        assert_eq!(fault.message.en, "character 3 is an invisible character, U+200B");
    }

    #[test]
    fn multi_line_text_allows_line_feeds_and_tabs_only() {
        assert_eq!(rule("一\n二\t三", Layout::Lines), None);
        for text in ["一\r二", "一\u{2028}二", "一\u{85}二", "一\u{B}二"] {
            assert_eq!(rule(text, Layout::Lines), Some("CONTROL_CHARACTER"), "{text:?}");
        }
        assert_eq!(with_line_feeds("一\r\n二\r三\n四"), "一\n二\n三\n四");
    }

    #[test]
    fn shown_text_has_codes_for_forbidden_characters() {
        assert_eq!(shown("44\u{1B}[2J\u{200B}\n"), "44<U+001B>[2J<U+200B><U+000A>");
        assert_eq!(shown_lines("a\n\u{202E}b"), "a\n<U+202E>b");
        assert!(matches!(shown("居民身份证"), Cow::Borrowed(_)));
        assert_eq!(quoted(&"长".repeat(200)).chars().count(), 81);
    }

    #[test]
    fn a_name_from_another_system_is_cleaned() {
        assert_eq!(cleaned(" 王\u{0}经\u{202E}办\n", 200), "王经办");
        assert_eq!(cleaned("王经办", 2), "王经");
    }

    #[test]
    fn punctuation_alone_is_not_readable() {
        for text in ["", " ", "——", "\u{200B}\u{200B}", "！！", "\u{3164}", "★"] {
            assert!(!is_readable(text), "{text:?}");
        }
        for text in ["甲", "A", "㈠", "12", "ئ"] {
            assert!(is_readable(text), "{text:?}");
        }
    }
}
