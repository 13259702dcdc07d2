//! Queries about districts.

use async_graphql::{Context, Object};
use catalogue::{DistrictFilter, highlight_district};
use registry::error::Error;

use super::arguments::{search, selects_name_parts, selects_suggestions};
use crate::connection::arguments::Paging;
use crate::connection::page::Page;
use crate::context::request_context;
use crate::district::{District, DistrictConnection};
use crate::enums;
use crate::enums::district::DistrictKind;
use crate::enums::order::{DistrictOrder, order};
use crate::scalar::DistrictCode;

#[derive(Debug, Clone, Copy, Default)]
pub struct DistrictQuery;

#[Object(serial)]
impl DistrictQuery {
    /// The district (区域) with this present or former code. Null when there is none.
    async fn district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the district: the one of today or a former one.")] code: DistrictCode,
    ) -> Option<District> {
        request_context(ctx).snapshot.district(code.0).cloned().map(District)
    }

    /// The districts (区域), by code; with `search`, the best match first.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn districts(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            name = "search",
            desc = "Search words for a name: Chinese, pinyin or initials of pinyin. The search uses the first 8 words and 64 characters."
        )]
        text: Option<String>,
        #[graphql(desc = "Filter: districts of one of these kinds.")] kind: Option<Vec<DistrictKind>>,
        #[graphql(desc = "Filter: this district and the districts below it.")] within: Option<DistrictCode>,
        #[graphql(desc = "The order of the list. Default: `RELEVANCE`.")] order_by: Option<DistrictOrder>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<DistrictConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let filter = DistrictFilter {
            search: search(text.as_deref()),
            kinds: enums::to_domain(kind),
            within: within.map(|code| (code.0, request.today)),
        };
        let page = Page::of(request.snapshot.list_districts(&filter, &paging.slice(order(order_by))?)).map(District);
        let meant = if selects_suggestions(ctx) { request.snapshot.suggest_districts(&filter) } else { Vec::new() };
        let with_cursors = filter.search.as_ref().filter(|_| selects_name_parts(ctx));
        let found = |district: &District| Some(highlight_district(with_cursors?, &district.0).into());
        Ok(DistrictConnection::searched(page, found, meant))
    }
}
