//! The change feed, and the history of one record. A page takes a few bounded statements, however long the journal is.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_graphql::{Context, ID, SimpleObject};
use catalogue::Side;
use domain::{District as DistrictRecord, Id, RecordKind as Kind};
use persistence::{ChangeQuery, JournalReader, Order, UnavailableReason};
use registry::error::Error;
use registry::request_context::RequestContext;

use super::Change;
use crate::connection::arguments::Paging;
use crate::connection::cursor::LazyCursor;
use crate::connection::page::{Page, PageInfo};
use crate::context::request_context;
use crate::engine::sequential::Sequential;
use crate::scalar::{Revision, int};

/// A page of changes, oldest first.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeConnection {
    /// The entries of this page, in the order of the list.
    pub(super) edges: Sequential<ChangeEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    pub(super) page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    pub(super) total_count: i32,
    /// The page contains every visible change up to this revision. Pass it as `since` to read on.
    pub(super) read_through: Revision,
    /// The epoch of the journal that these revisions belong to. Pass it as `epoch` together with `since`. A restore
    /// from a backup starts a new epoch.
    pub(super) epoch: ID,
}

/// A change in a list.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    pub(super) cursor: LazyCursor,
    /// The change.
    pub(super) node: Change,
    /// The revision of the preceding entry of this list, on whichever page it is. Null for the first entry. When it
    /// differs from the last revision that a client has read, the client has missed an entry.
    pub(super) previous_revision: Option<Revision>,
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
