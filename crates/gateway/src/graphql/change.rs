//! Changes (变更) in the schema: the feed, and the history of one record. A page takes a few bounded statements, however long
//! the journal is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{Context, ContextSelectionSet, ID, Json, Object, OutputType, Positioned, ServerResult, SimpleObject, Value};
use axum::body::Bytes;
use domain::{Agreement, District as DistrictRecord, Id, Record, RecordKind as Kind, Scope, derived};
use futures::FutureExt as _;
use persistence::{ChangeQuery, JournalReader, Order, UnavailableReason};

use super::api_key::ApiKey;
use super::context::request_context;
use super::district::District;
use super::field_order::Serial;
use super::ids::GlobalId;
use super::node::Node;
use super::offering::Offering;
use super::page::{LazyCursor, Page, PageInfo, Paging, Side};
use super::scalar::{DateTime, Digest, Revision, int};
use super::sequential::Sequential;
use super::sequential::too_long_error;
use super::words::{ChangeAction, RecordKind};
use crate::clock;
use crate::error::Error;
use crate::graphql::context::Views;
use crate::request_context::RequestContext;

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
    pub(super) async fn id(&self) -> ID {
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
            Kind::Document => GlobalId::Document(Id::new(number)),
            Kind::Finding => return None,
        };
        Some(ID(id.to_string()))
    }

    /// The changed record as it is now. Null when it was removed, when the caller may not see it, and for kinds of
    /// record without a global id.
    async fn record(&self, ctx: &Context<'_>) -> Option<Serial<Node>> {
        let number = self.change.record;
        let node = match self.change.kind {
            Kind::Offering | Kind::ApiKey => self.fetched.as_deref().cloned(),
            Kind::District => Node::kept(request_context(ctx), &GlobalId::District(Id::new(number))),
            Kind::Matter => Node::kept(request_context(ctx), &GlobalId::Matter(Id::new(number))),
            Kind::Window => Node::kept(request_context(ctx), &GlobalId::Window(Id::new(number))),
            Kind::Agreement => Node::kept(request_context(ctx), &GlobalId::Agreement(Id::new(number))),
            Kind::Policy => Node::kept(request_context(ctx), &GlobalId::Policy(Id::new(number))),
            Kind::Document => Node::kept(request_context(ctx), &GlobalId::Document(Id::new(number))),
            Kind::Finding => None,
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
        let unreadable = |error: serde_json::Error| async_graphql::Error::from(Error::Internal(error.to_string())).into_server_error(field.pos);
        serde_json::from_slice(&self.0).map_err(unreadable)
    }
}

/// A page of changes, oldest first.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeConnection {
    /// The entries of this page, in the order of the list.
    edges: Sequential<ChangeEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    total_count: i32,
    /// The page contains every visible change up to this revision. Pass it as `since` to read on.
    read_through: Revision,
    /// The epoch of the journal that these revisions belong to. Pass it as `epoch` together with `since`. A restore
    /// from a backup starts a new epoch.
    epoch: ID,
}

/// A change in a list.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    cursor: LazyCursor,
    /// The change.
    node: Change,
    /// The revision of the preceding entry of this list, on whichever page it is. Null for the first entry. When it
    /// differs from the last revision that a client has read, the client has missed an entry.
    previous_revision: Option<Revision>,
}

