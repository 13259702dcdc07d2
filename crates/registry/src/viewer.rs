//! The caller of a request: its identity and its roles.

use domain::person::{Grant, Person, REFERENCE};
use domain::{DistrictCode, Extent, Id, MatterDomain};

#[derive(Debug, Clone)]
pub struct Viewer {
    /// A reference that names no person, such as `key_3f`: the owner of idempotency keys, and the actor in the journal.
    /// `None`: the caller is anonymous.
    pub client: Option<String>,
    /// The name for people; `None`: the caller is anonymous.
    pub name: Option<String>,
    pub roles: Vec<domain::Role>,
    pub district: Option<DistrictCode>,
    /// Does the caller act for the district alone, or also for all districts below it?
    pub extent: Extent,
    /// The domains of matters that a person may maintain; empty: all.
    pub domains: Vec<MatterDomain>,
    /// The person, if the registry has granted roles to it.
    pub person: Option<Id<Person>>,
    /// The grants behind its roles. They are checked again in the database before anything is written.
    pub grants: Vec<Id<Grant>>,
}

impl Viewer {
    /// Whether the identity provider says who the caller is. An API key is no person.
    pub fn is_person(&self) -> bool {
        self.client.as_deref().is_some_and(|client| client.starts_with(REFERENCE))
    }
}

impl Default for Viewer {
    fn default() -> Self {
        Self {
            client: None,
            name: None,
            roles: Vec::new(),
            district: None,
            extent: Extent::Itself,
            domains: Vec::new(),
            person: None,
            grants: Vec::new(),
        }
    }
}
