//! Suspensions: by a party, and by the registry in an emergency.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::{AgreementPayload, PartyInputRef, ReasonInput};
use crate::context::request_context;
use crate::input::WriteOptionsInput;
use crate::scalar::{AgreementNumber, Date, DistrictCode, MatterCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct SuspensionMutation;

#[Object(serial)]
impl SuspensionMutation {
    /// Suspends an agreement for a party (暂停): the routes in which the party is receiving or competent end, at once or
    /// from a later day on, all of them or a part. Only for signatories of the party.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement, the party and the reason.")] input: Submitted<SuspendAgreementInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::suspension::suspend(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Ends all suspensions that the party itself has set, running and planned (恢复). Only for signatories of the party.
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
    /// Suspends a whole agreement for all parties (紧急停用): all its routes end at once. A part, or several agreements:
    /// `stop`. Only for stewards.
    async fn stop_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::suspension::stop_whole(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Ends the stop of the whole agreement that the registry has set (解除停用); `endStop` ends one with a scope. Only for
    /// stewards.
    async fn release_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the reason.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::suspension::release_whole(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// A suspension (暂停) by a party. A second request with the same scope, for a day on which the first applies, changes
/// the last day and the texts.
#[derive(Debug, InputObject)]
pub struct SuspendAgreementInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party that suspends the agreement.
    party: DistrictCode,
    /// The part of the party's routes that is stopped. Default: all of them.
    scope: Option<StopScopeInput>,
    /// The reason. The parties and stewards see it.
    reason: String,
    /// The text for everybody. Default: none.
    public_text: Option<String>,
    /// The first day of the suspension: today or later. Default: today.
    from: Option<Date>,
    /// The last day of the suspension. Default: none; it lasts until `resumeAgreement`.
    until: Option<Date>,
    /// True: nothing is written; `effect` tells what would stop.
    #[graphql(default_with = "Some(false)")]
    preview: Option<bool>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// The scope of a suspension (停办范围). A list means any of its entries; several lists together mean all of them;
/// when nothing is named, everything is stopped.
#[derive(Debug, InputObject)]
pub struct StopScopeInput {
    /// The keys of clauses.
    clauses: Option<Vec<String>>,
    /// The matters.
    matters: Option<Vec<MatterCode>>,
    /// The receiving districts, with all districts below them.
    receiving: Option<Vec<DistrictCode>>,
    /// The competent districts, with all districts below them.
    competent: Option<Vec<DistrictCode>>,
}
