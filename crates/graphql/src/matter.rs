//! Matters (事项) in the schema.

use std::borrow::Cow;

use async_graphql::{Context, Object, SimpleObject};
use catalogue::{Kept, Listed};
use domain::{MatterCode, RecordKind};
use futures::FutureExt as _;
use graphql_macros::{DirectJson, direct_json};
use registry::error::Error;
use registry::feed::Feed;
use registry::request_context::RequestContext;

use super::change::feed::{self, ChangeConnection};
use super::connection::arguments::Paging;
use super::connection::page::Page;
use super::connection::searched_connection;
use super::context::request_context;
use super::district::Provenance;
use super::enums::list::EnumList;
use super::enums::matter::{Audience, MatterDomain};
use super::ids::GlobalId;
use super::offering::OfferingConnection;
use super::scalar::{self, Date, Revision};

#[derive(Debug, Clone)]
pub struct Matter(pub Kept<domain::Matter>);

searched_connection! {
    /// A page of matters.
    MatterConnection,
    /// A matter in a list.
    MatterEdge, Matter
}

impl Matter {
    /// The matter with this code. Records name only matters that exist.
    pub(crate) fn named(request: &RequestContext, code: MatterCode) -> Result<Self, Error> {
        let known = request.snapshot.matter(code).cloned().map(Self);
        known.ok_or_else(|| Error::Internal(format!("a record names the matter {code}, which does not exist")))
    }

    /// A page of matters, by code.
    pub(crate) fn page(request: &RequestContext, codes: &[MatterCode], paging: &Paging) -> Result<Page<Self>, Error> {
        let mut codes = Cow::Borrowed(codes);
        if !codes.is_sorted() {
            codes.to_mut().sort_unstable();
        }
        paging
            .cut_from(codes.len(), |at| Some(Listed { rank: 0, code: codes[at], item: codes[at] }))?
            .try_map(|code| Self::named(request, code))
    }
}

/// A matter (事项): one entry of the common catalogue (基本目录), that is, something that can be applied for. It is the
/// same in all districts.
#[direct_json]
#[Object(serial)]
impl Matter {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Matter(self.0.id)
    }

    /// The revision (数据版本) of the newest change of this matter.
    fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The national basic code, or a code given by this registry.
    fn code(&self) -> scalar::MatterCode {
        scalar::MatterCode(self.0.code)
    }

    /// The name in the catalogue.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The English name. Null when none is registered.
    fn english_name(&self) -> Option<&str> {
        self.0.english_name.as_deref()
    }

    /// Other names by which search finds the matter, in everyday words.
    fn aliases(&self) -> Vec<&str> {
        self.0.aliases.iter().map(|alias| &**alias).collect()
    }

    /// The field of administration.
    fn domain(&self) -> MatterDomain {
        self.0.domain.into()
    }

    /// The kinds of applicants.
    fn audience(&self) -> EnumList<'_, domain::Audience, Audience> {
        EnumList::new(&self.0.audience)
    }

    /// The national department in charge (牵头部门). Null when none is stated.
    fn lead_department(&self) -> Option<&str> {
        self.0.lead_department.as_deref()
    }

    /// The criterion that makes a district competent, in words that applicants know, such as 户籍地, 参保地 or 不动产所在地.
    fn competent_by(&self) -> Vec<&str> {
        self.0.competent_by.iter().map(|place| &**place).collect()
    }

    /// The codes of other systems for it.
    fn codes(&self) -> Vec<ExternalCode> {
        self.0.codes.iter().map(Into::into).collect()
    }

    /// The day from which no clause covers the matter. Null while the matter is active.
    fn retired_on(&self) -> Option<Date> {
        self.0.retired_on.map(Date)
    }

    /// The reason of the retirement. Null while the matter is active.
    fn retired_reason(&self) -> Option<&str> {
        self.0.retired_reason.as_deref()
    }

    /// The source and the licence of the record.
    fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The offerings (实施清单) of the matter in all districts. Null when the database is not available.
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<OfferingConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        let offerings = request_context(ctx).snapshot.offerings_of_matter(self.0.code);
        OfferingConnection::load(ctx, paging.cut_from(offerings.len(), |at| offerings.get(at))?).boxed().await
    }

    /// The changes (变更) of this matter that the caller may see, oldest first. Null when the database is not
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
        feed::page(&Feed::of_record(RecordKind::Matter, self.0.id.number()), ctx, &paging).boxed().await
    }
}

/// The code of a matter in another system.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct ExternalCode {
    /// The system: a national line of business, the catalogue of a province, or another name.
    system: String,
    /// The code.
    value: String,
}

impl From<&domain::ExternalCode> for ExternalCode {
    fn from(code: &domain::ExternalCode) -> Self {
        let domain::ExternalCode { system, value } = code;
        Self { system: system.to_string(), value: value.to_string() }
    }
}
