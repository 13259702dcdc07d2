//! The change feed, and the history of one record. A page takes a few bounded statements, however long the journal is.

pub mod day;
pub mod line;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use catalogue::Side;
use domain::{Change, District, Id, RecordKind, Revision};
use persistence::{ChangeQuery, JournalReader, Order, UnavailableReason};

use crate::error::Error;
use crate::request_context::RequestContext;

/// How long this gateway waits to catch up with the revision that a client has read elsewhere.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// Checks that the client's revisions belong to this journal: with a revision of another journal, or one beyond the
/// newest, it would skip changes. A gateway that lags behind catches up first.
async fn ensure_same_journal(request: &RequestContext, epochs: &[Option<&str>], read: Revision) -> Result<(), Error> {
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
pub struct Place {
    pub revision: Revision,
    pub epoch: String,
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
pub struct Feed {
    /// Only changes after this revision.
    pub since: Revision,
    /// The epoch of that revision, if the client gave it.
    pub epoch: Option<String>,
    /// Only changes of these kinds. Empty: all.
    pub kinds: Vec<RecordKind>,
    pub record: Option<(RecordKind, Revision)>,
    pub district: Option<Id<District>>,
}

/// Which page of a feed is asked for.
#[derive(Debug, Clone)]
pub struct PageRequest {
    pub from: Side,
    pub count: usize,
    pub after: Option<Place>,
    pub before: Option<Place>,
    /// Counting takes a statement more.
    pub count_all: bool,
}

/// A page of a feed, oldest first.
#[derive(Debug)]
pub struct FeedPage {
    pub changes: Vec<Change>,
    /// The revision of the change before the page, on whichever page it is.
    pub previous: Option<Revision>,
    pub has_previous: bool,
    pub has_next: bool,
    /// The page contains every visible change up to this revision.
    pub read_through: Revision,
    /// The number of changes of the whole list; 0 if it was not asked for.
    pub total: u64,
    /// The epoch of the journal.
    pub epoch: String,
}

impl Feed {
    /// The history of one record.
    pub fn of_record(kind: RecordKind, number: Revision) -> Self {
        Self { since: 0, epoch: None, kinds: Vec::new(), record: Some((kind, number)), district: None }
    }

    /// A page of the list, as the caller may see it.
    pub async fn page(&self, request: &RequestContext, page: PageRequest) -> Result<FeedPage, Error> {
        let PageRequest { from, count, after, before, count_all } = page;
        let head = request.snapshot.revision();
        let epochs = [
            self.epoch.as_deref(),
            after.as_ref().map(|place| &*place.epoch),
            before.as_ref().map(|place| &*place.epoch),
        ];
        let low = self.since.max(after.as_ref().map_or(0, |place| place.revision));
        if self.record.is_none() || epochs.iter().any(Option::is_some) {
            ensure_same_journal(request, &epochs, low).await?;
        }
        let high = before.as_ref().map_or(head, |before| head.min(before.revision.saturating_sub(1)));
        let seen = Reading { request, feed: self, seen_by: request.reading() };

        let order = match from {
            Side::Start => Order::OldestFirst,
            Side::End => Order::NewestFirst,
        };
        let mut changes = seen.changes(low, high, order, count + 1).await?;
        let more = changes.len() > count;
        changes.truncate(count);
        if order == Order::NewestFirst {
            changes.reverse();
        }

        // The position of the page in the list.
        let begins = changes.first().map_or(if from == Side::Start { low } else { high }, |change| change.revision - 1);
        let ends = changes.last().map_or(if from == Side::Start { low } else { high }, |change| change.revision);
        let previous = seen.changes(0, begins, Order::NewestFirst, 1).await?.first().map(|change| change.revision);
        let has_previous = previous.is_some_and(|previous| previous > self.since);
        let cut_at_end = from == Side::Start && more;
        let has_next = cut_at_end
            || ends.max(high) < head && !seen.changes(ends.max(high), head, Order::OldestFirst, 1).await?.is_empty();
        // Never behind the revision that the client has read already.
        let read_through = if cut_at_end { ends } else { high.max(low) };
        let total = if count_all { seen.count(self.since, head).await? } else { 0 };
        Ok(FeedPage {
            changes,
            previous,
            has_previous,
            has_next,
            read_through,
            total,
            epoch: request.snapshot.head().epoch.clone(),
        })
    }
}

/// The journal as one caller may read it.
struct Reading<'a> {
    request: &'a RequestContext,
    feed: &'a Feed,
    seen_by: JournalReader,
}

impl Reading<'_> {
    fn of(&self, since: Revision, through: Revision) -> ChangeQuery {
        let Feed { kinds, record, district, since: _, epoch: _ } = self.feed;
        let (kinds, seen_by) = (kinds.clone(), self.seen_by.clone());
        ChangeQuery { since, through, kinds, record: *record, district: *district, seen_by, ..ChangeQuery::default() }
    }

    async fn changes(
        &self,
        since: Revision,
        through: Revision,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Change>, Error> {
        if since >= through {
            return Ok(Vec::new());
        }
        Ok(self.request.store.changes(&ChangeQuery { order, limit: limit as u64, ..self.of(since, through) }).await?)
    }

    async fn count(&self, since: Revision, through: Revision) -> Result<u64, Error> {
        Ok(self.request.store.count_changes(&self.of(since, through)).await?)
    }
}
