//! Monitors the database: whether it can be written, whether its clock agrees with this machine's, and how far a
//! standby is behind. The metrics and `/health/ready` show the results.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use persistence::{ServerStatus, Store, UnavailableReason};

use crate::clock::{self, JumpDetector};

/// How often the database is observed.
const OBSERVE_INTERVAL: Duration = Duration::from_secs(5);
/// How often a probe is written, if nothing else is.
const PROBE_INTERVAL: Duration = Duration::from_secs(60);
/// The same while the database cannot be written.
const RETRY_INTERVAL: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
pub struct DatabaseMonitor {
    observation: Mutex<Observation>,
    /// `None`: the database has a clock of its own, which is asked instead.
    jumps: Mutex<Option<JumpDetector>>,
    failures: [AtomicU64; UnavailableReason::ALL.len()],
}

/// The last observation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Observation {
    /// `None`: nothing was written yet, or this process is read-only.
    pub writable: Option<bool>,
    last_write: Option<Instant>,
    look: Option<(Instant, ServerStatus)>,
    /// By how many seconds this machine's clock is ahead of the database's.
    pub ahead_of_database: Option<f64>,
    /// By how many seconds the journal's newest entry is ahead of this machine's clock.
    pub journal_ahead: Option<f64>,
}

impl Observation {
    pub fn timeline(&self) -> Option<u32> {
        self.look.and_then(|(_, look)| look.timeline)
    }

    /// For how long a standby has not been known to be up to date.
    pub fn behind(&self) -> Option<Duration> {
        let (at, look) = self.look?;
        look.behind.map(|behind| if behind.is_zero() { behind } else { behind + at.elapsed() })
    }
}

impl DatabaseMonitor {
    pub async fn new(store: &Store) -> Self {
        let monitor = Self::default();
        if store.depends_on_local_clock() && store.is_writable() {
            let known = store.last_recorded_at().await.unwrap_or_default();
            *monitor.jumps() = Some(JumpDetector::at_start(Instant::now(), clock::now(), known));
        }
        monitor
    }

    pub fn observation(&self) -> Observation {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Observation> {
        self.observation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jumps(&self) -> std::sync::MutexGuard<'_, Option<JumpDetector>> {
        self.jumps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is the clock so likely wrong that it must not stamp entries?
    pub fn distrusts_clock(&self, now: DateTime<Utc>) -> bool {
        self.jumps().as_mut().is_some_and(|jumps| !jumps.may_stamp(Instant::now(), now))
    }

    pub fn write_succeeded(&self) {
        let mut observation = self.lock();
        if observation.writable.replace(true) == Some(false) {
            tracing::info!("the database can be written again");
        }
        observation.last_write = Some(Instant::now());
    }

    pub fn write_failed(&self, trouble: UnavailableReason) {
        if let Some(at) = UnavailableReason::ALL.iter().position(|one| *one == trouble) {
            self.failures[at].fetch_add(1, Ordering::Relaxed);
        }
        // Busy: other writers are in the way, so the database can be written.
        if trouble != UnavailableReason::Busy {
            let mut observation = self.lock();
            observation.writable = Some(false);
            observation.last_write = Some(Instant::now());
        }
    }

    /// How many writes failed, by reason.
    pub fn failures(&self) -> impl Iterator<Item = (UnavailableReason, u64)> + '_ {
        UnavailableReason::ALL.into_iter().zip(self.failures.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// Observes the database until the task is stopped.
    pub async fn run(&self, store: &Store) {
        loop {
            self.observe(store).await;
            if store.is_writable() {
                self.probe(store).await;
            }
            tokio::time::sleep(OBSERVE_INTERVAL).await;
        }
    }

    async fn observe(&self, store: &Store) {
        let Ok(look) = store.server_status().await else { return };
        let now = clock::now();
        let seconds = |ahead: DateTime<Utc>, behind: DateTime<Utc>| (ahead - behind).as_seconds_f64();
        let mut observation = self.lock();
        observation.look = Some((Instant::now(), look));
        observation.ahead_of_database = look.clock.map(|clock| seconds(now, clock));
        observation.journal_ahead = Some(seconds(look.recorded_at, now).max(0.0));
    }

    async fn probe(&self, store: &Store) {
        let Observation { writable, last_write, .. } = self.observation();
        let cannot = writable == Some(false);
        if last_write.is_some_and(|at| at.elapsed() < if cannot { RETRY_INTERVAL } else { PROBE_INTERVAL }) {
            return;
        }
        let outcome = match store.probe(cannot).await {
            Ok(()) if self.distrusts_clock(clock::now()) || !self.clocks_agree() => Err(UnavailableReason::Clock),
            Ok(()) => Ok(()),
            Err(error) => {
                if !cannot {
                    tracing::warn!(%error, "the database cannot be written; queries are still answered");
                }
                Err(error.unavailable_reason().unwrap_or(UnavailableReason::Unreachable))
            }
        };
        match outcome {
            Ok(()) => self.write_succeeded(),
            Err(trouble) => self.write_failed(trouble),
        }
    }

    fn clocks_agree(&self) -> bool {
        let Observation { ahead_of_database, journal_ahead, .. } = self.observation();
        let skew = ahead_of_database.or(journal_ahead).unwrap_or_default();
        skew.abs() <= MAX_SKEW
    }
}

/// With more clock skew, in seconds, nothing is written.
const MAX_SKEW: f64 = 300.0;
