//! Queries about feedback.

use async_graphql::{Context, Object};
use catalogue::Listed;
use registry::error::Error;
use registry::feedback;

use crate::connection::arguments::Paging;
use crate::context::request_context;
use crate::feedback::{Feedback, FeedbackConnection};
use crate::scalar::DistrictCode;

#[derive(Debug, Clone, Copy, Default)]
pub struct FeedbackQuery;

#[Object(serial)]
impl FeedbackQuery {
    /// Feedback (纠错) that the caller has to answer, the oldest first. Empty for callers that are neither registrar nor
    /// signatory of a district nor steward. Null when the database is not available.
    async fn feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter: feedback about records of this district.")] district: Option<DistrictCode>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<FeedbackConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        let cases = feedback::list(request_context(ctx), district.map(|code| code.0)).await?;
        let listed = cases.into_iter().map(|case| Listed { rank: 0, code: case.feedback.id, item: Feedback(case) });
        Ok(paging.cut(listed.collect())?.into())
    }
}
