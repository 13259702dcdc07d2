//! Changes (变更) in the schema.

pub mod feed;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{Context, ContextSelectionSet, ID, Json, Object, OutputType, Positioned, ServerResult, Value};
use bytes::Bytes;
use domain::{Id, RecordKind as Kind};
use futures::FutureExt as _;
use registry::error::Error;
use registry::feed::line::seen_line;
use registry::request_context::RequestContext;

use crate::api_key::ApiKey;
use crate::context::{Views, request_context};
use crate::district::District;
use crate::engine::field_order::Serial;
use crate::engine::sequential::too_long_error;
use crate::enums::change::{ChangeAction, RecordKind};
use crate::ids::GlobalId;
use crate::node::Node;
use crate::offering::Offering;
use crate::person::People;
use crate::scalar::{DateTime, Digest, Revision};

/// An entry of the journal, with its record if that was fetched.
#[derive(Debug, Clone)]
pub struct Change {
    pub(crate) change: domain::Change,
    /// An offering or a key.
    pub(crate) fetched: Option<Box<Node>>,
}

/// A change (变更): one entry of the journal. Revisions have no gaps, and each entry contains the digest of the entry
/// before it.
#[Object(serial)]
impl Change {
    /// The global id. `node(id:)` returns the record again.
    #[graphql(name = "id")]
    pub(crate) async fn resolve_id(&self) -> ID {
        ID(GlobalId::Change(self.change.revision).to_string())
    }

    /// The revision (数据版本) of this change.
    async fn revision(&self) -> Revision {
        Revision(self.change.revision)
    }

    /// When the change was recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.change.recorded_at)
    }

    /// The kind of the changed record.
    async fn kind(&self) -> RecordKind {
        self.change.kind.into()
    }

    /// The act that changed the record.
    async fn action(&self) -> ChangeAction {
        self.change.action.into()
    }

    /// The global id of the changed record. It stays the same after the record is removed, so a mirror can match the
    /// change with its own copy. Null for kinds of record without a global id.
    async fn record_id(&self) -> Option<ID> {
        let number = self.change.record;
        let id = match self.change.kind {
            Kind::District => GlobalId::District(Id::new(number)),
            Kind::Matter => GlobalId::Matter(Id::new(number)),
            Kind::Offering => GlobalId::Offering(Id::new(number)),
            Kind::Window => GlobalId::Window(Id::new(number)),
            Kind::Agreement => GlobalId::Agreement(Id::new(number)),
            Kind::Policy => GlobalId::Policy(Id::new(number)),
            Kind::ApiKey => GlobalId::ApiKey(Id::new(number)),
            Kind::Feedback => GlobalId::Feedback(Id::new(number)),
            Kind::Document => GlobalId::Document(Id::new(number)),
            Kind::Person => GlobalId::Person(Id::new(number)),
            Kind::Grant => GlobalId::Grant(Id::new(number)),
            Kind::Finding => return None,
        };
        Some(ID(id.to_string()))
    }

    /// The changed record as it is now. Null when it was removed, when the caller may not see it, and for kinds of
    /// record without a global id.
    async fn record(&self, ctx: &Context<'_>) -> Option<Serial<Node>> {
        let number = self.change.record;
        let node = match self.change.kind {
            Kind::Offering | Kind::ApiKey | Kind::Person | Kind::Grant => self.fetched.as_deref().cloned(),
            Kind::District => Node::kept(request_context(ctx), &GlobalId::District(Id::new(number))),
            Kind::Matter => Node::kept(request_context(ctx), &GlobalId::Matter(Id::new(number))),
            Kind::Window => Node::kept(request_context(ctx), &GlobalId::Window(Id::new(number))),
            Kind::Agreement => Node::kept(request_context(ctx), &GlobalId::Agreement(Id::new(number))),
            Kind::Policy => Node::kept(request_context(ctx), &GlobalId::Policy(Id::new(number))),
            Kind::Document => Node::kept(request_context(ctx), &GlobalId::Document(Id::new(number))),
            Kind::Feedback | Kind::Finding => None,
        };
        node.map(Serial)
    }

    /// The record after the act, as a line that `tongban import` reads. For an agreement it contains the part that the
    /// caller may see, with `standing` and `members` as of the day of the act. Null (a tombstone) when the record was
    /// removed, or when the caller may no longer see it: a mirror then removes the record with this `recordId`.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<Line>, Error> {
        let request = request_context(ctx);
        let known = request.lines.lock().unwrap_or_else(PoisonError::into_inner).get(&self.change.revision).cloned();
        let line = match known {
            Some(line) => line,
            None => {
                let line = seen_line(request, &self.change).boxed().await?.map(Bytes::from);
                request.lines.lock().unwrap_or_else(PoisonError::into_inner).insert(self.change.revision, line.clone());
                line
            }
        };
        Ok(line.map(Line))
    }

    /// A reference to the person or program that made the change. It contains no personal data.
    async fn actor(&self) -> &str {
        &self.change.actor
    }

    /// The district on whose behalf the change was made. Null when it was made for no district.
    async fn on_behalf_of(&self, ctx: &Context<'_>) -> Result<Option<District>, Error> {
        self.change.on_behalf_of.map(|code| District::named(request_context(ctx), code)).transpose()
    }

    /// The digest of this journal entry.
    async fn digest(&self) -> Digest {
        Digest(self.change.digest)
    }

    /// The digest of the preceding journal entry. Null for the first entry.
    async fn previous(&self) -> Option<Digest> {
        Some(self.change.previous).filter(|previous| *previous != domain::Digest::GENESIS).map(Digest)
    }
}

