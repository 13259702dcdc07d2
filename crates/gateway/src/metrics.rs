//! What the process tells Prometheus about itself: `GET /metrics`. Every label comes from a set that is known
//! beforehand, so that no caller can make the page grow.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use catalogue::Share;
use domain::Revision;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::app::App;

/// What the answer to `GET /metrics` is.
pub const MEDIA: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers come from memory, in a millisecond; what waits for the database or for other writers takes longer.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const POINTS: [f64; 10] = [1.0, 5.0, 20.0, 100.0, 500.0, 2_000.0, 10_000.0, 50_000.0, 200_000.0, 500_000.0];

/// What is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<OfRequest, Counter>,
    operations: Family<OfOperation, Histogram, fn() -> Histogram>,
    errors: Family<OfError, Counter>,
    cost: Histogram,
    revision: Gauge,
    age: Gauge<f64, AtomicU64>,
    database_up: Gauge,
    /// Nothing is told of what this process has not: no labels, and no value until there is one.
    writable: Family<Nothing, Gauge>,
    write_failures: Family<OfFailure, Counter>,
    skew: Family<OfClock, Gauge<f64, AtomicU64>>,
    epoch: Gauge,
    head: Gauge,
    timeline: Family<Nothing, Gauge>,
    certificate: Family<Nothing, Gauge>,
    connections: Family<OfConnection, Gauge>,
    catalogue: Family<OfPart, Gauge>,
    measured: Mutex<Option<Measured>>,
}

/// Up to where the catalogue was measured, and when.
#[derive(Debug, Clone, Copy)]
struct Measured {
    revision: Revision,
    at: Instant,
}

