//! Queries about the handling of matters across districts.

use async_graphql::{Context, Object};
use catalogue::Question;
use domain::Message;
use registry::error::Error;
use registry::limits::MAX_PAGE_SIZE;

use super::arguments::at_most;
use crate::availability::AvailableMatterConnection;
use crate::connection::arguments::Paging;
use crate::context::request_context;
use crate::engine::sequential::Sequential;
use crate::enums;
use crate::enums::handling::HandlingMode;
use crate::enums::matter::{Audience, MatterDomain};
use crate::enums::order::{AvailableMatterOrder, order};
use crate::handling::{Handling, HandlingQuestion};
use crate::scalar::{AsWritten, Date, DistrictCode, MatterCode};

#[derive(Debug, Clone, Copy, Default)]
pub struct HandlingQuery;

#[Object(serial)]
impl HandlingQuery {
    /// The matters that can be handled across districts on a day, and how: those that an applicant can submit in the
    /// receiving district, for the competent district, or both. At least one of the two must be given. Facets count the
    /// whole result, each without its own filter.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn available_matters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The receiving district (收件地): the district where the applicant submits the application.")]
        receiving: Option<DistrictCode>,
        #[graphql(
            desc = "The competent district (业务属地): the district whose authority decides on the application."
        )]
        competent: Option<DistrictCode>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            Date,
        >,
        #[graphql(desc = "Filter: matters available in one of these handling modes.")] mode: Option<Vec<HandlingMode>>,
        #[graphql(desc = "Filter: matters in one of these domains.")] domain: Option<Vec<MatterDomain>>,
        #[graphql(desc = "Filter: matters for one of these audiences.")] audience: Option<Vec<Audience>>,
        #[graphql(
            name = "search",
            desc = "Search words for a name or an alias: Chinese, pinyin or initials of pinyin. The search uses the first 8 words and 64 characters."
        )]
        text: Option<String>,
        #[graphql(
            default_with = "Some(false)",
            desc = "Filter: when true, only matters for which the competent district has published an offering (实施清单)."
        )]
        with_guide: Option<bool>,
        #[graphql(desc = "The order of the list. Default: `RELEVANCE`.")] order_by: Option<AvailableMatterOrder>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<AvailableMatterConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        if receiving.is_none() && competent.is_none() {
            return Err(Error::bad_input(
                "receiving",
                Message::new("receiving 与 competent 至少填一个", "give receiving or competent, or both"),
            ));
        }
        let question = Question {
            receiving: receiving.map(|code| code.0),
            competent: competent.map(|code| code.0),
            on: on.map_or(request_context(ctx).today, |on| on.0),
            modes: enums::to_domain(mode),
            domains: enums::to_domain(domain),
            audiences: enums::to_domain(audience),
            search: text.as_deref().and_then(|text| request_context(ctx).snapshot.matter_query(text)),
            with_guide: with_guide.unwrap_or(false),
        };
        AvailableMatterConnection::answer(ctx, &question, order(order_by), &paging).await
    }

    /// The main query: can this matter be submitted in the receiving district, although the competent district decides
    /// on it? The answer contains the routes (办理途径) or, when there are none, the reasons.
    async fn handling(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the matter (事项).")] matter: AsWritten<MatterCode>,
        #[graphql(desc = "The receiving district (收件地): the district where the applicant submits the application.")]
        receiving: AsWritten<DistrictCode>,
        #[graphql(
            desc = "The competent district (业务属地): the district whose authority decides on the application."
        )]
        competent: AsWritten<DistrictCode>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            AsWritten<Date>,
        >,
    ) -> Result<Handling, Error> {
        matter.required("matter")?;
        receiving.required("receiving")?;
        competent.required("competent")?;
        on.as_ref().map(|on| on.required("on")).transpose()?;
        let question = HandlingQuestion { matter, receiving, competent, on, key: None };
        let answers =
            Handling::answers(request_context(ctx), vec![question], None, &ctx.look_ahead().field("routes")).await?;
        answers.into_iter().next().ok_or_else(|| Error::Internal("one question has one answer".to_owned()))
    }

    /// Up to 100 `handling` queries in one request, answered in the order of the questions. A malformed code or day
    /// affects only its own entry: the answer is `MALFORMED`, with a reason that names the field. When `reasons` is not
    /// selected, `errors` contains an entry for it, with `argument`, `index` and `expected` in its extensions.
    async fn handlings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The questions, 1 to 100.")] questions: Vec<HandlingQuestion>,
        #[graphql(desc = "The day for all questions without a day of their own. Default: today in China (UTC+8).")] on: Option<Date>,
    ) -> Result<Sequential<Handling>, Error> {
        if !(1..=MAX_PAGE_SIZE).contains(&questions.len()) {
            return Err(Error::bad_input(
                "questions",
                at_most(questions.len(), MAX_PAGE_SIZE, "个问题（至少 1 个）", "questions (and at least one)"),
            ));
        }
        let answers = Handling::answers(request_context(ctx), questions, on, &ctx.look_ahead().field("routes")).await?;
        // A client that does not select `reasons` gets malformed fields as errors.
        if !ctx.look_ahead().field("reasons").exists() {
            for (at, error) in answers
                .iter()
                .enumerate()
                .flat_map(|(at, answer)| answer.malformed(at).into_iter().map(move |error| (at, error)))
            {
                let error = async_graphql::Error::from(error).into_server_error(ctx.item.pos);
                ctx.add_error(ctx.with_index(at).set_error_path(error));
            }
        }
        Ok(Sequential(answers))
    }
}
