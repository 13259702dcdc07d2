use async_graphql::{Context, ID, InputObject, Object};
use domain::Id;
use registry::acts::api_key;
use registry::error::Error;

use super::payload::payload;
use crate::api_key::ApiKey;
use crate::context::request_context;
use crate::enums;
use crate::enums::caller::Role;
use crate::scalar::{DateTime, DistrictCode};
use crate::write::{Submitted, acted};

/// A new API key: name, roles and district.
#[derive(Debug, InputObject)]
pub struct ApiKeyInput {
    /// The name of the program that uses the key.
    name: String,
    /// The roles that the key grants.
    roles: Vec<Role>,
    /// The district on whose behalf the key acts. Absent: none.
    district: Option<DistrictCode>,
    /// Whether the key acts for the district alone, or also for all districts below it.
    #[graphql(default_with = "Some(enums::district::Extent::Itself)")]
    extent: Option<enums::district::Extent>,
    /// The moment from which the key is no longer accepted. Default: it does not expire.
    expires_at: Option<DateTime>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request, without
    /// the secret, and writes nothing.
    idempotency_key: Option<String>,
}

/// The API key to revoke.
#[derive(Debug, InputObject)]
pub struct RevokeApiKeyInput {
    /// The global id of the key.
    id: ID,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

/// The API key to replace.
#[derive(Debug, InputObject)]
pub struct RotateApiKeyInput {
    /// The global id of the key.
    id: ID,
    /// For how many hours the old key is still accepted: 0 to 720.
    #[graphql(default = 24)]
    overlap_hours: Option<i32>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request, without
    /// the secret, and writes nothing.
    idempotency_key: Option<String>,
}

payload! {
    /// The result of issuing or revoking an API key.
    ApiKeyPayload {
        /// The global id of the key. Null when there are problems.
        async fn id(&self) -> Option<ID> {
            self.0.saved.as_ref().map(|saved| ID(Id::<domain::ApiKey>::new(saved.record).to_string()))
        }

        /// The key after the change. Null when there are problems.
        async fn api_key(&self, ctx: &Context<'_>) -> Result<Option<ApiKey>, Error> {
            let Some(saved) = &self.0.saved else { return Ok(None) };
            let id = Id::new(saved.record);
            Ok(ApiKey::fetch_known(request_context(ctx), vec![id]).await?.remove(&id))
        }

        /// The secret of a new key. It is shown only once and is not stored. Null when a request is repeated, and when
        /// a key is revoked.
        async fn secret(&self) -> Option<&str> {
            self.0.saved.as_ref()?.secret.as_deref()
        }
    }
}

#[derive(Debug, Default)]
pub struct ApiKeyMutation;

#[Object(serial)]
impl ApiKeyMutation {
    /// Issues an API key and returns its secret once. Only for stewards.
    async fn issue_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name, the roles and the district of the new key.")] input: Submitted<ApiKeyInput>,
    ) -> Result<ApiKeyPayload, Error> {
        acted(ctx, api_key::issue(request_context(ctx), input.fields())).await.map(ApiKeyPayload)
    }

    /// Issues a key with the same name and rights, and lets the old one end after the overlap. Only for stewards.
    async fn rotate_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to replace.")] input: Submitted<RotateApiKeyInput>,
    ) -> Result<ApiKeyPayload, Error> {
        acted(ctx, api_key::rotate(request_context(ctx), input.fields())).await.map(ApiKeyPayload)
    }

    /// Revokes an API key. It is refused from now on. Only for stewards.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to revoke.")] input: Submitted<RevokeApiKeyInput>,
    ) -> Result<ApiKeyPayload, Error> {
        acted(ctx, api_key::revoke(request_context(ctx), input.fields())).await.map(ApiKeyPayload)
    }
}