/// Every record is looked at to measure the catalogue: not more often than this.
const MEASURED: Duration = Duration::from_secs(60);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRequest {
    /// As the router has it: `/documents/{id}`; `other`: nothing is there.
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOperation {
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfError {
    code: String,
}

type Nothing = [(&'static str, &'static str); 0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfFailure {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfClock {
    witness: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfBuild {
    version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfConnection {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPart {
    part: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("tongban"),
            requests: Family::default(),
            operations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            errors: Family::default(),
            cost: Histogram::new(POINTS),
            revision: Gauge::default(),
            age: Gauge::default(),
            database_up: Gauge::default(),
            writable: Family::default(),
            write_failures: Family::default(),
            skew: Family::default(),
            epoch: Gauge::default(),
            head: Gauge::default(),
            timeline: Family::default(),
            certificate: Family::default(),
            connections: Family::default(),
            catalogue: Family::default(),
            measured: Mutex::new(None),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "Requests that were answered", metrics.requests.clone());
        registry.register("graphql_operation_seconds", "How long GraphQL operations took", metrics.operations.clone());
        registry.register("graphql_errors", "Errors in answers, by their code", metrics.errors.clone());
        registry.register("graphql_cost", "What GraphQL operations cost, in points", metrics.cost.clone());
        registry.register("revision", "The revision that answers come from", metrics.revision.clone());
        registry.register("snapshot_age_seconds", "How long ago the answers were known to be of the newest revision", metrics.age.clone());
        registry.register("database_up", "1: the journal can be followed", metrics.database_up.clone());
        registry.register("pool_connections", "Connections to the database", metrics.connections.clone());
        registry.register("catalogue_bytes", "What the parts of the catalogue take of the memory", metrics.catalogue.clone());
        registry.register("database_writable", "1: the last write came to its end", metrics.writable.clone());
        registry.register("write_failures", "Writes that the database did not take, by the reason", metrics.write_failures.clone());
        registry.register(
            "clock_skew_seconds",
            "By how much this machine's clock is ahead of the database's, or the journal's newest entry of this machine's clock",
            metrics.skew.clone(),
        );
        registry.register("epoch", "The registry's epoch: the first 48 bits, as a number", metrics.epoch.clone());
        registry.register("head", "The journal's head at the revision that answers come from: the first 48 bits, as a number", metrics.head.clone());
        registry.register("database_timeline", "The timeline on which PostgreSQL writes, which each promotion changes", metrics.timeline.clone());
        registry.register("certificate_expiry_timestamp_seconds", "When our own certificate ends", metrics.certificate.clone());
        let build: Family<OfBuild, Gauge> = Family::default();
        build.get_or_create(&OfBuild { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "The software", build);
        metrics
    }
}

/// An operation under way; it is measured when it ends, whether it was answered or given up.
#[derive(Debug)]
pub(crate) struct Timing {
    seconds: Histogram,
    began: Instant,
}

impl Drop for Timing {
    fn drop(&mut self) {
        self.seconds.observe(self.began.elapsed().as_secs_f64());
    }
}

/// What an answer says of itself to whoever counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResponseMetrics {
    pub(crate) codes: Vec<String>,
    pub(crate) cost: Option<u64>,
}

impl Metrics {
    pub(crate) fn begin(&self, operation: &'static str) -> Timing {
        Timing { seconds: self.operations.get_or_create(&OfOperation { operation }).clone(), began: Instant::now() }
    }

    /// Is the catalogue to be measured at this revision? Whoever is told so does it.
    fn measures(&self, revision: Revision) -> bool {
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = measured.is_none_or(|last| last.revision != revision && last.at.elapsed() >= MEASURED);
        if is_due {
            *measured = Some(Measured { revision, at: Instant::now() });
        }
        is_due
    }

    pub(crate) fn answered(&self, route: Option<&str>, status: StatusCode, told: Option<ResponseMetrics>) {
        self.requests.get_or_create(&OfRequest { route: route.unwrap_or("other").to_owned(), status: status.as_u16() }).inc();
        let ResponseMetrics { codes, cost } = told.unwrap_or_default();
        for code in codes {
            self.errors.get_or_create(&OfError { code }).inc();
        }
        if let Some(cost) = cost.and_then(|cost| u32::try_from(cost).ok()) {
            self.cost.observe(f64::from(cost));
        }
    }
}

impl App {
    /// Brings up to date what takes longer to tell than a request may take.
    pub(crate) async fn measure(&self) {
        let snapshot = self.snapshot();
        if !self.metrics.measures(snapshot.revision()) {
            return;
        }
        match tokio::task::spawn_blocking(move || snapshot.memory()).await {
            Ok(shares) => {
                for Share { part, bytes } in shares {
                    self.metrics.catalogue.get_or_create(&OfPart { part }).set(i64::try_from(bytes).unwrap_or(i64::MAX));
                }
            }
            Err(error) => tracing::error!(%error, "the catalogue could not be measured"),
        }
    }

    /// The page that Prometheus reads.
    pub(crate) fn metrics_page(&self) -> String {
        let (metrics, health, pool) = (&self.metrics, self.health(), self.store.pool());
        metrics.revision.set(i64::try_from(health.revision).unwrap_or(i64::MAX));
        metrics.age.set(Duration::from_millis(self.age()).as_secs_f64());
        metrics.database_up.set(i64::from(health.database == "up"));
        for (state, count) in [("idle", pool.idle), ("used", pool.used)] {
            metrics.connections.get_or_create(&OfConnection { state }).set(i64::from(count));
        }
        metrics.epoch.set(first_bits(&health.epoch));
        metrics.head.set(first_bits(self.head().to_string().split_once(':').map_or("", |(_, hex)| hex)));
        let seen = self.watch().seen();
        if let Some(writable) = seen.writable {
            metrics.writable.get_or_create(&[]).set(i64::from(writable));
        }
        for (trouble, count) in self.watch().failures() {
            let counter = metrics.write_failures.get_or_create(&OfFailure { reason: trouble.name() });
            counter.inc_by(count.saturating_sub(counter.get()));
        }
        for (witness, skew) in [("database", seen.ahead_of_database), ("journal", seen.journal_ahead)] {
            if let Some(skew) = skew {
                metrics.skew.get_or_create(&OfClock { witness }).set(skew);
            }
        }
        match seen.timeline() {
            Some(timeline) => drop(metrics.timeline.get_or_create(&[]).set(i64::from(timeline))),
            None => metrics.timeline.clear(),
        }
        if let Some(expires) = self.certificate_expires() {
            metrics.certificate.get_or_create(&[]).set(expires);
        }
        let mut page = String::new();
        if text::encode(&mut page, &metrics.registry).is_err() {
            tracing::error!("the metrics cannot be written");
        }
        // Of what has no labels.
        page.replace("{} ", " ")
    }
}

/// The first 48 bits of a number in hexadecimal digits: what a double holds without loss.
fn first_bits(hex: &str) -> i64 {
    hex.get(..12).and_then(|first| i64::from_str_radix(first, 16).ok()).unwrap_or_default()
}
