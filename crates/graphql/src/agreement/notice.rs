//! Notices (退出通知) of parties that leave.

use async_graphql::SimpleObject;
use graphql_macros::DirectJson;

use crate::district::District;
use crate::scalar::Date;

/// A notice (退出通知): a party leaves the agreement.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Notice {
    /// The party that leaves.
    pub(super) party: District,
    /// The last day of the party.
    pub(super) ends_on: Date,
    /// The reason.
    pub(super) reason: String,
}
