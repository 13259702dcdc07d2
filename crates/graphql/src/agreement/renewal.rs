//! Automatic renewal (续期).

use async_graphql::SimpleObject;
use graphql_macros::DirectJson;

/// Automatic renewal (续期) of an agreement at the end of its term, unless a party objects in time.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Renewal {
    /// The length of each renewal in months.
    pub(super) months: i32,
    /// The number of days before the end of the term until which a party may object.
    pub(super) objection_days: i32,
}
