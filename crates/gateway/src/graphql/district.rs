//! Districts (区域) as callers see them.

use async_graphql::parser::types::Field;
use async_graphql::{Context, ID, Object, SimpleObject};
use catalogue::{AgreementFilter, Kept, Listed, Order};
use domain::{DistrictCode, RecordKind};
use futures::FutureExt as _;

use super::agreement::{Agreement, AgreementConnection};
use super::at_once::{AtOnce, Telling};
use super::change::{ChangeConnection, Feed};
use super::error::Fault;
use super::offering::OfferingConnection;
use super::page::{Mark, Page, PageInfo, Paging, in_order, searched_connection};
use super::scalar::{self, Date, Revision, int};
use super::search::{OfferingOrder, order};
use super::window::{Window, WindowConnection};
use super::words::{self, DistrictKind, Locale, MatterDomain, Standing};
use super::{asked, language};
use crate::presentation::{district_name, lineage};
use crate::request_context::RequestContext;

#[derive(Debug, Clone)]
pub struct District(pub Kept<domain::District>);

searched_connection! {
    /// A page of districts.
    DistrictConnection,
    /// A district in a list.
    DistrictEdge, District
}

impl District {
    /// The district that a record names. Records name only districts that exist.
    pub(crate) fn named(asked: &RequestContext, code: DistrictCode) -> Result<Self, Fault> {
        let known = asked.snapshot.district(code).cloned().map(Self);
        known.ok_or_else(|| Fault::Internal(format!("a record names the district {code}, which does not exist")))
    }

    /// A list in the order in which a record names them.
    pub(crate) fn in_order(asked: &RequestContext, codes: impl IntoIterator<Item = DistrictCode>) -> Result<Vec<Listed<DistrictCode, Self>>, Fault> {
        let named: Result<Vec<_>, Fault> = codes.into_iter().map(|code| Ok((code, Self::named(asked, code)?))).collect();
        Ok(in_order(named?))
    }
}

impl AtOnce for District {
    fn at_once(&self, telling: &mut Telling<'_>, field: &Field) -> Option<()> {
        match field.name.node.as_str() {
            "id" => telling.code(self.0.id),
            "revision" => telling.number(self.0.revision),
            "code" => telling.code(self.0.code),
            "name" => telling.text(&self.0.name),
            "englishName" => telling.or_null(self.0.english_name.as_deref(), Telling::text),
            "kind" => telling.word(DistrictKind::from(self.0.kind)),
            "validFrom" => telling.or_null(self.0.valid_from, Telling::code),
            "retiredOn" => telling.or_null(self.0.retired.as_ref().map(|retired| retired.on), Telling::code),
            _ => None,
        }
    }
}

/// A district (区域): a province, prefecture, county-level division or functional zone that can be party to
/// an agreement. Its id never changes; codes, parents and what it administers are attributes with dates.
#[Object(serial)]
impl District {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The newest change of this district.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The code it is known by today.
    async fn code(&self) -> scalar::DistrictCode {
        scalar::DistrictCode(self.0.code)
    }

    /// Every code that it bears or bore, with dates; look-ups take them all.
    async fn codes(&self) -> Vec<DatedCode> {
        self.0.dated_codes().into_iter().map(Into::into).collect()
    }

    /// Its name in Chinese, without the names of the districts above it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name in English.
    async fn english_name(&self) -> Option<&str> {
        self.0.english_name.as_deref()
    }

    /// Its name with those of the districts above it today: `广东省广州市南沙区` in Chinese, `Nansha, Guangzhou, Guangdong` in English,
    /// with the Chinese name of whatever has no English one.
    async fn full_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> String {
        let asked = asked(ctx);
        let locale = language(ctx, locale);
        let lineage = lineage(&asked.snapshot, &self.0, asked.today);
        let names = lineage.into_iter().map(|district| district_name(district, locale));
        match locale {
            domain::Locale::Zh => names.collect(),
            domain::Locale::En => names.rev().collect::<Vec<_>>().join(", "),
        }
    }

    /// Other names by which search finds it.
    async fn aliases(&self) -> Vec<&str> {
        self.0.aliases.iter().map(|alias| &**alias).collect()
    }

    /// What it is.
    async fn kind(&self) -> DistrictKind {
        self.0.kind.into()
    }

