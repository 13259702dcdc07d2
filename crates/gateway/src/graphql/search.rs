//! Search results beside the records: matched names, suggestions, sort orders.

use async_graphql::{Enum, SimpleObject};
use catalogue::search::highlight::{Found, Part};
use catalogue::{Order, Suggested, Suggestion as Suggests};

use super::district::District;
use super::matter::Matter;

/// The name by which a search found a record: its name, an alias, its English name or its code.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(serial)]
pub struct FoundName {
    /// The complete name.
    text: String,
    /// The same name in parts, in their order, to mark the matched ones.
    parts: Vec<TextPart>,
}

/// A part of a text.
#[derive(Debug, Clone, SimpleObject)]
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

/// The order of a list of districts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DistrictOrder {
    /// Best match first. Without a search: by code.
    Relevance,
    /// By name, in the order of pinyin.
    Name,
    /// By code.
    Code,
}

/// The order of a list of matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MatterOrder {
    /// Best match first; among equal matches, the matters with most offerings first. Without a search: by code.
    Relevance,
    /// By name, in the order of pinyin.
    Name,
    /// By code.
    Code,
}

/// The order of a list of available matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AvailableMatterOrder {
    /// Best match first; among equal matches, the matters with most offerings first. Without a search: by code.
    Relevance,
    /// By name, in the order of pinyin.
    Name,
    /// By the shortest promised time limit (承诺办结时限) among the published offerings of the competent districts. Matters
    /// without a promise come last.
    PromisedDays,
    /// By code.
    Code,
}

/// The order of a list of offerings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OfferingOrder {
    /// Best match first. Without a search: in the order of registration.
    Relevance,
    /// By the name of the matter, in the order of pinyin. Offerings without a matter come last.
    Name,
    /// By the promised time limit (承诺办结时限), shortest first. Offerings without a promise come last.
    PromisedDays,
}

impl From<DistrictOrder> for Order {
    fn from(order: DistrictOrder) -> Self {
        match order {
            DistrictOrder::Relevance => Self::Relevance,
            DistrictOrder::Name => Self::Name,
            DistrictOrder::Code => Self::Code,
        }
    }
}

impl From<MatterOrder> for Order {
    fn from(order: MatterOrder) -> Self {
        match order {
            MatterOrder::Relevance => Self::Relevance,
            MatterOrder::Name => Self::Name,
            MatterOrder::Code => Self::Code,
        }
    }
}

impl From<AvailableMatterOrder> for Order {
    fn from(order: AvailableMatterOrder) -> Self {
        match order {
            AvailableMatterOrder::Relevance => Self::Relevance,
            AvailableMatterOrder::Name => Self::Name,
            AvailableMatterOrder::PromisedDays => Self::PromisedDays,
            AvailableMatterOrder::Code => Self::Code,
        }
    }
}

impl From<OfferingOrder> for Order {
    fn from(order: OfferingOrder) -> Self {
        match order {
            OfferingOrder::Relevance => Self::Relevance,
            OfferingOrder::Name => Self::Name,
            OfferingOrder::PromisedDays => Self::PromisedDays,
        }
    }
}

/// The requested order, else the best match first.
pub(crate) fn order(request: Option<impl Into<Order>>) -> Order {
    request.map_or(Order::Relevance, Into::into)
}
