//! Who writes and when, and what a unit of work does with its changes.

use chrono::{DateTime, Utc};
use domain::{Change, Date, DistrictCode};

/// Who writes, on whose behalf, and when.
#[derive(Debug, Clone)]
pub struct WriteContext {
    /// A reference without the person's name.
    pub actor: String,
    pub on_behalf_of: Option<DistrictCode>,
    pub now: DateTime<Utc>,
    /// The calendar day in China.
    pub today: Date,
}

/// What a unit of work does with its changes.
#[derive(Debug)]
pub(crate) enum WorkMode {
    /// Returns them from `commit`.
    Collect(Vec<Change>),
    /// Writes them without returning them, since there are many.
    Discard,
    /// Writes nothing and only counts.
    DryRun,
}
