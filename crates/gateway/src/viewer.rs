//! The caller of a request: who it is and which roles it has.

use domain::{DistrictCode, Extent};

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
