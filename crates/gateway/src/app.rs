//! The running registry: everything that a request needs.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::HeaderName;
use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Digest, Revision};
use persistence::Store;

use crate::clock;
use crate::database_monitor::DatabaseMonitor;
use crate::follower::{Behind, Follower};
use crate::graphql::Engines;
use crate::http::credential::Keys;
use crate::http::server::TlsConfig;
use crate::metrics::Metrics;
use crate::request_context::RequestContext;
use crate::viewer::Viewer;

/// Everything that a request needs.
pub struct App {
    pub store: Store,
    pub engines: Engines,
    pub(crate) keys: Keys,
    pub(crate) metrics: Metrics,
    follower: Arc<Follower>,
    settings: OnceLock<Settings>,
    /// It is about to stop: others are to be asked from now on.
    draining: AtomicBool,
    encryption: OnceLock<Arc<TlsConfig>>,
}

/// How the process is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// In which a trusted proxy names a request; `None`: nobody is trusted to.
    pub request_id_header: Option<HeaderName>,
    /// The metrics are told at an address of their own, or not at all.
    pub separate_metrics: bool,
    /// A trusted proxy names in `traceparent` the trace that a request belongs to.
    pub trust_traceparent: bool,
    /// Must followers of the journal say of which epoch they are? Else they are only warned.
    pub require_epoch: bool,
    /// From this age on the snapshot is too old to answer from.
    pub stale_after: Duration,
    /// Under which address the registry is reached from outside, without a slash at the end.
    pub public_url: Arc<str>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            request_id_header: None,
            separate_metrics: false,
            trust_traceparent: false,
            require_epoch: false,
            stale_after: STALE_AFTER,
            public_url: PUBLIC_URL.into(),
        }
    }
}

/// Where a registry listens when nobody says where.
pub(crate) const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// Agreements change within days: what was right a quarter of an hour ago is worth more than no answer.
const STALE_AFTER: Duration = Duration::from_secs(15 * 60);

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("revision", &self.revision()).finish_non_exhaustive()
    }
}

/// What `/health/ready` tells.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ready`; `stale`: the database has been out of reach for so long that others should answer; `draining`: it is about to stop.
    pub status: &'static str,
    pub revision: Revision,
    pub recorded_at: DateTime<Utc>,
    pub epoch: String,
    /// Seconds since the snapshot was known to be the newest.
    pub age: u64,
    pub database: &'static str,
    /// Whether the last write succeeded; null on a read-only gateway and before the first write.
    pub writable: Option<bool>,
}

impl App {
    /// Reads the whole registry into memory.
    pub async fn load(store: Store) -> persistence::Result<Arc<Self>> {
        let follower = Follower::load(store.clone()).await?;
        Ok(Arc::new(Self {
            engines: Engines::default(),
            keys: Keys::default(),
            metrics: Metrics::default(),
            settings: OnceLock::new(),
            draining: AtomicBool::new(false),
            encryption: OnceLock::new(),
            follower,
            store,
        }))
    }

    /// From now on it is run like this.
    pub fn configure(&self, settings: Settings) {
        if self.settings.set(settings).is_err() {
            tracing::error!("it is known already how this is run");
        }
    }

    /// From now on it says that it is not ready, and answers all the same: proxies ask others before it stops listening.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// It encrypts with this certificate, or the next one in the same file.
    pub fn set_tls(&self, encryption: Arc<TlsConfig>) {
        if self.encryption.set(encryption).is_err() {
            tracing::error!("there is a certificate already; it stays");
        }
    }

    /// When the certificate ends, in seconds since 1970.
    pub(crate) fn certificate_expires(&self) -> Option<i64> {
        self.encryption.get().and_then(|encryption| encryption.expires())
    }

    pub(crate) fn watch(&self) -> &DatabaseMonitor {
        &self.follower.watch
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.settings.get_or_init(Settings::default)
    }

    /// One request's view: it stays the same however long the request takes.
    pub fn request_context(&self, viewer: Viewer) -> RequestContext {
        let Settings { require_epoch, public_url, .. } = self.settings();
        RequestContext {
            require_epoch: *require_epoch,
            public_url: public_url.clone(),
            ..RequestContext::new(self.follower.clone(), viewer, clock::now())
        }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.follower.snapshot()
    }

    pub fn revision(&self) -> Revision {
        self.follower.revision()
    }

    /// The digest of the last entry that answers speak of; no other journal has it.
    pub(crate) fn head(&self) -> Digest {
        self.follower.snapshot().head().digest
    }

    /// Follows the journal, and tells it what the days bring, for as long as the process lives.
    pub async fn follow(self: Arc<Self>) {
        tokio::join!(self.follower.clone().follow(), self.follower.clone().keep_time(), self.follower.watch.keep(&self.store));
    }

    /// Waits until answers are of this revision or a later one.
    pub async fn wait_for_revision(&self, revision: Revision, patience: Duration) -> Result<(), Behind> {
        self.follower.wait_for_revision(revision, patience).await
    }

    /// Milliseconds since the snapshot was known to be the newest.
    pub fn age(&self) -> u64 {
        self.follower.age()
    }

    pub fn health(&self) -> Health {
        let snapshot = self.follower.snapshot();
        let head = snapshot.head();
        let age = self.age();
        let is_stale = Duration::from_millis(age) >= self.settings().stale_after;
        Health {
            status: match (self.draining.load(Ordering::Relaxed), is_stale) {
                (true, _) => "draining",
                (false, true) => "stale",
                (false, false) => "ready",
            },
            revision: head.revision,
            recorded_at: head.recorded_at,
            epoch: head.epoch.clone(),
            age: age / 1_000,
            database: if self.follower.database_is_down() { "down" } else { "up" },
            writable: self.follower.watch.seen().writable,
        }
    }
}
