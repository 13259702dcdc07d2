//! Queries: folded words, with their synonyms and their pinyin.

use memchr::memchr_iter;
use memchr::memmem::Finder;

use super::fold::fold;
use super::rank::Rank;
use super::signature::Signature;
use super::synonym::synonyms;
use super::text::{Text, View};

/// A folded query. A text must match all of its words.
#[derive(Debug, Clone)]
pub struct Query {
    /// Empty if the query has only punctuation: no text matches.
    pub(super) words: Vec<Term>,
    /// Several words joined: `social security` may be a whole alias.
    pub(super) together: Option<Term>,
}

impl Query {
    /// `None` for a blank query, which is no filter. A query of punctuation alone finds nothing. A long query is
    /// truncated.
    pub fn new(typed: &str) -> Option<Self> {
        let words = first_words(typed);
        match words.len() {
            0 if typed.trim().is_empty() => None,
            0 => Some(Self { words: Vec::new(), together: None }),
            1 => Some(Self { words: vec![Term::new(&words[0])], together: None }),
            _ => Some(Self {
                together: Some(Term::new(&words.concat())),
                words: words.iter().map(|word| Term::new(word)).collect(),
            }),
        }
    }

    /// The folded query without blanks.
    pub(crate) fn joined(&self) -> &str {
        self.together.as_ref().or(self.words.first()).map_or("", Term::typed)
    }

    /// The rank of a match, best first by `Ord`; `None`: no match. Several words rank as the worst of them, or better
    /// if they match joined.
    pub fn rank(&self, text: &Text) -> Option<Rank> {
        self.rank_in(text.view())
    }

    /// Whether the text matches. Faster than `rank`.
    pub fn matches(&self, text: &Text) -> bool {
        self.is_in(text.view())
    }

    pub(super) fn rank_in(&self, text: View<'_>) -> Option<Rank> {
        if self.words.is_empty() {
            return None;
        }
        let apart = self.words.iter().try_fold(Rank::WholeName, |worst, word| Some(worst.max(word.rank(text)?)))?;
        let together = self.together.as_ref().and_then(|words| words.rank(text));
        Some(together.map_or(apart, |together| together.min(apart)))
    }

    pub(super) fn is_in(&self, text: View<'_>) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| word.is_in(text))
    }
}

/// Maximum number of words and characters of a query.
pub(super) const MAX_WORDS: usize = 8;

pub(super) const MAX_CHARACTERS: usize = 64;

pub(super) fn first_words(typed: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut left = MAX_CHARACTERS;
    for word in typed.split_whitespace() {
        let end = word.char_indices().nth(left).map_or(word.len(), |(end, _)| end);
        let word = &word[..end];
        left -= word.chars().count();
        words.extend(Some(fold(word)).filter(|word| !word.is_empty()));
        if left == 0 || words.len() == MAX_WORDS {
            break;
        }
    }
    words
}

/// One word of a query, with its synonyms and its pinyin.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) written: Needle,
    pub(super) synonyms: Vec<Needle>,
    pub(super) spelled: Option<Spelled>,
}

impl Term {
    /// The word itself, folded.
    pub(super) fn typed(&self) -> &str {
        self.written.typed()
    }

    pub(super) fn new(word: &str) -> Self {
        Self {
            written: Needle::new(word),
            synonyms: synonyms(word).iter().map(|name| Needle::new(name)).collect(),
            spelled: Spelled::new(word),
        }
    }

    pub(super) fn rank(&self, text: View<'_>) -> Option<Rank> {
        let synonym = || self.synonyms.iter().any(|name| name.is_in(text)).then_some(Rank::Synonym);
        let spelled = || self.spelled.as_ref()?.rank(text);
        self.written.rank(text).or_else(synonym).or_else(spelled)
    }

