//! Until when a request may compute. Whatever computes at length looks at it, so that the time limit of an operation binds
//! also where nothing waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::Error;

/// The end of the time that a request has.
#[derive(Debug, Clone, Default)]
pub struct Deadline {
    /// `None`: it has all the time it wants.
    at: Option<Instant>,
    /// Nobody waits for the answer any more.
    cancelled: Arc<AtomicBool>,
}

impl Deadline {
    pub(crate) fn after(patience: Duration) -> Self {
        Self { at: Instant::now().checked_add(patience), cancelled: Arc::default() }
    }

    pub(crate) fn has_passed(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.at.is_some_and(|at| at <= Instant::now())
    }

    /// Ends the computation unless there is time left.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.has_passed() { Err(Error::Timeout) } else { Ok(()) }
    }

    /// Lets others run in between, and ends the computation unless there is time left.
    pub(crate) async fn pause(&self) -> Result<(), Error> {
        tokio::task::yield_now().await;
        self.check()
    }

    /// Cancels the computation when it is dropped: nobody waits for it then.
    pub(crate) fn guard(&self) -> Guard {
        Guard(self.cancelled.clone())
    }
}

#[derive(Debug)]
pub(crate) struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_passes_by_the_clock_or_when_nobody_waits() {
        assert!(Deadline::default().check().is_ok());
        assert!(Deadline::after(Duration::ZERO).check().is_err());
        let deadline = Deadline::after(Duration::from_secs(3_600));
        let guard = deadline.guard();
        assert!(deadline.check().is_ok());
        drop(guard);
        assert!(deadline.check().is_err());
    }
}
