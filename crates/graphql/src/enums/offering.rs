//! The enums of offerings.

use async_graphql::Enum;
use graphql_macros::DirectJson;

/// Units of time limits. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::DayKind")]
pub enum DayKind {
    /// Working days (工作日).
    WorkingDay,
    /// Calendar days (自然日).
    CalendarDay,
    /// At once (即办). The number of days does not count.
    AtOnce,
    /// Another unit (其他). The line of the record in `/export` contains it.
    Other,
}

/// Whether a material is required. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Necessity")]
pub enum MaterialNecessity {
    /// Required (必要).
    Required,
    /// Optional (非必要).
    Optional,
    /// Required, but may be supplied later, within `deferrableDays` (可容缺后补).
    Deferrable,
    /// Another rule (其他). The line of the record in `/export` contains it.
    Other,
}

/// The form in which a material is submitted. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Medium")]
pub enum MaterialMedium {
    /// The original (原件).
    Original,
    /// A copy (复印件).
    Copy,
    /// An electronic file (电子件).
    Electronic,
    /// Another form (其他). The line of the record in `/export` contains it.
    Other,
}
