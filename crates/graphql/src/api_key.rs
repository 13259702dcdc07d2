//! API keys in the schema. Only stewards see them.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};
use domain::{Id, Recorded};
use registry::error::Error;
use registry::request_context::RequestContext;

use super::context::request_context;
use super::district::District;
use super::enums;
use super::enums::caller::Role;
use super::enums::district::Extent;
use super::scalar::{DateTime, Revision};

#[derive(Debug, Clone)]
pub struct ApiKey(Recorded<domain::ApiKey>);

impl ApiKey {
    /// The keys with these ids that exist and that the caller may see.
    pub(crate) async fn fetch_known(
        request: &RequestContext,
        ids: Vec<Id<domain::ApiKey>>,
    ) -> Result<HashMap<Id<domain::ApiKey>, Self>, Error> {
        if ids.is_empty() || request.scope != domain::Scope::Steward {
            return Ok(HashMap::new());
        }
        let keys = request.store.keys().await?.into_iter().filter(|key| ids.contains(&key.id));
        Ok(keys.map(|key| (key.id, Self(key))).collect())
    }
}

/// A key for a program that uses this API. Only stewards see keys. The secret is shown once, when the key is issued.
#[Object(serial)]
impl ApiKey {
    /// The global id. `node(id:)` returns the record again.
    #[graphql(name = "id")]
    pub(super) async fn resolve_id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The revision (数据版本) of the newest change of this key.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The name of the program that uses the key.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The roles that the key grants.
    async fn roles(&self) -> Vec<Role> {
        enums::to_schema(&self.0.roles)
    }

    /// The district on whose behalf the key acts. Null for a key without a district.
    async fn district(&self, ctx: &Context<'_>) -> Result<Option<District>, Error> {
        self.0.district.map(|code| District::named(request_context(ctx), code)).transpose()
    }

    /// Whether the key acts for the district alone, or also for all districts below it.
    async fn extent(&self) -> Extent {
        self.0.extent.into()
    }

    /// The first characters of the secret, to tell keys apart.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// The moment from which the key is no longer accepted. Null: it does not expire.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When the key was revoked. Null while it is valid.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}
