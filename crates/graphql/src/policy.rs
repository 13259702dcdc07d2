//! Policies (政策依据) in the schema.

use async_graphql::parser::types::Field;
use async_graphql::{Context, ID, Object};
use catalogue::Kept;
use domain::RecordKind;
use futures::FutureExt as _;
use registry::error::Error;
use registry::feed::Feed;

use super::change::feed::{self, ChangeConnection};
use super::clause::{Clause, ClauseConnection, Territory};
use super::connection::arguments::Paging;
use super::connection::connection;
use super::context::request_context;
use super::district::Provenance;
use super::scalar::{Date, Revision};
use crate::engine::direct_json::{JsonWriter, WriteJson};

#[derive(Debug, Clone)]
pub struct Policy(pub Kept<domain::Policy>);

connection! {
    /// A page of policies.
    PolicyConnection,
    /// A policy in a list.
    PolicyEdge, Policy
}

impl WriteJson for Policy {
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        match field.name.node.as_str() {
            "id" => json.code(self.0.id),
            "revision" => json.number(self.0.revision),
            "title" => json.text(&self.0.title),
            "documentNumber" => json.or_null(self.0.document_number.as_deref(), JsonWriter::text),
            "effectiveFrom" => json.or_null(self.0.effective_from, JsonWriter::code),
            "effectiveTo" => json.or_null(self.0.effective_to, JsonWriter::code),
            _ => None,
        }
    }
}

/// A policy (政策依据): a basis that one side issues, such as the State Council's national list. Its clauses are like those
/// of an agreement; it needs no signatures.
#[Object(serial)]
impl Policy {
    /// The global id. `node(id:)` returns the record again.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The revision (数据版本) of the newest change of this policy.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The title.
    pub(super) async fn title(&self) -> String {
        self.0.title.to_string()
    }

    /// The document number (发文字号), such as 国办发〔2020〕35号.
    pub(super) async fn document_number(&self) -> Option<String> {
        self.0.document_number.as_deref().map(Into::into)
    }

    /// The names of the bodies that issued the policy (发文机关).
    async fn issued_by(&self) -> Vec<&str> {
        self.0.issued_by.iter().map(|issuer| &**issuer).collect()
    }

    /// The first day of validity. Null: no start.
    pub(super) async fn effective_from(&self) -> Option<Date> {
        self.0.effective_from.map(Date)
    }

    /// The last day of validity. Null: no end.
    pub(super) async fn effective_to(&self) -> Option<Date> {
        self.0.effective_to.map(Date)
    }

    /// The receiving territories of all clauses without territories of their own. Empty: everywhere.
    async fn receiving(&self, ctx: &Context<'_>) -> Result<Vec<Territory>, Error> {
        Territory::list(request_context(ctx), &self.0.receiving)
    }

    /// The competent territories of all clauses without territories of their own. Empty: everywhere.
    async fn competent(&self, ctx: &Context<'_>) -> Result<Vec<Territory>, Error> {
        Territory::list(request_context(ctx), &self.0.competent)
    }

    /// The source and the licence of the record.
    async fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The clauses (通办事项清单) of the policy, in the order of its document.
    async fn schedule(
        &self,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ClauseConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(Clause::of_policy(&self.0))?.into())
    }

    /// The changes (变更) of this policy that the caller may see, oldest first. Null when the database is not available.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ChangeConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        feed::page(&Feed::of_record(RecordKind::Policy, self.0.id.number()), ctx, &paging).boxed().await
    }
}
