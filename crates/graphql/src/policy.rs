//! Policies (政策依据) in the schema.

use async_graphql::{Context, Object};
use catalogue::Kept;
use domain::RecordKind;
use futures::FutureExt as _;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::feed::Feed;
use registry::request_context::RequestContext;

use super::change::feed::{self, ChangeConnection};
use super::clause::{Clause, ClauseConnection, Territory};
use super::connection::arguments::Paging;
use super::connection::connection;
use super::district::Provenance;
use super::ids::GlobalId;
use super::scalar::{Date, Revision};

#[derive(Debug, Clone)]
pub struct Policy(pub Kept<domain::Policy>);

connection! {
    /// A page of policies.
    PolicyConnection,
    /// A policy in a list.
    PolicyEdge, Policy
}

/// A policy (政策依据): a basis that one side issues, such as the State Council's national list. Its clauses are like
/// those of an agreement; it needs no signatures.
#[direct_json]
#[Object(serial)]
impl Policy {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Policy(self.0.id)
    }

    /// The revision (数据版本) of the newest change of this policy.
    fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The title.
    pub(super) fn title(&self) -> &str {
        &self.0.title
    }

    /// The document number (发文字号), such as 国办发〔2020〕35号.
    pub(super) fn document_number(&self) -> Option<&str> {
        self.0.document_number.as_deref()
    }

    /// The names of the bodies that issued the policy (发文机关).
    fn issued_by(&self) -> Vec<&str> {
        self.0.issued_by.iter().map(|issuer| &**issuer).collect()
    }

    /// The first day of validity. Null: no start.
    pub(super) fn effective_from(&self) -> Option<Date> {
        self.0.effective_from.map(Date)
    }

    /// The last day of validity. Null: no end.
    pub(super) fn effective_to(&self) -> Option<Date> {
        self.0.effective_to.map(Date)
    }

    /// The receiving territories of all clauses without territories of their own. Empty: everywhere.
    fn receiving(&self, request: &RequestContext) -> Result<Vec<Territory>, Error> {
        Territory::list(request, &self.0.receiving)
    }

    /// The competent territories of all clauses without territories of their own. Empty: everywhere.
    fn competent(&self, request: &RequestContext) -> Result<Vec<Territory>, Error> {
        Territory::list(request, &self.0.competent)
    }

    /// The source and the licence of the record.
    fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The clauses (通办事项清单) of the policy, in the order of its document.
    fn schedule(
        &self,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ClauseConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(Clause::of_policy(&self.0))?.into())
    }

    /// The changes (变更) of this policy that the caller may see, oldest first. Null when the database is not
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
        feed::page(&Feed::of_record(RecordKind::Policy, self.0.id.number()), ctx, &paging).boxed().await
    }
}
