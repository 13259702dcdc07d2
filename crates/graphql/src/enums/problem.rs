//! The enums of problems.

use async_graphql::Enum;

/// The classes of problems. Each calls for a different reaction of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ProblemCode")]
pub enum ProblemCode {
    /// A field is missing or malformed: correct it.
    Invalid,
    /// The input is well-formed, but a rule forbids the change.
    Refused,
    /// The named record does not exist, or the caller may not see it.
    NotFound,
    /// The input conflicts with an existing record.
    Conflict,
    /// The record has changed since it was read: read it again.
    Stale,
}
