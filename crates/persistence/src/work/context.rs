//! The context of a unit of work: the actor, the time, and whether its changes are written or only checked.

use chrono::{DateTime, Utc};
use domain::{Change, Date, DistrictCode};

/// The actor of a change, the district for which the actor acts, and the time.
#[derive(Debug, Clone)]
pub struct WriteContext {
    /// A reference without the person's name.
    pub actor: String,
    pub on_behalf_of: Option<DistrictCode>,
    pub now: DateTime<Utc>,
    /// The calendar day in China.
    pub today: Date,
}

/// How a unit of work treats its changes.
#[derive(Debug)]
pub(crate) enum WorkMode {
    /// Returns them from `commit`.
    Collect(Vec<Change>),
    /// Writes them without returning them, since there are many.
    Discard,
    /// Writes nothing and only counts.
    DryRun,
}
