//! Accession of newcomers, and the consent of parties.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::AgreementPayload;
use crate::context::request_context;
use crate::input::{PartyInput, WriteOptionsInput};
use crate::scalar::{AgreementNumber, Digest, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct AccessionMutation;

#[Object(serial)]
impl AccessionMutation {
    /// Joins an agreement (加入): the newcomer signs the newest concluded version. The other parties need not sign
    /// again. Only for signatories of the newcomer.
    async fn accede_to_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The newcomer, and the digest that it signs.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::accession::accede(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }

    /// Consents to the accession of a newcomer (同意加入), as `admission` of the agreement requires. Only for
    /// signatories of the consenting party.
    async fn admit_party(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The consenting party and the newcomer.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Error> {
        acted(ctx, acts::accession::admit(request_context(ctx), input.fields())).await.map(AgreementPayload)
    }
}

/// The accession of a newcomer, or the consent of a party to it.
#[derive(Debug, InputObject)]
pub struct AccessionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The digest of the newest concluded version.
    digest: Digest,
    /// The district for which the caller acts: the newcomer, or the party that consents.
    party: DistrictCode,
    /// The newcomer.
    newcomer: PartyInput,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
