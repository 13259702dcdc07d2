//! Queries about agreements.

use async_graphql::{Context, Object};
use catalogue::{AgreementFilter, Order};
use registry::error::Error;

use super::arguments::search;
use crate::agreement::{Agreement, AgreementConnection};
use crate::connection::arguments::Paging;
use crate::connection::page::Page;
use crate::context::request_context;
use crate::enums;
use crate::enums::agreement::Standing;
use crate::enums::handling::HandlingMode;
use crate::scalar::{AgreementNumber, Date, DistrictCode, Listed, MatterCode};

#[derive(Debug, Clone, Copy, Default)]
pub struct AgreementQuery;

#[Object(serial)]
impl AgreementQuery {
    /// The agreement (协议) with this number. Null when there is none that the caller may see.
    async fn agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the agreement.")] number: AgreementNumber,
    ) -> Option<Agreement> {
        let request = request_context(ctx);
        request.snapshot.agreement(number.0, &request.scope).map(Agreement)
    }

    /// The agreements (协议) that the caller may see, by number; with `search`, the best match first.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Filter: agreements to which all of these districts are parties on the day `on`. For an agreement that has ended, its last day counts."
        )]
        party: Option<Listed<DistrictCode>>,
        #[graphql(
            desc = "Filter: agreements that apply to this district on the day `on`, because the district is a party or lies below a party with the extent `SUBTREE`."
        )]
        covering: Option<DistrictCode>,
        #[graphql(desc = "Filter: agreements with one of these standings on the day `on`.")] standing: Option<
            Vec<Standing>,
        >,
        #[graphql(
            desc = "The day for which the filters compare standing, parties and schedule. Default: today in China (UTC+8)."
        )]
        on: Option<Date>,
        #[graphql(desc = "Filter: agreements with a clause for this matter.")] matter: Option<MatterCode>,
        #[graphql(desc = "Filter: agreements with a clause in one of these handling modes.")] mode: Option<
            Vec<HandlingMode>,
        >,
        #[graphql(
            name = "search",
            desc = "Search words for the title (Chinese, pinyin or initials of pinyin), for the agreement number or for the document number. The search uses the first 8 words and 64 characters."
        )]
        text: Option<String>,
        #[graphql(desc = "Filter: agreements whose last day is before this day.")] ending_before: Option<Date>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<AgreementConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let filter = AgreementFilter {
            parties: party.into_iter().flat_map(|party| party.0).map(|code| code.0).collect(),
            covering: covering.map(|code| code.0),
            standing: enums::to_domain(standing),
            on: on.map_or(request.today, |on| on.0),
            matter: matter.map(|code| code.0),
            modes: enums::to_domain(mode),
            search: search(text.as_deref()),
            ending_before: ending_before.map(|day| day.0),
        };
        let slice = paging.slice(Order::Relevance)?;
        Ok(Page::of(request.snapshot.cut_agreements(&filter, &request.scope, &slice)).map(Agreement).into())
    }
}
