//! Offerings (实施清单) in the schema. Their bodies are in the database; a page takes one statement.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::{Context, Object};
use catalogue::search::{Query, Text};
use catalogue::{By, Kept, Listed, OfferingBrief, Order};
use domain::{Id, RecordKind};
use futures::FutureExt as _;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::feed::Feed;
use registry::request_context::RequestContext;

use super::change::feed::{self, ChangeConnection};
use super::connection::arguments::Paging;
use super::connection::page::Page;
use super::connection::searched_connection;
use super::context::request_context;
use super::district::{District, Provenance};
use super::enums;
use super::enums::matter::MatterDomain;
use super::enums::offering::DayKind;
use super::ids::GlobalId;
use super::matter::Matter;
use super::offering_part::{Authority, FormFile, Material, Question};
use super::scalar::{Date, OfferingCode, Revision, UrlRef, int};
use crate::context::Views;
use crate::engine::price::table::FIELDS_PER_ROW;

#[derive(Debug, Clone)]
pub struct Offering(pub Kept<domain::Offering>);

searched_connection! {
    /// A page of offerings.
    OfferingConnection,
    /// An offering in a list.
    OfferingEdge, Offering
}

/// The rank of offerings that were found only by their own name: after all others.
const BY_OWN_NAME: u32 = u32::MAX;

impl Offering {
    /// The bodies of offerings, in one statement and in the same order.
    pub(crate) async fn fetch(request: &RequestContext, briefs: Vec<OfferingBrief>) -> Result<Vec<Self>, Error> {
        if briefs.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = briefs.into_iter().map(|brief| (brief.id, brief.revision)).collect();
        let bodies: Vec<_> = request.store.offerings(&keys).await?.into_iter().map(Self).collect();
        if bodies.len() == keys.len() {
            Ok(bodies)
        } else {
            Err(Error::Internal(format!("{} of {} offerings were found", bodies.len(), keys.len())))
        }
    }

    /// The bodies of offerings by id. Duplicates are fetched once.
    pub(crate) async fn fetch_by_id(
        request: &RequestContext,
        mut briefs: Vec<OfferingBrief>,
    ) -> Result<HashMap<Id<domain::Offering>, Self>, Error> {
        let mut seen = HashSet::new();
        briefs.retain(|brief| seen.insert(brief.id));
        Ok(Self::fetch(request, briefs).await?.into_iter().map(|offering| (offering.0.id, offering)).collect())
    }

    /// The offerings with these ids that the snapshot has.
    pub(crate) async fn fetch_known(
        request: &RequestContext,
        ids: Vec<Id<domain::Offering>>,
    ) -> Result<HashMap<Id<domain::Offering>, Self>, Error> {
        let known = ids.into_iter().filter_map(|id| request.snapshot.offering_by_id(id).map(|placed| placed.brief));
        Self::fetch_by_id(request, known.collect()).await
    }
}

impl OfferingConnection {
    /// A page with its bodies, if they are selected.
    pub(crate) async fn load(ctx: &Context<'_>, page: Page<OfferingBrief>) -> Result<Self, Error> {
        Self::load_found(ctx, page, None).await
    }

    async fn load_found(ctx: &Context<'_>, page: Page<OfferingBrief>, query: Option<&Query>) -> Result<Self, Error> {
        let looked_at = ctx.look_ahead().field("edges").exists();
        if !looked_at {
            return Ok(Self {
                edges: [].into_iter().collect(),
                page_info: page.info,
                total_count: page.total,
                did_you_mean: Vec::new(),
            });
        }
        let request = request_context(ctx);
        let bodies = Offering::fetch(request, page.items().copied().collect()).await?;
        ctx.data_unchecked::<Arc<Views>>().count(FIELDS_PER_ROW * bodies.len() as u64);
        let found = |offering: &Offering| {
            let matter = offering.0.matter.and_then(|code| request.snapshot.matter(code));
            Some(catalogue::highlight_offering(query?, offering.0.name.as_deref(), matter).into())
        };
        Ok(Self::searched(page.with(bodies), found, Vec::new()))
    }