    /// The district that it stands under today (上级区域); null for a province.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<District>, Fault> {
        let asked = asked(ctx);
        self.0.parent(asked.today).map(|code| District::named(asked, code)).transpose()
    }

    /// The districts that it administers today (托管) though they have another parent: they count as below it.
    async fn administers(&self, ctx: &Context<'_>) -> Result<Vec<District>, Fault> {
        let asked = asked(ctx);
        let today = self.0.administers.iter().filter(|tenure| tenure.period.includes(asked.today));
        today.map(|tenure| District::named(asked, tenure.district)).collect()
    }

    /// The day on which it came to be, where that is known.
    async fn valid_from(&self) -> Option<Date> {
        self.0.valid_from.map(Date)
    }

    /// The day from which it exists no more (撤销); null while it stands.
    async fn retired_on(&self) -> Option<Date> {
        self.0.retired.as_ref().map(|retired| Date(retired.on))
    }

    /// Which districts took its place: one after a merge or a change of code, several after a split.
    async fn successors(&self, ctx: &Context<'_>) -> Result<Vec<District>, Fault> {
        self.0.successors().iter().map(|code| District::named(asked(ctx), *code)).collect()
    }

    /// Where the record comes from.
    async fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// Its windows (通办窗口) for applicants of other districts, by name.
    async fn windows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<WindowConnection, Fault> {
        let windows = asked(ctx).snapshot.windows(self.0.code).iter().cloned();
        Ok(Paging::new(first, after, last, before)?.cut(Window::by_name(windows))?.into())
    }

    /// Its offerings (实施清单): how it implements matters.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Words of the matter's or the offering's name; Chinese, pinyin or initials. At most 8 words and 64 characters of it are looked for."
        )]
        search: Option<String>,
        #[graphql(desc = "Only of matters of one of these domains.")] domain: Option<Vec<MatterDomain>>,
        #[graphql(desc = "In which order; `RELEVANCE` unless given.")] order_by: Option<OfferingOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<OfferingConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        OfferingConnection::of_district(ctx, &self.0, search.as_deref(), domain, order(order_by), &paging).boxed().await
    }

    /// The agreements (协议) to which it is a party itself on the day; of one that has ended, on its last day. Those that reach it through a party above it are in
    /// `agreements(covering:)` of the query.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day of its membership and of the standing that is filtered by; today in China unless given.")] on: Option<Date>,
        #[graphql(desc = "Only agreements with one of these standings on that day.")] standing: Option<Vec<Standing>>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<AgreementConnection, Fault> {
        let asked = asked(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let filter = AgreementFilter {
            parties: vec![self.0.code],
            covering: None,
            standing: words::domain(standing),
            on: on.map_or(asked.today, |on| on.0),
            matter: None,
            modes: Vec::new(),
            search: None,
            ending_before: None,
        };
        let slice = paging.slice(Order::Relevance)?;
        Ok(Page::of(asked.snapshot.cut_agreements(&filter, &asked.eyes, &slice)).map(Agreement).into())
    }

    /// The other parties of the agreements in force that reach it.
    async fn partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day that is asked about; today in China unless given.")] on: Option<Date>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<PartnerConnection, Fault> {
        let asked = asked(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let partners = asked.snapshot.partners(self.0.code, on.map_or(asked.today, |on| on.0));
        let codes = paging.cut_from(partners.len(), |at| Some(Listed { rank: 0, code: partners.code(at)?, item: at }))?;
        let edges = ctx.look_ahead().field("edges");
        let is_counted = edges.field("mattersIn").exists() || edges.field("mattersOut").exists();
        Ok(codes
            .try_map(|at| partners.get(at, is_counted).map(|listed| listed.item).ok_or_else(|| Fault::Internal("a partner has gone".to_owned())))?
            .into())
    }

    /// Every change of this district that the caller may see, oldest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<ChangeConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        Feed::of_record(RecordKind::District, self.0.id.number()).page(ctx, &paging).boxed().await
    }
}

/// A code that a district bears or bore.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct DatedCode {
    /// The code's system: `GB/T 2260`, `NBS` for the statistics pseudo-codes of zones, `TONGBAN` for codes
    /// given by this registry.
    scheme: String,
    /// The code.
    value: String,
    /// Its first day; null: always, or unknown.
    from: Option<Date>,
    /// Its last day; null while it is borne.
    to: Option<Date>,
}

impl From<domain::DatedCode> for DatedCode {
    fn from(code: domain::DatedCode) -> Self {
        let domain::DatedCode { scheme, value, from, to } = code;
        Self { scheme: scheme.into(), value: value.into(), from: from.map(Date), to: to.map(Date) }
    }
}

/// Where a record comes from.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Provenance {
    /// The document, site or data set.
    source: Option<String>,
    /// Under which licence it may be used.
    licence: Option<String>,
    /// Made up for a demonstration.
    synthetic: bool,
}

impl From<&domain::Provenance> for Provenance {
    fn from(provenance: &domain::Provenance) -> Self {
        let domain::Provenance { source, licence, synthetic } = provenance;
        Self { source: source.as_deref().map(Into::into), licence: licence.as_deref().map(Into::into), synthetic: *synthetic }
    }
}

/// A page of partner districts.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct PartnerConnection {
    /// The entries of this page, in their order.
    edges: Vec<PartnerEdge>,
    /// Where this page stands in the list.
    page_info: PageInfo,
    /// How many entries the whole list has, on all pages.
    total_count: i32,
}

/// A partner, and what binds the two districts.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct PartnerEdge {
    /// Where this entry stands: give it as `after` or `before`.
    cursor: Mark,
    /// The partner.
    node: District,
    /// How many agreements in force bind the two.
    agreements: i32,
    /// How many matters of which the partner is competent can be handed in here.
    matters_in: i32,
    /// How many matters of which this district is competent can be handed in at the partner's.
    matters_out: i32,
}

impl From<Page<catalogue::Partner>> for PartnerConnection {
    fn from(page: Page<catalogue::Partner>) -> Self {
        let edge = |(cursor, partner)| {
            let catalogue::Partner { district, agreements, matters_in, matters_out } = partner;
            let (agreements, matters_in, matters_out) = (int(agreements), int(matters_in), int(matters_out));
            PartnerEdge { cursor, node: District(district), agreements, matters_in, matters_out }
        };
        Self { edges: page.entries.into_iter().map(edge).collect(), page_info: page.info, total_count: page.total }
    }
}
