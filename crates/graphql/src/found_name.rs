//! The name by which a search found a record.

use async_graphql::SimpleObject;
use catalogue::search::highlight::{Found, Part};
use graphql_macros::DirectJson;

/// The name by which a search found a record: its name, an alias, its English name or its code.
#[derive(Debug, Clone, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct FoundName {
    /// The complete name.
    text: String,
    /// The same name in parts, in their order, to mark the matched ones.
    parts: Vec<TextPart>,
}

/// A part of a text.
#[derive(Debug, Clone, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct TextPart {
    /// The text of this part.
    text: String,
    /// True when this part matched the search. The search may have been written in pinyin, in initials or with a
    /// synonym.
    hit: bool,
}

impl From<Found> for FoundName {
    fn from(found: Found) -> Self {
        let Found { text, parts } = found;
        Self { text, parts: parts.into_iter().map(|Part { text, hit }| TextPart { text, hit }).collect() }
    }
}
