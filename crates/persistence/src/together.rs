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

use crate::error::{Error, Result};
use crate::places::Places;
use crate::work::{Mark, Work};

/// How many acts at most are made so at once.
const MOST: usize = 64;

/// Where those who write stand in line. Whoever has the lock has the turn; the lock is given in the order of asking.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<Mutex<Desk>>);

#[derive(Debug, Default)]
pub(crate) struct Desk {
    open: Option<Open>,
    /// Where codes lead in the registry of an epoch, as far as earlier acts asked. A code never leaves its record.
    known: Option<(String, Places)>,
}

/// With whom an act shares its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// With those who wait at the same time.
    Together,
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

impl Line {
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<Desk> {
        self.0.clone().lock_owned().await
    }
}

impl Desk {
    /// The transaction that goes on, if one does.
    pub(crate) fn work(&mut self) -> Option<&mut Work> {
        self.open.as_mut().map(|open| &mut open.work)
    }

    /// Begins one.
    pub(crate) fn open(&mut self, mut work: Work) {
        let known = self.known.take().filter(|(epoch, _)| *epoch == work.head().epoch);
        work.know(known.map(|(_, places)| places).unwrap_or_default());
        self.open = Some(Open { work, done: Vec::new() });
    }

    /// Makes it so, and tells everybody who is done.
    pub(crate) async fn commit(&mut self) {
        let Some(Open { work, done }) = self.open.take() else { return };
        let epoch = work.head().epoch.clone();
        let outcome = work.commit_knowing().await;
        for waiting in done {
            // Who does not wait any more does not want to know.
            let _ = waiting.send(outcome.as_ref().map(|_| ()).map_err(Error::again));
        }
        self.known = outcome.ok().map(|(_, places)| (epoch, places));
    }

    fn break_off(&mut self) {
        for waiting in self.open.take().into_iter().flat_map(|open| open.done) {
            let _ = waiting.send(Err(Error::BrokenOff));
        }
    }
}

/// One act, in a unit of work that it may share. Dropped without `commit` or `leave`, it breaks off for all who share it.
#[derive(Debug)]
pub struct Act {
    line: Line,
    /// Until it has had its turn.
    desk: Option<OwnedMutexGuard<Desk>>,
    sharing: Sharing,
    begins: Mark,
    /// The serial number of the last agreement before it.
    numbered: u32,
}

impl Act {
    /// Whoever has the turn begins where the last one stopped.
    pub(crate) fn new(line: Line, mut desk: OwnedMutexGuard<Desk>, sharing: Sharing) -> Self {
        let work = desk.work().expect("a transaction was begun");
        let (begins, numbered) = (work.mark(), work.head().agreements);
        Self { line, desk: Some(desk), sharing, begins, numbered }
    }

    /// Waits until it is so; what those did who share the transaction is so then, too.
    pub async fn commit(self) -> Result<()> {
        self.end().await
    }

    /// Nothing is to be written: the others go on as if it had not been here, unless it has written something. Waits until
    /// what it saw is so.
    pub async fn leave(mut self) -> Result<()> {
        if self.mark() == self.begins {
            let numbered = self.numbered;
            self.take_back_numbers(numbered);
            return self.end().await;
        }
        Ok(())
    }

    async fn end(mut self) -> Result<()> {
        let has_written = self.mark() != self.begins;
        let mut desk = self.desk.take().expect("it has its turn");
        let done = &mut desk.open.as_mut().expect("a transaction goes on").done;
        let is_first = done.is_empty();
        if is_first && !has_written {
            // Nobody may wait for a transaction to end that nobody commits.
            desk.open = None;
            return Ok(());
        }
        let (tell, told) = oneshot::channel();
        done.push(tell);
        // It must come to its end, whoever goes away meanwhile: so the commit is nobody's.
        if done.len() == MOST || self.sharing == Sharing::Alone {
            tokio::spawn(async move { desk.commit().await }.in_current_span());
        } else {
            drop(desk);
            if is_first {
                let line = self.line.clone();
                // Those who wait by now come before.
                tokio::spawn(async move { line.turn().await.commit().await }.in_current_span());
            }
        }
        told.await.unwrap_or_else(|_| Err(Error::unknown_outcome()))
    }
}

impl Drop for Act {
    fn drop(&mut self) {
        if let Some(desk) = &mut self.desk {
            desk.break_off();
        }
    }
}

impl Deref for Act {
    type Target = Work;

    fn deref(&self) -> &Work {
        &self.desk.as_ref().and_then(|desk| desk.open.as_ref()).expect("it has its turn").work
    }
}

impl DerefMut for Act {
    fn deref_mut(&mut self) -> &mut Work {
        &mut self.desk.as_mut().and_then(|desk| desk.open.as_mut()).expect("it has its turn").work
    }
}
