//! How long operations take, for the metrics of the process.

use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

/// Most operations are answered from memory within a millisecond. Those that wait for the database or for other writers
/// take longer.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The durations of operations by their labels, which are known beforehand. Clones count together.
#[derive(Debug, Clone)]
pub struct OperationTimes(Family<OperationLabels, Histogram, fn() -> Histogram>);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OperationLabels {
    operation: &'static str,
}

impl Default for OperationTimes {
    fn default() -> Self {
        Self(Family::new_with_constructor(|| Histogram::new(SECONDS)))
    }
}

impl OperationTimes {
    /// The histograms, to be registered with the metrics of a process.
    pub fn family(&self) -> Family<OperationLabels, Histogram, fn() -> Histogram> {
        self.0.clone()
    }

    pub(super) fn start_timer(&self, operation: &'static str) -> OperationTimer {
        OperationTimer { seconds: self.0.get_or_create(&OperationLabels { operation }).clone(), began: Instant::now() }
    }
}

/// Times an operation until it is dropped, also when the operation is cancelled.
#[derive(Debug)]
pub(super) struct OperationTimer {
    seconds: Histogram,
    began: Instant,
}

impl Drop for OperationTimer {
    fn drop(&mut self) {
        self.seconds.observe(self.began.elapsed().as_secs_f64());
    }
}
