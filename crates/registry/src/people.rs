//! What a person may do: the grants of the registry, and the roles that claims of the provider grant where that is
//! configured. A person with roles for several districts acts in one capacity at a time.

use std::collections::HashMap;
use std::sync::Arc;

use domain::person::{Grant, Person};
use domain::{Date, DistrictCode, Extent, Id, MatterDomain, Recorded, Role};
pub use persistence::PersonRow;
use persistence::Store;

use crate::error::Error;
use crate::request_context::RequestContext;
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
    /// The grants behind it. A role of the claims has none.
    pub grants: Vec<Id<Grant>>,
}

impl Capacity {
    /// The one in which a caller acts now.
    pub fn of(viewer: &Viewer) -> Self {
        Self {
            district: viewer.district,
            extent: viewer.extent,
            roles: viewer.roles.clone(),
            domains: viewer.domains.clone(),
            grants: viewer.grants.clone(),
        }
    }

    /// The name in sessions and requests: the code of the district, or `-` without one; `+` with the districts below; and
    /// the domains, such as `440115+:HEALTH,TRANSPORT`.
    pub fn name(&self) -> String {
        let below = if self.extent == Extent::Subtree { "+" } else { "" };
        let district = self.district.map_or_else(|| "-".to_owned(), |code| format!("{code}{below}"));
        let domains: Vec<&str> = self.domains.iter().map(|domain| domain.name()).collect();
        if domains.is_empty() { district } else { format!("{district}:{}", domains.join(",")) }
    }
}

/// The capacities of a person on a day: first those of the registry's grants, then that of the claims. Grants with
/// other domains are capacities of their own.
pub fn capacities(grants: &[Recorded<Grant>], claimed: Option<&Claimed>, today: Date) -> Vec<Capacity> {
    let mut capacities: Vec<Capacity> = Vec::new();
    let of_claims: Option<DistrictCode> = claimed.and_then(|claimed| claimed.district.as_deref()?.parse().ok());
    let claimed_extent = claimed.is_some_and(|claimed| claimed.subtree);
    let claimed = claimed.into_iter().flat_map(|claimed| {
        let district = claimed.district.as_deref().and_then(|code| code.parse().ok());
        let extent = if claimed.subtree { Extent::Subtree } else { Extent::Itself };
        claimed.roles().into_iter().map(move |role| (role, district, extent, Vec::new(), None))
    });
    let granted = grants.iter().filter(|grant| grant.holds_on(today)).map(|grant| {
        let mut domains = grant.domains.clone();
        domains.sort_unstable();
        (grant.role, grant.district, grant.extent, domains, Some(grant.id))
    });
    for (role, district, extent, domains, grant) in granted.chain(claimed) {
        let same =
            |other: &&mut Capacity| (other.district, other.extent, &other.domains) == (district, extent, &domains);
        match capacities.iter_mut().find(same) {
            Some(capacity) if capacity.roles.contains(&role) => {}
            Some(capacity) => {
                capacity.roles.push(role);
                capacity.roles.sort_unstable();
                capacity.grants.extend(grant);
            }
            None => {
                let grants = grant.into_iter().collect();
                capacities.push(Capacity { district, extent, roles: vec![role], domains, grants });
            }
        }
    }
    // Without a role the claims still name the district.
    if let (true, Some(district)) = (capacities.is_empty(), of_claims) {
        let extent = if claimed_extent { Extent::Subtree } else { Extent::Itself };
        let (roles, domains, grants) = Default::default();
        capacities.push(Capacity { district: Some(district), extent, roles, domains, grants });
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
        viewer.grants = capacity.grants;
    }
    viewer
}

/// The people that the caller may see, with their grants: a steward sees all; somebody who acts for districts those with
/// a grant for one of them; and everybody itself.
pub async fn seen(request: &RequestContext) -> Result<Vec<(PersonRow, Vec<Recorded<Grant>>)>, Error> {
    let viewer = &request.viewer;
    let acts = viewer.roles.iter().any(|role| *role != Role::Partner);
    if !acts && viewer.person.is_none() {
        return Ok(Vec::new());
    }
    let is_steward = viewer.roles.contains(&Role::Steward);
    let districts = viewer.districts(&request.snapshot, request.today);
    let mut grants: HashMap<Id<Person>, Vec<Recorded<Grant>>> = HashMap::new();
    for grant in request.store.grants(None).await? {
        grants.entry(grant.person).or_default().push(grant);
    }
    let people = request.store.people().await?.into_iter().map(|row| {
        let own = grants.remove(&row.person.id).unwrap_or_default();
        (row, own)
    });
    let is_near = |(row, own): &(PersonRow, Vec<Recorded<Grant>>)| {
        let is_of_district = own.iter().any(|grant| grant.district.is_some_and(|code| districts.contains(&code)));
        is_steward || viewer.person == Some(row.person.id) || acts && is_of_district
    };
    Ok(people.filter(is_near).collect())
}
