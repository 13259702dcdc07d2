//! Suggestions for a search.

use async_graphql::SimpleObject;
use catalogue::{Suggested, Suggestion as Suggests};

use super::district::District;
use super::found_name::FoundName;
use super::matter::Matter;

/// A suggestion for the text typed so far. Without a matter and a district it is a corrected search, to be offered when
/// no name matches.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Suggestion {
    /// The name to show and to search for.
    found: FoundName,
    /// The matter (事项) with this name. Null when the suggestion is no matter.
    matter: Option<Matter>,
    /// The district (区域) with this name. Null when the suggestion is no district.
    district: Option<District>,
}

impl From<Suggests> for Suggestion {
    fn from(suggestion: Suggests) -> Self {
        let Suggests { found, what } = suggestion;
        let (matter, district) = match what {
            Suggested::Matter(matter) => (Some(Matter(matter)), None),
            Suggested::District(district) => (None, Some(District(district))),
            Suggested::Words => (None, None),
        };
        Self { found: found.into(), matter, district }
    }
}
