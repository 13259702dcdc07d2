//! Full-text search in Chinese names.
//!
//! Chinese has no blanks between words, so a name is found by any substring, without a dictionary. It is also found by
//! its pinyin (`shenfenzheng`), its initials (`sfz`) and by synonyms (驾照). Names and queries are folded (see
//! [`fold()`]), so width, case, traditional forms, blanks and punctuation make no difference.
//!
//! An [`Index`] selects the candidates among many texts, and ranks short words without looking at the texts. A test
//! compares it with a plain scan.

mod alignment;
mod block;
mod buckets;
pub(crate) mod everyday;
pub(crate) mod fold;
pub mod highlight;
pub mod index;
mod lookalike;
mod ngram;
mod pinyin_match;
mod pronunciation;
pub mod query;
pub mod rank;
mod signature;
mod spelling;
mod syllable;
mod synonym;
#[cfg(test)]
mod tests;
pub mod text;

use self::fold::fold;
pub use self::index::{Index, Within};
pub use self::query::Query;
pub use self::rank::Rank;
pub use self::text::Text;

use self::pronunciation::syllables;

/// The sort key of a name in pinyin order, without tones. Syllables are compared one by one, so 西宁 (`xi ning`) comes
/// before 仙桃 (`xian tao`).
pub fn sort_key(name: &str) -> String {
    syllables(&fold(name)).join(" ")
}
