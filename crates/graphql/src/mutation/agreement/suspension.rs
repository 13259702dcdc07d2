//! Suspensions: by a party, and by the registry in an emergency.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::{AgreementPayload, PartyInputRef, ReasonInput};
use crate::context::request_context;
use crate::input::WriteOptionsInput;
use crate::scalar::{AgreementNumber, Date, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct SuspensionMutation;

#[Object(serial)]
impl SuspensionMutation {
    /// Suspends an agreement for a party (暂停): the routes in which the party is receiving or competent end at once.
    /// Only for signatories of the party.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement, the party and the reason.")] input: Submitted<SuspendAgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::suspension::suspend(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Ends the suspension that the party itself has set (恢复). Only for signatories of the party.
    async fn resume_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::suspension::resume(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

#[derive(Debug, Default)]
pub struct StopMutation;

#[Object(serial)]
impl StopMutation {
    /// Suspends an agreement for all parties (紧急停用): all its routes end at once. Only for stewards.
    async fn stop_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::suspension::stop(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Ends the suspension that the registry has set (解除停用). Only for stewards.
    async fn release_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::suspension::release(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// A suspension (暂停) by a party. A second request for the same party changes the last day and the reason.
#[derive(Debug, InputObject)]
pub struct SuspendAgreementInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party that suspends the agreement.
    party: DistrictCode,
    /// The reason.
    reason: String,
    /// The last day of the suspension. Default: none; it lasts until `resumeAgreement`.
    until: Option<Date>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
