use async_graphql::{Context, ID, InputObject, Object};
use domain::Id;
use registry::acts::feedback;
use registry::error::Error;

use super::payload::payload;
use crate::context::request_context;
use crate::feedback::Feedback;
use crate::write::{Submitted, acted};

/// What is wrong in a record. No name is asked for.
#[derive(Debug, InputObject)]
pub struct FeedbackInput {
    /// The global id of the record: a district, matter, offering, window, agreement or policy.
    about: ID,
    /// What is wrong and how it should be, at most 2,000 characters. Numbers of identity cards are refused.
    text: String,
    /// A telephone number for questions. It is seen by whoever answers, and erased 90 days after the answer.
    phone: Option<String>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

/// The answer to feedback.
#[derive(Debug, InputObject)]
pub struct AnswerFeedbackInput {
    /// The global id of the feedback.
    id: ID,
    /// The answer, at most 2,000 characters. Numbers of identity cards are refused.
    reply: String,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

payload! {
    /// The result of submitting or answering feedback.
    FeedbackPayload {
        /// The feedback after the change. Null when there are problems.
        async fn feedback(&self, ctx: &Context<'_>) -> Result<Option<Feedback>, Error> {
            let Some(saved) = &self.0.saved else { return Ok(None) };
            let case = registry::feedback::written(request_context(ctx), Id::new(saved.record)).await?;
            Ok(case.map(Feedback))
        }
    }
}

#[derive(Debug, Default)]
pub struct FeedbackMutation;

#[Object(serial)]
impl FeedbackMutation {
    /// Says what is wrong in a record (纠错). For everybody, without a credential.
    async fn submit_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record, and what is wrong in it.")] input: Submitted<FeedbackInput>,
    ) -> Result<FeedbackPayload, Error> {
        acted(ctx, feedback::submit(request_context(ctx), input.fields())).await.map(FeedbackPayload)
    }

    /// Answers feedback. Only for registrars of the district that answers for the record, and for stewards.
    async fn answer_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The feedback and the answer.")] input: Submitted<AnswerFeedbackInput>,
    ) -> Result<FeedbackPayload, Error> {
        acted(ctx, feedback::answer(request_context(ctx), input.fields())).await.map(FeedbackPayload)
    }
}
