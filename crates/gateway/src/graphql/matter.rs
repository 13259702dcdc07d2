//! Matters (事项) as callers see them.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::{Context, ID, Object};
use catalogue::{Kept, Listed};
use domain::{MatterCode, RecordKind};
use futures::FutureExt as _;

use super::asked;
use super::at_once::{AtOnce, Telling};
use super::change::{ChangeConnection, Feed};
use super::district::Provenance;
use super::error::Fault;
use super::offering::OfferingConnection;
use super::page::{Page, Paging, searched_connection};
use super::scalar::{self, Date, Revision};
use super::words::{self, Audience, MatterDomain};
use crate::request_context::RequestContext;

#[derive(Debug, Clone)]
pub struct Matter(pub Kept<domain::Matter>);

searched_connection! {
    /// A page of matters.
    MatterConnection,
    /// A matter in a list.
    MatterEdge, Matter
}

impl Matter {
    /// The matter that a record names. Records name only matters that exist.
    pub(crate) fn named(asked: &RequestContext, code: MatterCode) -> Result<Self, Fault> {
        let known = asked.snapshot.matter(code).cloned().map(Self);
        known.ok_or_else(|| Fault::Internal(format!("a record names the matter {code}, which does not exist")))
    }

    /// A page of the matters that a record names, by code.
    pub(crate) fn page(asked: &RequestContext, codes: &[MatterCode], paging: &Paging) -> Result<Page<Self>, Fault> {
        let mut codes = Cow::Borrowed(codes);
        if !codes.is_sorted() {
            codes.to_mut().sort_unstable();
        }
        paging.cut_from(codes.len(), |at| Some(Listed { rank: 0, code: codes[at], item: codes[at] }))?.try_map(|code| Self::named(asked, code))
    }
}

impl AtOnce for Matter {
    fn at_once(&self, telling: &mut Telling<'_>, field: &Field) -> Option<()> {
        match field.name.node.as_str() {
            "id" => telling.code(self.0.id),
            "revision" => telling.number(self.0.revision),
            "code" => telling.code(self.0.code),
            "name" => telling.text(&self.0.name),
            "englishName" => telling.or_null(self.0.english_name.as_deref(), Telling::text),
            "domain" => telling.word(MatterDomain::from(self.0.domain)),
            "audience" => telling.each(&self.0.audience, |telling, audience| telling.word(Audience::from(*audience))),
            "leadDepartment" => telling.or_null(self.0.lead_department.as_deref(), Telling::text),
            "retiredOn" => telling.or_null(self.0.retired_on, Telling::code),
            _ => None,
        }
    }
}

/// A matter (事项): one entry of the common catalogue (基本目录), what is applied for, the same everywhere.
#[Object(serial)]
impl Matter {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The newest change of this matter.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The national basic code, or one given by this registry.
    async fn code(&self) -> scalar::MatterCode {
        scalar::MatterCode(self.0.code)
    }

    /// Its name in the catalogue.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name in English.
    async fn english_name(&self) -> Option<&str> {
        self.0.english_name.as_deref()
    }

    /// Other names by which search finds it, in the words of the public.
    async fn aliases(&self) -> Vec<&str> {
        self.0.aliases.iter().map(|alias| &**alias).collect()
    }

    /// The field of administration that it belongs to.
    async fn domain(&self) -> MatterDomain {
        self.0.domain.into()
    }

    /// Kinds of applicants.
    async fn audience(&self) -> Vec<Audience> {
        words::schema(&self.0.audience)
    }

    /// The national department that leads it (牵头部门).
    async fn lead_department(&self) -> Option<&str> {
        self.0.lead_department.as_deref()
    }

    /// What makes a district competent, in words that a visitor knows: 户籍地, 参保地, 不动产所在地 and the like.
    async fn competent_by(&self) -> Vec<&str> {
        self.0.competent_by.iter().map(|place| &**place).collect()
    }

    /// The day from which no clause covers it any more; null while it is active.
    async fn retired_on(&self) -> Option<Date> {
        self.0.retired_on.map(Date)
    }

    /// Why it was retired.
    async fn retired_reason(&self) -> Option<&str> {
        self.0.retired_reason.as_deref()
    }

    /// Where the record comes from.
    async fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// Its offerings (实施清单) in all districts.
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<OfferingConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        let offerings = asked(ctx).snapshot.offerings_of_matter(self.0.code);
        OfferingConnection::load(ctx, paging.cut_from(offerings.len(), |at| offerings.get(at))?).boxed().await
    }

    /// Every change of this matter that the caller may see, oldest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<ChangeConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        Feed::of_record(RecordKind::Matter, self.0.id.number()).page(ctx, &paging).boxed().await
    }
}
