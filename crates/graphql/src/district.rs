//! Districts (区域) in the schema.

use async_graphql::{Context, Object, SimpleObject};
use catalogue::{AgreementFilter, Kept, Listed, Order};
use domain::{DistrictCode, RecordKind};
use futures::FutureExt as _;
use graphql_macros::{DirectJson, direct_json};
use registry::error::Error;
use registry::feed::Feed;
use registry::presentation::{district_name, lineage};
use registry::request_context::RequestContext;

use super::agreement::{Agreement, AgreementConnection};
use super::change::feed::{self, ChangeConnection};
use super::connection::arguments::Paging;
use super::connection::cursor::LazyCursor;
use super::connection::page::{Page, PageInfo};
use super::connection::{in_order, searched_connection};
use super::context::{language, request_context};
use super::enums;
use super::enums::agreement::Standing;
use super::enums::caller::Locale;
use super::enums::district::DistrictKind;
use super::enums::matter::MatterDomain;
use super::enums::order::{OfferingOrder, order};
use super::ids::GlobalId;
use super::offering::OfferingConnection;
use super::scalar::{self, Date, Revision, UrlRef, int};
use super::window::{Window, WindowConnection};

#[derive(Debug, Clone)]
pub struct District(pub Kept<domain::District>);

searched_connection! {
    /// A page of districts.
    DistrictConnection,
    /// A district in a list.
    DistrictEdge, District
}

impl District {
    /// The district with this code. Records name only districts that exist.
    pub(crate) fn named(request: &RequestContext, code: DistrictCode) -> Result<Self, Error> {
        let known = request.snapshot.district(code).cloned().map(Self);
        known.ok_or_else(|| Error::Internal(format!("a record names the district {code}, which does not exist")))
    }

    /// Districts in the order of a record.
    pub(crate) fn in_order(
        request: &RequestContext,
        codes: impl IntoIterator<Item = DistrictCode>,
    ) -> Result<Vec<Listed<DistrictCode, Self>>, Error> {
        let named: Result<Vec<_>, Error> =
            codes.into_iter().map(|code| Ok((code, Self::named(request, code)?))).collect();
        Ok(in_order(named?))
    }
}

