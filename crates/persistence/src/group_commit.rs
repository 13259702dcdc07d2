//! Acts that share a transaction (group commit). Nobody writes while another does, so those that wait are done one after the
//! other in the same transaction and made so at once: what costs is to take the head and to commit, and that is once for all.
//!
//! Each sees what those before it did. One that is refused before it wrote anything leaves the others alone. One that breaks
//! off later, whatever the reason, takes the whole transaction with it; all of them are told so, and try again alone, so that
//! nobody can break off the same act twice.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tracing::Instrument as _;

use crate::code_index::CodeIndex;
use crate::error::{Error, Result};
use crate::work::{Checkpoint, Work};

/// How many acts at most are made so at once.
const MAX_BATCH: usize = 64;

/// Where those who write stand in line. Whoever has the lock has the turn; the lock is given in the order of asking.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommitQueue(Arc<Mutex<Batch>>);

#[derive(Debug, Default)]
pub(crate) struct Batch {
    open: Option<Open>,
    /// Where codes lead in the registry of an epoch, as far as earlier acts asked. A code never leaves its record.
    codes: Option<(String, CodeIndex)>,
}

/// With whom an act shares its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// With those who wait at the same time.
    Shared,
    /// With nobody: neither is it broken off by others, nor are they by it.
    Alone,
}

/// A transaction that goes on.
#[derive(Debug)]
struct Open {
    work: Work,
    /// Whom to tell, of those who are done.
    done: Vec<oneshot::Sender<Result<()>>>,
}

impl CommitQueue {
    pub(crate) async fn acquire(&self) -> OwnedMutexGuard<Batch> {
        self.0.clone().lock_owned().await
    }
}

impl Batch {
    /// The transaction that goes on, if one does.
    pub(crate) fn work(&mut self) -> Option<&mut Work> {
        self.open.as_mut().map(|open| &mut open.work)
    }

    /// Begins one.
    pub(crate) fn open(&mut self, mut work: Work) {
        let codes = self.codes.take().filter(|(epoch, _)| *epoch == work.head().epoch);
        work.use_codes(codes.map(|(_, code_index)| code_index).unwrap_or_default());
        self.open = Some(Open { work, done: Vec::new() });
    }

    /// Makes it so, and tells everybody who is done.
    pub(crate) async fn commit(&mut self) {
        let Some(Open { work, done }) = self.open.take() else { return };
        let epoch = work.head().epoch.clone();
        let outcome = work.commit_with_codes().await;
        for waiting in done {
            // Who does not wait any more does not want to know.
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

/// One act, in a unit of work that it may share. Dropped without `commit` or `leave`, it breaks off for all who share it.
#[derive(Debug)]
pub struct SharedWork {
    queue: CommitQueue,
    /// Until it has had its turn.
    batch: Option<OwnedMutexGuard<Batch>>,
    sharing: Sharing,
    start: Checkpoint,
    /// The serial number of the last agreement before it.
    last_serial: u32,
}

impl SharedWork {
    /// Whoever has the turn begins where the last one stopped.
    pub(crate) fn new(queue: CommitQueue, mut batch: OwnedMutexGuard<Batch>, sharing: Sharing) -> Self {
        let work = batch.work().expect("a transaction was begun");
        let (start, last_serial) = (work.checkpoint(), work.head().agreements);
        Self { queue, batch: Some(batch), sharing, start, last_serial }
    }

    /// Waits until it is so; what those did who share the transaction is so then, too.
    pub async fn commit(self) -> Result<()> {
        self.end().await
    }

    /// Nothing is to be written: the others go on as if it had not been here, unless it has written something. Waits until
    /// what it saw is so.
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
        let done = &mut batch.open.as_mut().expect("a transaction goes on").done;
        let is_first = done.is_empty();
        if is_first && !has_written {
            // Nobody may wait for a transaction to end that nobody commits.
            batch.open = None;
            return Ok(());
        }
        let (sender, committed) = oneshot::channel();
        done.push(sender);
        // It must come to its end, whoever goes away meanwhile: so the commit is nobody's.
        if done.len() == MAX_BATCH || self.sharing == Sharing::Alone {
            tokio::spawn(async move { batch.commit().await }.in_current_span());
        } else {
            drop(batch);
            if is_first {
                let queue = self.queue.clone();
                // Those who wait by now come before.
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
