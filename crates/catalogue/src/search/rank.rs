//! Ranks of matches.

/// How well a text matches a query, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// The whole name.
    WholeName,
    /// The beginning of the name.
    NamePrefix,
    /// The beginning of a word of the name: after punctuation or a blank, or between Chinese and ASCII.
    WordStart,
    /// Elsewhere in the name.
    InName,
    /// A whole alias, English name or code.
    WholeAlias,
    /// The beginning of an alias, an English name or a code.
    AliasPrefix,
    /// Elsewhere in one of them.
    InAlias,
    /// A synonym in the name or an alias.
    Synonym,
    /// Pinyin at the beginning of the name or an alias.
    PinyinPrefix,
    /// Pinyin elsewhere, from the beginning of a syllable.
    Pinyin,
    /// Initials at the beginning of the name or an alias.
    InitialsPrefix,
    /// Initials elsewhere.
    Initials,
}
