//! People and their grants in the schema. Stewards see all; others see themselves, and the people of their districts.

use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::{DistrictCode, Id, Recorded};
use graphql_macros::direct_json;
use persistence::PersonRow;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::connection::connection;
use super::context::request_context;
use super::district::District;
use super::enums;
use super::enums::caller::Role;
use super::enums::district::Extent;
use super::enums::matter::MatterDomain;
use super::ids::GlobalId;
use super::scalar::{Date, DateTime, Revision};

/// The people that the caller may see. There are few: clerks and signatories.
#[derive(Debug, Default)]
pub(crate) struct People(Vec<Person>);

impl People {
    pub(crate) async fn load(request: &RequestContext) -> Result<Self, Error> {
        let people = registry::people::seen(request).await?.into_iter();
        Ok(Self(people.map(|(row, grants)| Person { row: Arc::new(row), grants: grants.into() }).collect()))
    }

    pub(crate) async fn load_if(request: &RequestContext, wanted: bool) -> Result<Self, Error> {
        if wanted { Self::load(request).await } else { Ok(Self::default()) }
    }

    pub(crate) fn person(&self, id: Id<domain::person::Person>) -> Option<Person> {
        self.0.iter().find(|person| person.row.person.id == id).cloned()
    }

    pub(crate) fn grant(&self, id: Id<domain::person::Grant>) -> Option<Grant> {
        self.0.iter().flat_map(|person| person.grants.iter()).find(|grant| grant.id == id).cloned().map(Grant)
    }

    /// Those with a grant for a district; all without one.
    pub(crate) fn of(self, district: Option<DistrictCode>) -> Vec<(Id<domain::person::Person>, Person)> {
        let has = |person: &Person| district.is_none() || person.grants.iter().any(|grant| grant.district == district);
        self.0.into_iter().filter(has).map(|person| (person.row.person.id, person)).collect()
    }
}

#[derive(Debug, Clone)]
pub struct Person {
    row: Arc<PersonRow>,
    grants: Arc<[Recorded<domain::person::Grant>]>,
}

connection! {
    /// A page of people.
    PersonConnection,
    /// A person in a list.
    PersonEdge, Person
}

impl Person {
    pub(crate) async fn find(request: &RequestContext, id: Id<domain::person::Person>) -> Result<Option<Self>, Error> {
        Ok(People::load(request).await?.person(id))
    }
}

/// Somebody who signs in by an identity provider (人员). The provider says who somebody is; grants say what the person
/// may do. Names stay out of the feed and of exports.
#[direct_json]
#[Object(serial)]
impl Person {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Person(self.row.person.id)
    }

    /// The revision (数据版本) that registered the person.
    async fn revision(&self) -> Revision {
        Revision(self.row.person.revision)
    }

    /// The subject (`sub`) by which the provider knows the person.
    async fn subject(&self) -> &str {
        &self.row.person.subject
    }

    /// The issuer (`iss`) of the provider.
    async fn issuer(&self) -> &str {
        &self.row.person.issuer
    }

    /// The name as it was given, or as the provider gave it at the last sign-in. Null when it was erased.
    async fn display_name(&self) -> Option<&str> {
        Some(self.row.name.as_str()).filter(|name| !name.is_empty())
    }

    /// The grants (授权) that are not revoked, also those that have ended or begin later, the oldest first.
    async fn grants(&self) -> Vec<Grant> {
        self.grants.iter().filter(|grant| grant.revoked_on.is_none()).cloned().map(Grant).collect()
    }

    /// When the person last signed in to the console. Null: never.
    async fn last_seen_at(&self) -> Option<DateTime> {
        self.row.last_seen_at.map(DateTime)
    }
}

#[derive(Debug, Clone)]
pub struct Grant(Recorded<domain::person::Grant>);

impl Grant {
    pub(crate) async fn find(request: &RequestContext, id: Id<domain::person::Grant>) -> Result<Option<Self>, Error> {
        Ok(People::load(request).await?.grant(id))
    }
}

/// A role of a person for a district, for a time (授权).
#[direct_json]
#[Object(serial)]
impl Grant {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Grant(self.0.id)
    }

    /// The revision (数据版本) of the newest change of this grant.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The district. Null for a role without one.
    async fn district(&self, ctx: &Context<'_>) -> Result<Option<District>, Error> {
        self.0.district.map(|code| District::named(request_context(ctx), code)).transpose()
    }

    /// Whether it is for the district alone, or also for all districts below it.
    async fn extent(&self) -> Extent {
        self.0.extent.into()
    }

    /// The domains of matters that it is for. Empty: all.
    async fn domains(&self) -> Vec<MatterDomain> {
        enums::to_schema(&self.0.domains)
    }

    /// The first day.
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// The last day. Null: no end.
    async fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }

    /// The signatory who delegated signing (代理签署). Null for other grants.
    async fn delegated_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        match self.0.delegated_by {
            Some(id) => Person::find(request_context(ctx), id).await,
            None => Ok(None),
        }
    }

    /// Why signing was delegated. Null for other grants.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The day on which it was revoked. Null while it is not.
    async fn revoked_on(&self) -> Option<Date> {
        self.0.revoked_on.map(Date)
    }
}
