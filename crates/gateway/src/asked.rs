//! One request's view of the registry: a snapshot, the day, and who asks. Everything that answers it
//! takes these three from here, so that an answer can't tear.

use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Date, DistrictCode};
use persistence::Store;

/// Who asks, and what they may do.
#[derive(Debug, Clone, Default)]
pub struct Viewer {
    /// The name of the key; `None`: anybody.
    pub name: Option<String>,
    pub roles: Vec<domain::Role>,
    pub district: Option<DistrictCode>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub snapshot: Snapshot,
    /// For what is too long to be in memory.
    pub store: Store,
    pub now: DateTime<Utc>,
    /// Today in Asia/Shanghai.
    pub today: Date,
    pub viewer: Viewer,
}
