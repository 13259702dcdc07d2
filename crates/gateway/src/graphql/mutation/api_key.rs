use async_graphql::{Context, ID, InputObject, Object};
use domain::Id;

use super::payload;
use crate::acts::api_key;
use crate::graphql::api_key::ApiKey;
use crate::graphql::asked;
use crate::graphql::error::Fault;
use crate::graphql::scalar::{DateTime, DistrictCode};
use crate::graphql::words::{self, Role};
use crate::graphql::write::{Submitted, acted};

/// Input of a new key: its roles and its district.
#[derive(Debug, InputObject)]
pub struct ApiKeyInput {
    /// Name of the system that uses it.
    name: String,
    /// Its roles.
    roles: Vec<Role>,
    /// For which district.
    district: Option<DistrictCode>,
    /// Whether for those below the district, too.
    #[graphql(default_with = "Some(words::Extent::Itself)")]
    extent: Option<words::Extent>,
    /// From then on it opens nothing; left out: until it is revoked.
    expires_at: Option<DateTime>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days,
    /// without the secret.
    idempotency_key: Option<String>,
}

/// Which key ends.
#[derive(Debug, InputObject)]
pub struct RevokeApiKeyInput {
    /// Its id.
    id: ID,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
}

payload! {
    /// Result of issuing or revoking a key.
    ApiKeyPayload {
        /// The key's id; null when there are problems.
        async fn id(&self) -> Option<ID> {
            self.0.saved.as_ref().map(|saved| ID(Id::<domain::ApiKey>::new(saved.record).to_string()))
        }

        /// The key as it is now; null when there are problems.
        async fn api_key(&self, ctx: &Context<'_>) -> Result<Option<ApiKey>, Fault> {
            let Some(saved) = &self.0.saved else { return Ok(None) };
            let id = Id::new(saved.record);
            Ok(ApiKey::fetch_known(asked(ctx), vec![id]).await?.remove(&id))
        }

        /// The secret: told once, and kept nowhere. Null when a request is repeated.
        async fn secret(&self) -> Option<&str> {
            self.0.saved.as_ref()?.secret.as_deref()
        }
    }
}

#[derive(Debug, Default)]
pub struct ApiKeyMutation;

#[Object(serial)]
impl ApiKeyMutation {
    /// Issues an API key. Its secret is told once. For stewards.
    async fn issue_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Roles and district of the key.")] input: Submitted<ApiKeyInput>,
    ) -> Result<ApiKeyPayload, Fault> {
        acted(ctx, api_key::issue(asked(ctx), input.fields())).await.map(ApiKeyPayload)
    }

    /// Revokes an API key: it opens nothing from now on. For stewards.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: Submitted<RevokeApiKeyInput>,
    ) -> Result<ApiKeyPayload, Fault> {
        acted(ctx, api_key::revoke(asked(ctx), input.fields())).await.map(ApiKeyPayload)
    }
}
