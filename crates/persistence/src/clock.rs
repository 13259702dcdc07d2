//! Checks this machine's clock before it stamps a journal entry. Times in the journal never decrease, so one stamp in
//! the future would stay on all later entries.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{ClockReference, Error, Result};
use crate::head::Head;

/// The largest accepted difference between two clocks. It includes the time that a request waited.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The clock to compare with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The clock of the database server.
    Server { now: DateTime<Utc>, at: Instant },
    /// SQLite has no clock of its own: only the journal's newest entry can be compared.
    None,
    /// The operator has switched the check off.
    Trusted,
}

/// How old the time may be that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeTaken {
    JustNow,
    /// The time was taken before files were read, which can take long.
    BeforeReading,
}

/// The longest time that reading files may take.
const MAX_READING_TIME: TimeDelta = TimeDelta::hours(2);

impl Clock {
    pub(crate) fn check(self, now: DateTime<Utc>, head: &Head, taken: TimeTaken) -> Result<()> {
        let (reference, reference_time) = match self {
            Self::Trusted => return Ok(()),
            Self::Server { now: server_now, at } => {
                (ClockReference::Database, server_now + TimeDelta::from_std(at.elapsed()).unwrap_or_default())
            }
            // A time after the newest entry is correct.
            Self::None => (ClockReference::Journal, head.recorded_at.max(now)),
        };
        let ahead = now - reference_time;
        let late = match taken {
            TimeTaken::JustNow => TOLERANCE,
            TimeTaken::BeforeReading => MAX_READING_TIME,
        };
        if ahead > TOLERANCE || -ahead > late { Err(Error::Clock { now, reference, reference_time }) } else { Ok(()) }
    }
}
