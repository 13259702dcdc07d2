//! Metrics of the process for Prometheus. The values of every label are known beforehand, so that no client can make
//! the page grow.

mod page;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::Revision;
use graphql::engine::timing::OperationTimes;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The media type of the page.
pub const MEDIA: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const POINTS: [f64; 10] = [1.0, 5.0, 20.0, 100.0, 500.0, 2_000.0, 10_000.0, 50_000.0, 200_000.0, 500_000.0];

pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    pub(crate) operations: OperationTimes,
    errors: Family<ErrorLabels, Counter>,
    cost: Histogram,
    revision: Gauge,
    age: Gauge<f64, AtomicU64>,
    database_up: Gauge,
    /// A family without labels has no value until there is one.
    writable: Family<NoLabels, Gauge>,
    write_failures: Family<FailureLabels, Counter>,
    skew: Family<ClockLabels, Gauge<f64, AtomicU64>>,
    epoch: Gauge,
    head: Gauge,
    timeline: Family<NoLabels, Gauge>,
    certificate: Family<NoLabels, Gauge>,
    connections: Family<ConnectionLabels, Gauge>,
    catalogue: Family<PartLabels, Gauge>,
    measured: Mutex<Option<Measurement>>,
}

/// When the memory of the catalogue was last measured, and at which revision.
#[derive(Debug, Clone, Copy)]
struct Measurement {
    revision: Revision,
    at: Instant,
}

/// Measuring looks at every record, so it is not done more often.
const MEASURING_INTERVAL: Duration = Duration::from_secs(60);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    /// The pattern of the router, such as `/documents/{id}`; `other` where there is none.
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    code: String,
}

type NoLabels = [(&'static str, &'static str); 0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClockLabels {
    witness: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionLabels {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabels {
    part: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("tongban"),
            requests: Family::default(),
            operations: OperationTimes::default(),
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
        registry.register("http_requests", "HTTP responses by route and status", metrics.requests.clone());
        registry.register("graphql_operation_seconds", "Duration of GraphQL operations", metrics.operations.family());
        registry.register("graphql_errors", "GraphQL errors by code", metrics.errors.clone());
        registry.register("graphql_cost", "Cost of GraphQL operations in points", metrics.cost.clone());
        registry.register("revision", "Revision of the snapshot", metrics.revision.clone());
        registry.register(
            "snapshot_age_seconds",
            "Time since the snapshot was known to be the newest",
            metrics.age.clone(),
        );
        registry.register("database_up", "1 if the journal can be followed", metrics.database_up.clone());
        registry.register("pool_connections", "Database connections by state", metrics.connections.clone());
        registry.register("catalogue_bytes", "Memory of the catalogue by part", metrics.catalogue.clone());
        registry.register("database_writable", "1 if the last write succeeded", metrics.writable.clone());
        registry.register("write_failures", "Failed writes by reason", metrics.write_failures.clone());
        registry.register(
            "clock_skew_seconds",
            "Seconds by which this machine's clock is ahead of the database's clock, or the newest journal entry is ahead of this machine's clock",
            metrics.skew.clone(),
        );
        registry.register("epoch", "First 48 bits of the epoch as a number", metrics.epoch.clone());
        registry.register(
            "head",
            "First 48 bits of the digest of the journal's head at the revision of the snapshot, as a number",
            metrics.head.clone(),
        );
        registry.register(
            "database_timeline",
            "Timeline of PostgreSQL, which each promotion changes",
            metrics.timeline.clone(),
        );
        registry.register(
            "certificate_expiry_timestamp_seconds",
            "When the certificate of this server expires",
            metrics.certificate.clone(),
        );
        let build: Family<BuildLabels, Gauge> = Family::default();
        build.get_or_create(&BuildLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "Version of the software", build);
        metrics
    }
}

/// The values of a response that the metrics count: the codes of its errors, and its cost.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResponseMetrics {
    pub(crate) codes: Vec<String>,
    pub(crate) cost: Option<u64>,
}

impl Metrics {
    /// Is the memory of the catalogue to be measured at this revision? The caller does it then.
    fn is_measurement_due(&self, revision: Revision) -> bool {
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = measured.is_none_or(|last| last.revision != revision && last.at.elapsed() >= MEASURING_INTERVAL);
        if is_due {
            *measured = Some(Measurement { revision, at: Instant::now() });
        }
        is_due
    }

    pub(crate) fn count_response(&self, route: Option<&str>, status: u16, response: Option<ResponseMetrics>) {
        self.requests.get_or_create(&RequestLabels { route: route.unwrap_or("other").to_owned(), status }).inc();
        let ResponseMetrics { codes, cost } = response.unwrap_or_default();
        for code in codes {
            self.errors.get_or_create(&ErrorLabels { code }).inc();
        }
        if let Some(cost) = cost.and_then(|cost| u32::try_from(cost).ok()) {
            self.cost.observe(f64::from(cost));
        }
    }
}
