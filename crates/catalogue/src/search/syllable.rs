//! Pinyin syllables as numbers.

use std::sync::LazyLock;

use super::pronunciation::all_syllables;

/// A pinyin syllable, or a single ASCII letter or digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syllable(u32);

/// Sorted, without duplicates.
static SYLLABLES: LazyLock<Vec<&'static str>> = LazyLock::new(all_syllables);

impl Syllable {
    /// A syllable with a capital first letter.
    pub(super) fn of(capitalized: &str) -> Self {
        let all = &*SYLLABLES;
        // An unknown syllable gets a number that no query has.
        let at = all.binary_search(&&*capitalized.to_ascii_lowercase()).unwrap_or(all.len());
        Self(u32::try_from(at).expect("there are a few hundred"))
    }

    pub(super) fn code(self) -> u32 {
        self.0
    }

    /// The syllables that are a prefix of the letters, or that the letters are a prefix of, each with its length.
    pub(super) fn beginning(letters: &[u8]) -> impl Iterator<Item = (u32, usize)> {
        // The single letter V is not ü.
        let is_typed =
            |(at, (read, typed)): (usize, (u8, &u8))| read == *typed || (at > 0 && read == b'v' && *typed == b'u');
        let agrees = move |syllable: &str| syllable.bytes().zip(letters).enumerate().all(is_typed);
        (0..)
            .zip(&*SYLLABLES)
            .filter(move |(_, syllable)| agrees(syllable))
            .map(|(code, syllable)| (code, syllable.len()))
    }
}