/// A district (区域): a province, prefecture, county-level division or functional zone that can be party to an
/// agreement. The id of a district never changes. Its codes, parents and administered districts may change from a given
/// day on.
#[direct_json]
#[Object(serial)]
impl District {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::District(self.0.id)
    }

    /// The revision (数据版本) of the newest change of this district.
    fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The code in use today.
    fn code(&self) -> scalar::DistrictCode {
        scalar::DistrictCode(self.0.code)
    }

    /// All codes of the district, present and former, with their days. Arguments that take a district code accept any
    /// of them.
    fn codes(&self) -> Vec<DatedCode> {
        self.0.dated_codes().into_iter().map(Into::into).collect()
    }

    /// The Chinese name, without the names of the districts above it.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The English name. Null when none is registered.
    fn english_name(&self) -> Option<&str> {
        self.0.english_name.as_deref()
    }

    /// The name together with the names of the districts above it today: `广东省广州市南沙区` in Chinese, `Nansha,
    /// Guangzhou, Guangdong` in English. A missing English name is replaced by the Chinese one.
    fn full_name(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> String {
        let locale = language(request, locale);
        let lineage = lineage(&request.snapshot, &self.0, request.today);
        let names = lineage.into_iter().map(|district| district_name(district, locale));
        match locale {
            domain::Locale::Zh => names.collect(),
            domain::Locale::En => names.rev().collect::<Vec<_>>().join(", "),
        }
    }

    /// Other names by which search finds the district.
    fn aliases(&self) -> Vec<&str> {
        self.0.aliases.iter().map(|alias| &**alias).collect()
    }

    /// True: a person of the district proposes only drafts that its signatory has approved.
    fn requires_approval(&self) -> bool {
        self.0.requires_approval
    }

    /// The service line for citizens (政务服务热线). Null when none is stated.
    fn hotline(&self) -> Option<&str> {
        self.0.hotline.as_deref()
    }

    /// The telephone for complaints (监督投诉). Null when none is stated.
    fn complaint_phone(&self) -> Option<&str> {
        self.0.complaint_phone.as_deref()
    }

    /// The address of the government service site. Null when none is stated.
    fn portal(&self) -> Option<UrlRef<'_>> {
        self.0.portal.as_deref().map(UrlRef)
    }

    /// The kind of the district.
    fn kind(&self) -> DistrictKind {
        self.0.kind.into()
    }

    /// The parent district (上级区域) today. Null for a province.
    fn parent(&self, request: &RequestContext) -> Result<Option<District>, Error> {
        self.0.parent(request.today).map(|code| District::named(request, code)).transpose()
    }

    /// Districts that this zone administers today (托管) although they have another parent. They count as districts
    /// below it.
    fn administers(&self, request: &RequestContext) -> Result<Vec<District>, Error> {
        let today = self.0.administers.iter().filter(|tenure| tenure.period.includes(request.today));
        today.map(|tenure| District::named(request, tenure.district)).collect()
    }

    /// The first day on which the district existed. Null when it is not known.
    fn valid_from(&self) -> Option<Date> {
        self.0.valid_from.map(Date)
    }

    /// The day from which the district no longer exists (撤销). Null while it exists.
    fn retired_on(&self) -> Option<Date> {
        self.0.retired.as_ref().map(|retired| Date(retired.on))
    }

    /// The successors of a retired district: one after a merge or a change of code, several after a split.
    fn successors(&self, request: &RequestContext) -> Result<Vec<District>, Error> {
        self.0.successors().iter().map(|code| District::named(request, *code)).collect()
    }

    /// The source and the licence of the record.
    fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The windows (通办窗口) of the district for applicants of other districts, by name.
    async fn windows(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<WindowConnection, Error> {
        let windows = request_context(ctx).snapshot.windows(self.0.code).iter().cloned();
        Ok(Paging::new(first, after, last, before)?.cut(Window::by_name(windows))?.into())
    }

    /// The offerings (实施清单) of the district: how it implements each matter. Null when the database is not
    /// available.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn offerings(
        &self,
        ctx: &Context<'_>,
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
        OfferingConnection::of_district(ctx, &self.0, search.as_deref(), domain, order(order_by), &paging).boxed().await
    }

    /// The agreements (协议) to which the district itself is a party on the day `on`. For an agreement that has ended,
    /// its last day counts. Agreements that apply through a party above the district are in
    /// `Query.agreements(covering:)`.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The day on which the district is a party and on which `standing` is compared. Default: today in China (UTC+8)."
        )]
        on: Option<Date>,
        #[graphql(desc = "Filter: agreements with one of these standings on that day.")] standing: Option<
            Vec<Standing>,
        >,
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
            parties: vec![self.0.code],
            covering: None,
            standing: enums::to_domain(standing),
            on: on.map_or(request.today, |on| on.0),
            matter: None,
            modes: Vec::new(),
            search: None,
            ending_before: None,
        };
        let slice = paging.slice(Order::Relevance)?;
        Ok(Page::of(request.snapshot.cut_agreements(&filter, &request.scope, &slice)).map(Agreement).into())
    }

    /// The other parties of the agreements in force that apply to this district.
    async fn partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            Date,
        >,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<PartnerConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let partners = request.snapshot.partners(self.0.code, on.map_or(request.today, |on| on.0));
        let codes =
            paging.cut_from(partners.len(), |at| Some(Listed { rank: 0, code: partners.code(at)?, item: at }))?;
        let edges = ctx.look_ahead().field("edges");
        let is_counted = edges.field("mattersIn").exists() || edges.field("mattersOut").exists();
        Ok(codes
            .try_map(|at| {
                partners
                    .get(at, is_counted)
                    .map(|listed| listed.item)
                    .ok_or_else(|| Error::Internal("a partner has gone".to_owned()))
            })?
            .into())
    }

    /// The changes (变更) of this district that the caller may see, oldest first. Null when the database is not
    /// available.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ChangeConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        feed::page(&Feed::of_record(RecordKind::District, self.0.id.number()), ctx, &paging).boxed().await
    }
}

/// A code of a district, with the days on which it is or was in use.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct DatedCode {
    /// The system of the code: `GB/T 2260`; `NBS` for the statistical pseudo-codes of zones; `TONGBAN` for codes given
    /// by this registry.
    scheme: String,
    /// The code.
    value: String,
    /// The first day of use. Null: always, or unknown.
    from: Option<Date>,
    /// The last day of use. Null: still in use.
    to: Option<Date>,
}

impl From<domain::DatedCode> for DatedCode {
    fn from(code: domain::DatedCode) -> Self {
        let domain::DatedCode { scheme, value, from, to } = code;
        Self { scheme: scheme.into(), value: value.into(), from: from.map(Date), to: to.map(Date) }
    }
}

/// The source and the licence of a record.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Provenance {
    /// The document, site or data set that the record was taken from.
    source: Option<String>,
    /// The licence under which the record may be used.
    licence: Option<String>,
    /// True when the record is invented, for a demonstration.
    synthetic: bool,
}

impl From<&domain::Provenance> for Provenance {
    fn from(provenance: &domain::Provenance) -> Self {
        let domain::Provenance { source, licence, synthetic } = provenance;
        Self {
            source: source.as_deref().map(Into::into),
            licence: licence.as_deref().map(Into::into),
            synthetic: *synthetic,
        }
    }
}

/// A page of partner districts.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct PartnerConnection {
    /// The entries of this page, in the order of the list.
    edges: Vec<PartnerEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    total_count: i32,
}

/// A partner district, with the number of agreements and of available matters.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct PartnerEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    cursor: LazyCursor,
    /// The partner district.
    node: District,
    /// The number of agreements in force between the two districts.
    agreements: i32,
    /// The number of matters that can be submitted in this district when the partner is competent.
    matters_in: i32,
    /// The number of matters that can be submitted in the partner district when this district is competent.
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
