//! The deadline of a request. Long computations check it, so that the time limit of an operation also holds where
//! nothing awaits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::Error;

#[derive(Debug, Clone, Default)]
pub struct Deadline {
    /// `None`: there is no time limit.
    at: Option<Instant>,
    /// The client has gone, or the time is over.
    cancelled: Arc<AtomicBool>,
}

impl Deadline {
    pub fn after(timeout: Duration) -> Self {
        Self { at: Instant::now().checked_add(timeout), cancelled: Arc::default() }
    }

    pub fn has_passed(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.at.is_some_and(|at| at <= Instant::now())
    }

    /// An error if no time is left.
    pub fn check(&self) -> Result<(), Error> {
        if self.has_passed() { Err(Error::Timeout) } else { Ok(()) }
    }

    /// Yields to other tasks; an error if no time is left.
    pub async fn pause(&self) -> Result<(), Error> {
        tokio::task::yield_now().await;
        self.check()
    }

    /// Cancels the computation when the guard is dropped.
    pub fn cancel_on_drop(&self) -> CancelOnDrop {
        CancelOnDrop(self.cancelled.clone())
    }
}

#[derive(Debug)]
pub struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_passes_in_time_or_when_it_is_cancelled() {
        assert!(Deadline::default().check().is_ok());
        assert!(Deadline::after(Duration::ZERO).check().is_err());
        let deadline = Deadline::after(Duration::from_secs(3_600));
        let guard = deadline.cancel_on_drop();
        assert!(deadline.check().is_ok());
        drop(guard);
        assert!(deadline.check().is_err());
    }
}
