//! The audit log of refused credentials, with a limit of lines: a client that guesses does not fill the disk.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::http::refusal::Refusal;

#[derive(Debug, Default)]
pub(super) struct RefusalLog(Mutex<LinesOfMinute>);

#[derive(Debug, Default)]
struct LinesOfMinute {
    since: Option<Instant>,
    lines: u32,
    left_out: u64,
}

const MAX_LINES_PER_MINUTE: u32 = 120;
const MINUTE: Duration = Duration::from_secs(60);

impl RefusalLog {
    /// Logs why a credential is refused; the request's span has the address. The response does not say why.
    pub(super) fn refuse(&self, credential: &str, why: &str) -> Refusal {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.since.is_none_or(|since| since.elapsed() >= MINUTE) {
            if minute.left_out > 0 {
                tracing::warn!(refused = minute.left_out, "more credentials were refused than have lines here");
            }
            *minute = LinesOfMinute { since: Some(Instant::now()), ..LinesOfMinute::default() };
        }
        if minute.lines < MAX_LINES_PER_MINUTE {
            minute.lines += 1;
            tracing::warn!(outcome = "UNAUTHENTICATED", credential, why, "audit");
        } else {
            minute.left_out += 1;
        }
        Refusal::unauthenticated()
    }
}