    /// The offerings of a district, found by the names of their matters and by their own names. Own names are too many
    /// for memory: those of the district are read from one row and searched here, in the same way as names in memory.
    pub(crate) async fn of_district(
        ctx: &Context<'_>,
        district: &Kept<domain::District>,
        search: Option<&str>,
        domain: Option<Vec<MatterDomain>>,
        order: Order,
        paging: &Paging,
    ) -> Result<Self, Error> {
        let request = request_context(ctx);
        let domains = enums::to_domain(domain);
        let query = search.and_then(Query::new);
        let mut listed = request.snapshot.offerings_of_district(district.code, &domains, query.as_ref(), order);
        if let Some(query) = &query {
            let own = named(request, district.id, query).await?;
            let found: HashSet<_> = listed.iter().map(|offering| offering.code).collect();
            let all = request.snapshot.offerings_of_district(district.code, &domains, None, order);
            let by_own_name =
                all.into_iter().filter(|offering| own.contains(&offering.code) && !found.contains(&offering.code));
            listed.extend(by_own_name.map(|offering| match order {
                Order::Relevance => Listed { rank: By::Relevance(BY_OWN_NAME), ..offering },
                Order::Name | Order::PromisedDays | Order::Code => offering,
            }));
            listed.sort_by(|a, b| (&a.rank, a.code).cmp(&(&b.rank, b.code)));
        }
        let page = paging.cut_in_order(order, listed)?;
        let mut connection = Self::load_found(ctx, page, query.as_ref()).await?;
        if let Some(query) =
            query.filter(|_| connection.total_count == 0 && ctx.look_ahead().field("didYouMean").exists())
        {
            connection.did_you_mean = request.snapshot.suggest_offerings(&query, district.code, &domains);
        }
        Ok(connection)
    }
}

/// The offerings of a district whose own names match.
async fn named(
    request: &RequestContext,
    district: Id<domain::District>,
    query: &Query,
) -> Result<HashSet<Id<domain::Offering>>, Error> {
    let names = request.store.offering_names(district).await?;
    let fits = |(_, name): &(Id<domain::Offering>, String)| query.matches(&Text::new(name, []));
    Ok(names.into_iter().filter(fits).map(|(id, _)| id).collect())
}

