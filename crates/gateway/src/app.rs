//! The running registry: everything that a request needs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Revision;
use persistence::Store;

use crate::asked::{Asked, Viewer};
use crate::clock;
use crate::follower::{Behind, Follower};
use crate::graphql::{self, Schema};
use crate::http::credential::Keys;

/// Everything that a request needs.
pub struct App {
    pub store: Store,
    pub schema: Schema,
    pub(crate) keys: Keys,
    follower: Arc<Follower>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("revision", &self.revision()).finish_non_exhaustive()
    }
}

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
        let follower = Follower::load(store.clone()).await?;
        Ok(Arc::new(Self { schema: graphql::schema(), keys: Keys::default(), follower, store }))
    }

    /// One request's view: it stays the same however long the request takes.
    pub fn ask(&self, viewer: Viewer) -> Asked {
        Asked::new(self.follower.clone(), viewer, clock::now())
    }

    pub fn revision(&self) -> Revision {
        self.follower.revision()
    }

    /// Follows the journal, and tells it what the days bring, for as long as the process lives.
    pub async fn follow(self: Arc<Self>) {
        tokio::join!(self.follower.clone().follow(), self.follower.clone().keep_time());
    }

    /// Waits until answers are of this revision or a later one.
    pub async fn reach(&self, revision: Revision, patience: Duration) -> Result<(), Behind> {
        self.follower.reach(revision, patience).await
    }

    pub fn health(&self) -> Health {
        let snapshot = self.follower.snapshot();
        let head = snapshot.head();
        Health {
            revision: head.revision,
            recorded_at: head.recorded_at,
            epoch: head.epoch.clone(),
            age: self.follower.age() / 1_000,
            database: if self.follower.database_is_down() { "down" } else { "up" },
        }
    }
}
