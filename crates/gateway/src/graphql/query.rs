//! The root fields of queries.

use async_graphql::{Context, ID, Object};
use catalogue::{AgreementFilter, DistrictFilter, MatterFilter, Order, Question, highlight_district, highlight_matter};
use domain::Message;
use domain::text::{self, Layout};

use super::agreement::{Agreement, AgreementConnection};
use super::availability::{AvailableMatterConnection, CoverageCell};
use super::change::{ChangeConnection, Feed};
use super::context::{language, request_context};
use super::district::{District, DistrictConnection};
use super::field_order::Serial;
use super::finding::{self, Finding, FindingConnection};
use super::handling::{Handling, HandlingQuestion};
use super::matter::{Matter, MatterConnection};
use super::node::Node;
use super::offering::{Offering, OfferingConnection};
use super::page::{MOST, Page, Paging};
use super::policy::{Policy, PolicyConnection};
use super::registry::{Registry, Viewer};
use super::scalar::{AgreementNumber, AsWritten, Date, DateTime, DistrictCode, Listed, MatterCode, OfferingCode, Revision};
use super::search::{AvailableMatterOrder, DistrictOrder, MatterOrder, OfferingOrder, Suggestion, order};
use super::sequential::Sequential;
use super::vocabulary::Vocabulary;
use super::words::{self, Audience, DistrictKind, FindingRule, HandlingMode, Locale, MatterDomain, RecordKind, Severity, Standing};
use crate::error::Error;
use crate::rate_limit::Allowance;

/// The most districts of one `coverage` query.
const MAX_COVERAGE_DISTRICTS: usize = 30;

/// The default and the highest number of suggestions.
const DEFAULT_SUGGESTIONS: i32 = 10;
const MAX_SUGGESTIONS: i32 = 50;

/// The longest source code of an offering, in characters.
const MAX_SOURCE_CODE: usize = 120;

#[derive(Debug, Clone, Copy)]
pub struct Query;

fn search(text: Option<&str>) -> Option<catalogue::search::Query> {
    text.and_then(catalogue::search::Query::new)
}

fn at_most(given: usize, most: usize, zh: &str, en: &str) -> Message {
    Message::new(format!("一次最多可问 {most} {zh}，不能是 {given}"), format!("at most {most} {en} can be asked for at once, not {given}"))
}

/// Is `didYouMean` selected? It takes longer than the search itself.
fn selects_suggestions(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("didYouMean").exists()
}

/// Are the parts of the found name selected?
fn selects_name_parts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("edges").field("found").exists()
}

/// The queries of the registry. Each answer is computed from one revision of the registry, which `extensions.revision`
/// names.
#[Object(serial)]
impl Query {
    /// This registry: its software, the state of its journal, and its limits.
    async fn registry(&self, ctx: &Context<'_>) -> Registry {
        Registry::new(request_context(ctx), ctx.data_opt::<Allowance>().copied())
    }

    /// The caller: the API key of this request, its permissions and its tasks.
    async fn viewer(&self) -> Viewer {
        Viewer
    }

    /// The values of every enum with their labels, ordered by the name of the enum. A client can load them once and
    /// again when `registry.version` changes.
    async fn vocabularies(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> Vec<Vocabulary> {
        Vocabulary::all(language(ctx, locale))
    }

    // Relay's compiler expects this field to have one argument.
    /// The record with this global id. Null when there is none, and when the caller may not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, as the field `id` returned it.")] id: ID,
    ) -> Result<Option<Serial<Node>>, Error> {
        Ok(Node::find(request_context(ctx), &[id]).await?.pop().flatten().map(Serial))
    }

    /// The record with this global id as it was recorded at a moment in the past. Null when it did not exist at that
    /// moment, and for keys, findings and tasks, which have no history. The record itself is the one of that moment;
    /// the records that it refers to are those of today.
    async fn node_as_recorded(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, as the field `id` returned it.")] id: ID,
        #[graphql(desc = "The moment in the past for which the record is returned.")] recorded_at: DateTime,
    ) -> Result<Option<Serial<Node>>, Error> {
        Ok(Node::as_recorded(request_context(ctx), &id, recorded_at.0).await?.map(Serial))
    }

