//! Changes (变更) as callers see them: the feed, and the history of one record. A page is a few bounded
//! statements, however long the journal is.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{Context, ContextSelectionSet, ID, Json, Object, OutputType, Positioned, ServerResult, SimpleObject, Value};
use axum::body::Bytes;
use domain::{District as DistrictRecord, Eyes, Id, Record, RecordKind as Kind};
use persistence::{ChangesAsked, Order, Seen};

use super::api_key::ApiKey;
use super::asked;
use super::at_once::Each;
use super::district::District;
use super::error::Fault;
use super::ids::GlobalId;
use super::in_order::InOrder;
use super::node::Node;
use super::offering::Offering;
use super::page::{Mark, Page, PageInfo, Paging, Side};
use super::scalar::{DateTime, Digest, Revision, int};
use super::size::given_up;
use super::words::RecordKind;
use crate::asked::{Asked, Views};
use crate::clock;

/// One entry of the journal, with the record it is about where that must be fetched.
#[derive(Debug, Clone)]
pub struct Change {
    pub(crate) change: domain::Change,
    /// Of an offering or a key.
    pub(crate) fetched: Option<Box<Node>>,
}

/// A change (变更): one entry of the journal. Revisions have no gaps, and each entry is chained to the one
/// before it by its digest.
#[Object(serial)]
impl Change {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Change(self.change.revision).to_string())
    }

    /// Its number (数据版次).
    async fn revision(&self) -> Revision {
        Revision(self.change.revision)
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.change.recorded_at)
    }

    /// What kind of record it is about.
    async fn kind(&self) -> RecordKind {
        self.change.kind.into()
    }

    /// What happened, such as `REGISTERED`, `PROPOSED`, `SIGNED`, `SUSPENDED`. Open: clients need a fallback.
    async fn action(&self) -> &str {
        self.change.action.name()
    }

    /// The global id of the record, which it has even when it is no more: what a mirror knows it by. Null where the record is no
    /// node.
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
            Kind::Document => GlobalId::Document(Id::new(number)),
            Kind::Finding => return None,
        };
        Some(ID(id.to_string()))
    }

    /// The record as it is now; null where it is no more, is not for the caller to see, or is no node.
    async fn record(&self, ctx: &Context<'_>) -> Option<InOrder<Node>> {
        let number = self.change.record;
        let node = match self.change.kind {
            Kind::Offering | Kind::ApiKey => self.fetched.as_deref().cloned(),
            Kind::District => Node::kept(asked(ctx), &GlobalId::District(Id::new(number))),
            Kind::Matter => Node::kept(asked(ctx), &GlobalId::Matter(Id::new(number))),
            Kind::Window => Node::kept(asked(ctx), &GlobalId::Window(Id::new(number))),
            Kind::Agreement => Node::kept(asked(ctx), &GlobalId::Agreement(Id::new(number))),
            Kind::Policy => Node::kept(asked(ctx), &GlobalId::Policy(Id::new(number))),
            Kind::Document => Node::kept(asked(ctx), &GlobalId::Document(Id::new(number))),
            Kind::Finding => None,
        };
        node.map(InOrder)
    }

    /// The record after the act, as a line that `tongban import` reads; of an agreement what the caller may see of
    /// it. Null when it was removed.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<Line>, Fault> {
        let asked = asked(ctx);
        let known = asked.lines.lock().unwrap_or_else(PoisonError::into_inner).get(&self.change.revision).cloned();
        let line = match known {
            Some(line) => line,
            None => {
                let unreadable = |why: String| Fault::Internal(format!("the document of change {}: {why}", self.change.revision));
                let line = seen_line(&self.change, &asked.eyes).map_err(unreadable)?.map(|line| Bytes::from(line.into_owned()));
                asked.lines.lock().unwrap_or_else(PoisonError::into_inner).insert(self.change.revision, line.clone());
                line
            }
        };
        Ok(line.map(Line))
    }

    /// Who did it, by a reference that names no person.
    async fn actor(&self) -> &str {
        &self.change.actor
    }

    /// The district for which it was done.
    async fn on_behalf_of(&self, ctx: &Context<'_>) -> Result<Option<District>, Fault> {
        self.change.on_behalf_of.map(|code| District::named(asked(ctx), code)).transpose()
    }

    /// The digest of this entry.
    async fn digest(&self) -> Digest {
        Digest(self.change.digest)
    }

    /// The digest of the entry before it in the journal; null for the first one.
    async fn previous(&self) -> Option<Digest> {
        Some(self.change.previous).filter(|previous| *previous != domain::Digest::GENESIS).map(Digest)
    }
}

