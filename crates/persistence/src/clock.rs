//! Is the clock that stamps an entry right? A stamp that lies ahead stays on every later entry, since none is recorded before the
//! one before it; so a clock is compared before it stamps.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{ClockReference, Error, Result};
use crate::head::Head;

/// By how much clocks may differ. A request may have waited for some of it.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// What the time is, as far as the database knows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// Its server has a clock of its own.
    Server { now: DateTime<Utc>, at: Instant },
    /// It has none, as SQLite: only the journal tells.
    None,
    /// Whoever runs it says that this machine's clock is right.
    Trusted,
}

/// When was the clock asked?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeTaken {
    JustNow,
    /// Before files were read, which may take long.
    BeforeReading,
}

/// How long files may be read.
const MAX_READING_TIME: TimeDelta = TimeDelta::hours(2);

impl Clock {
    pub(crate) fn check(self, now: DateTime<Utc>, head: &Head, taken: TimeTaken) -> Result<()> {
        let (reference, reference_time) = match self {
            Self::Trusted => return Ok(()),
            Self::Server { now: server_now, at } => (ClockReference::Database, server_now + TimeDelta::from_std(at.elapsed()).unwrap_or_default()),
            // That it is later than the newest entry is as it should be.
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
