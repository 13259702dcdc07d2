//! Queries about offerings.

use async_graphql::{Context, Object};
use domain::text::Layout;
use domain::{Message, text};
use registry::error::Error;

use crate::connection::arguments::Paging;
use crate::connection::page::Page;
use crate::context::request_context;
use crate::enums::matter::MatterDomain;
use crate::enums::order::{OfferingOrder, order};
use crate::offering::{Offering, OfferingConnection};
use crate::scalar::{DistrictCode, OfferingCode};

/// The longest source code of an offering, in characters.
const MAX_SOURCE_CODE: usize = 120;

#[derive(Debug, Clone, Copy, Default)]
pub struct OfferingQuery;

#[Object(serial)]
impl OfferingQuery {
    /// The offering (实施清单) with this implementing code, or with this district and the district's own code. Null
    /// when there is none.
    async fn offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The implementing code (实施编码). When several districts use the same code, give `district` too."
        )]
        code: Option<OfferingCode>,
        #[graphql(desc = "The district that the offering serves.")] district: Option<DistrictCode>,
        #[graphql(desc = "The district's own code of the offering. Requires `district`.")] source_code: Option<String>,
    ) -> Result<Option<Offering>, Error> {
        let request = request_context(ctx);
        // The text goes to the database, and not every database accepts every text.
        if let Some(problem) =
            source_code.as_deref().and_then(|source| text::fault(source, MAX_SOURCE_CODE, Layout::OneLine))
        {
            return Err(Error::bad_input("sourceCode", problem.message));
        }
        let served = match district.map(|code| request.snapshot.district(code.0)) {
            Some(None) => return Ok(None),
            Some(Some(district)) => Some(district.id),
            None => None,
        };
        let ids = match (code, served, source_code.as_deref()) {
            (Some(code), _, None) => request.store.offering_by_code(code.0).await?,
            (None, Some(district), Some(source)) => {
                request.store.offering_by_source(district, source).await?.into_iter().collect()
            }
            (Some(code), Some(district), Some(source)) => {
                let by_source = request.store.offering_by_source(district, source).await?;
                request.store.offering_by_code(code.0).await?.into_iter().filter(|id| Some(*id) == by_source).collect()
            }
            (_, None, Some(_)) => {
                let expected = Message::new(
                    "sourceCode 是各区域自己的编码，请同时填 district",
                    "a sourceCode is a district's own; name the district",
                );
                return Err(Error::bad_input("district", expected));
            }
            (None, _, None) => {
                let expected =
                    Message::new("请填 code，或同时填 district 与 sourceCode", "give code, or district and sourceCode");
                return Err(Error::bad_input("code", expected));
            }
        };
        let known = ids.into_iter().filter_map(|id| request.snapshot.offering_by_id(id));
        let found =
            known.filter(|placed| served.is_none_or(|served| placed.district.id == served)).map(|placed| placed.brief);
        Ok(Offering::fetch(request, found.min_by_key(|brief| brief.id).into_iter().collect()).await?.pop())
    }

    /// The offerings (实施清单) of a district.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The district that the offerings serve.")] district: DistrictCode,
        #[graphql(
            desc = "Search words for the name of the matter or of the offering: Chinese, pinyin or initials of pinyin. The search uses the first 8 words and 64 characters."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter: offerings of matters in one of these domains.")] domain: Option<Vec<MatterDomain>>,
        #[graphql(desc = "The order of the list. Default: `RELEVANCE`.")] order_by: Option<OfferingOrder>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<OfferingConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        match request_context(ctx).snapshot.district(district.0) {
            Some(district) => {
                OfferingConnection::of_district(ctx, district, search.as_deref(), domain, order(order_by), &paging)
                    .await
            }
            None => Ok(Page::none().into()),
        }
    }
}
