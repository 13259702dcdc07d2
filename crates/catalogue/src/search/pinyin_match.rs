//! Matches letters against the pinyin of names, from the beginning of a syllable.
//!
//! Typed pinyin has no separators, and letters may be split into syllables in several ways: `xian` is 县 or 西安. All
//! splits that occur in names are followed through the postings of syllable n-grams.

use roaring::RoaringBitmap;

use super::ngram::{Ngram, NgramIndex};
use super::syllable::Syllable;

/// The texts whose pinyin matches some letters.
#[derive(Debug, Default)]
pub(super) struct PinyinMatches {
    /// They match.
    pub(super) sure: RoaringBitmap,
    /// Those among them that match at the beginning.
    pub(super) begin: RoaringBitmap,
    /// They may match: the letters have more syllables than an n-gram.
    pub(super) may: RoaringBitmap,
}

impl NgramIndex {
    /// The texts whose pinyin has these letters from the beginning of a syllable.
    pub(super) fn reading(&self, letters: &[u8]) -> PinyinMatches {
        let mut found = PinyinMatches::default();
        self.follow(letters, &mut Vec::new(), None, &mut found);
        found
    }

    fn follow(&self, letters: &[u8], path: &mut Vec<u32>, so_far: Option<&RoaringBitmap>, found: &mut PinyinMatches) {
        /// Maximum number of syllables to follow; few texts are left by then.
        const FAR: usize = 6;
        for (syllable, length) in Syllable::beginning(letters) {
            path.push(syllable);
            if let Some(postings) = self.postings(Ngram::of(&path[path.len().saturating_sub(Ngram::LONGEST)..])) {
                let rest = letters.get(length..).unwrap_or_default();
                if path.len() <= Ngram::LONGEST && rest.is_empty() {
                    found.sure |= &postings.all;
                    found.begin |= &postings.otherwise;
                } else if path.len() < Ngram::LONGEST {
                    self.follow(rest, path, None, found);
                } else {
                    let these = so_far.map_or_else(|| postings.all.clone(), |so_far| so_far & &postings.all);
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
