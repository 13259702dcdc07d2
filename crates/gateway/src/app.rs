//! The running registry: the snapshot that answers are given from, and the one task that brings it up to
//! the journal. What the database does not answer for a while, the snapshot still does.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::Revision;
use persistence::Store;
use tokio::sync::watch;

use crate::asked::{Asked, Viewer};
use crate::clock;
use crate::graphql::{self, Schema};
use crate::http::credential::Keys;

/// How long a change may go unnoticed when nobody calls out.
const POLL: Duration = Duration::from_secs(1);

/// Everything that a request needs.
pub struct App {
    pub store: Store,
    pub schema: Schema,
    pub(crate) keys: Keys,
    current: ArcSwap<Snapshot>,
    revision: watch::Sender<Revision>,
    /// When the database was last heard of, in milliseconds since 1970.
    heard_at: AtomicI64,
    database_is_down: AtomicBool,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("revision", &self.current.load().revision()).finish_non_exhaustive()
    }
}

/// The snapshot has not come as far as was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind;

/// What `/health/ready` tells.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    pub revision: Revision,
    pub recorded_at: DateTime<Utc>,
    pub epoch: String,
    /// Seconds since the snapshot was known to be the newest.
    pub age: i64,
    pub database: &'static str,
}

impl App {
    /// Reads the whole registry into memory.
    pub async fn load(store: Store) -> persistence::Result<Arc<Self>> {
        let snapshot = store.load().await?;
        Ok(Arc::new(Self {
            schema: graphql::schema(),
            keys: Keys::default(),
            revision: watch::Sender::new(snapshot.revision()),
            current: ArcSwap::from_pointee(snapshot),
            heard_at: AtomicI64::new(clock::now().timestamp_millis()),
            database_is_down: AtomicBool::new(false),
            store,
        }))
    }

    /// One request's view: it stays the same however long the request takes.
    pub fn ask(&self, viewer: Viewer) -> Asked {
        let now = clock::now();
        Asked { snapshot: Snapshot::clone(&self.current.load()), store: self.store.clone(), now, today: clock::day_in_china(now), viewer }
    }

    pub fn revision(&self) -> Revision {
        self.current.load().revision()
    }

    /// Follows the journal for as long as the process lives. It is the only one that changes the snapshot,
    /// so revisions come in their order.
    pub async fn follow(self: Arc<Self>) {
        loop {
            self.catch_up().await;
            self.store.wait_for_change(POLL).await;
        }
    }

    async fn catch_up(&self) {
        let before = self.current.load_full();
        match self.store.follow(&before).await {
            Ok(next) => {
                if let Some(next) = next {
                    tracing::debug!(revision = next.revision(), "caught up with the journal");
                    let revision = next.revision();
                    self.current.store(Arc::new(next));
                    self.revision.send_replace(revision);
                }
                self.heard_at.store(clock::now().timestamp_millis(), Ordering::Relaxed);
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

    /// Waits until answers are of this revision or a later one.
    pub async fn reach(&self, revision: Revision, patience: Duration) -> Result<(), Behind> {
        let mut reached = self.revision.subscribe();
        let reached = reached.wait_for(|current| *current >= revision);
        match tokio::time::timeout(patience, reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Behind),
        }
    }

    pub fn health(&self) -> Health {
        let current = self.current.load();
        let head = current.head();
        let age = clock::now().timestamp_millis() - self.heard_at.load(Ordering::Relaxed);
        Health {
            revision: head.revision,
            recorded_at: head.recorded_at,
            epoch: head.epoch.clone(),
            age: age.max(0) / 1_000,
            database: if self.database_is_down.load(Ordering::Relaxed) { "down" } else { "up" },
        }
    }
}
