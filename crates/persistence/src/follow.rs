//! Follows the journal: applies new changes to a snapshot, or loads anew.

use std::time::Duration;

use catalogue::Snapshot;
use tracing::{Instrument as _, trace_span};

use crate::connection::retry::{LOCK_TIMEOUT, with_timeout};
use crate::error::{Error, Result};
use crate::head::Head;
use crate::journal::reader::JournalReader;
use crate::journal::{self, ChangeQuery};
use crate::spans::SPAN_TARGET;
use crate::store::Store;

/// A follower that is further behind loads anew, which is faster.
const MAX_FOLLOWED_CHANGES: u64 = 10_000;
/// Timeout for loading a snapshot or many changes.
const LOAD_TIMEOUT: Duration = Duration::from_secs(300);

impl Store {
    /// The next snapshot; `None` if nothing changed.
    pub async fn follow(&self, snapshot: &Snapshot) -> Result<Option<Snapshot>> {
        let current = snapshot.head();
        let head = with_timeout(LOCK_TIMEOUT, Head::read(self.reader())).await?;
        if head.epoch == current.epoch && head.revision == current.revision && head.digest == current.digest {
            return Ok(None);
        }
        let span = trace_span!(target: SPAN_TARGET, "follow", from = current.revision, to = head.revision);
        // On the heap: loading has a large future, and most calls have nothing to follow.
        Box::pin(self.follow_to(&head, snapshot)).instrument(span).await.map(Some)
    }

    async fn follow_to(&self, head: &Head, snapshot: &Snapshot) -> Result<Snapshot> {
        let current = snapshot.head();
        if head.epoch == current.epoch && head.revision > current.revision {
            if head.revision - current.revision > MAX_FOLLOWED_CHANGES {
                tracing::info!(from = current.revision, to = head.revision, "too many changes to follow; loading anew");
                return with_timeout(LOAD_TIMEOUT, self.load()).await;
            }
            let query = ChangeQuery {
                since: current.revision,
                through: head.revision,
                seen_by: JournalReader::All,
                limit: MAX_FOLLOWED_CHANGES,
                ..ChangeQuery::default()
            };
            let changes = with_timeout(LOAD_TIMEOUT, journal::changes(self.reader(), &query)).await?;
            if changes.first().is_some_and(|first| first.previous == current.digest) {
                return snapshot.apply(&changes).map_err(|error| Error::Unreadable(error.to_string()));
            }
        }
        // Another journal: a backup was restored, or the database was replaced.
        tracing::warn!(
            from = current.revision,
            to = head.revision,
            epoch = head.epoch,
            "the journal in the database was replaced; loading anew"
        );
        let next = with_timeout(LOAD_TIMEOUT, self.load()).await?;
        self.offering_cache().clear();
        Ok(next)
    }

    /// Returns when something may have changed, at the latest after `timeout`. Only for one follower of a process.
    pub async fn wait_for_change(&self, timeout: Duration) {
        // A timeout is no error: the follower checks in either case.
        let _ = tokio::time::timeout(timeout, self.notifier().changed()).await;
    }
}
