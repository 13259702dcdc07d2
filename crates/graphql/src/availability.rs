//! `availableMatters` and `coverage`: which matters can be handled across districts.

use async_graphql::{ComplexObject, Context, Name, Object, SelectionField, SimpleObject, Value};
use catalogue::{AvailableMatter, CoverageCell as Cell, Order, Question, highlight_matter};
use domain::{MatterCode, Message};
use graphql_macros::direct_json;
use registry::error::Error;
use serde_json::Value as Json;

use super::agreement::suspension::Suspension;
use super::connection::arguments::Paging;
use super::connection::cursor::LazyCursor;
use super::connection::page::{Page, PageInfo};
use super::context::{language, request_context};
use super::district::District;
use super::enums;
use super::enums::caller::Locale;
use super::enums::handling::HandlingMode;
use super::enums::matter::{Audience, MatterDomain};
use super::found_name::FoundName;
use super::handling::reason::Reason;
use super::handling::route::HandlingRoute;
use super::matter::Matter;
use super::scalar::int;
use crate::engine::direct_json::part::Edges;

/// The default and the highest number of routes of a matter.
const DEFAULT_ROUTES: i32 = 10;
const MAX_ROUTES: usize = 100;

/// A page of available matters, best first, with counts of the whole result.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct AvailableMatterConnection {
    /// The entries of this page, in the order of the list.
    edges: Edges<AvailableMatterEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    total_count: i32,
    /// The number of matters that each filter would leave. Each is counted without its own filter.
    facets: AvailableMatterFacets,
    /// Other searches to offer to the user, most likely first: corrections of a search without hits, and the Chinese
    /// characters that a search in pinyin may stand for. Each of them has at least one hit.
    did_you_mean: Vec<String>,
    /// The reasons why no matter is available. Empty when there are any.
    reasons: Vec<Reason>,
    /// Notices about the districts of the question.
    notices: Vec<Reason>,
    /// The number of matters between the two districts that a suspension takes away on the day, whatever the filters. 0
    /// when only one district is given.
    suspended: i32,
    /// The suspensions that take them away.
    suspensions: Vec<Suspension>,
}

#[derive(Debug)]
pub struct AvailableMatterEdge {
    cursor: LazyCursor,
    matter: Matter,
    found: Option<FoundName>,
    modes: Vec<HandlingMode>,
    competent_districts: i32,
    route_count: i32,
    /// As many as any of the selections requests.
    loaded: Vec<HandlingRoute>,
}

/// An available matter, with its handling modes and routes.
#[direct_json]
#[Object(serial)]
impl AvailableMatterEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    fn cursor(&self) -> &LazyCursor {
        &self.cursor
    }

    /// The matter.
    fn node(&self) -> &Matter {
        &self.matter
    }

    /// The name that matched the search; null without the argument `search`.
    fn found(&self) -> Option<&FoundName> {
        self.found.as_ref()
    }

    /// The handling modes (通办方式) in which the matter is available, best first.
    fn modes(&self) -> &[HandlingMode] {
        &self.modes
    }

    /// The number of competent districts for which the matter can be submitted.
    fn competent_districts(&self) -> i32 {
        self.competent_districts
    }

    /// The number of routes (办理途径).
    fn route_count(&self) -> i32 {
        self.route_count
    }

    /// The first routes (办理途径) of the matter, best first.
    fn routes(
        &self,
        #[graphql(default_with = "Some(DEFAULT_ROUTES)", desc = "How many at most, 1 to 100.")] limit: Option<i32>,
    ) -> Result<&[HandlingRoute], Error> {
        let limit = limit.unwrap_or(DEFAULT_ROUTES);
        let most = usize::try_from(limit).ok().filter(|most| (1..=MAX_ROUTES).contains(most)).ok_or_else(|| {
            Error::bad_input(
                "limit",
                Message::new(
                    format!("办理途径条数应为 1 至 {MAX_ROUTES}，不能是 {limit}"),
                    format!("1 to {MAX_ROUTES} routes can be asked for, not {limit}"),
                ),
            )
        })?;
        Ok(&self.loaded[..most.min(self.loaded.len())])
    }
}

/// The number of routes that one selection requests.
fn limit_of(routes: &SelectionField<'_>) -> Option<i32> {
    let (_, given) = routes
        .arguments()
        .ok()?
        .into_iter()
        .find(|(name, _)| name == "limit")
        .unwrap_or((Name::new("limit"), Value::Null));
    match given.into_json().ok()? {
        Json::Null => Some(DEFAULT_ROUTES),
        given => i32::try_from(given.as_i64()?).ok(),
    }
}

