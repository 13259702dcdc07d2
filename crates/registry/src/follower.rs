//! The snapshot that requests are answered from. One task follows the journal; a request that has written catches up at
//! once. While the database is down, the last snapshot stays in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Date, RecordKind, Revision, calendar};
use persistence::{ChangeQuery, JournalReader, Store, WriteContext};
use tokio::sync::{Mutex, watch};

use crate::clock::{self, JumpDetector};
use crate::database_monitor::DatabaseMonitor;

/// How often the journal is polled, where no notification of a change arrives.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The journal is counted in parts of so many entries.
const COUNT_BLOCK: Revision = 50_000;
/// The pause between two parts.
const COUNT_PAUSE: Duration = Duration::from_millis(50);
/// How often it is checked whether there are date changes to record.
const DATE_CHECK_INTERVAL: Duration = Duration::from_secs(60);
/// The actor of date changes.
const CLOCK: &str = "clock";

/// Follows the journal.
#[derive(Debug)]
pub struct Follower {
    pub store: Store,
    current: ArcSwap<Snapshot>,
    revision: watch::Sender<Revision>,
    /// One task applies changes at a time, so that revisions come in order.
    applying: Mutex<()>,
    /// A monotonic clock, since the system clock may be set back.
    began: Instant,
    /// When the database last answered, in milliseconds after `began`.
    confirmed_at: AtomicU64,
    database_is_down: AtomicBool,
    pub monitor: DatabaseMonitor,
}

/// The snapshot did not reach the revision in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind;

impl Follower {
    /// Loads the whole registry into memory.
    pub async fn load(store: Store) -> persistence::Result<Arc<Self>> {
        let monitor = DatabaseMonitor::new(&store).await;
        let began = Instant::now();
        let snapshot = store.load().await?;
        Ok(Arc::new(Self {
            began,
            confirmed_at: AtomicU64::new(0),
            revision: watch::Sender::new(snapshot.revision()),
            current: ArcSwap::from_pointee(snapshot),
            applying: Mutex::new(()),
            database_is_down: AtomicBool::new(false),
            monitor,
            store,
        }))
    }

    /// The newest snapshot. It does not change, however long it is used.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// The newest snapshot as of this day. The first request of a day replaces the snapshot for the others.
    pub fn snapshot_on(&self, today: Date) -> Arc<Snapshot> {
        let current = self.snapshot();
        if current.today() == today {
            return current;
        }
        let next = Arc::new(current.on_day(today));
        self.current.compare_and_swap(&current, next.clone());
        next
    }

    pub fn revision(&self) -> Revision {
        self.current.load().revision()
    }

    /// Background task: follows the journal.
    pub async fn follow(self: Arc<Self>) {
        loop {
            self.catch_up().await;
            self.store.wait_for_change(POLL_INTERVAL).await;
        }
    }

    /// Background task: records date changes each day, and computes that day's findings before they are requested.
    pub async fn record_date_changes_daily(self: Arc<Self>) {
        let mut jumps = JumpDetector::default();
        loop {
            let now = clock::now();
            if jumps.trusts(Instant::now(), now) && !self.monitor.distrusts_clock(now) {
                self.record_date_changes(now).await;
                self.compute_findings().await;
            }
            tokio::time::sleep(DATE_CHECK_INTERVAL).await;
        }
    }

    /// Background task: monitors the database.
    pub async fn monitor_database(self: Arc<Self>) {
        self.monitor.run(&self.store).await;
    }

    /// Background task: counts the journal once after a start, so that no request waits for it. It pauses between
    /// parts, since requests are answered meanwhile.
    pub async fn count_journal(self: Arc<Self>) {
        let end = self.revision();
        let mut through = 0;
        while through < end {
            through = end.min(through + COUNT_BLOCK);
            let part = ChangeQuery {
                through,
                kinds: RecordKind::ALL.to_vec(),
                seen_by: JournalReader::All,
                ..ChangeQuery::default()
            };
            if let Err(error) = self.store.count_changes(&part).await {
                tracing::debug!(%error, "the journal could not be counted; the first request for counts does the rest");
                return;
            }
            tokio::time::sleep(COUNT_PAUSE).await;
        }
    }

    /// Brings the snapshot up to the journal's head.
    pub async fn catch_up(&self) {
        self.catch_up_to(Revision::MAX).await;
    }

    /// The same, unless another task has reached this revision meanwhile.
    pub async fn catch_up_to(&self, revision: Revision) {
        let _applying = self.applying.lock().await;
        if self.revision() >= revision {
            return;
        }
        let before = self.current.load_full();
        // The database's answer is true at some moment after this.
        let asked_at = self.uptime();
        match self.store.follow(&before).await {
            Ok(next) => {
                if let Some(next) = next {
                    tracing::debug!(revision = next.revision(), "caught up with the journal");
                    let revision = next.revision();
                    self.current.store(Arc::new(next));
                    self.revision.send_replace(revision);
                }
                self.confirmed_at.store(asked_at, Ordering::Relaxed);
                if self.database_is_down.swap(false, Ordering::Relaxed) {
                    tracing::info!("the database answers again");
                }
            }
            Err(error) => {
                if !self.database_is_down.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, revision = before.revision(), "the journal cannot be followed; requests are answered from memory");
                }
            }
        }
    }

    /// Records what changed by date up to this moment: agreements that came into force or expired. Answers do not need
    /// it, since they look at dates; followers of the journal do. The first process on a day records it, once.
    pub async fn record_date_changes(&self, now: DateTime<Utc>) {
        let today = calendar::day_in_china(now);
        let by = WriteContext { actor: CLOCK.to_owned(), on_behalf_of: None, now, today };
        match self.store.record_date_changes(by, &self.snapshot_on(today)).await {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => {
                tracing::info!(changes = changes.len(), %today, "recorded date changes");
                self.catch_up().await;
            }
            Err(persistence::Error::ReadOnly) => {}
            Err(error) => tracing::warn!(%error, %today, "date changes could not be recorded yet"),
        }
    }

    async fn compute_findings(&self) {
        let snapshot = self.snapshot_on(calendar::day_in_china(clock::now()));
        if !snapshot.has_findings()
            && let Err(error) = tokio::task::spawn_blocking(move || snapshot.make_findings()).await
        {
            tracing::error!(%error, "the findings could not be computed");
        }
    }

    /// Waits until the snapshot is of this revision or a later one.
    pub async fn wait_for_revision(&self, revision: Revision, timeout: Duration) -> Result<(), Behind> {
        let mut current = self.revision.subscribe();
        let reached = current.wait_for(|current| *current >= revision);
        match tokio::time::timeout(timeout, reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Behind),
        }
    }

    /// Milliseconds since the snapshot was known to be the newest. On a standby without a connection to its primary, it
    /// is as old as the last record that the standby received.
    pub fn age(&self) -> u64 {
        let own = self.uptime().saturating_sub(self.confirmed_at.load(Ordering::Relaxed));
        let behind = self
            .monitor
            .observation()
            .behind()
            .map_or(0, |behind| u64::try_from(behind.as_millis()).unwrap_or(u64::MAX));
        own.max(behind)
    }

    fn uptime(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn database_is_down(&self) -> bool {
        self.database_is_down.load(Ordering::Relaxed)
    }
}
