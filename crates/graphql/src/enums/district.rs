//! The enums of districts.

use async_graphql::Enum;
use graphql_macros::DirectJson;

/// Kinds of districts. The kind is stated in the record and never deduced from the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::DistrictKind")]
pub enum DistrictKind {
    /// A province, autonomous region or municipality (省级).
    Province,
    /// A prefecture-level city, prefecture or league (地级).
    Prefecture,
    /// A county-level division: county, city district, county-level city (县级).
    County,
    /// A township-level division: town, township, subdistrict (乡级).
    Township,
    /// A functional zone that can be party to an agreement: a high-tech, development or new area (功能区).
    FunctionalZone,
}

/// Whether the districts below a district are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Extent")]
pub enum Extent {
    /// The district alone (仅本级).
    #[graphql(name = "SELF")]
    Itself,
    /// The district and all districts below it (含下辖).
    #[graphql(name = "SUBTREE")]
    Subtree,
}