    pub(super) fn is_in(&self, text: View<'_>) -> bool {
        self.written.is_in(text)
            || self.synonyms.iter().any(|name| name.is_in(text))
            || self.spelled.as_ref().is_some_and(|letters| letters.rank(text).is_some())
    }
}

/// A substring to find in the written names.
#[derive(Debug, Clone)]
pub(super) struct Needle {
    pub(super) finder: Finder<'static>,
    pub(super) signature: Signature,
}

impl Needle {
    pub(super) fn new(folded: &str) -> Self {
        Self { finder: Finder::new(folded).into_owned(), signature: Signature::characters(folded) }
    }

    pub(super) fn typed(&self) -> &str {
        std::str::from_utf8(self.finder.needle()).expect("what was folded is text")
    }

    pub(super) fn is_in(&self, text: View<'_>) -> bool {
        text.signatures.is_none_or(|signatures| signatures.written.may_contain(self.signature))
            && self.finder.find(text.written()).is_some()
    }

    pub(super) fn rank(&self, text: View<'_>) -> Option<Rank> {
        if text.signatures.is_some_and(|signatures| !signatures.written.may_contain(self.signature)) {
            return None;
        }
        let (written, length) = (text.written(), self.finder.needle().len());
        let mut best: Option<Rank> = None;
        let mut from = 0;
        while let Some(start) = self.finder.find(&written[from..]).map(|at| from + at) {
            let rank = text.rank_of(&(start..start + length));
            best = Some(best.map_or(rank, |best| best.min(rank)));
            // Without a later word start in the name, no better rank is possible.
            if start < text.ends.name as usize && !text.has_word_after(start) {
                break;
            }
            from = start + 1;
        }
        best
    }
}

/// Letters that may be pinyin or initials.
#[derive(Debug, Clone)]
pub(super) struct Spelled {
    pub(super) finder: Finder<'static>,
    pub(super) signature: Signature,
}

impl Spelled {
    /// At least two letters: a single letter matches nearly every name.
    pub(super) fn new(word: &str) -> Option<Self> {
        let spells = word.len() >= 2 && word.bytes().all(|letter| letter.is_ascii_lowercase());
        spells.then(|| Self { finder: Finder::new(word).into_owned(), signature: Signature::pairs(word) })
    }

    pub(super) fn rank(&self, text: View<'_>) -> Option<Rank> {
        self.pinyin(text).or_else(|| self.initials(text))
    }

    pub(super) fn pinyin(&self, text: View<'_>) -> Option<Rank> {
        if text.signatures.is_some_and(|signatures| !signatures.read.may_contain(self.signature)) {
            return None;
        }
        let (read, letters) = (text.read(), self.finder.needle());
        let mut best = None;
        for start in memchr_iter(letters[0].to_ascii_uppercase(), read).filter(|start| reads(&read[*start..], letters))
        {
            if begins_line(read, start) {
                return Some(Rank::PinyinPrefix);
            }
            best = Some(Rank::Pinyin);
        }
        best
    }

    pub(super) fn initials(&self, text: View<'_>) -> Option<Rank> {
        if text.signatures.is_some_and(|signatures| !signatures.initials.may_contain(self.signature)) {
            return None;
        }
        let initials = text.initials();
        self.finder
            .find_iter(initials)
            .map(|start| if begins_line(initials, start) { Rank::InitialsPrefix } else { Rank::Initials })
            .min()
    }
}

pub(super) fn begins_line(lines: &[u8], at: usize) -> bool {
    at == 0 || lines[at - 1] == b'\n'
}

/// Whether the pinyin begins with these letters. `ü` may be typed as `v` or `u`.
pub(super) fn reads(reading: &[u8], letters: &[u8]) -> bool {
    // The query is in lower case, and no other byte of the pinyin becomes a lower-case letter by this bit.
    const CASE: u8 = 0x20;
    reading.len() >= letters.len()
        && reading.iter().zip(letters).all(|(read, typed)| read | CASE == *typed || (*read == b'v' && *typed == b'u'))
}