/// An offering (实施清单; 办事指南 in texts for the public): how a matter is implemented for one district, with
/// everything that an applicant needs to know.
#[direct_json]
#[Object(serial)]
impl Offering {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Offering(self.0.id)
    }

    /// The revision (数据版本) of the newest change of this offering.
    fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The district that the offering serves. The body that decides is `authority`, perhaps of a higher level.
    fn district(&self, request: &RequestContext) -> Result<District, Error> {
        District::named(request, self.0.district)
    }

    /// The matter that is implemented. Null while the offering is not matched with one (未匹配).
    fn matter(&self, request: &RequestContext) -> Result<Option<Matter>, Error> {
        self.0.matter.map(|code| Matter::named(request, code)).transpose()
    }

    /// The name that the district uses, else the name of the matter.
    fn name(&self, request: &RequestContext) -> Result<Cow<'_, str>, Error> {
        match &self.0.name {
            Some(name) => Ok(name.into()),
            None => Ok(self.matter(request)?.map(|matter| matter.0.name.to_string()).unwrap_or_default().into()),
        }
    }

    /// The implementing code (实施编码) as the district gave it. A wrong check digit is reported as a finding. Null
    /// when none is stated.
    fn code(&self) -> Option<OfferingCode> {
        self.0.code.map(OfferingCode)
    }

    /// The district's own code, unchanged. Null when there is none.
    fn source_code(&self) -> Option<&str> {
        self.0.source_code.as_deref()
    }

    /// The body that decides. Null when it is not stated.
    fn authority(&self) -> Option<Authority> {
        self.0.authority.as_ref().map(Into::into)
    }

    /// The statutory time limit (法定办结时限), in days of `dayKind`. Null when it is not stated.
    fn statutory_days(&self) -> Option<i32> {
        self.0.statutory_days.map(int)
    }

    /// The promised time limit (承诺办结时限), in days of `dayKind`. Null when it is not stated.
    fn promised_days(&self) -> Option<i32> {
        self.0.promised_days.map(int)
    }

    /// The unit of both limits. Null when it is not stated.
    fn day_kind(&self) -> Option<DayKind> {
        self.0.day_kind.as_deref().map(|kind| enums::from_text(kind, domain::DayKind::Other))
    }

    /// The number of visits that the applicant must make (到现场次数). 0: none.
    fn visits(&self) -> i32 {
        int(self.0.visits)
    }

    /// The address of the online application. Null when there is none.
    fn url(&self) -> Option<UrlRef<'_>> {
        self.0.url.as_deref().map(UrlRef)
    }

    /// The conditions of acceptance (受理条件). Null when they are not stated.
    fn conditions(&self) -> Option<&str> {
        self.0.conditions.as_deref()
    }

    /// The fee, as a text. Null when it is not stated.
    fn fee(&self) -> Option<&str> {
        self.0.fee.as_deref()
    }

    /// The document that the applicant gets as the result (办理结果). Null when it is not stated.
    fn result(&self) -> Option<&str> {
        self.0.result.as_deref()
    }

    /// How the result is delivered. Null when it is not stated.
    fn delivery(&self) -> Option<&str> {
        self.0.delivery.as_deref()
    }

    /// Whether and how to make an appointment (预约). Null when it is not stated.
    fn appointment(&self) -> Option<&str> {
        self.0.appointment.as_deref()
    }

    /// The law or rule that the matter is based on (设定依据). Null when it is not stated.
    fn legal_basis(&self) -> Option<&str> {
        self.0.legal_basis.as_deref()
    }

    /// The required materials (申请材料), in the order of the district.
    fn materials(&self) -> Vec<Material> {
        self.0.materials.iter().map(Into::into).collect()
    }

    /// The telephone for questions (咨询电话). Null when none is stated.
    fn consult_phone(&self) -> Option<&str> {
        self.0.consult_phone.as_deref()
    }

    /// The telephone for complaints (监督投诉). Null when none is stated.
    fn complaint_phone(&self) -> Option<&str> {
        self.0.complaint_phone.as_deref()
    }

    /// The address for making an appointment (预约). Null when there is none.
    fn appointment_url(&self) -> Option<UrlRef<'_>> {
        self.0.appointment_url.as_deref().map(UrlRef)
    }

    /// The forms to fill in, and samples of filled ones (样表).
    fn forms(&self) -> Vec<FormFile> {
        self.0.forms.iter().map(Into::into).collect()
    }

    /// Questions that applicants often ask (常见问题).
    fn questions(&self) -> Vec<Question> {
        self.0.questions.iter().map(Into::into).collect()
    }

    /// The address of a sample of the result (结果样本). Null when there is none.
    fn result_sample(&self) -> Option<UrlRef<'_>> {
        self.0.result_sample.as_deref().map(UrlRef)
    }

    /// The day on which the district last verified this record. Null when it never did.
    fn verified_on(&self) -> Option<Date> {
        self.0.verified_on.map(Date)
    }

    /// The first day of publication. Null: no start.
    fn valid_from(&self) -> Option<Date> {
        self.0.published().from.map(Date)
    }

    /// The last day of publication. Null: no end.
    fn valid_to(&self) -> Option<Date> {
        self.0.published().to.map(Date)
    }

    /// The day from which the offering is withdrawn. `validTo` is then at the latest the day before. Null while it is
    /// not withdrawn.
    fn withdrawn_on(&self) -> Option<Date> {
        self.0.withdrawn_on.map(Date)
    }

    /// The reason of the withdrawal. Null while the offering is not withdrawn.
    fn withdrawn_reason(&self) -> Option<&str> {
        self.0.withdrawn_reason.as_deref()
    }

    /// The source and the licence of the record.
    fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The changes (变更) of this offering that the caller may see, oldest first. Null when the database is not
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
        feed::page(&Feed::of_record(RecordKind::Offering, self.0.id.number()), ctx, &paging).boxed().await
    }
}
