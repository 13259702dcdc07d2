//! One request's view of the registry: a snapshot, the day, and who asks. Everything that answers it
//! takes these three from here, so that an answer can't tear.

use catalogue::Snapshot;
use chrono::{DateTime, Utc};
use domain::{Date, DistrictCode, Extent};
use persistence::Store;

/// Who asks, and what they may do.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// A reference that names no person, such as `key_3f`: whose idempotency keys they are, and the actor in
    /// the journal. `None`: anybody.
    pub client: Option<String>,
    /// What people call the caller; `None`: anybody.
    pub name: Option<String>,
    pub roles: Vec<domain::Role>,
    pub district: Option<DistrictCode>,
    /// Does the caller act for the district alone, or for all below it too?
    pub extent: Extent,
}

impl Default for Viewer {
    fn default() -> Self {
        Self { client: None, name: None, roles: Vec::new(), district: None, extent: Extent::Itself }
    }
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
