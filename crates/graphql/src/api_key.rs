//! API keys in the schema. Only stewards see them.

use std::collections::HashMap;

use async_graphql::{Context, Object};
use domain::{Id, Recorded};
use graphql_macros::direct_json;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::connection::connection;
use super::context::request_context;
use super::district::District;
use super::enums;
use super::enums::caller::Role;
use super::enums::district::Extent;
use super::ids::GlobalId;
use super::scalar::{DateTime, Revision};

/// A key, and when it was last used.
#[derive(Debug, Clone)]
pub struct ApiKey(Recorded<domain::ApiKey>, Option<chrono::DateTime<chrono::Utc>>);

connection! {
    /// A page of API keys.
    ApiKeyConnection,
    /// An API key in a list.
    ApiKeyEdge, ApiKey
}

impl ApiKey {
    /// The keys with these ids that exist and that the caller may see.
    pub(crate) async fn fetch_known(
        request: &RequestContext,
        ids: Vec<Id<domain::ApiKey>>,
    ) -> Result<HashMap<Id<domain::ApiKey>, Self>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let keys = Self::fetch_all(request, None).await?.into_iter();
        Ok(keys.filter(|(id, _)| ids.contains(id)).collect())
    }

    /// All keys, or those of a district, in the order in which they were issued.
    pub(crate) async fn fetch_all(
        request: &RequestContext,
        district: Option<domain::DistrictCode>,
    ) -> Result<Vec<(Id<domain::ApiKey>, Self)>, Error> {
        if request.scope != domain::Scope::Steward {
            return Ok(Vec::new());
        }
        let uses: HashMap<_, _> = request.store.key_uses().await?.into_iter().collect();
        let keys = request.store.keys().await?.into_iter();
        let keys = keys.filter(|key| district.is_none() || key.district == district);
        Ok(keys.map(|key| (key.id, Self(key.clone(), uses.get(&key.id).copied().flatten()))).collect())
    }
}

/// A key for a program that uses this API. Only stewards see keys. The secret is shown once, when the key is issued.
#[direct_json]
#[Object(serial)]
impl ApiKey {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::ApiKey(self.0.id)
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

    /// When the key was last used, to about a minute. Null: never.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.1.map(DateTime)
    }

    /// When the key was revoked. Null while it is valid.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}
