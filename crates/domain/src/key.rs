//! API keys: who may do what, for which district. The secret itself is never part of a record.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clause::Extent;
use crate::code::DistrictCode;
use crate::id::Noun;
use crate::journal::{Digest, RecordKind};
use crate::words::words;

words! {
    /// What somebody may do.
    Role {
        /// Asks at volume and follows the feed.
        Partner = "PARTNER", "伙伴系统", "partner";
        /// Drafts, records and keeps for its district (经办人).
        Registrar = "REGISTRAR", "经办人", "registrar";
        /// Binds its district (签发人).
        Signatory = "SIGNATORY", "签发人", "signatory";
        /// Runs the registry (平台管理员).
        Steward = "STEWARD", "平台管理员", "steward";
    }
}

/// An API key as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    pub name: String,
    pub roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<DistrictCode>,
    pub extent: Extent,
    /// The first characters of the secret, by which people tell keys apart.
    pub prefix: String,
    /// The digest of the stored hash of the secret: it proves the stored hash without telling it.
    pub seal: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Noun for ApiKey {
    const KIND: RecordKind = RecordKind::ApiKey;
    const PREFIX: &'static str = "key";
}

impl ApiKey {
    /// Does it open the door at that moment?
    pub fn is_valid(&self, at: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|expires| at < expires) && self.revoked_at.is_none_or(|revoked| at < revoked)
    }
}
