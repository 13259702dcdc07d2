//! Queries about policies.

use async_graphql::{Context, Object};
use registry::error::Error;

use crate::connection::arguments::Paging;
use crate::context::request_context;
use crate::policy::{Policy, PolicyConnection};
use crate::scalar::Date;

#[derive(Debug, Clone, Copy, Default)]
pub struct PolicyQuery;

#[Object(serial)]
impl PolicyQuery {
    /// The policies (政策依据), in the order of their registration.
    async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter: policies in force on this day.")] on: Option<Date>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<PolicyConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        Ok(paging.cut(request_context(ctx).snapshot.list_policies(on.map(|on| on.0)))?.map(Policy).into())
    }
}