/// The record after an act as the caller may see it, with derived values of that day. `None`: nothing.
pub(crate) async fn seen_line(request: &RequestContext, change: &domain::Change) -> Result<Option<String>, Error> {
    let unreadable = |why: String| Error::Internal(format!("the document of change {}: {why}", change.revision));
    let Some(line) = change.document.as_deref() else { return Ok(None) };
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).map_err(|error| unreadable(error.to_string()));
    // The record may carry a later time stamp, if a clock was ahead.
    let day = clock::day_in_china(change.recorded_at).min(request.today);
    match change.kind {
        Kind::District | Kind::Matter | Kind::Offering | Kind::Window | Kind::Policy | Kind::ApiKey | Kind::Finding => Ok(Some(line.to_owned())),
        Kind::Document if request.scope == Scope::Steward => Ok(Some(line.to_owned())),
        Kind::Document => {
            let Some(Record::Document(document)) = record_of(line).map_err(unreadable)? else {
                return Err(unreadable("it is no document".to_owned()));
            };
            let agreement = request.snapshot.agreement_id(document.agreement);
            let agreement = match agreement {
                Some(id) => request.store.record_at(Kind::Agreement, id.number(), change.revision, JournalReader::All).await?,
                // A discarded draft: only its author sees the entries.
                None => None,
            };
            let shows = match agreement.as_ref().and_then(|agreement| agreement.document.as_deref()).map(agreement_of).transpose() {
                Ok(agreement) => agreement.is_none_or(|agreement| agreement.shows(&document, &request.scope, day)),
                Err(why) => return Err(unreadable(why)),
            };
            Ok(shows.then(|| line.to_owned()))
        }
        Kind::Agreement => {
            let whole = agreement_of(line).map_err(unreadable)?;
            let Some(seen) = whole.seen_by(&request.scope, day) else { return Ok(None) };
            let mut shown = match &seen {
                Cow::Borrowed(_) => value(line)?,
                Cow::Owned(seen) => value(&Record::Agreement(Box::new(seen.clone())).line())?,
            };
            derived::add_to_agreement(&mut shown, &whole, &seen, day);
            Ok(Some(shown.to_string()))
        }
    }
}

fn record_of(line: &str) -> Result<Option<Record>, String> {
    Record::from_line(line).map(Some).map_err(|problems| problems.first().map_or_else(String::new, |problem| problem.message.en.clone()))
}

fn agreement_of(line: &str) -> Result<Agreement, String> {
    match record_of(line)? {
        Some(Record::Agreement(agreement)) => Ok(*agreement),
        Some(Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_)) | None => {
            Err("it is no agreement".to_owned())
        }
    }
}

/// How long this gateway waits to catch up with the revision that a client has read elsewhere.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// Checks that the client's revisions belong to this journal: with a revision of another journal, or one beyond the
/// newest, it would skip changes. A gateway that lags behind catches up first.
async fn ensure_same_journal(request: &RequestContext, epochs: &[Option<&str>], read: domain::Revision) -> Result<(), Error> {
    let here = request.store.position().await?;
    if read > here.revision || epochs.iter().flatten().any(|epoch| *epoch != here.epoch) {
        return Err(Error::EpochChanged { epoch: here.epoch, revision: here.revision });
    }
    let head = request.snapshot.head();
    if head.epoch == here.epoch && read <= head.revision {
        return Ok(());
    }
    request.follower.catch_up().await;
    let reached = request.follower.wait_for_revision(read, CATCH_UP_TIMEOUT).await.is_ok();
    // This snapshot belongs to another journal. The next request gets the new one.
    if reached && head.epoch == here.epoch { Ok(()) } else { Err(Error::Unavailable(UnavailableReason::Unreachable)) }
}

/// The sort key of a change: its revision and the epoch of the journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    revision: domain::Revision,
    epoch: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.revision, self.epoch)
    }
}

impl FromStr for Place {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (revision, epoch) = text.split_once('@').ok_or(())?;
        Ok(Self { revision: revision.parse().map_err(|_| ())?, epoch: epoch.to_owned() })
    }
}

/// The filters of a list of changes.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    /// Only changes after this revision.
    pub(crate) since: domain::Revision,
    /// The epoch of that revision, if the client gave it.
    pub(crate) epoch: Option<String>,
    /// Only changes of these kinds. Empty: all.
    pub(crate) kinds: Vec<Kind>,
    pub(crate) record: Option<(Kind, domain::Revision)>,
    pub(crate) district: Option<Id<DistrictRecord>>,
}

impl Feed {
    pub(crate) fn of_record(kind: Kind, number: domain::Revision) -> Self {
        Self { since: 0, epoch: None, kinds: Vec::new(), record: Some((kind, number)), district: None }
    }

