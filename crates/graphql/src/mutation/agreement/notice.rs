//! Notice of a party that leaves, and objection to a renewal.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::{AgreementPayload, PartyInputRef};
use crate::context::request_context;
use crate::input::WriteOptionsInput;
use crate::scalar::{AgreementNumber, Date, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct NoticeMutation;

#[Object(serial)]
impl NoticeMutation {
    /// Gives notice that a party leaves the agreement (退出通知). Only for signatories of the party.
    async fn give_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement, the leaving party, its last day and the reason.")] input: Submitted<
            GiveNoticeInput,
        >,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::notice::give(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Revokes the notice of a party (撤销退出通知). Possible until its last day has passed. Only for signatories of
    /// the party.
    async fn revoke_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::notice::revoke(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Objects to the next renewal of an agreement (反对续期): the agreement then ends with its present term. Only for
    /// signatories of the party.
    async fn oppose_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement and the party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::notice::oppose_renewal(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// The notice (退出通知) of a party that leaves. A second request for the same party changes the last day.
#[derive(Debug, InputObject)]
pub struct GiveNoticeInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party that leaves.
    party: DistrictCode,
    /// The last day of the party: at least the notice period of the agreement from today. A changed notice may end on
    /// any day from the one given before.
    ends_on: Date,
    /// True: the law has changed, and the party may leave without the notice period.
    #[graphql(default_with = "Some(false)")]
    law_changed: Option<bool>,
    /// The reason.
    reason: String,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
