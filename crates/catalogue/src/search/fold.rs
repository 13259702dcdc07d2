//! Folds texts for search: width (`ＥＴＣ` is `etc`, `①` is `1`), case, accents, traditional forms (`證` is `证`) and
//! radicals (`⻔` is `门`) are normalised, and blanks, punctuation and symbols are dropped. Each character is folded
//! independently of its neighbours, so a substring of a text stays a substring when both are folded.

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use domain::radical;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub(crate) fn fold(text: &str) -> String {
    Folded::new(text).text
}

/// A folded text, with the byte offsets at which words begin: after dropped characters, and between Chinese and ASCII.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) text: String,
    pub(super) word_starts: Vec<usize>,
    /// For each kept character its end in the folded text, and its range in the written text.
    origins: Vec<(usize, Range<usize>)>,
}

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        let mut so_far = Self::default();
        let mut gap = true;
        for (at, character) in text.char_indices() {
            let before = so_far.text.len();
            so_far.push(character);
            let Some(first) = so_far.text[before..].chars().next() else {
                gap |= !is_combining_mark(character);
                continue;
            };
            so_far.origins.push((so_far.text.len(), at..at + character.len_utf8()));
            let last = so_far.text[..before].chars().next_back();
            if gap || last.is_some_and(|last| last.is_ascii() != first.is_ascii()) {
                so_far.word_starts.push(before);
            }
            gap = false;
        }
        so_far
    }

    /// The written text of a range of the folded text, including dropped characters in between.
    pub(super) fn written(&self, folded: &Range<usize>) -> Range<usize> {
        let first = self.origins.partition_point(|(end, _)| *end <= folded.start);
        let last = self.origins.partition_point(|(end, _)| *end < folded.end);
        match (self.origins.get(first), self.origins.get(last)) {
            (Some((_, first)), Some((_, last))) => first.start..last.end,
            (None, _) | (_, None) => 0..0,
        }
    }

    fn push(&mut self, character: char) {
        let character = radical::unified(character).unwrap_or(character);
        if character.is_ascii() || HAN.contains(&character) {
            // Fast path: these characters do not decompose.
            self.text.extend(character.is_alphanumeric().then(|| simplified(character.to_ascii_lowercase())));
        } else {
            // Decompose, drop accents, and compose again, which preserves Korean syllables.
            let parts = std::iter::once(character).nfkd().filter(|part| part.is_alphanumeric()).nfc();
            self.text.extend(parts.flat_map(char::to_lowercase).map(simplified));
        }
    }
}

fn simplified(character: char) -> char {
    if HAN.contains(&character) { SIMPLIFIED[character as usize - *HAN.start() as usize] } else { character }
}

/// The blocks of traditional characters in use.
const HAN: RangeInclusive<char> = '\u{3400}'..='\u{9fff}';

/// The simplified form of each character of [`HAN`], in its order.
static SIMPLIFIED: LazyLock<Box<[char]>> = LazyLock::new(|| {
    let converter = OpenCC::from_config(BuiltinConfig::Hk2s).expect("its tables are compiled in");
    HAN.map(|character| {
        // 乾 is simplified to 干 only in the sense of dry; in place names it stays (乾县, 乾安县).
        if character == '乾' {
            return character;
        }
        let converted = converter.convert(character.encode_utf8(&mut [0; 4]));
        converted.chars().next().unwrap_or(character)
    })
    .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_accents_and_traditional_forms_fold_into_one() {
        assert_eq!(fold("ＥＴＣ办理"), "etc办理");
        assert_eq!(fold("身份證"), "身份证");
        assert_eq!(fold("戶口、衞生、瀋陽、臺灣"), "户口卫生沈阳台湾");
        assert_eq!(fold("Ⅱ类①"), "ii类1");
        assert_eq!(fold("Lüliang café"), "luliangcafe");
        assert_eq!(fold("㈠（市级/县级）"), "一市级县级");
        assert_eq!(fold("⻓期护理⻅证⺠办⽣育⾏政⻔⾞"), "长期护理见证民办生育行政门车");
    }

    #[test]
    fn blanks_punctuation_and_symbols_are_dropped() {
        assert_eq!(fold(" “一件事”、\t（试行）\u{3000}50%\n"), "一件事试行50");
    }

    #[test]
    fn a_character_of_a_place_name_stays_itself() {
        assert_eq!(fold("乾县"), "乾县");
    }

    #[test]
    fn a_word_begins_after_a_gap_and_where_chinese_and_ascii_meet() {
        let name = Folded::new("企业备案（技术改造）ETC2办理");
        let words: Vec<_> = name.word_starts.iter().map(|at| &name.text[*at..]).collect();

        assert_eq!(words, ["企业备案技术改造etc2办理", "技术改造etc2办理", "etc2办理", "办理"]);
    }

    #[test]
    fn an_accent_is_not_a_gap() {
        assert_eq!(Folded::new("cafe\u{301}s").word_starts, [0]);
    }
}
