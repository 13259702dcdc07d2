//! Begins units of work.

use tracing::instrument;

use crate::clock::{Clock, TimeTaken};
use crate::connection::retry::{IDLE_TRANSACTION_TIMEOUT, LOCK_TIMEOUT, retry_with_backoff, with_timeout};
use crate::error::Result;
use crate::group_commit::{SharedWork, Sharing};
use crate::head::Head;
use crate::head_lock::lock_head;
use crate::spans::SPAN_TARGET;
use crate::store::Store;
use crate::work::context::{WorkMode, WriteContext};
use crate::work::unit_of_work::Work;

impl Store {
    /// Begins a unit of work and waits until it is the only writer. If it fails later with a retryable error
    /// (`Error::is_retryable`), nothing was written, and the whole unit can be run again.
    #[instrument(name = "database begin", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn begin(&self, by: WriteContext) -> Result<Work> {
        self.begin_with(by, WorkMode::Collect(Vec::new())).await
    }

    /// Begins a unit of work in a transaction that waiting writers share (group commit).
    #[instrument(name = "database begin", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn begin_shared(&self, by: WriteContext, sharing: Sharing) -> Result<SharedWork> {
        let shared = async {
            let mut batch = self.commits().acquire().await;
            if sharing == Sharing::Alone {
                // Commit those before it first.
                batch.commit().await;
            }
            match batch.work() {
                Some(work) => work.continue_as(by)?,
                None => batch.open(self.begin_with(by, WorkMode::Collect(Vec::new())).await?),
            }
            Ok(SharedWork::new(self.commits().clone(), batch, sharing))
        };
        with_timeout(IDLE_TRANSACTION_TIMEOUT + LOCK_TIMEOUT, Box::pin(shared)).await
    }

    pub(crate) async fn begin_with(&self, by: WriteContext, mode: WorkMode) -> Result<Work> {
        if matches!(mode, WorkMode::DryRun) {
            let tx = self.begin_read().await?;
            let head = Head::read(&tx).await?;
            return Ok(Work::new(self.notifier().clone(), self.contents().clone(), tx, head, Clock::Trusted, by, mode));
        }
        let writer = self.writer()?;
        let (tx, head, clock) =
            with_timeout(LOCK_TIMEOUT + LOCK_TIMEOUT, retry_with_backoff(|| lock_head(writer))).await?;
        let clock = if self.trusts_clock() { Clock::Trusted } else { clock };
        clock.check(
            by.now,
            &head,
            if matches!(mode, WorkMode::Discard) { TimeTaken::BeforeReading } else { TimeTaken::JustNow },
        )?;
        Ok(Work::new(self.notifier().clone(), self.contents().clone(), tx, head, clock, by, mode))
    }
}
