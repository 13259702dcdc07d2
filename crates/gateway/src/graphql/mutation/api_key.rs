use async_graphql::{Context, ID, InputObject, Object};
use domain::{Id, RecordKind};

use super::payload;
use crate::graphql::error::Fault;
use crate::graphql::scalar::{DateTime, DistrictCode};
use crate::graphql::words::{self, Role};
use crate::graphql::write::{Refusal, Saved, Submitted, unknown, write};
use crate::secret::new_secret;

/// What a key may do, and for whom.
#[derive(Debug, InputObject)]
pub struct ApiKeyInput {
    /// What it is called: the system that uses it.
    name: String,
    /// What it may do.
    roles: Vec<Role>,
    /// For which district.
    district: Option<DistrictCode>,
    /// Whether for those below the district, too.
    #[graphql(default_with = "Some(words::Extent::Itself)")]
    extent: Option<words::Extent>,
    /// From then on it opens nothing; left out: until it is revoked.
    expires_at: Option<DateTime>,
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days,
    /// without the secret.
    idempotency_key: Option<String>,
}

/// Which key ends.
#[derive(Debug, InputObject)]
pub struct RevokeApiKeyInput {
    /// Its id.
    id: ID,
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
    idempotency_key: Option<String>,
}

payload! {
    /// What came of issuing or revoking a key.
    ApiKeyPayload {
        /// The key's id; null when there are problems.
        async fn id(&self) -> Option<ID> {
            self.0.saved.as_ref().map(|saved| ID(Id::<domain::ApiKey>::new(saved.record).to_string()))
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
        #[graphql(desc = "What it may do, and for whom.")] input: Submitted<ApiKeyInput>,
    ) -> Result<ApiKeyPayload, Fault> {
        let outcome = write(ctx, input, domain::ApiKey::read_input, async |work, key| {
            if key.expires_at.is_some_and(|expires_at| expires_at <= work.asked.now) {
                let message = domain::Message::new("失效时间已过", "it would have expired already");
                return Err(domain::Problem::invalid(vec!["expiresAt".to_owned()], "EXPIRES_IN_THE_PAST", message)
                    .remedy("请填写将来的时间，或不填", "give a moment to come, or leave it out")
                    .into());
            }
            if let Some(district) = key.district
                && work.work.district(district).await?.is_none()
            {
                return Err(domain::Reference::district("district", district).dangling().into());
            }
            let secret = new_secret().map_err(|error| Refusal::Fault(Fault::Internal(error.to_string())))?;
            let issued = work.work.issue_key(domain::ApiKey { prefix: secret.prefix, ..key.clone() }, secret.hash).await?;
            let (record, revision) = (issued.id.number(), issued.revision);
            Ok(Saved { kind: RecordKind::ApiKey, record, revision, version: None, secret: Some(secret.secret) })
        });
        outcome.await.map(ApiKeyPayload)
    }

    /// Revokes an API key: it opens nothing from now on. For stewards.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: Submitted<RevokeApiKeyInput>,
    ) -> Result<ApiKeyPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                r.require("id");
                r.optional_line("id", 60)
            },
            async |work, id| {
                let id = id.parse().map_err(|_| unknown(RecordKind::ApiKey, "id"))?;
                let revoked = work.work.revoke_key(id, work.asked.now).await?.ok_or_else(|| unknown(RecordKind::ApiKey, "id"))?;
                Ok(Saved { kind: RecordKind::ApiKey, record: id.number(), revision: revoked.revision, version: None, secret: None })
            },
        );
        outcome.await.map(ApiKeyPayload)
    }
}
