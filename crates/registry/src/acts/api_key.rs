//! Acts on API keys: issue, revoke.

use domain::{ApiKey, Message, Problem, RecordKind, Reference};

use super::write::write;
use super::writing::unknown;
use super::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::request_context::RequestContext;
use crate::secret::new_secret;

pub async fn issue(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "issueApiKey", input, ApiKey::read_input, async |work, key| {
        if key.expires_at.is_some_and(|expires_at| expires_at <= work.request.now) {
            let message = Message::new("失效时间已过", "it would have expired already");
            let problem = Problem::invalid(vec!["expiresAt".to_owned()], "EXPIRES_IN_THE_PAST", message);
            work.note(problem.remedy("请填写将来的时间，或不填", "give a moment to come, or leave it out"));
        }
        let named: Vec<Reference> =
            key.district.map(|district| Reference::district("district", district)).into_iter().collect();
        work.names(&named, None).await?;
        if !work.is_sound() {
            return Ok(None);
        }
        let secret = new_secret().map_err(|error| Abort::Error(Error::Internal(error.to_string())))?;
        let issued = work.work.issue_key(ApiKey { prefix: secret.prefix, ..key.clone() }, secret.hash).await?;
        let (record, revision) = (issued.id.number(), issued.revision);
        Ok(Some(Saved { kind: RecordKind::ApiKey, record, revision, version: None, secret: Some(secret.secret) }))
    })
    .await
}

pub async fn revoke(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "revokeApiKey",
        input,
        |r| {
            r.require("id");
            r.optional_line("id", 60)
        },
        async |work, id| {
            let id = id.as_deref().and_then(|id| id.parse().ok());
            let held = match id {
                Some(id) => work.work.key(id).await?,
                None => None,
            };
            if held.is_none() {
                work.note(unknown(RecordKind::ApiKey, "id"));
            }
            let (Some(id), true) = (id, work.is_sound()) else { return Ok(None) };
            let Some(revoked) = work.work.revoke_key(id, work.request.now).await? else { return Ok(None) };
            Ok(Some(Saved {
                kind: RecordKind::ApiKey,
                record: id.number(),
                revision: revoked.revision,
                version: None,
                secret: None,
            }))
        },
    )
    .await
}