    /// A page of the list.
    pub(crate) async fn page(&self, ctx: &Context<'_>, paging: &Paging) -> Result<ChangeConnection, Error> {
        let request = request_context(ctx);
        let head = request.snapshot.revision();
        let after = paging.after::<Place>()?.map(|cursor| cursor.code);
        let before = paging.before::<Place>()?.map(|cursor| cursor.code);
        let epochs = [self.epoch.as_deref(), after.as_ref().map(|place| &*place.epoch), before.as_ref().map(|place| &*place.epoch)];
        let low = self.since.max(after.as_ref().map_or(0, |place| place.revision));
        if self.record.is_none() || epochs.iter().any(Option::is_some) {
            ensure_same_journal(request, &epochs, low).await?;
        }
        let high = before.as_ref().map_or(head, |before| head.min(before.revision.saturating_sub(1)));
        let seen = Reading { request, feed: self, seen_by: request.reading() };

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

        // The position of the page in the list.
        let begins = changes.first().map_or(if paging.from == Side::Start { low } else { high }, |change| change.revision - 1);
        let ends = changes.last().map_or(if paging.from == Side::Start { low } else { high }, |change| change.revision);
        let previous = seen.changes(0, begins, Order::NewestFirst, 1).await?.first().map(|change| change.revision);
        let has_previous = previous.is_some_and(|previous| previous > self.since);
        let cut_at_end = paging.from == Side::Start && more;
        let has_next = cut_at_end || ends.max(high) < head && !seen.changes(ends.max(high), head, Order::OldestFirst, 1).await?.is_empty();
        // Never behind the revision that the client has read already.
        let read_through = if cut_at_end { ends } else { high.max(low) };

        let total = if ctx.look_ahead().field("totalCount").exists() { seen.count(self.since, head).await? } else { 0 };
        let records = ctx.look_ahead().field("edges").field("node").field("record").exists();
        let loaded = Change::load(request, changes, records).await?;
        let epoch = &request.snapshot.head().epoch;
        let place = |change: &Change| Place { revision: change.change.revision, epoch: epoch.clone() };
        let by_revision = loaded.into_iter().map(|change| (place(&change), change)).collect();
        let Page { entries, info: page_info, total: total_count } = Page::of_journal(by_revision, has_previous, has_next, int(total));
        let mut before_it = previous;
        let edges = entries.into_iter().map(|(cursor, node)| {
            let previous_revision = before_it.replace(node.change.revision).map(Revision);
            ChangeEdge { cursor, node, previous_revision }
        });
        let epoch = ID(epoch.clone());
        Ok(ChangeConnection { edges: Sequential(edges.collect()), page_info, total_count, read_through: Revision(read_through), epoch })
    }
}

/// The journal as one caller may read it.
struct Reading<'a> {
    request: &'a RequestContext,
    feed: &'a Feed,
    seen_by: JournalReader,
}

impl Reading<'_> {
    fn of(&self, since: domain::Revision, through: domain::Revision) -> ChangeQuery {
        let Feed { kinds, record, district, since: _, epoch: _ } = self.feed;
        let (kinds, seen_by) = (kinds.clone(), self.seen_by.clone());
        ChangeQuery { since, through, kinds, record: *record, district: *district, seen_by, ..ChangeQuery::default() }
    }

    async fn changes(&self, since: domain::Revision, through: domain::Revision, order: Order, limit: usize) -> Result<Vec<domain::Change>, Error> {
        if since >= through {
            return Ok(Vec::new());
        }
        Ok(self.request.store.changes(&ChangeQuery { order, limit: limit as u64, ..self.of(since, through) }).await?)
    }

    async fn count(&self, since: domain::Revision, through: domain::Revision) -> Result<u64, Error> {
        Ok(self.request.store.count_changes(&self.of(since, through)).await?)
    }
}

impl Change {
    /// Changes with their records, if selected. Those that are not in memory are fetched in one statement for each
    /// kind.
    pub(crate) async fn load(request: &RequestContext, changes: Vec<domain::Change>, records: bool) -> Result<Vec<Self>, Error> {
        let of = |kind| changes.iter().filter(move |change| records && change.kind == kind).map(|change| change.record);
        let offerings: HashMap<_, _> = Offering::fetch_known(request, of(Kind::Offering).map(Id::new).collect()).await?;
        let keys: HashMap<_, _> = ApiKey::fetch_known(request, of(Kind::ApiKey).map(Id::new).collect()).await?;
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
