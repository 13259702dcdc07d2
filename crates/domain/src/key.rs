//! API keys: roles, and the district that they act for. The secret itself is never part of a record.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clause::Extent;
use crate::code::DistrictCode;
use crate::id::RecordType;
use crate::journal::Digest;
use crate::kind::RecordKind;
use crate::problem::{Message, ProblemCode};
use crate::reading::Reader;
use crate::words::words;

words! {
    /// A role of an API key.
    Role {
        /// Queries with a higher rate limit and follows the change feed.
        Partner = "PARTNER", "伙伴系统", "partner";
        /// Drafts, records and maintains records for its district (经办人).
        Registrar = "REGISTRAR", "经办人", "registrar";
        /// Signs for its district (签发人).
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
    /// The first characters of the secret, so that people can tell keys apart.
    pub prefix: String,
    /// The digest of the stored hash of the secret. It lets an auditor check the stored hash without revealing it.
    pub seal: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
}

impl RecordType for ApiKey {
    const KIND: RecordKind = RecordKind::ApiKey;
    const PREFIX: &'static str = "key";
}

impl ApiKey {
    /// Reads the form of a new key. Prefix and seal are set when the secret is made.
    pub fn read_input(r: &mut Reader<'_>) -> Self {
        let name = r.name("name", 200);
        r.require("roles");
        let roles: Vec<Role> = r.words("roles");
        let district = r.optional_code("district");
        let extent = r.optional_word("extent").unwrap_or(Extent::Itself);
        let expires_at = r.moment("expiresAt");
        let needs_district = [Role::Registrar, Role::Signatory].iter().any(|role| roles.contains(role));
        if roles.is_empty() && r.has("roles") {
            r.refuse(
                ProblemCode::Invalid,
                "roles",
                "NO_ROLE",
                Message::new("没有指定角色", "no role is named"),
                Message::new("至少指定一个角色", "name one at least"),
            );
        }
        if r.repeats("roles") {
            r.refuse(
                ProblemCode::Invalid,
                "roles",
                "DUPLICATE",
                Message::new("角色重复", "a role is named twice"),
                Message::new("每个角色只列一次", "name every role once"),
            );
        }
        if roles.contains(&Role::Steward) && !r.has("expiresAt") {
            r.refuse(
                ProblemCode::Invalid,
                "expiresAt",
                "REQUIRED",
                Message::new("平台管理员的密钥须有失效时间", "a steward's key has an end"),
                Message::new("请填写 expiresAt，例如 90 天后", "give expiresAt, such as 90 days from now"),
            );
        }
        if needs_district && !r.has("district") {
            r.refuse(
                ProblemCode::Invalid,
                "district",
                "REQUIRED",
                Message::new("经办人和签发人须有所属区域", "a registrar or signatory acts for a district"),
                Message::new("请填写 district", "give district"),
            );
        }
        Self {
            name,
            roles,
            district,
            extent,
            prefix: String::new(),
            seal: Digest::GENESIS,
            expires_at,
            revoked_at: None,
        }
    }

    /// Whether the key is neither expired nor revoked at a moment.
    pub fn is_valid(&self, at: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|expires| at < expires) && self.revoked_at.is_none_or(|revoked| at < revoked)
    }
}
