//! API keys as stewards see them. Nobody else knows that there are any.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};
use domain::{Id, Recorded};

use super::asked;
use super::district::District;
use super::error::Fault;
use super::scalar::{DateTime, Revision};
use super::words::{self, Extent, Role};
use crate::request_context::RequestContext;

#[derive(Debug, Clone)]
pub struct ApiKey(Recorded<domain::ApiKey>);

impl ApiKey {
    /// Those of some ids that there are and that the caller may see.
    pub(crate) async fn fetch_known(asked: &RequestContext, ids: Vec<Id<domain::ApiKey>>) -> Result<HashMap<Id<domain::ApiKey>, Self>, Fault> {
        if ids.is_empty() || asked.eyes != domain::Scope::Steward {
            return Ok(HashMap::new());
        }
        let keys = asked.store.keys().await?.into_iter().filter(|key| ids.contains(&key.id));
        Ok(keys.map(|key| (key.id, Self(key))).collect())
    }
}

/// A key to this API. Only stewards see keys; nobody sees a secret again.
#[Object(serial)]
impl ApiKey {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The newest change of this key.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its roles.
    async fn roles(&self) -> Vec<Role> {
        words::schema(&self.0.roles)
    }

    /// The district that its bearer acts for.
    async fn district(&self, ctx: &Context<'_>) -> Result<Option<District>, Fault> {
        self.0.district.map(|code| District::named(asked(ctx), code)).transpose()
    }

    /// Does its bearer act for the district alone, or for all below it too?
    async fn extent(&self) -> Extent {
        self.0.extent.into()
    }

    /// The first characters of the secret, by which people tell keys apart.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// From when on it opens nothing any more; null: it does not expire.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When it was revoked; null while it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}
