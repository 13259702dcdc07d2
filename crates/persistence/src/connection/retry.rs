//! Timeouts, and retries while the database is busy.

use std::time::{Duration, Instant};

use sea_orm::{ConnAcquireErr, DbErr};

use crate::error::{Error, Result, is_retryable};

/// How long a statement waits for a lock, and a caller for a connection.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a paused writer may hold the head lock.
pub(crate) const IDLE_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);

/// A database that does not answer in time is unavailable.
pub(crate) async fn with_timeout<T>(timeout: Duration, answer: impl Future<Output = Result<T>>) -> Result<T> {
    let timed_out = || Error::from(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
    tokio::time::timeout(timeout, answer).await.unwrap_or_else(|_| Err(timed_out()))
}

/// Retries while the database is busy, with growing pauses, for as long as a writer waits.
pub(crate) async fn retry_with_backoff<T, E: Into<Error>, F: Future<Output = Result<T, E>>>(
    mut attempt: impl FnMut() -> F,
) -> Result<T> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(5);
    loop {
        match attempt().await.map_err(Into::into) {
            Err(Error::Unavailable(error)) if is_retryable(&error) && began.elapsed() < LOCK_TIMEOUT => {
                tokio::time::sleep(pause).await;
            }
            outcome => return outcome,
        }
        pause = (pause * 2).min(Duration::from_millis(320));
    }
}
