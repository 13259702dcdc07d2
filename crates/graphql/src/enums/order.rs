//! The sort orders of lists.

use async_graphql::Enum;
use catalogue::Order;

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
    /// By the shortest promised time limit (承诺办结时限) among the published offerings of the competent districts.
    /// Matters without a promise come last.
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