/// A line of the journal, which is JSON and is written into the answer as it lies: to callers a value of JSON.
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
            // From here on nothing has room.
            views.newest().size.add(self.0.len());
            return Err(given_up());
        }
        if views.is_json {
            return Ok(Value::Binary(self.0.clone()));
        }
        let unreadable = |error: serde_json::Error| async_graphql::Error::from(Fault::Internal(error.to_string())).into_server_error(field.pos);
        serde_json::from_slice(&self.0).map_err(unreadable)
    }
}

/// A page of changes, oldest first.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeConnection {
    /// The entries of this page, in their order.
    edges: Each<ChangeEdge>,
    /// Where this page stands in the list.
    page_info: PageInfo,
    /// How many entries the whole list has, on all pages.
    total_count: i32,
    /// Up to which revision this page is complete: a follower that has read it goes on with `since` this.
    read_through: Revision,
}

/// A change in a list.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeEdge {
    /// Where this entry stands: give it as `after` or `before`.
    cursor: Mark,
    /// The change.
    node: Change,
    /// The revision of the entry before it that this caller sees in this list, on earlier pages too; null for
    /// the first one. A follower for whom it is not the last one read has missed something.
    previous_revision: Option<Revision>,
}

/// Whose reading of the journal it is.
pub(crate) fn seen_by(asked: &Asked) -> Seen {
    match &asked.eyes {
        Eyes::Public => Seen::Public,
        Eyes::Districts(codes) => {
            let ids: BTreeSet<_> = codes.iter().filter_map(|code| asked.snapshot.district(*code)).map(|district| district.id).collect();
            Seen::PublicOr(ids.into_iter().collect())
        }
        Eyes::Steward => Seen::All,
    }
}

/// What some eyes see of the record after an act, with what was known on that day; `None`: nothing.
fn seen_line<'a>(change: &'a domain::Change, eyes: &Eyes) -> Result<Option<Cow<'a, str>>, String> {
    let Some(line) = change.document.as_deref() else { return Ok(None) };
    if change.kind != Kind::Agreement || *eyes == Eyes::Steward {
        return Ok(Some(Cow::Borrowed(line)));
    }
    let agreement = match Record::from_line(line) {
        Ok(Record::Agreement(agreement)) => agreement,
        Ok(Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_)) => {
            return Err("it is no agreement".to_owned());
        }
        Err(problems) => return Err(problems.first().map_or_else(String::new, |problem| problem.message.en.clone())),
    };
    Ok(match agreement.seen_by(eyes, clock::day_in_china(change.recorded_at)) {
        None => None,
        Some(Cow::Borrowed(_)) => Some(Cow::Borrowed(line)),
        Some(Cow::Owned(seen)) => Some(Cow::Owned(Record::Agreement(Box::new(seen)).line())),
    })
}

/// Which changes make up the list.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    /// Later than this one.
    pub(crate) since: domain::Revision,
    /// Of these kinds; none named: of all.
    pub(crate) kinds: Vec<Kind>,
    pub(crate) record: Option<(Kind, domain::Revision)>,
    pub(crate) district: Option<Id<DistrictRecord>>,
}

impl Feed {
    pub(crate) fn of_record(kind: Kind, number: domain::Revision) -> Self {
        Self { since: 0, kinds: Vec::new(), record: Some((kind, number)), district: None }
    }

