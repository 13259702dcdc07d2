//! Agreements (协议) in the schema; a file for each of their parts.

pub mod accession;
pub mod basis;
pub mod difference;
pub mod effect;
pub mod notice;
pub mod office;
pub mod party;
pub mod proposal;
pub mod renewal;
pub mod signature;
pub mod suspension;
pub mod version;

use async_graphql::{Context, Object};
use catalogue::{Kept, Listed};
use domain::{RecordKind, Scope};
use futures::FutureExt as _;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::feed::Feed;
use registry::request_context::RequestContext;

use crate::change::feed::{self, ChangeConnection};
use crate::connection::arguments::Paging;
use crate::connection::connection;
use crate::context::request_context;
use crate::district::{District, Provenance};
use crate::document::Document;
use crate::engine::direct_json::part::DirectObject;
use crate::enums::agreement::Standing;
use crate::ids::GlobalId;
use crate::scalar;
use crate::scalar::{Date, Revision};
use notice::Notice;
use suspension::Suspension;
use version::{AgreementVersion, AgreementVersionConnection};

#[derive(Debug, Clone)]
pub struct Agreement(pub Kept<domain::Agreement>);

connection! {
    /// A page of agreements.
    AgreementConnection,
    /// An agreement in a list.
    AgreementEdge, Agreement
}

impl Agreement {
    /// The agreement as the caller may see it.
    pub(crate) fn through(request: &RequestContext, published: &Kept<domain::Agreement>) -> Self {
        let seen = if request.scope == Scope::Public {
            None
        } else {
            request.snapshot.agreement(published.number, &request.scope)
        };
        Self(seen.unwrap_or_else(|| published.clone()))
    }

    fn at(&self, version: Option<&domain::Version>) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, version?.number)
    }
}

/// An agreement (协议) of two or more districts, with all its versions. Dates and suspensions decide which version is
/// in force on a day, and what the standing of the agreement is.
#[direct_json]
#[Object(serial)]
impl Agreement {
    /// The global id. `node(id:)` returns the record again.
    pub(crate) fn id(&self) -> GlobalId {
        GlobalId::Agreement(self.0.id)
    }

    /// The revision (数据版本) of the newest change of this agreement that the caller may see. Null when the database
    /// is not available.
    async fn revision(&self, ctx: &Context<'_>) -> Result<Revision, Error> {
        if self.0.revision != catalogue::UNKNOWN {
            return Ok(Revision(self.0.revision));
        }
        Ok(Revision(request_context(ctx).last_change(&self.0).boxed().await?))
    }

    /// The agreement number (协议编号).
    fn number(&self) -> scalar::AgreementNumber {
        scalar::AgreementNumber(self.0.number)
    }

    /// The title of the newest version that the caller may see.
    fn title(&self) -> &str {
        &self.0.latest().title
    }

    /// The standing of the agreement on a day.
    fn standing(
        &self,
        request: &RequestContext,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            Date,
        >,
    ) -> Standing {
        let known_on = self.0.known_on(request.today);
        self.0.published_standing(on.map_or(known_on, |on| on.0), known_on).into()
    }

    /// The framework agreement above this one, such as the agreement of the provinces above that of their cities. Null
    /// when there is none, and when the caller may not see it.
    fn framework(&self, request: &RequestContext) -> Option<Agreement> {
        self.0.framework().and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The agreement that this one replaces. Null when there is none, and when the caller may not see it.
    fn replaces(&self, request: &RequestContext) -> Option<Agreement> {
        self.0.replaces().and_then(|number| request.snapshot.agreement(number, &request.scope)).map(Agreement)
    }

    /// The lead party (牵头方).
    fn lead(&self, request: &RequestContext) -> Result<District, Error> {
        District::named(request, self.0.latest().lead)
    }

    /// The source and the licence of the record.
    fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The day on which the record was voided as entered in error. Null when it was not voided.
    fn voided_on(&self) -> Option<Date> {
        self.0.voided.as_ref().map(|voided| Date(voided.on))
    }

    /// The reason of voiding. Null when the record was not voided.
    fn voided_reason(&self) -> Option<&str> {
        self.0.voided.as_ref().map(|voided| &*voided.reason)
    }

    /// The version in force on a day. Null when there is none. A suspension does not change the version: see
    /// `standing`.
    fn in_force(
        &self,
        request: &RequestContext,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            Date,
        >,
    ) -> Option<DirectObject<AgreementVersion>> {
        let known_on = self.0.known_on(request.today);
        let published = self.0.seen_by(&Scope::Public, known_on)?;
        self.at(published.version_in_force(on.map_or(known_on, |on| on.0))).map(DirectObject)
    }

    /// The newest version that the caller may see.
    fn latest(&self) -> Option<DirectObject<AgreementVersion>> {
        self.at(Some(self.0.latest())).map(DirectObject)
    }

    /// The version with this number. Null when there is none that the caller may see.
    fn version(&self, #[graphql(desc = "The number of the version, from 1.")] number: i32) -> Option<AgreementVersion> {
        AgreementVersion::numbered(&self.0, u32::try_from(number).ok()?)
    }

    /// The versions that the caller may see, oldest first.
    fn versions(
        &self,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<AgreementVersionConnection, Error> {
        let listed = |(version, of): (usize, &domain::Version)| Listed {
            rank: 0,
            code: of.number,
            item: AgreementVersion { agreement: self.0.clone(), version },
        };
        Ok(Paging::new(first, after, last, before)?
            .cut(self.0.versions.iter().enumerate().map(listed).collect())?
            .into())
    }

    /// All suspensions (暂停): past, present and future.
    fn suspensions(&self, request: &RequestContext) -> Result<Vec<Suspension>, Error> {
        (0..self.0.suspensions.len()).filter_map(|at| Suspension::of(request, &self.0, at).transpose()).collect()
    }

    /// The notices (退出通知) of parties that leave.
    fn notices(&self, request: &RequestContext) -> Result<Vec<Notice>, Error> {
        let notice = |notice: &domain::Notice| {
            let domain::Notice { party, ends_on, law_changed: _, reason } = notice;
            Ok(Notice { party: District::named(request, *party)?, ends_on: Date(*ends_on), reason: reason.to_string() })
        };
        self.0.notices.iter().map(notice).collect()
    }

    /// The documents (文件) attached to the agreement that the caller may see.
    fn documents(&self, request: &RequestContext) -> Vec<Document> {
        request.snapshot.documents(self.0.number, &request.scope).into_iter().map(Document).collect()
    }

    /// The changes (变更) of this agreement that the caller may see, oldest first. Null when the database is not
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
        feed::page(&Feed::of_record(RecordKind::Agreement, self.0.id.number()), ctx, &paging).boxed().await
    }
}