impl AvailableMatterConnection {
    /// Answers a question, and fetches everything that is selected in one statement.
    pub(crate) async fn answer(
        ctx: &Context<'_>,
        question: &Question,
        order: Order,
        paging: &Paging,
    ) -> Result<Self, Error> {
        let request = request_context(ctx);
        let available = request.snapshot.available(question, &paging.slice(order)?);
        let is_guessing = ctx.look_ahead().field("didYouMean").exists();
        let did_you_mean =
            if is_guessing { request.snapshot.suggest_available(question, &available) } else { Vec::new() };
        let facets = if ctx.look_ahead().field("facets").exists() {
            request.snapshot.facets(&available)
        } else {
            catalogue::Facets::default()
        };
        let edges = ctx.look_ahead().field("edges");

        let selected = edges.field("routes");
        // An invalid limit is refused by the resolver of `routes`.
        let most = selected.selection_fields().iter().filter_map(limit_of).max().unwrap_or(0);
        let most = usize::try_from(most).unwrap_or_default().min(MAX_ROUTES);
        let detail = HandlingRoute::detail(&selected);
        let matters: Vec<MatterCode> =
            available.matters.items().filter(|_| most > 0).map(|available| available.matter.code).collect();
        let routes = request.snapshot.routes(question, &available, &matters, most, detail);
        let catalogue::Available { matters, reasons, notices, .. } = available;
        let looks_at_suspensions =
            ["suspended", "suspensions"].iter().any(|field| ctx.look_ahead().field(field).exists());
        let suspended =
            if looks_at_suspensions { request.snapshot.suspended(question) } else { catalogue::Suspended::default() };
        let suspensions = suspended.suspensions.iter().map(|(agreement, at)| Suspension::seen(request, agreement, *at));
        let page = Page::of(matters);
        let mut routes = HandlingRoute::load(request, routes, &selected).await?;
        routes.resize_with(page.entries.len(), Vec::new);

        let counted = edges.field("competentDistricts").exists() || edges.field("routeCount").exists();
        let with_cursors = question.search.as_ref().filter(|_| edges.field("found").exists());
        let edge = |((cursor, available), loaded): ((LazyCursor, AvailableMatter), _)| {
            let spread = counted.then(|| request.snapshot.spread(question, available.matter.code));
            AvailableMatterEdge {
                cursor,
                found: with_cursors.map(|query| highlight_matter(query, &available.matter).into()),
                matter: Matter(available.matter),
                modes: enums::to_schema(&available.modes),
                competent_districts: spread.map_or(0, |spread| int(spread.competent_districts)),
                route_count: spread.map_or(0, |spread| int(spread.routes)),
                loaded,
            }
        };
        Ok(Self {
            edges: page.entries.into_iter().zip(routes).map(edge).collect(),
            page_info: page.info,
            total_count: page.total,
            facets: facets.into(),
            did_you_mean,
            reasons: Reason::list(reasons),
            notices: Reason::list(notices),
            suspended: int(suspended.matters),
            suspensions: suspensions.filter_map(Result::transpose).collect::<Result<_, Error>>()?,
        })
    }
}

/// The number of matters that each filter would leave. Each is counted over the whole result without its own filter.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct AvailableMatterFacets {
    /// The counts by handling mode.
    modes: Vec<ModeCount>,
    /// The counts by domain.
    domains: Vec<DomainCount>,
    /// The counts by audience.
    audiences: Vec<AudienceCount>,
}

/// The number of matters in a handling mode.
#[derive(Debug, SimpleObject)]
#[graphql(complex, serial)]
pub struct ModeCount {
    /// The handling mode.
    mode: HandlingMode,
    /// The number of matters.
    count: i32,
}

#[ComplexObject]
impl ModeCount {
    /// The label of the mode.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        domain::HandlingMode::from(self.mode).label(language(request_context(ctx), locale))
    }
}

impl ModeCount {
    fn list(counts: Vec<(domain::HandlingMode, usize)>) -> Vec<Self> {
        counts.into_iter().map(|(mode, count)| Self { mode: mode.into(), count: int(count) }).collect()
    }
}

/// The number of matters in a domain.
#[derive(Debug, SimpleObject)]
#[graphql(complex, serial)]
pub struct DomainCount {
    /// The domain.
    domain: MatterDomain,
    /// The number of matters.
    count: i32,
}

#[ComplexObject]
impl DomainCount {
    /// The label of the domain.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        domain::MatterDomain::from(self.domain).label(language(request_context(ctx), locale))
    }
}

/// The number of matters for an audience.
#[derive(Debug, SimpleObject)]
#[graphql(complex, serial)]
pub struct AudienceCount {
    /// The audience.
    audience: Audience,
    /// The number of matters.
    count: i32,
}

#[ComplexObject]
impl AudienceCount {
    /// The label of the audience.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        domain::Audience::from(self.audience).label(language(request_context(ctx), locale))
    }
}

impl From<catalogue::Facets> for AvailableMatterFacets {
    fn from(facets: catalogue::Facets) -> Self {
        let catalogue::Facets { modes, domains, audiences } = facets;
        let domain =
            |(domain, count): (domain::MatterDomain, usize)| DomainCount { domain: domain.into(), count: int(count) };
        let audience = |(audience, count): (domain::Audience, usize)| AudienceCount {
            audience: audience.into(),
            count: int(count),
        };
        Self {
            modes: ModeCount::list(modes),
            domains: domains.into_iter().map(domain).collect(),
            audiences: audiences.into_iter().map(audience).collect(),
        }
    }
}

/// The number of matters that can be submitted in one district for another.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct CoverageCell {
    /// The receiving district (收件地): where applicants submit.
    receiving: District,
    /// The competent district (业务属地): whose authority decides.
    competent: District,
    /// The number of available matters, each counted once.
    total: i32,
    /// The number of available matters in each handling mode.
    modes: Vec<ModeCount>,
}

impl From<Cell> for CoverageCell {
    fn from(cell: Cell) -> Self {
        let Cell { receiving, competent, total, modes } = cell;
        Self {
            receiving: District(receiving),
            competent: District(competent),
            total: int(total),
            modes: ModeCount::list(modes),
        }
    }
}
