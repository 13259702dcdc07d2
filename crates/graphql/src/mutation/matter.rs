use async_graphql::{Context, InputObject, Object};
use domain::Id;
use registry::acts::matter;
use registry::error::Error;

use super::payload::payload;
use crate::context::request_context;
use crate::enums::matter::{Audience, MatterDomain};
use crate::input::{ProvenanceInput, WriteOptionsInput};
use crate::matter::Matter;
use crate::scalar::{Date, MatterCode};
use crate::write::{Submitted, acted};

/// The complete form of a matter. A revision replaces all fields: a field that is left out is cleared, except
/// `retiredOn`, `retiredReason` and `provenance`, which then keep their values.
#[derive(Debug, InputObject)]
pub struct MatterInput {
    /// The code of the matter.
    code: MatterCode,
    /// The name in the catalogue.
    name: String,
    /// The English name.
    english_name: Option<String>,
    /// Other names by which search finds the matter.
    aliases: Option<Vec<String>>,
    /// The field of administration.
    domain: MatterDomain,
    /// The kinds of applicants.
    audience: Vec<Audience>,
    /// The national department in charge (牵头部门).
    lead_department: Option<String>,
    /// The criterion that makes a district competent, in words that applicants know, such as 户籍地, 参保地 or 不动产所在地.
    competent_by: Option<Vec<String>>,
    /// The codes of other systems for it, at most 20.
    codes: Option<Vec<ExternalCodeInput>>,
    /// The day from which no clause covers the matter. Absent: unchanged. `null` cancels the retirement.
    retired_on: Option<Date>,
    /// The reason of the retirement.
    retired_reason: Option<String>,
    /// The source and the licence of the record. Absent: unchanged.
    provenance: Option<ProvenanceInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// The code of a matter in another system.
#[derive(Debug, InputObject)]
pub struct ExternalCodeInput {
    /// The system: a national line of business, the catalogue of a province, or another name.
    system: String,
    /// The code.
    value: String,
}

/// The retirement of a matter.
#[derive(Debug, InputObject)]
pub struct RetireMatterInput {
    /// The code of the matter.
    code: MatterCode,
    /// The reason.
    reason: String,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

payload! {
    /// The result of registering, revising or retiring a matter.
    MatterPayload {
        /// The matter after the change. Null when there are problems.
        async fn matter(&self, ctx: &Context<'_>) -> Option<Matter> {
            let saved = self.0.saved.as_ref()?;
            request_context(ctx).snapshot.matter_by_id(Id::new(saved.record)).cloned().map(Matter)
        }
    }
}

#[derive(Debug, Default)]
pub struct MatterMutation;

#[Object(serial)]
impl MatterMutation {
    /// Registers a new matter of the common catalogue (基本目录). Only for stewards.
    async fn register_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete record.")] input: Submitted<MatterInput>,
    ) -> Result<MatterPayload, Error> {
        acted(ctx, matter::register(request_context(ctx), input.fields())).await.map(MatterPayload)
    }

    /// Replaces the form of a matter. Only for stewards.
    async fn revise_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete new form of the matter.")] input: Submitted<MatterInput>,
    ) -> Result<MatterPayload, Error> {
        acted(ctx, matter::revise(request_context(ctx), input.fields())).await.map(MatterPayload)
    }

    /// Retires a matter: from today on no clause covers it. Only for stewards.
    async fn retire_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The matter and the reason.")] input: Submitted<RetireMatterInput>,
    ) -> Result<MatterPayload, Error> {
        acted(ctx, matter::retire(request_context(ctx), input.fields())).await.map(MatterPayload)
    }
}