/// A line of the journal: JSON that is written to the response unchanged. In the schema it is a JSON value.
struct Line(Bytes);

impl OutputType for Line {
    fn type_name() -> Cow<'static, str> {
        <Json<serde_json::Value> as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Json<serde_json::Value> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let views = ctx.data_unchecked::<Arc<Views>>();
        if !views.newest().size.has_room_for(self.0.len()) {
            // No further line fits into the response.
            views.newest().size.add(self.0.len());
            return Err(too_long_error());
        }
        if views.is_json {
            return Ok(Value::Binary(self.0.clone()));
        }
        let unreadable = |error: serde_json::Error| {
            async_graphql::Error::from(Error::Internal(error.to_string())).into_server_error(field.pos)
        };
        serde_json::from_slice(&self.0).map_err(unreadable)
    }
}

impl Change {
    /// Changes with their records, if selected. Those that are not in memory are fetched in one statement for each
    /// kind.
    pub(crate) async fn load(
        request: &RequestContext,
        changes: Vec<domain::Change>,
        records: bool,
    ) -> Result<Vec<Self>, Error> {
        let of = |kind| changes.iter().filter(move |change| records && change.kind == kind).map(|change| change.record);
        let offerings: HashMap<_, _> =
            Offering::fetch_known(request, of(Kind::Offering).map(Id::new).collect()).await?;
        let keys: HashMap<_, _> = ApiKey::fetch_known(request, of(Kind::ApiKey).map(Id::new).collect()).await?;
        let people =
            People::load_if(request, changes.iter().any(|change| records && is_of_person(change.kind))).await?;
        let with = |change: domain::Change| {
            let fetched = match change.kind {
                Kind::Offering => offerings.get(&Id::new(change.record)).cloned().map(Node::Offering),
                Kind::ApiKey => keys.get(&Id::new(change.record)).cloned().map(Node::ApiKey),
                Kind::Person => people.person(Id::new(change.record)).map(Node::Person),
                Kind::Grant => people.grant(Id::new(change.record)).map(Node::Grant),
                Kind::District
                | Kind::Matter
                | Kind::Window
                | Kind::Agreement
                | Kind::Policy
                | Kind::Document
                | Kind::Feedback
                | Kind::Finding => None,
            };
            Self { change, fetched: fetched.map(Box::new) }
        };
        Ok(changes.into_iter().map(with).collect())
    }
}

fn is_of_person(kind: Kind) -> bool {
    matches!(kind, Kind::Person | Kind::Grant)
}
