//! Is the clock that stamps an entry right? A stamp that lies ahead stays on every later entry, since none is recorded before the
//! one before it; so a clock is compared before it stamps.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{Error, Result, Witness};
use crate::head::Head;

/// By how much clocks may differ. A request may have waited for some of it.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// What the time is, as far as the database knows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// Its server has a clock of its own.
    Server { said: DateTime<Utc>, at: Instant },
    /// It has none, as SQLite: only the journal tells.
    None,
    /// Whoever runs it says that this machine's clock is right.
    Trusted,
}

/// When was the clock asked?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    JustNow,
    /// Before files were read, which may take long.
    BeforeFiles,
}

/// How long files may be read.
const FILES: TimeDelta = TimeDelta::hours(2);

impl Clock {
    pub(crate) fn check(self, now: DateTime<Utc>, head: &Head, asked: Asked) -> Result<()> {
        let (witness, says) = match self {
            Self::Trusted => return Ok(()),
            Self::Server { said, at } => (Witness::Database, said + TimeDelta::from_std(at.elapsed()).unwrap_or_default()),
            // That it is later than the newest entry is as it should be.
            Self::None => (Witness::Journal, head.recorded_at.max(now)),
        };
        let ahead = now - says;
        let late = match asked {
            Asked::JustNow => TOLERANCE,
            Asked::BeforeFiles => FILES,
        };
        if ahead > TOLERANCE || -ahead > late { Err(Error::Clock { now, witness, says }) } else { Ok(()) }
    }
}
