//! The snapshot that answers are given from, brought up to the journal: by the one task that follows it, and
//! at once by whoever has just written. What the database does not answer for a while, the snapshot still does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Date, RecordKind, Revision};
use persistence::{ChangeQuery, JournalReader, Store, WriteContext};
use tokio::sync::{Mutex, watch};

use crate::clock;
use crate::database_monitor::DatabaseMonitor;

/// How long a change may go unnoticed when nobody calls out.
const POLL: Duration = Duration::from_secs(1);
/// How many entries of the journal are counted before a pause.
const COUNTED_AT_ONCE: Revision = 50_000;
const COUNT_PAUSE: Duration = Duration::from_millis(50);
/// How long a new day may go untold.
const TELL: Duration = Duration::from_secs(60);
/// Who acts when days go by.
const CLOCK: &str = "clock";

/// Follows the journal.
#[derive(Debug)]
pub struct Follower {
    pub store: Store,
    current: ArcSwap<Snapshot>,
    revision: watch::Sender<Revision>,
    /// One at a time, so that revisions come in their order.
    applying: Mutex<()>,
    /// From when on `heard_after` counts. Not the clock on the wall, which may be put back.
    began: Instant,
    /// When the database was last asked successfully, in milliseconds.
    heard_after: AtomicU64,
    database_is_down: AtomicBool,
    pub(crate) watch: DatabaseMonitor,
}

/// The snapshot has not come as far as was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind;

impl Follower {
    /// Reads the whole registry into memory.
    pub async fn load(store: Store) -> persistence::Result<Arc<Self>> {
        let watch = DatabaseMonitor::starting(&store).await;
        let began = Instant::now();
        let snapshot = store.load().await?;
        Ok(Arc::new(Self {
            began,
            heard_after: AtomicU64::new(0),
            revision: watch::Sender::new(snapshot.revision()),
            current: ArcSwap::from_pointee(snapshot),
            applying: Mutex::new(()),
            database_is_down: AtomicBool::new(false),
            watch,
            store,
        }))
    }

    /// The newest snapshot: it stays the same however long it is looked at.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// The newest snapshot as of this day. Who first asks on a day puts it in place for the others.
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

    /// Has the findings of the day made before anybody asks for them.
    async fn make_findings(&self) {
        let snapshot = self.snapshot_on(clock::day_in_china(clock::now()));
        if !snapshot.has_findings()
            && let Err(error) = tokio::task::spawn_blocking(move || snapshot.make_findings()).await
        {
            tracing::error!(%error, "the findings could not be made");
        }
    }

    /// Follows the journal for as long as the process lives.
    pub async fn follow(self: Arc<Self>) {
        tokio::spawn(self.clone().count());
        loop {
            self.catch_up().await;
            self.store.wait_for_change(POLL).await;
        }
    }

    /// Counts the journal once after a start, so that no request waits for it that asks how many changes there are of a kind. It
    /// pauses between parts, since requests are answered meanwhile.
    async fn count(self: Arc<Self>) {
        let end = self.revision();
        let mut through = 0;
        while through < end {
            through = end.min(through + COUNTED_AT_ONCE);
            let part = ChangeQuery { through, kinds: RecordKind::ALL.to_vec(), seen_by: JournalReader::All, ..ChangeQuery::default() };
            if let Err(error) = self.store.count_changes(&part).await {
                tracing::debug!(%error, "the journal could not be counted; the first request that asks counts the rest");
                return;
            }
            tokio::time::sleep(COUNT_PAUSE).await;
        }
    }

    /// Brings the snapshot up to the journal.
    pub async fn catch_up(&self) {
        self.catch_up_to(Revision::MAX).await;
    }

    /// The same, unless somebody else has brought it to this revision meanwhile.
    pub async fn catch_up_to(&self, revision: Revision) {
        let _one_at_a_time = self.applying.lock().await;
        if self.revision() >= revision {
            return;
        }
        let before = self.current.load_full();
        // What the database says is true at some moment from here on.
        let asked_after = self.lifetime();
        match self.store.follow(&before).await {
            Ok(next) => {
                if let Some(next) = next {
                    tracing::debug!(revision = next.revision(), "caught up with the journal");
                    let revision = next.revision();
                    self.current.store(Arc::new(next));
                    self.revision.send_replace(revision);
                }
                self.heard_after.store(asked_after, Ordering::Relaxed);
                if self.database_is_down.swap(false, Ordering::Relaxed) {
                    tracing::info!("the database answers again");
                }
            }
            Err(error) => {
                if !self.database_is_down.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, revision = before.revision(), "the journal cannot be followed; answers go on from what is in memory");
                }
            }
        }
    }

    /// Tells the journal what the passing of days brought, for as long as the process lives. Answers need none of it:
    /// dates decide. Whichever process comes first tells it, once.
    pub async fn keep_time(self: Arc<Self>) {
        let mut doubt = clock::Doubt::default();
        loop {
            let now = clock::now();
            if doubt.believes(Instant::now(), now) && !self.watch.doubts(now) {
                self.record_date_changes(now).await;
                self.make_findings().await;
            }
            tokio::time::sleep(TELL).await;
        }
    }

    /// Tells what the days up to this moment brought.
    pub async fn record_date_changes(&self, now: DateTime<Utc>) {
        let today = clock::day_in_china(now);
        let by = WriteContext { actor: CLOCK.to_owned(), on_behalf_of: None, now, today };
        match self.store.record_date_changes(by, &self.snapshot_on(today)).await {
            Ok(told) if told.is_empty() => {}
            Ok(told) => {
                tracing::info!(changes = told.len(), %today, "told what the day brought");
                self.catch_up().await;
            }
            Err(persistence::Error::ReadOnly) => {}
            Err(error) => tracing::warn!(%error, %today, "what the day brought could not be told yet"),
        }
    }

    /// Waits until answers are of this revision or a later one.
    pub async fn wait_for_revision(&self, revision: Revision, patience: Duration) -> Result<(), Behind> {
        let mut reached = self.revision.subscribe();
        let reached = reached.wait_for(|current| *current >= revision);
        match tokio::time::timeout(patience, reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Behind),
        }
    }

    /// Milliseconds since the snapshot was known to be the newest. On a standby that hears nothing from its primary, it is as old as
    /// what it heard last.
    pub fn age(&self) -> u64 {
        let own = self.lifetime().saturating_sub(self.heard_after.load(Ordering::Relaxed));
        let behind = self.watch.seen().behind().map_or(0, |behind| u64::try_from(behind.as_millis()).unwrap_or(u64::MAX));
        own.max(behind)
    }

    fn lifetime(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn database_is_down(&self) -> bool {
        self.database_is_down.load(Ordering::Relaxed)
    }
}
