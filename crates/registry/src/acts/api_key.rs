//! Acts on API keys: issue, rotate, revoke.

use chrono::TimeDelta;
use domain::reading::Reader;
use domain::{ApiKey, Message, Problem, ProblemCode, RecordKind, Reference};

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

/// The longest time that two secrets of a key are accepted, in hours.
const MAX_OVERLAP_HOURS: u32 = 720;

/// Issues a key with the same rights. The old one ends when the overlap is over, unless it ends before.
pub async fn rotate(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        r.require("id");
        (r.optional_line("id", 60), r.number("overlapHours", MAX_OVERLAP_HOURS).unwrap_or(24))
    };
    write(request, "rotateApiKey", input, read, async |work, (id, hours)| {
        let id = id.as_deref().and_then(|id| id.parse().ok());
        let held = match id {
            Some(id) => work.work.key(id).await?,
            None => None,
        };
        let now = work.request.now;
        match &held {
            None => work.note(unknown(RecordKind::ApiKey, "id")),
            Some(held) if !held.is_valid(now) => {
                let message = Message::new("该密钥已失效或已吊销", "the key has expired or was revoked");
                let problem = Problem::invalid(vec!["id".to_owned()], "KEY_ENDED", message);
                work.note(Problem { code: ProblemCode::Refused, ..problem }.remedy("请签发新密钥", "issue a new key"));
            }
            Some(_) => {}
        }
        let (Some(held), true) = (held, work.is_sound()) else { return Ok(None) };
        let secret = new_secret().map_err(|error| Abort::Error(Error::Internal(error.to_string())))?;
        let next = ApiKey { prefix: secret.prefix, ..held.record.clone() };
        work.work.expire_key(held, now + TimeDelta::hours(i64::from(*hours))).await?;
        let issued = work.work.issue_key(next, secret.hash).await?;
        let (record, revision) = (issued.id.number(), issued.revision);
        Ok(Some(Saved { kind: RecordKind::ApiKey, record, revision, version: None, secret: Some(secret.secret) }))
    })
    .await
}
