//! Mutations of people.

use async_graphql::{Context, ID, InputObject, Object};
use domain::Id;
use registry::acts::person;
use registry::error::Error;

use super::payload::payload;
use crate::context::request_context;
use crate::enums;
use crate::enums::caller::Role;
use crate::enums::matter::MatterDomain;
use crate::person::Person;
use crate::scalar::{Date, DistrictCode, Url};
use crate::write::{Submitted, acted};

/// A role for a person.
#[derive(Debug, InputObject)]
pub struct GrantInput {
    /// The issuer (`iss`) of the provider.
    issuer: Url,
    /// The subject (`sub`) by which the provider knows the person.
    subject: String,
    /// The name for people. It is kept apart from the record, and is replaced by the provider's at the next sign-in.
    display_name: String,
    /// The role.
    role: Role,
    /// The district. Required for registrars and signatories.
    district: Option<DistrictCode>,
    /// Whether it is for the district alone, or also for all districts below it.
    #[graphql(default_with = "Some(enums::district::Extent::Itself)")]
    extent: Option<enums::district::Extent>,
    /// The domains of matters that it is for. Absent: all.
    domains: Option<Vec<MatterDomain>>,
    /// The first day.
    from: Date,
    /// The last day. Absent: no end.
    until: Option<Date>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

/// The grant to revoke.
#[derive(Debug, InputObject)]
pub struct RevokeGrantInput {
    /// The global id of the grant.
    id: ID,
    /// Why.
    reason: String,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

/// Signing by another person for a time (代理签署).
#[derive(Debug, InputObject)]
pub struct DelegateInput {
    /// The district to sign for.
    district: DistrictCode,
    /// The global id of the person who will sign.
    to: ID,
    /// The last day: at most 90 days from today.
    until: Date,
    /// Why.
    reason: String,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

payload! {
    /// The result of granting, revoking or delegating a role.
    PersonPayload {
        /// The person after the change. Null when there are problems.
        async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
            match &self.0.saved {
                Some(saved) => Person::find(request_context(ctx), Id::new(saved.record)).await,
                None => Ok(None),
            }
        }
    }
}

#[derive(Debug, Default)]
pub struct PersonMutation;

#[Object(serial)]
impl PersonMutation {
    /// Grants a role to a person. For stewards; a registrar with the extent `SUBTREE` grants `REGISTRAR` and `PARTNER` for
    /// districts below its own.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person, the role, the district and the time.")] input: Submitted<GrantInput>,
    ) -> Result<PersonPayload, Error> {
        acted(ctx, person::grant(request_context(ctx), input.fields())).await.map(PersonPayload)
    }

    /// Revokes a grant. It ends at once. For those who may grant it, and for the signatory who delegated it.
    async fn revoke_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The grant to revoke, and why.")] input: Submitted<RevokeGrantInput>,
    ) -> Result<PersonPayload, Error> {
        acted(ctx, person::revoke(request_context(ctx), input.fields())).await.map(PersonPayload)
    }

    /// Lets another person sign for 90 days at most (代理签署). For a person with the role of signatory of its own.
    async fn delegate_signing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The district, the person and the last day.")] input: Submitted<DelegateInput>,
    ) -> Result<PersonPayload, Error> {
        acted(ctx, person::delegate(request_context(ctx), input.fields())).await.map(PersonPayload)
    }
}
