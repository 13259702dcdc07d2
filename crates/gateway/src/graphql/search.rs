//! What a search tells beside what it finds: by which names, what may have been meant, in which order.

use async_graphql::{Enum, SimpleObject};
use catalogue::search::{Found, Part};
use catalogue::{Order, Suggested, Suggestion as Suggests};

use super::district::District;
use super::matter::Matter;

/// The name by which a search found a record: its own, or else an alias, an English name or a code.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(serial)]
pub struct FoundName {
    /// The name as it is written.
    text: String,
    /// The name in parts, in their order; together they are the whole.
    parts: Vec<TextPart>,
}

/// A part of a text.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(serial)]
pub struct TextPart {
    /// The part as it is written.
    text: String,
    /// Is it what was searched for? It may be written otherwise: pinyin, initials and other words hit, too.
    hit: bool,
}

impl From<Found> for FoundName {
    fn from(found: Found) -> Self {
        let Found { text, parts } = found;
        Self { text, parts: parts.into_iter().map(|Part { text, hit }| TextPart { text, hit }).collect() }
    }
}

/// Something that may be meant by what has been typed so far. With neither matter nor district it is words to search
/// for: nothing is called by what was typed.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Suggestion {
    /// The name to show, and to search for.
    found: FoundName,
    /// The matter (事项) that it is the name of.
    matter: Option<Matter>,
    /// The district (区域) that it is the name of.
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

/// In which order districts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DistrictOrder {
    /// Best match first; by code when nothing is searched for.
    Relevance,
    /// By name, in the order of pinyin.
    Name,
    /// By code.
    Code,
}

/// In which order matters are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MatterOrder {
    /// Best match first, then what more districts offer; by code when nothing is searched for.
    Relevance,
    /// By name, in the order of pinyin.
    Name,
    /// By code.
    Code,
}

/// In which order matters that are available are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AvailableMatterOrder {
    /// Best match first, then what more districts offer; by code when nothing is searched for.
    Relevance,
    /// By name, in the order of pinyin.
    Name,
    /// By the shortest promise (承诺办结时限) among the published offerings of those who are competent; what nobody makes
    /// a promise for comes last.
    PromisedDays,
    /// By code.
    Code,
}

/// In which order the offerings of a district are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OfferingOrder {
    /// Best match first; as they were registered when nothing is searched for.
    Relevance,
    /// By the name of the matter, in the order of pinyin; what waits for its matter comes last.
    Name,
    /// By the promise (承诺办结时限), the shortest first; what makes none comes last.
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

/// The order that was asked for, or else the best match first.
pub(crate) fn order(asked: Option<impl Into<Order>>) -> Order {
    asked.map_or(Order::Relevance, Into::into)
}
