//! API keys.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound as _, Utc};
use domain::journal::Action;
use domain::{ApiKey, Id, RecordKind, Recorded};

use super::unit_of_work::Work;
use crate::error::Result;
use crate::journal::append::Access;
use crate::key as keys;
use crate::number::{column, key};

impl Work {
    /// Stores an API key. `hash` is that of its secret; the seal in the record proves it.
    pub async fn issue_key(&mut self, mut key: ApiKey, hash: String) -> Result<Recorded<ApiKey>> {
        key.seal = keys::seal(&hash);
        let body = keys::line(&key);
        let districts = self.key_districts(&key).await?;
        let revision =
            self.append(RecordKind::ApiKey, Action::Issued, None, Some(body.clone()), districts, Access::Open).revision;
        keys::insert(&self.tx, column(revision), body, hash).await?;
        Ok(Recorded { id: Id::new(revision), revision, record: key })
    }

    /// Revokes a key; `None`: there is no key with this id. A revoked key is left as it is.
    pub async fn revoke_key(&mut self, id: Id<ApiKey>, at: DateTime<Utc>) -> Result<Option<Recorded<ApiKey>>> {
        let Some(stored) = keys::by_id(&self.tx, id).await? else { return Ok(None) };
        let mut revoked = stored.key;
        if revoked.record.revoked_at.is_some() {
            return Ok(Some(revoked));
        }
        revoked.record.revoked_at = Some(at.trunc_subsecs(6));
        let body = keys::line(&revoked.record);
        let districts = self.key_districts(&revoked.record).await?;
        revoked.revision = self
            .append(RecordKind::ApiKey, Action::Revoked, Some(id.number()), Some(body.clone()), districts, Access::Open)
            .revision;
        keys::replace(&self.tx, key(id), column(revoked.revision), body).await?;
        Ok(Some(revoked))
    }

    /// Lets a key end at a moment, unless it ends before.
    pub async fn expire_key(&mut self, held: Recorded<ApiKey>, at: DateTime<Utc>) -> Result<Recorded<ApiKey>> {
        let mut key = held;
        let at = at.trunc_subsecs(6);
        if key.record.expires_at.is_some_and(|expires| expires <= at) {
            return Ok(key);
        }
        key.record.expires_at = Some(at);
        let body = keys::line(&key.record);
        let districts = self.key_districts(&key.record).await?;
        let record = Some(key.id.number());
        key.revision = self
            .append(RecordKind::ApiKey, Action::Revised, record, Some(body.clone()), districts, Access::Open)
            .revision;
        keys::replace(&self.tx, column(key.id.number()), column(key.revision), body).await?;
        Ok(key)
    }

    pub async fn key(&mut self, id: Id<ApiKey>) -> Result<Option<Recorded<ApiKey>>> {
        Ok(keys::by_id(&self.tx, id).await?.map(|stored| stored.key))
    }

    async fn key_districts(&mut self, key: &ApiKey) -> Result<Vec<i64>> {
        let Some(code) = key.district else { return Ok(Vec::new()) };
        self.code_index.load(&self.tx, BTreeSet::from([code]), BTreeSet::new()).await?;
        Ok(vec![self.code_index.district(code)?])
    }
}
