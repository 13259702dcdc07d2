//! Queries about matters and suggestions.

use async_graphql::{Context, Object};
use catalogue::{MatterFilter, highlight_matter};
use domain::Message;
use registry::error::Error;

use super::arguments::{search, selects_name_parts, selects_suggestions};
use crate::connection::arguments::Paging;
use crate::connection::page::Page;
use crate::context::request_context;
use crate::enums;
use crate::enums::matter::{Audience, MatterDomain};
use crate::enums::order::{MatterOrder, order};
use crate::matter::{Matter, MatterConnection};
use crate::scalar::{Date, DistrictCode, MatterCode};
use crate::search::Suggestion;

/// The default and the highest number of suggestions.
const DEFAULT_SUGGESTIONS: i32 = 10;
const MAX_SUGGESTIONS: i32 = 50;

#[derive(Debug, Clone, Copy, Default)]
pub struct MatterQuery;

#[Object(serial)]
impl MatterQuery {
    /// The matter (事项) with this code. Null when there is none.
    async fn matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the matter.")] code: MatterCode,
    ) -> Option<Matter> {
        request_context(ctx).snapshot.matter(code.0).cloned().map(Matter)
    }

    /// The matters (事项) of the common catalogue, by code; with `search`, the best match first.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn matters(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            name = "search",
            desc = "Search words for a name or an alias: Chinese, pinyin or initials of pinyin. The search uses the first 8 words and 64 characters."
        )]
        text: Option<String>,
        #[graphql(desc = "Filter: matters in one of these domains.")] domain: Option<Vec<MatterDomain>>,
        #[graphql(desc = "Filter: matters for one of these audiences.")] audience: Option<Vec<Audience>>,
        #[graphql(desc = "The order of the list. Default: `RELEVANCE`.")] order_by: Option<MatterOrder>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<MatterConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        let request = request_context(ctx);
        let filter = MatterFilter {
            search: text.as_deref().and_then(|text| request_context(ctx).snapshot.matter_query(text)),
            domains: enums::to_domain(domain),
            audiences: enums::to_domain(audience),
        };
        let page = Page::of(request.snapshot.list_matters(&filter, &paging.slice(order(order_by))?)).map(Matter);
        let meant = if selects_suggestions(ctx) { request.snapshot.suggest_matters(&filter) } else { Vec::new() };
        let with_cursors = filter.search.as_ref().filter(|_| selects_name_parts(ctx));
        let found = |matter: &Matter| Some(highlight_matter(with_cursors?, &matter.0).into());
        Ok(MatterConnection::searched(page, found, meant))
    }

    /// Suggestions while a user types a search, most likely first. When a district is given: available matters; else
    /// all matters, and districts. Fast enough for a request at every keystroke.
    async fn suggest(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The text typed so far: a part of a name or alias, in Chinese, pinyin or initials of pinyin."
        )]
        text: String,
        #[graphql(desc = "The receiving district (收件地): the district where the applicant submits the application.")]
        receiving: Option<DistrictCode>,
        #[graphql(
            desc = "The competent district (业务属地): the district whose authority decides on the application."
        )]
        competent: Option<DistrictCode>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            Date,
        >,
        #[graphql(
            default_with = "Some(DEFAULT_SUGGESTIONS)",
            desc = "How many suggestions at most, 1 to 50. Default: 10."
        )]
        limit: Option<i32>,
    ) -> Result<Vec<Suggestion>, Error> {
        let request = request_context(ctx);
        let limit = limit.unwrap_or(DEFAULT_SUGGESTIONS);
        if !(1..=MAX_SUGGESTIONS).contains(&limit) {
            return Err(Error::bad_input(
                "limit",
                Message::new(
                    format!("联想条数应为 1 至 {MAX_SUGGESTIONS}，不能是 {limit}"),
                    format!("1 to {MAX_SUGGESTIONS} suggestions can be asked for, not {limit}"),
                ),
            ));
        }
        let Some(query) = search(Some(&text)) else { return Ok(Vec::new()) };
        let (receiving, competent) = (receiving.map(|code| code.0), competent.map(|code| code.0));
        let on = on.map_or(request.today, |on| on.0);
        let suggested =
            request.snapshot.suggest(&query, receiving, competent, on, usize::try_from(limit).unwrap_or_default());
        Ok(suggested.into_iter().map(Into::into).collect())
    }
}
