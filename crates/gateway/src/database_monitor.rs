//! Watches over the database for whoever runs the registry: can it be written, does its clock agree with ours, how far is a standby
//! behind? What is found stands in the metrics and in `/health/ready`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use persistence::{ServerStatus, Store, UnavailableReason};

use crate::clock::{self, Doubt};

/// How often it is looked.
const STATUS: Duration = Duration::from_secs(5);
/// How often it is tried whether the database can be written, where nobody writes.
const TRY: Duration = Duration::from_secs(60);
/// The same while it cannot.
const TRY_AGAIN: Duration = Duration::from_secs(15);

/// What was found last.
#[derive(Debug, Default)]
pub(crate) struct DatabaseMonitor {
    seen: Mutex<Observation>,
    doubt: Mutex<Option<Doubt>>,
    failures: [AtomicU64; UnavailableReason::ALL.len()],
}

/// A snapshot of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Observation {
    /// `None`: nobody tried yet, or nothing is written through this process.
    pub(crate) writable: Option<bool>,
    tried: Option<Instant>,
    look: Option<(Instant, ServerStatus)>,
    /// By how many seconds this machine's clock is ahead of the database's.
    pub(crate) ahead_of_database: Option<f64>,
    /// By how many seconds the journal's newest entry is ahead of this machine's clock.
    pub(crate) journal_ahead: Option<f64>,
}

impl Observation {
    pub(crate) fn timeline(&self) -> Option<u32> {
        self.look.and_then(|(_, look)| look.timeline)
    }

    /// Of a standby: for how long it has not been known to be up to date.
    pub(crate) fn behind(&self) -> Option<Duration> {
        let (at, look) = self.look?;
        look.behind.map(|behind| if behind.is_zero() { behind } else { behind + at.elapsed() })
    }
}

impl DatabaseMonitor {
    /// In a process that starts.
    pub(crate) async fn starting(store: &Store) -> Self {
        let watch = Self::default();
        if store.depends_on_local_clock() && store.is_writable() {
            let known = store.last_recorded_at().await.unwrap_or_default();
            *watch.doubt() = Some(Doubt::starting(Instant::now(), clock::now(), known));
        }
        watch
    }

    pub(crate) fn seen(&self) -> Observation {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Observation> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn doubt(&self) -> std::sync::MutexGuard<'_, Option<Doubt>> {
        self.doubt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is the clock doubted too much to stamp anything? Where the database has a clock of its own, that is asked instead.
    pub(crate) fn doubts(&self, now: DateTime<Utc>) -> bool {
        self.doubt().as_mut().is_some_and(|doubt| !doubt.lets_write(Instant::now(), now))
    }

    /// Something was written.
    pub(crate) fn wrote(&self) {
        let mut seen = self.lock();
        if seen.writable.replace(true) == Some(false) {
            tracing::info!("the database can be written again");
        }
        seen.tried = Some(Instant::now());
    }

    /// Something could not be written.
    pub(crate) fn failed(&self, trouble: UnavailableReason) {
        if let Some(at) = UnavailableReason::ALL.iter().position(|one| *one == trouble) {
            self.failures[at].fetch_add(1, Ordering::Relaxed);
        }
        // That others are in the way says that it can be written.
        if trouble != UnavailableReason::Busy {
            let mut seen = self.lock();
            seen.writable = Some(false);
            seen.tried = Some(Instant::now());
        }
    }

    /// How many writes failed, and why.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (UnavailableReason, u64)> + '_ {
        UnavailableReason::ALL.into_iter().zip(self.failures.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// Watches for as long as the process lives.
    pub(crate) async fn keep(&self, store: &Store) {
        loop {
            self.look(store).await;
            if store.is_writable() {
                self.try_to_write(store).await;
            }
            tokio::time::sleep(STATUS).await;
        }
    }

    async fn look(&self, store: &Store) {
        let Ok(look) = store.server_status().await else { return };
        let now = clock::now();
        let seconds = |ahead: DateTime<Utc>, behind: DateTime<Utc>| (ahead - behind).as_seconds_f64();
        let mut seen = self.lock();
        seen.look = Some((Instant::now(), look));
        seen.ahead_of_database = look.clock.map(|clock| seconds(now, clock));
        seen.journal_ahead = Some(seconds(look.recorded_at, now).max(0.0));
    }

    async fn try_to_write(&self, store: &Store) {
        let Observation { writable, tried, .. } = self.seen();
        let cannot = writable == Some(false);
        if tried.is_some_and(|tried| tried.elapsed() < if cannot { TRY_AGAIN } else { TRY }) {
            return;
        }
        let outcome = match store.probe(cannot).await {
            Ok(()) if self.doubts(clock::now()) || !self.clocks_agree() => Err(UnavailableReason::Clock),
            Ok(()) => Ok(()),
            Err(error) => {
                if !cannot {
                    tracing::warn!(%error, "the database cannot be written; questions are answered all the same");
                }
                Err(error.unavailable_reason().unwrap_or(UnavailableReason::Unreachable))
            }
        };
        match outcome {
            Ok(()) => self.wrote(),
            Err(trouble) => self.failed(trouble),
        }
    }

    fn clocks_agree(&self) -> bool {
        let Observation { ahead_of_database, journal_ahead, .. } = self.seen();
        let witness = ahead_of_database.or(journal_ahead).unwrap_or_default();
        witness.abs() <= MOST_SKEW
    }
}

/// In seconds; from there on nothing is written.
const MOST_SKEW: f64 = 300.0;