    /// The records with these global ids, in the same order. Null in the place of a record that does not exist or that
    /// the caller may not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Sequential<Option<Serial<Node>>>, Error> {
        if ids.len() > MOST {
            return Err(Error::bad_input("ids", at_most(ids.len(), MOST, "个标识", "ids")));
        }
        Ok(Sequential(Node::find(request_context(ctx), &ids).await?.into_iter().map(|node| node.map(Serial)).collect()))
    }

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
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<DistrictConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let filter =
            DistrictFilter { search: search(text.as_deref()), kinds: words::domain(kind), within: within.map(|code| (code.0, request.today)) };
        let page = Page::of(request.snapshot.list_districts(&filter, &paging.slice(order(order_by))?)).map(District);
        let meant = if selects_suggestions(ctx) { request.snapshot.meant_among_districts(&filter) } else { Vec::new() };
        let with_cursors = filter.search.as_ref().filter(|_| selects_name_parts(ctx));
        let found = |district: &District| Some(highlight_district(with_cursors?, &district.0).into());
        Ok(DistrictConnection::searched(page, found, meant))
    }

    /// The matter (事项) with this code. Null when there is none.
    async fn matter(&self, ctx: &Context<'_>, #[graphql(desc = "The code of the matter.")] code: MatterCode) -> Option<Matter> {
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
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<MatterConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        let request = request_context(ctx);
        let filter = MatterFilter { search: search(text.as_deref()), domains: words::domain(domain), audiences: words::domain(audience) };
        let page = Page::of(request.snapshot.list_matters(&filter, &paging.slice(order(order_by))?)).map(Matter);
        let meant = if selects_suggestions(ctx) { request.snapshot.meant_among_matters(&filter) } else { Vec::new() };
        let with_cursors = filter.search.as_ref().filter(|_| selects_name_parts(ctx));
        let found = |matter: &Matter| Some(highlight_matter(with_cursors?, &matter.0).into());
        Ok(MatterConnection::searched(page, found, meant))
    }

    /// Suggestions while a user types a search, most likely first. When a district is given: available matters; else
    /// all matters, and districts. Fast enough for a request at every keystroke.
    async fn suggest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text typed so far: a part of a name or alias, in Chinese, pinyin or initials of pinyin.")] text: String,
        #[graphql(desc = "The receiving district (收件地): the district where the applicant submits the application.")] receiving: Option<
            DistrictCode,
        >,
        #[graphql(desc = "The competent district (业务属地): the district whose authority decides on the application.")] competent: Option<
            DistrictCode,
        >,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<Date>,
        #[graphql(default_with = "Some(DEFAULT_SUGGESTIONS)", desc = "How many suggestions at most, 1 to 50. Default: 10.")] limit: Option<i32>,
    ) -> Result<Vec<Suggestion>, Error> {
        let request = request_context(ctx);
        let limit = limit.unwrap_or(DEFAULT_SUGGESTIONS);
        if !(1..=MAX_SUGGESTIONS).contains(&limit) {
            return Err(Error::bad_input(
                "limit",
                Message::new(
                    format!("联想可要 1 至 {MAX_SUGGESTIONS} 条，不能是 {limit}"),
                    format!("1 to {MAX_SUGGESTIONS} suggestions can be asked for, not {limit}"),
                ),
            ));
        }
        let Some(query) = search(Some(&text)) else { return Ok(Vec::new()) };
        let (receiving, competent) = (receiving.map(|code| code.0), competent.map(|code| code.0));
        let on = on.map_or(request.today, |on| on.0);
        let suggested = request.snapshot.suggest(&query, receiving, competent, on, usize::try_from(limit).unwrap_or_default());
        Ok(suggested.into_iter().map(Into::into).collect())
    }

    /// The offering (实施清单) with this implementing code, or with this district and the district's own code. Null when
    /// there is none.
    async fn offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The implementing code (实施编码). When several districts use the same code, give `district` too.")] code: Option<
            OfferingCode,
        >,
        #[graphql(desc = "The district that the offering serves.")] district: Option<DistrictCode>,
        #[graphql(desc = "The district's own code of the offering. Requires `district`.")] source_code: Option<String>,
    ) -> Result<Option<Offering>, Error> {
        let request = request_context(ctx);
        // The text goes to the database, and not every database accepts every text.
        if let Some(problem) = source_code.as_deref().and_then(|source| text::fault(source, MAX_SOURCE_CODE, Layout::OneLine)) {
            return Err(Error::bad_input("sourceCode", problem.message));
        }
        let served = match district.map(|code| request.snapshot.district(code.0)) {
            Some(None) => return Ok(None),
            Some(Some(district)) => Some(district.id),
            None => None,
        };
        let ids = match (code, served, source_code.as_deref()) {
            (Some(code), _, None) => request.store.offering_by_code(code.0).await?,
            (None, Some(district), Some(source)) => request.store.offering_by_source(district, source).await?.into_iter().collect(),
            (Some(code), Some(district), Some(source)) => {
                let by_source = request.store.offering_by_source(district, source).await?;
                request.store.offering_by_code(code.0).await?.into_iter().filter(|id| Some(*id) == by_source).collect()
            }
            (_, None, Some(_)) => {
                let expected =
                    Message::new("sourceCode 是各区域自己的编码，请同时填 district", "a sourceCode is a district's own; name the district");
                return Err(Error::bad_input("district", expected));
            }
            (None, _, None) => {
                let expected = Message::new("请填 code，或同时填 district 与 sourceCode", "give code, or district and sourceCode");
                return Err(Error::bad_input("code", expected));
            }
        };
        let known = ids.into_iter().filter_map(|id| request.snapshot.offering_by_id(id));
        let found = known.filter(|placed| served.is_none_or(|served| placed.district.id == served)).map(|placed| placed.brief);
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
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<OfferingConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        match request_context(ctx).snapshot.district(district.0) {
            Some(district) => OfferingConnection::of_district(ctx, district, search.as_deref(), domain, order(order_by), &paging).await,
            None => Ok(Page::none().into()),
        }
    }

    /// The matters that can be handled across districts on a day, and how: those that an applicant can submit in the
    /// receiving district, for the competent district, or both. At least one of the two must be given. Facets count the
    /// whole result, each without its own filter.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn available_matters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The receiving district (收件地): the district where the applicant submits the application.")] receiving: Option<
            DistrictCode,
        >,
        #[graphql(desc = "The competent district (业务属地): the district whose authority decides on the application.")] competent: Option<
            DistrictCode,
        >,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<Date>,
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
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<AvailableMatterConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        if receiving.is_none() && competent.is_none() {
            return Err(Error::bad_input("receiving", Message::new("receiving 与 competent 至少填一个", "give receiving or competent, or both")));
        }
        let question = Question {
            receiving: receiving.map(|code| code.0),
            competent: competent.map(|code| code.0),
            on: on.map_or(request_context(ctx).today, |on| on.0),
            modes: words::domain(mode),
            domains: words::domain(domain),
            audiences: words::domain(audience),
            search: search(text.as_deref()),
            with_guide: with_guide.unwrap_or(false),
        };
        AvailableMatterConnection::answer(ctx, &question, order(order_by), &paging).await
    }

    /// The main query: can this matter be submitted in the receiving district, although the competent district decides
    /// on it? The answer contains the routes (通办路径) or, when there are none, the reasons.
    async fn handling(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the matter (事项).")] matter: AsWritten<MatterCode>,
        #[graphql(desc = "The receiving district (收件地): the district where the applicant submits the application.")] receiving: AsWritten<
            DistrictCode,
        >,
        #[graphql(desc = "The competent district (业务属地): the district whose authority decides on the application.")] competent: AsWritten<
            DistrictCode,
        >,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<AsWritten<Date>>,
    ) -> Result<Handling, Error> {
        matter.required("matter")?;
        receiving.required("receiving")?;
        competent.required("competent")?;
        on.as_ref().map(|on| on.required("on")).transpose()?;
        let question = HandlingQuestion { matter, receiving, competent, on, key: None };
        let answers = Handling::answers(request_context(ctx), vec![question], None, &ctx.look_ahead().field("routes")).await?;
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
        if !(1..=MOST).contains(&questions.len()) {
            return Err(Error::bad_input("questions", at_most(questions.len(), MOST, "个问题（至少 1 个）", "questions (and at least one)")));
        }
        let answers = Handling::answers(request_context(ctx), questions, on, &ctx.look_ahead().field("routes")).await?;
        // A client that does not select `reasons` gets malformed fields as errors.
        if !ctx.look_ahead().field("reasons").exists() {
            for (at, error) in answers.iter().enumerate().flat_map(|(at, answer)| answer.malformed(at).into_iter().map(move |error| (at, error))) {
                let error = async_graphql::Error::from(error).into_server_error(ctx.item.pos);
                ctx.add_error(ctx.with_index(at).set_error_path(error));
            }
        }
        Ok(Sequential(answers))
    }

    /// The agreement (协议) with this number. Null when there is none that the caller may see.
    async fn agreement(&self, ctx: &Context<'_>, #[graphql(desc = "The number of the agreement.")] number: AgreementNumber) -> Option<Agreement> {
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
        #[graphql(desc = "Filter: agreements with one of these standings on the day `on`.")] standing: Option<Vec<Standing>>,
        #[graphql(desc = "The day for which the filters compare standing, parties and schedule. Default: today in China (UTC+8).")] on: Option<Date>,
        #[graphql(desc = "Filter: agreements with a clause for this matter.")] matter: Option<MatterCode>,
        #[graphql(desc = "Filter: agreements with a clause in one of these handling modes.")] mode: Option<Vec<HandlingMode>>,
        #[graphql(
            name = "search",
            desc = "Search words for the title (Chinese, pinyin or initials of pinyin), for the agreement number or for the document number. The search uses the first 8 words and 64 characters."
        )]
        text: Option<String>,
        #[graphql(desc = "Filter: agreements whose last day is before this day.")] ending_before: Option<Date>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
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
            standing: words::domain(standing),
            on: on.map_or(request.today, |on| on.0),
            matter: matter.map(|code| code.0),
            modes: words::domain(mode),
            search: search(text.as_deref()),
            ending_before: ending_before.map(|day| day.0),
        };
        let slice = paging.slice(Order::Relevance)?;
        Ok(Page::of(request.snapshot.cut_agreements(&filter, &request.scope, &slice)).map(Agreement).into())
    }

    /// The policies (政策依据), in the order of their registration.
    async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter: policies in force on this day.")] on: Option<Date>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<PolicyConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        Ok(paging.cut(request_context(ctx).snapshot.list_policies(on.map(|on| on.0)))?.map(Policy).into())
    }

    /// The changes (变更) of the journal, oldest first. Changes that the caller may not see are left out; `readThrough`
    /// says up to which revision the page is complete. A mirror of the registry reads this list after a snapshot.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Changes after this revision. Default: 0, from the beginning.")] since: Option<Revision>,
        #[graphql(
            desc = "The `epoch` of the journal that `since` belongs to. When the registry has a different epoch, or `since` is beyond its newest revision, the error is `EPOCH_CHANGED`: download a new snapshot."
        )]
        epoch: Option<ID>,
        #[graphql(desc = "Filter: changes of records of these kinds.")] kinds: Option<Vec<RecordKind>>,
        #[graphql(desc = "Filter: changes of this district, of its offerings and windows, and of the agreements to which it is a party.")]
        district: Option<DistrictCode>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ChangeConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        // No record has the id 0, so an unknown district has no changes.
        let district = district.map(|code| request.snapshot.district(code.0).map_or(domain::Id::new(0), |district| district.id));
        let since = since.map_or(0, |since| since.0);
        if since > 0 && epoch.is_none() && paging.begins() {
            if request.require_epoch {
                return Err(Error::bad_input(
                    "epoch",
                    Message::new(
                        "请给出 since 所属的纪元（上一页或快照给出的 epoch）",
                        "give the epoch that since belongs to, as the last page or the snapshot gave it",
                    ),
                ));
            }
            ctx.data_unchecked::<std::sync::Arc<crate::graphql::context::Views>>().warn("EPOCH_MISSING");
        }
        let feed = Feed { since, epoch: epoch.map(|epoch| epoch.0), kinds: words::domain(kinds), record: None, district };
        feed.page(ctx, &paging).await
    }

    /// The findings (自查问题): contradictions and gaps in the records of today.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter: findings that this district has to correct, or that concern it as the successor of a party.")] district: Option<
            DistrictCode,
        >,
        #[graphql(desc = "Filter: findings of one of these severities.")] severity: Option<Vec<Severity>>,
        #[graphql(desc = "Filter: findings of one of these rules.")] rule: Option<Vec<FindingRule>>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<FindingConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let (severities, rules): (_, Vec<catalogue::Rule>) = (words::domain(severity), words::domain(rule));
        request.compute_findings().await?;
        let list = request.snapshot.findings(request.today, district.map(|code| code.0), &severities, &rules, &request.scope);
        let page = paging.cut_from(list.len(), |at| list.get(at))?;
        Ok(Finding::load(request, page, finding::looks_at_subjects(ctx)).await?.into())
    }

    /// The number of matters that can be handled from each to each of up to 30 districts, by handling mode. The error
    /// is `BAD_INPUT` when no district has one of the codes.
    async fn coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The codes of the districts: at most 30, each once.")] districts: Listed<DistrictCode>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<Date>,
    ) -> Result<Vec<CoverageCell>, Error> {
        let request = request_context(ctx);
        let mut codes: Vec<domain::DistrictCode> = Vec::new();
        for (at, code) in districts.0.into_iter().enumerate() {
            let Some(known) = request.snapshot.district(code.0) else {
                let message = Message::new(format!("没有代码为 {} 的区域", code.0), format!("no district bears the code {}", code.0));
                return Err(Error::bad_item("districts", at, message));
            };
            if !codes.contains(&known.code) {
                codes.push(known.code);
            }
        }
        if codes.len() > MAX_COVERAGE_DISTRICTS {
            return Err(Error::bad_input("districts", at_most(codes.len(), MAX_COVERAGE_DISTRICTS, "个区域", "districts")));
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
