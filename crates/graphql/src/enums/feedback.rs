//! The enums of feedback.

use async_graphql::Enum;

/// Whether feedback is answered. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::feedback::FeedbackState")]
pub enum FeedbackState {
    /// It waits for an answer (待答复).
    Open,
    /// It is answered (已答复).
    Answered,
}
