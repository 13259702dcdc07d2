use async_graphql::{Context, InputObject, Object};
use domain::Id;

use super::payload;
use crate::acts::matter;
use crate::graphql::asked;
use crate::graphql::error::Fault;
use crate::graphql::input::ProvenanceInput;
use crate::graphql::matter::Matter;
use crate::graphql::scalar::{Date, MatterCode, Revision};
use crate::graphql::words::{Audience, MatterDomain};
use crate::graphql::write::{Submitted, acted};

/// Input of a matter. It is entered and revised as a whole: what is left out is cleared, but for
/// `retiredOn`, `retiredReason` and `provenance`, which stay.
#[derive(Debug, InputObject)]
pub struct MatterInput {
    /// Its code.
    code: MatterCode,
    /// Its name.
    name: String,
    /// Its name in English.
    english_name: Option<String>,
    /// Other names by which people look for it.
    aliases: Option<Vec<String>>,
    /// The field of administration that it belongs to.
    domain: MatterDomain,
    /// Kinds of applicants.
    audience: Vec<Audience>,
    /// The department in charge of it.
    lead_department: Option<String>,
    /// What makes a district competent, in the visitor's words: 户籍地, 参保地, 不动产所在地 …
    competent_by: Option<Vec<String>>,
    /// From that day on no clause covers it. Left out, a retirement stays as it is; null takes it back.
    retired_on: Option<Date>,
    /// Why it is retired.
    retired_reason: Option<String>,
    /// Where the record comes from; left out, it stays.
    provenance: Option<ProvenanceInput>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one.
    expected_revision: Option<Revision>,
}

/// Which matter leaves the catalogue, and why.
#[derive(Debug, InputObject)]
pub struct RetireMatterInput {
    /// Its code.
    code: MatterCode,
    /// Why.
    reason: String,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one.
    expected_revision: Option<Revision>,
}

payload! {
    /// Result of writing a matter.
    MatterPayload {
        /// The matter as it is now; null when there are problems.
        async fn matter(&self, ctx: &Context<'_>) -> Option<Matter> {
            let saved = self.0.saved.as_ref()?;
            asked(ctx).snapshot.matter_by_id(Id::new(saved.record)).cloned().map(Matter)
        }
    }
}

#[derive(Debug, Default)]
pub struct MatterMutation;

#[Object(serial)]
impl MatterMutation {
    /// Registers a matter of the common catalogue (基本目录). For stewards.
    async fn register_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is registered.")] input: Submitted<MatterInput>,
    ) -> Result<MatterPayload, Fault> {
        acted(ctx, matter::register(asked(ctx), input.fields())).await.map(MatterPayload)
    }

    /// Revises a matter as a whole. For stewards.
    async fn revise_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The matter as it is to be.")] input: Submitted<MatterInput>,
    ) -> Result<MatterPayload, Fault> {
        acted(ctx, matter::revise(asked(ctx), input.fields())).await.map(MatterPayload)
    }

    /// Takes a matter out of the catalogue: from today on no clause covers it. For stewards.
    async fn retire_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which matter, and why.")] input: Submitted<RetireMatterInput>,
    ) -> Result<MatterPayload, Fault> {
        acted(ctx, matter::retire(asked(ctx), input.fields())).await.map(MatterPayload)
    }
}
