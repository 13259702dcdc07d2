//! The enums of callers.

use async_graphql::Enum;

/// The language of a text for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Locale")]
pub enum Locale {
    /// Chinese (中文).
    Zh,
    /// English.
    En,
}

/// The roles of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Role")]
pub enum Role {
    /// Sends many queries and mirrors the registry (通办合作方).
    Partner,
    /// Drafts agreements and keeps the records of its district (经办人).
    Registrar,
    /// Acts with binding effect for its district: signs, rejects, suspends, gives notice (签发人).
    Signatory,
    /// Operates the registry (平台管理员).
    Steward,
}