    /// One page of it.
    pub(crate) async fn page(&self, ctx: &Context<'_>, paging: &Paging) -> Result<ChangeConnection, Fault> {
        let asked = asked(ctx);
        let head = asked.snapshot.revision();
        let after = paging.after::<domain::Revision>()?.map(|cursor| cursor.code);
        let before = paging.before::<domain::Revision>()?.map(|cursor| cursor.code);
        let low = self.since.max(after.unwrap_or(0));
        let high = before.map_or(head, |before| head.min(before.saturating_sub(1)));
        let seen = Reading { asked, feed: self, seen_by: seen_by(asked) };

        let (order, limit) = match paging.from {
            Side::Start => (Order::OldestFirst, paging.count + 1),
            Side::End => (Order::NewestFirst, paging.count + 1),
        };
        let mut changes = seen.changes(low, high, order, limit).await?;
        let more = changes.len() > paging.count;
        changes.truncate(paging.count);
        if order == Order::NewestFirst {
            changes.reverse();
        }

        // Where the page begins and ends in the list.
        let begins = changes.first().map_or(if paging.from == Side::Start { low } else { high }, |change| change.revision - 1);
        let ends = changes.last().map_or(if paging.from == Side::Start { low } else { high }, |change| change.revision);
        let previous = seen.changes(0, begins, Order::NewestFirst, 1).await?.first().map(|change| change.revision);
        let has_previous = previous.is_some_and(|previous| previous > self.since);
        let cut_at_end = paging.from == Side::Start && more;
        let has_next = cut_at_end || ends.max(high) < head && !seen.changes(ends.max(high), head, Order::OldestFirst, 1).await?.is_empty();
        // Who has read further elsewhere is not sent back.
        let read_through = if cut_at_end { ends } else { high.max(low) };

        let total = if ctx.look_ahead().field("totalCount").exists() { seen.count(self.since, head).await? } else { 0 };
        let records = ctx.look_ahead().field("edges").field("node").field("record").exists();
        let loaded = Change::load(asked, changes, records).await?;
        let by_revision = loaded.into_iter().map(|change| (change.change.revision, change)).collect();
        let Page { entries, info: page_info, total: total_count } = Page::of_journal(by_revision, has_previous, has_next, int(total));
        let mut before_it = previous;
        let edges = entries.into_iter().map(|(cursor, node)| {
            let previous_revision = before_it.replace(node.change.revision).map(Revision);
            ChangeEdge { cursor, node, previous_revision }
        });
        Ok(ChangeConnection { edges: Each(edges.collect()), page_info, total_count, read_through: Revision(read_through) })
    }
}

/// The journal as one caller reads it.
struct Reading<'a> {
    asked: &'a Asked,
    feed: &'a Feed,
    seen_by: Seen,
}

impl Reading<'_> {
    fn of(&self, since: domain::Revision, through: domain::Revision) -> ChangesAsked {
        let Feed { kinds, record, district, since: _ } = self.feed;
        let (kinds, seen_by) = (kinds.clone(), self.seen_by.clone());
        ChangesAsked { since, through, kinds, record: *record, district: *district, seen_by, ..ChangesAsked::default() }
    }

    async fn changes(&self, since: domain::Revision, through: domain::Revision, order: Order, limit: usize) -> Result<Vec<domain::Change>, Fault> {
        if since >= through {
            return Ok(Vec::new());
        }
        Ok(self.asked.store.changes(&ChangesAsked { order, limit: limit as u64, ..self.of(since, through) }).await?)
    }

    async fn count(&self, since: domain::Revision, through: domain::Revision) -> Result<u64, Fault> {
        Ok(self.asked.store.count_changes(&self.of(since, through)).await?)
    }
}

impl Change {
    /// Entries with the records that they are about and that must be fetched, in a statement for each kind, where
    /// anybody looks at them.
    pub(crate) async fn load(asked: &Asked, changes: Vec<domain::Change>, records: bool) -> Result<Vec<Self>, Fault> {
        let of = |kind| changes.iter().filter(move |change| records && change.kind == kind).map(|change| change.record);
        let offerings: HashMap<_, _> = Offering::fetch_known(asked, of(Kind::Offering).map(Id::new).collect()).await?;
        let keys: HashMap<_, _> = ApiKey::fetch_known(asked, of(Kind::ApiKey).map(Id::new).collect()).await?;
        let with = |change: domain::Change| {
            let fetched = match change.kind {
                Kind::Offering => offerings.get(&Id::new(change.record)).cloned().map(Node::Offering),
                Kind::ApiKey => keys.get(&Id::new(change.record)).cloned().map(Node::ApiKey),
                Kind::District | Kind::Matter | Kind::Window | Kind::Agreement | Kind::Policy | Kind::Document | Kind::Finding => None,
            };
            Self { change, fetched: fetched.map(Box::new) }
        };
        Ok(changes.into_iter().map(with).collect())
    }
}
