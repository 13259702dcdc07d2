//! Which names read as some letters do, from the beginning of a syllable on.
//!
//! Who types in pinyin doesn't part its syllables, and letters may be parted in several ways: `xian` is 县 or 西安. Each way
//! that names have is followed through the lists of who reads as one, two or three syllables.

use std::sync::LazyLock;

use roaring::RoaringBitmap;

use super::gram::{Gram, Grams};
use super::reading::all_syllables;

/// A syllable of pinyin, or an ASCII letter or digit that is read by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syllable(u32);

/// In their order, each once.
static SYLLABLES: LazyLock<Vec<&'static str>> = LazyLock::new(all_syllables);

impl Syllable {
    /// As it stands in a reading, the first letter a capital.
    pub(super) fn of(capitalized: &str) -> Self {
        let all = &*SYLLABLES;
        // Another would be nobody's reading, and nobody finds it.
        let at = all.binary_search(&&*capitalized.to_ascii_lowercase()).unwrap_or(all.len());
        Self(u32::try_from(at).expect("there are a few hundred"))
    }

    pub(super) fn code(self) -> u32 {
        self.0
    }

    /// Those that letters may begin with, or that may begin with all the letters; with how long each is.
    fn beginning(letters: &[u8]) -> impl Iterator<Item = (u32, usize)> {
        // A syllable that is but the letter V is no ü.
        let is_typed = |(at, (read, typed)): (usize, (u8, &u8))| read == *typed || (at > 0 && read == b'v' && *typed == b'u');
        let agrees = move |syllable: &str| syllable.bytes().zip(letters).enumerate().all(is_typed);
        (0..).zip(&*SYLLABLES).filter(move |(_, syllable)| agrees(syllable)).map(|(code, syllable)| (code, syllable.len()))
    }
}

/// The texts that read as some letters do.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// They do.
    pub(super) sure: RoaringBitmap,
    /// Those of them that begin so.
    pub(super) begin: RoaringBitmap,
    /// They may: it takes more syllables than a list knows.
    pub(super) may: RoaringBitmap,
}

impl Grams {
    /// The texts that read so from the beginning of some syllable on.
    pub(super) fn reading(&self, letters: &[u8]) -> Reading {
        let mut found = Reading::default();
        self.follow(letters, &mut Vec::new(), None, &mut found);
        found
    }

    fn follow(&self, letters: &[u8], path: &mut Vec<u32>, so_far: Option<&RoaringBitmap>, found: &mut Reading) {
        /// After so many syllables few texts are left, and ways enough have been tried.
        const FAR: usize = 6;
        for (syllable, length) in Syllable::beginning(letters) {
            path.push(syllable);
            if let Some(holders) = self.holders(Gram::of(&path[path.len().saturating_sub(Gram::LONGEST)..])) {
                let rest = letters.get(length..).unwrap_or_default();
                if path.len() <= Gram::LONGEST && rest.is_empty() {
                    found.sure |= &holders.all;
                    found.begin |= &holders.otherwise;
                } else if path.len() < Gram::LONGEST {
                    self.follow(rest, path, None, found);
                } else {
                    let these = so_far.map_or_else(|| holders.all.clone(), |so_far| so_far & &holders.all);
                    if rest.is_empty() || path.len() == FAR {
                        found.may |= these;
                    } else if !these.is_empty() {
                        self.follow(rest, path, Some(&these), found);
                    }
                }
            }
            path.pop();
        }
    }
}
