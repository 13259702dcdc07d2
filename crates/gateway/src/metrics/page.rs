//! The page of metrics.

use std::time::Duration;

use catalogue::Share;
use prometheus_client::encoding::text;

use super::{ClockLabels, ConnectionLabels, FailureLabels, PartLabels};
use crate::app::App;

impl App {
    /// Measures the memory of the catalogue, which takes too long to do for every page.
    pub(crate) async fn measure_catalogue(&self) {
        let snapshot = self.snapshot();
        if !self.metrics.is_measurement_due(snapshot.revision()) {
            return;
        }
        match tokio::task::spawn_blocking(move || snapshot.memory()).await {
            Ok(shares) => {
                for Share { part, bytes } in shares {
                    self.metrics
                        .catalogue
                        .get_or_create(&PartLabels { part })
                        .set(i64::try_from(bytes).unwrap_or(i64::MAX));
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
            metrics.connections.get_or_create(&ConnectionLabels { state }).set(i64::from(count));
        }
        metrics.epoch.set(first_bits(&health.epoch));
        metrics.head.set(first_bits(self.head().to_string().split_once(':').map_or("", |(_, hex)| hex)));
        let observed = self.database_monitor().observation();
        if let Some(writable) = observed.writable {
            metrics.writable.get_or_create(&[]).set(i64::from(writable));
        }
        for (trouble, count) in self.database_monitor().failures() {
            let counter = metrics.write_failures.get_or_create(&FailureLabels { reason: trouble.name() });
            counter.inc_by(count.saturating_sub(counter.get()));
        }
        for (witness, skew) in [("database", observed.ahead_of_database), ("journal", observed.journal_ahead)] {
            if let Some(skew) = skew {
                metrics.skew.get_or_create(&ClockLabels { witness }).set(skew);
            }
        }
        match observed.timeline() {
            Some(timeline) => drop(metrics.timeline.get_or_create(&[]).set(i64::from(timeline))),
            None => metrics.timeline.clear(),
        }
        if let Some(expires) = self.certificate_expiry() {
            metrics.certificate.get_or_create(&[]).set(expires);
        }
        let mut page = String::new();
        if text::encode(&mut page, &metrics.registry).is_err() {
            tracing::error!("the metrics cannot be written");
        }
        // The encoder writes empty braces for families without labels.
        page.replace("{} ", " ")
    }
}

/// The first 48 bits of a hexadecimal number: Prometheus keeps doubles, which hold them exactly.
fn first_bits(hex: &str) -> i64 {
    hex.get(..12).and_then(|first| i64::from_str_radix(first, 16).ok()).unwrap_or_default()
}
