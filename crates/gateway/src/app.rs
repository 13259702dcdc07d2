//! The running registry: everything that handlers of requests need.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::HeaderName;
use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Calendar, Digest, Revision};
use graphql::engine::run::Engines;
use pages::cache::Cache;
use pages::site::Site;
use persistence::Store;
use registry::clock;
use registry::database_monitor::DatabaseMonitor;
use registry::follower::{Behind, Follower};
use registry::request_context::{DEFAULT_PUBLIC_URL, RequestContext};
use registry::viewer::Viewer;

use crate::background::Background;
use crate::metrics::Metrics;

pub struct App {
    pub store: Store,
    pub engines: Arc<Engines>,
    pub background: Background,
    pub(crate) metrics: Arc<Metrics>,
    /// What pages compute from the whole registry.
    pub(crate) pages: Arc<Cache>,
    follower: Arc<Follower>,
    settings: OnceLock<Settings>,
    /// The process is about to stop: load balancers should send requests to others.
    draining: AtomicBool,
    certificate_expiry: OnceLock<Arc<AtomicI64>>,
}

/// Settings of the process.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The header in which a trusted proxy sends the id of a request; `None`: ids are made here.
    pub request_id_header: Option<HeaderName>,
    /// The metrics have an address of their own, or are not served.
    pub separate_metrics: bool,
    /// A trusted proxy sends the trace of a request in `traceparent`.
    pub trust_traceparent: bool,
    /// Followers of the feed must name the epoch. Otherwise they only get a warning.
    pub require_epoch: bool,
    /// An older snapshot is not ready to answer.
    pub stale_after: Duration,
    /// The address of the registry for clients, without a slash at the end.
    pub public_url: Arc<str>,
    /// The announced holidays.
    pub calendar: Arc<Calendar>,
    /// Who runs the site, for the footer of pages.
    pub site: Arc<Site>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            request_id_header: None,
            separate_metrics: false,
            trust_traceparent: false,
            require_epoch: false,
            stale_after: STALE_AFTER,
            public_url: DEFAULT_PUBLIC_URL.into(),
            calendar: Arc::default(),
            site: Arc::default(),
        }
    }
}

/// Agreements change within days, so an answer that is minutes old is better than none.
const STALE_AFTER: Duration = Duration::from_secs(15 * 60);

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("revision", &self.revision()).finish_non_exhaustive()
    }
}

/// The body of `/health/ready`.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ready`; `stale`: the database was unreachable for too long; `draining`: the process is about to stop.
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
    /// Loads the whole registry into memory.
    pub async fn load(store: Store) -> persistence::Result<Arc<Self>> {
        let follower = Follower::load(store.clone()).await?;
        Ok(Arc::new(Self {
            engines: Arc::default(),
            background: Background::default(),
            metrics: Arc::default(),
            pages: Arc::default(),
            settings: OnceLock::new(),
            draining: AtomicBool::new(false),
            certificate_expiry: OnceLock::new(),
            follower,
            store,
        }))
    }

    pub fn configure(&self, settings: Settings) {
        if self.settings.set(settings).is_err() {
            tracing::error!("the settings were set before; they stay");
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.settings.get_or_init(Settings::default)
    }

    /// From now on the process is not ready, and answers all the same: load balancers notice before it stops listening.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// When the certificate of the server expires, in seconds since 1970; 0: that is unknown.
    pub fn set_certificate_expiry(&self, expires: Arc<AtomicI64>) {
        if self.certificate_expiry.set(expires).is_err() {
            tracing::error!("a certificate was set before; it stays");
        }
    }

    pub(crate) fn certificate_expiry(&self) -> Option<i64> {
        self.certificate_expiry.get().map(|expires| expires.load(Ordering::Relaxed)).filter(|expires| *expires != 0)
    }

    pub(crate) fn database_monitor(&self) -> &DatabaseMonitor {
        &self.follower.monitor
    }

    /// One request's view of the registry. It stays the same however long the request takes.
    pub fn request_context(&self, viewer: Viewer) -> RequestContext {
        let Settings { require_epoch, public_url, calendar, .. } = self.settings();
        RequestContext {
            require_epoch: *require_epoch,
            public_url: public_url.clone(),
            calendar: calendar.clone(),
            ..RequestContext::new(self.follower.clone(), viewer, clock::now())
        }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.follower.snapshot()
    }

    pub fn revision(&self) -> Revision {
        self.follower.revision()
    }

    /// The digest of the snapshot's last journal entry. No other journal has it.
    pub(crate) fn head(&self) -> Digest {
        self.follower.snapshot().head().digest
    }

    /// Starts the tasks that keep the snapshot up to date, record date changes and monitor the database.
    pub fn start_background(&self) {
        let follower = self.follower.clone();
        self.background.start("follow the journal", move || follower.clone().follow());
        let follower = self.follower.clone();
        self.background.start("record date changes", move || follower.clone().record_date_changes_daily());
        let follower = self.follower.clone();
        self.background.start("monitor the database", move || follower.clone().monitor_database());
        self.background.start_once("count the journal", self.follower.clone().count_journal());
    }

    /// Waits until the snapshot is of this revision or a later one.
    pub async fn wait_for_revision(&self, revision: Revision, timeout: Duration) -> Result<(), Behind> {
        self.follower.wait_for_revision(revision, timeout).await
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
            writable: self.follower.monitor.observation().writable,
        }
    }
}
