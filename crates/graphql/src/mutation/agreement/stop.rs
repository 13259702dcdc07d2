//! Stops of the registry with a scope.

use async_graphql::{Context, ID, InputObject, Object};
use registry::acts::agreement::stop as acts;
use registry::acts::agreement::stop::Stopped;
use registry::error::Error;

use super::suspension::StopScopeInput;
use crate::agreement::effect::{Effect, narrowing};
use crate::agreement::suspension::Suspension;
use crate::context::request_context;
use crate::problem::Problem;
use crate::scalar::{AgreementNumber, Date, DistrictCode, Revision};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct ScopedStopMutation;

#[Object(serial)]
impl ScopedStopMutation {
    /// Stops a part, or everything, of up to 100 agreements for all parties (停用): all of them or none. The same again
    /// for a day on which the stop applies changes its last day and texts. Only for stewards.
    async fn stop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreements, the scope, the texts and the days.")] input: Submitted<StopInput>,
    ) -> Result<StopPayload, Error> {
        run(ctx, acts::stop(request_context(ctx), input.fields())).await
    }

    /// Ends up to 100 stops that the registry has set (解除停用), all of them or none. Only for stewards.
    async fn end_stop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The stops and the reason.")] input: Submitted<EndStopInput>,
    ) -> Result<StopPayload, Error> {
        run(ctx, acts::end_stop(request_context(ctx), input.fields())).await
    }
}

async fn run(ctx: &Context<'_>, act: impl Future<Output = Result<Stopped, Error>>) -> Result<StopPayload, Error> {
    let mut suspensions = Vec::new();
    let act = async {
        let stopped = act.await?;
        suspensions = stopped.suspensions;
        Ok(stopped.outcome)
    };
    let outcome = acted(ctx, act).await?;
    Ok(StopPayload(Stopped { outcome, suspensions }))
}

/// A stop of agreements.
#[derive(Debug, InputObject)]
pub struct StopInput {
    /// The numbers of the agreements, 1 to 100.
    numbers: Vec<AgreementNumber>,
    /// The part that is stopped. Default: everything.
    scope: Option<StopScopeInput>,
    /// The reason. The parties and stewards see it.
    reason: String,
    /// The text for everybody.
    public_text: String,
    /// The first day: today or later. Default: today.
    from: Option<Date>,
    /// The last day. Default: none; it lasts until `endStop`.
    until: Option<Date>,
    /// True: nothing is written; `effect` tells what would stop.
    #[graphql(default_with = "Some(false)")]
    preview: Option<bool>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

/// The end of stops.
#[derive(Debug, InputObject)]
pub struct EndStopInput {
    /// The ids of the stops (`Suspension.id`), 1 to 100.
    ids: Vec<ID>,
    /// The reason. The parties and stewards see it.
    reason: String,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
}

#[derive(Debug)]
pub struct StopPayload(Stopped);

/// The result of `stop` and `endStop`.
#[Object]
impl StopPayload {
    /// The stops that were set, changed or ended; of a preview, those that would be set. Empty when there are problems.
    async fn suspensions(&self, ctx: &Context<'_>) -> Result<Vec<Suspension>, Error> {
        let request = request_context(ctx);
        self.0.suspensions.iter().map(|(id, suspension)| Suspension::with_id(request, *id, suspension)).collect()
    }

    /// What would stop. Null unless `preview` was asked for.
    async fn effect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only answers for this receiving district. Needed when very many districts take part.")]
        receiving: Option<DistrictCode>,
        #[graphql(desc = "Only answers for this competent district. Needed when very many districts take part.")]
        competent: Option<DistrictCode>,
    ) -> Result<Option<Effect>, Error> {
        Effect::of_preview(ctx, self.0.outcome.preview.as_ref(), narrowing(receiving, competent)).await
    }

    /// The revision (数据版本) of the last change. Null when nothing was written.
    async fn revision(&self) -> Option<Revision> {
        self.0.outcome.saved.as_ref().map(|saved| Revision(saved.revision))
    }

    /// Everything that is wrong with the request. When the list is not empty, nothing was written.
    async fn problems(&self) -> Vec<Problem> {
        self.0.outcome.problems.iter().cloned().map(Problem).collect()
    }
}
