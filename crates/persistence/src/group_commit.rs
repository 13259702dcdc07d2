//! Group commit: units of work that wait for the head lock share one transaction. They run one after the other in it,
//! so locking the head and committing are paid for once.
//!
//! Each unit of work sees the changes of those before it. One that is refused before it has written anything does not
//! affect the others. One that is aborted later aborts the whole transaction: all others get `Error::Aborted` and are
//! retried, each in a transaction of its own, so that one failing mutation cannot abort the same others again.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tracing::Instrument as _;

use crate::code_index::CodeIndex;
use crate::error::{Error, Result};
use crate::work::unit_of_work::{Checkpoint, Work};

/// The most units of work in one commit.
const MAX_BATCH: usize = 64;

/// The queue of writers: a lock that is given in the order of requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommitQueue(Arc<Mutex<Batch>>);

#[derive(Debug, Default)]
pub(crate) struct Batch {
    open: Option<Open>,
    /// Codes that earlier units of work loaded, and the epoch that they belong to. A code never changes its record.
    codes: Option<(String, CodeIndex)>,
}

/// Whether a unit of work shares its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// With those that wait at the same time.
    Shared,
    /// It has a transaction of its own: it is not aborted by others and does not abort them.
    Alone,
}

/// An open transaction.
#[derive(Debug)]
struct Open {
    work: Work,
    /// Units of work that are done and wait for the commit.
    done: Vec<oneshot::Sender<Result<()>>>,
}

impl CommitQueue {
    pub(crate) async fn acquire(&self) -> OwnedMutexGuard<Batch> {
        self.0.clone().lock_owned().await
    }
}

impl Batch {
    /// The unit of work of the open transaction.
    pub(crate) fn work(&mut self) -> Option<&mut Work> {
        self.open.as_mut().map(|open| &mut open.work)
    }

    /// Opens a transaction.
    pub(crate) fn open(&mut self, mut work: Work) {
        let codes = self.codes.take().filter(|(epoch, _)| *epoch == work.head().epoch);
        work.use_codes(codes.map(|(_, code_index)| code_index).unwrap_or_default());
        self.open = Some(Open { work, done: Vec::new() });
    }

    /// Commits, and notifies all that wait for the commit.
    pub(crate) async fn commit(&mut self) {
        let Some(Open { work, done }) = self.open.take() else { return };
        let epoch = work.head().epoch.clone();
        let outcome = work.commit_with_codes().await;
        for waiting in done {
            // The receiver was dropped: ignore.
            let _ = waiting.send(outcome.as_ref().map(|_| ()).map_err(Error::duplicate));
        }
        self.codes = outcome.ok().map(|(_, code_index)| (epoch, code_index));
    }

    fn abort(&mut self) {
        for waiting in self.open.take().into_iter().flat_map(|open| open.done) {
            let _ = waiting.send(Err(Error::Aborted));
        }
    }
}

/// A unit of work in a transaction that may be shared. If it is dropped without `commit` or `release`, the transaction
/// is aborted for all.
#[derive(Debug)]
pub struct SharedWork {
    queue: CommitQueue,
    /// `None` after it has ended.
    batch: Option<OwnedMutexGuard<Batch>>,
    sharing: Sharing,
    start: Checkpoint,
    /// The last serial number of an agreement before it began.
    last_serial: u32,
}

impl SharedWork {
    /// Continues in the transaction of the batch.
    pub(crate) fn new(queue: CommitQueue, mut batch: OwnedMutexGuard<Batch>, sharing: Sharing) -> Self {
        let work = batch.work().expect("a transaction was begun");
        let (start, last_serial) = (work.checkpoint(), work.head().agreements);
        Self { queue, batch: Some(batch), sharing, start, last_serial }
    }

    /// Waits until the transaction is committed.
    pub async fn commit(self) -> Result<()> {
        self.end().await
    }

    /// Ends without a change, so that the others can go on; if something was written, the transaction is aborted. Waits
    /// until the changes that it saw are committed.
    pub async fn release(mut self) -> Result<()> {
        if self.checkpoint() == self.start {
            let last_serial = self.last_serial;
            self.reset_serial(last_serial);
            return self.end().await;
        }
        Ok(())
    }

    async fn end(mut self) -> Result<()> {
        let has_written = self.checkpoint() != self.start;
        let mut batch = self.batch.take().expect("it has the queue");
        let done = &mut batch.open.as_mut().expect("a transaction is open").done;
        let is_first = done.is_empty();
        if is_first && !has_written {
            // Nothing was written and no caller waits: roll back.
            batch.open = None;
            return Ok(());
        }
        let (sender, committed) = oneshot::channel();
        done.push(sender);
        // The commit runs in its own task, so that it finishes even if this caller is cancelled.
        if done.len() == MAX_BATCH || self.sharing == Sharing::Alone {
            tokio::spawn(async move { batch.commit().await }.in_current_span());
        } else {
            drop(batch);
            if is_first {
                let queue = self.queue.clone();
                // Writers that already wait come before the commit and join it.
                tokio::spawn(async move { queue.acquire().await.commit().await }.in_current_span());
            }
        }
        committed.await.unwrap_or_else(|_| Err(Error::unknown_outcome()))
    }
}

impl Drop for SharedWork {
    fn drop(&mut self) {
        if let Some(batch) = &mut self.batch {
            batch.abort();
        }
    }
}

impl Deref for SharedWork {
    type Target = Work;

    fn deref(&self) -> &Work {
        &self.batch.as_ref().and_then(|batch| batch.open.as_ref()).expect("it has the queue").work
    }
}

impl DerefMut for SharedWork {
    fn deref_mut(&mut self) -> &mut Work {
        &mut self.batch.as_mut().and_then(|batch| batch.open.as_mut()).expect("it has the queue").work
    }
}
