//! Changes (变更) as callers see them: the feed, and the history of one record. A page is a few bounded
//! statements, however long the journal is.

use std::collections::HashMap;

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use domain::{District as DistrictRecord, Id, RecordKind as Kind, Role};
use persistence::{ChangesAsked, Order, Seen as SeenBy};

use super::api_key::ApiKey;
use super::asked;
use super::district::District;
use super::error::Fault;
use super::ids::GlobalId;
use super::node::Node;
use super::offering::Offering;
use super::page::{Cursor, PageInfo, Paging, Side};
use super::scalar::{DateTime, Digest, Revision, int};
use super::words::RecordKind;
use crate::asked::{Asked, Viewer};

/// One entry of the journal, with the record it is about where that must be fetched.
#[derive(Debug, Clone)]
pub struct Change {
    pub(crate) change: domain::Change,
    /// Of an offering or a key.
    pub(crate) fetched: Option<Box<Node>>,
}

/// A change (变更): one entry of the journal. Revisions have no gaps, and each entry is chained to the one
/// before it by its digest.
#[Object]
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

    /// What happened: `REGISTERED`, `REVISED`, `ISSUED`, `REVOKED`. Open: clients need a fallback.
    async fn action(&self) -> &str {
        self.change.action.name()
    }

    /// The record as it is now; null where it is no more, or is no node.
    async fn record(&self, ctx: &Context<'_>) -> Option<Node> {
        let number = self.change.record;
        match self.change.kind {
            Kind::Offering | Kind::ApiKey => self.fetched.as_deref().cloned(),
            Kind::District => Node::kept(asked(ctx), &GlobalId::District(Id::new(number))),
            Kind::Matter => Node::kept(asked(ctx), &GlobalId::Matter(Id::new(number))),
            Kind::Window => Node::kept(asked(ctx), &GlobalId::Window(Id::new(number))),
            Kind::Agreement => Node::kept(asked(ctx), &GlobalId::Agreement(Id::new(number))),
            Kind::Policy => Node::kept(asked(ctx), &GlobalId::Policy(Id::new(number))),
            Kind::Document | Kind::Finding => None,
        }
    }

    /// The record after the act, as a line that `tongban import` reads; null when it was removed.
    async fn document(&self) -> Result<Option<Json<serde_json::Value>>, Fault> {
        let read = self.change.document.as_deref().map(serde_json::from_str).transpose();
        Ok(read.map_err(|error| Fault::Internal(format!("the document of change {}: {error}", self.change.revision)))?.map(Json))
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

/// A page of changes, oldest first.
#[derive(Debug, SimpleObject)]
pub struct ChangeConnection {
    /// The entries of this page, in their order.
    edges: Vec<ChangeEdge>,
    /// Where this page stands in the list.
    page_info: PageInfo,
    /// How many entries the whole list has, on all pages.
    total_count: i32,
    /// Up to which revision this page is complete: a follower that has read it goes on with `since` this.
    read_through: Revision,
}

/// A change in a list.
#[derive(Debug, SimpleObject)]
pub struct ChangeEdge {
    /// Where this entry stands: give it as `after` or `before`.
    cursor: String,
    /// The change.
    node: Change,
    /// The revision of the entry before it that this caller sees in this list, on earlier pages too; null for
    /// the first one. A follower for whom it is not the last one read has missed something.
    previous_revision: Option<Revision>,
}

/// May the caller see changes of this kind?
pub(crate) fn is_visible(kind: Kind, viewer: &Viewer) -> bool {
    kind != Kind::ApiKey || viewer.roles.contains(&Role::Steward)
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
        let seen = Seen { asked, feed: self, kinds: self.visible_kinds(&asked.viewer) };

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
        let read_through = if cut_at_end { ends } else { high.max(low.min(head)) };

        let total = if ctx.look_ahead().field("totalCount").exists() { seen.count(self.since, head).await? } else { 0 };
        let records = ctx.look_ahead().field("edges").field("node").field("record").exists();
        let loaded = Change::load(asked, changes, records).await?;
        let entries: Vec<(String, Change)> =
            loaded.into_iter().map(|change| (Cursor { rank: 0, code: change.change.revision }.to_string(), change)).collect();
        let page_info = PageInfo::new(has_previous, has_next, &entries);
        let mut before_it = previous;
        let edges = entries.into_iter().map(|(cursor, node)| {
            let previous_revision = before_it.replace(node.change.revision).map(Revision);
            ChangeEdge { cursor, node, previous_revision }
        });
        Ok(ChangeConnection { edges: edges.collect(), page_info, total_count: int(total), read_through: Revision(read_through) })
    }

    /// The kinds that are asked for and that the caller may see; `None`: all of them.
    fn visible_kinds(&self, viewer: &Viewer) -> Option<Vec<Kind>> {
        let asked: &[Kind] = if self.kinds.is_empty() { Kind::ALL } else { &self.kinds };
        let visible: Vec<Kind> = asked.iter().copied().filter(|kind| is_visible(*kind, viewer)).collect();
        (visible.len() < Kind::ALL.len()).then_some(visible)
    }
}

/// The journal as one caller sees it.
struct Seen<'a> {
    asked: &'a Asked,
    feed: &'a Feed,
    kinds: Option<Vec<Kind>>,
}

impl Seen<'_> {
    async fn changes(&self, since: domain::Revision, through: domain::Revision, order: Order, limit: usize) -> Result<Vec<domain::Change>, Fault> {
        let kinds = match &self.kinds {
            Some(visible) if visible.is_empty() => return Ok(Vec::new()),
            Some(visible) => visible.clone(),
            None => Vec::new(),
        };
        if since >= through {
            return Ok(Vec::new());
        }
        let Feed { record, district, .. } = self.feed;
        let limit = limit as u64;
        let asked = ChangesAsked { since, through, kinds, record: *record, district: *district, seen_by: self.seen_by(), order, limit };
        Ok(self.asked.store.changes(&asked).await?)
    }

    /// How many entries there are.
    async fn count(&self, since: domain::Revision, through: domain::Revision) -> Result<u64, Fault> {
        let Feed { record, district, kinds, .. } = self.feed;
        let kinds = kinds.clone();
        let asked = ChangesAsked { since, through, kinds, record: *record, district: *district, seen_by: self.seen_by(), ..ChangesAsked::default() };
        Ok(self.asked.store.count_changes(&asked).await?)
    }

    fn seen_by(&self) -> SeenBy {
        if self.asked.viewer.roles.contains(&Role::Steward) { SeenBy::All } else { SeenBy::Public }
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
