//! Queries about the coverage of pairs of districts.

use async_graphql::{Context, Object};
use domain::Message;
use registry::error::Error;

use super::arguments::at_most;
use crate::availability::CoverageCell;
use crate::context::request_context;
use crate::scalar::{Date, DistrictCode, Listed};

/// The most districts of one `coverage` query.
const MAX_COVERAGE_DISTRICTS: usize = 30;

#[derive(Debug, Clone, Copy, Default)]
pub struct CoverageQuery;

#[Object(serial)]
impl CoverageQuery {
    /// The number of matters that can be handled from each to each of up to 30 districts, by handling mode. The error
    /// is `BAD_USER_INPUT` when a code belongs to no district.
    async fn coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The codes of the districts: at most 30, each once.")] districts: Listed<DistrictCode>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            Date,
        >,
    ) -> Result<Vec<CoverageCell>, Error> {
        let request = request_context(ctx);
        let mut codes: Vec<domain::DistrictCode> = Vec::new();
        for (at, code) in districts.0.into_iter().enumerate() {
            let Some(known) = request.snapshot.district(code.0) else {
                let message = Message::new(
                    format!("没有代码为 {} 的区域", code.0),
                    format!("no district has the code {}", code.0),
                );
                return Err(Error::bad_item("districts", at, message));
            };
            if !codes.contains(&known.code) {
                codes.push(known.code);
            }
        }
        if codes.len() > MAX_COVERAGE_DISTRICTS {
            return Err(Error::bad_input(
                "districts",
                at_most(codes.len(), MAX_COVERAGE_DISTRICTS, "个区域", "districts"),
            ));
        }
        let on = on.map_or(request.today, |on| on.0);
        let mut cells = Vec::with_capacity(codes.len() * codes.len());
        for receiving in &codes {
            request.deadline.pause().await?;
            cells.extend(request.snapshot.coverage(*receiving, &codes, on).into_iter().map(Into::into));
        }
        Ok(cells)
    }
}
