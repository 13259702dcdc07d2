//! What a person may do: the grants of the registry, and the roles that claims of the provider grant where that is
//! configured. A person with roles for several districts acts in one capacity at a time.

use std::sync::Arc;

use domain::person::{Grant, Person};
use domain::{Date, DistrictCode, Extent, Id, MatterDomain, Recorded, Role};
use persistence::Store;

use crate::session::Claimed;
use crate::viewer::Viewer;

/// The roles that a person has for one district, or for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    pub district: Option<DistrictCode>,
    pub extent: Extent,
    pub roles: Vec<Role>,
    /// The domains of matters that it is for; empty: all.
    pub domains: Vec<MatterDomain>,
}

impl Capacity {
    /// What sessions and requests name it by: the code of the district and `+` with what lies below; `-` without one.
    pub fn name(&self) -> String {
        let below = if self.extent == Extent::Subtree { "+" } else { "" };
        self.district.map_or_else(|| "-".to_owned(), |code| format!("{code}{below}"))
    }
}

/// The capacities of a person on a day: first those of the registry's grants, then that of the claims. Grants with
/// other domains are capacities of their own.
pub fn capacities(grants: &[Recorded<Grant>], claimed: Option<&Claimed>, today: Date) -> Vec<Capacity> {
    let mut capacities: Vec<Capacity> = Vec::new();
    let claimed = claimed.into_iter().flat_map(|claimed| {
        let district = claimed.district.as_deref().and_then(|code| code.parse().ok());
        let extent = if claimed.subtree { Extent::Subtree } else { Extent::Itself };
        claimed.roles().into_iter().map(move |role| (role, district, extent, Vec::new()))
    });
    let granted = grants.iter().filter(|grant| grant.holds_on(today)).map(|grant| {
        let mut domains = grant.domains.clone();
        domains.sort_unstable();
        (grant.role, grant.district, grant.extent, domains)
    });
    for (role, district, extent, domains) in granted.chain(claimed) {
        let same =
            |other: &&mut Capacity| (other.district, other.extent, &other.domains) == (district, extent, &domains);
        match capacities.iter_mut().find(same) {
            Some(capacity) if capacity.roles.contains(&role) => {}
            Some(capacity) => {
                capacity.roles.push(role);
                capacity.roles.sort_unstable();
            }
            None => capacities.push(Capacity { district, extent, roles: vec![role], domains }),
        }
    }
    capacities
}

/// The id of a person, and its grants. `None`: the registry has granted nothing to it.
pub async fn grants(
    store: &Store,
    person: &Person,
) -> persistence::Result<(Option<Id<Person>>, Arc<[Recorded<Grant>]>)> {
    match store.person_by_subject(person).await? {
        Some(row) => Ok((Some(row.person.id), store.grants(Some(row.person.id)).await?.into())),
        None => Ok((None, Arc::default())),
    }
}

/// A person who has proved the identity, in the capacity with a name, else in the first one. Without a capacity the
/// person is signed in and may do no more than an anonymous caller.
pub fn viewer(
    person: &Person,
    (id, name): (Option<Id<Person>>, Option<String>),
    capacities: &[Capacity],
    named: Option<&str>,
) -> Viewer {
    let chosen = capacities.iter().find(|other| named.is_some_and(|name| name == other.name()));
    let mut viewer = Viewer { client: Some(person.reference()), name, person: id, ..Viewer::default() };
    if let Some(capacity) = chosen.or_else(|| capacities.first()).cloned() {
        viewer.roles = capacity.roles;
        viewer.district = capacity.district;
        viewer.extent = capacity.extent;
        viewer.domains = capacity.domains;
    }
    viewer
}
