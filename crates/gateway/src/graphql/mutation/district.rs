use async_graphql::{Context, InputObject, Object};
use domain::Id;

use super::payload;
use crate::acts::district;
use crate::graphql::asked;
use crate::graphql::district::District;
use crate::graphql::error::Fault;
use crate::graphql::input::{DatedCodeInput, ProvenanceInput, TenureInput};
use crate::graphql::scalar::{Date, DistrictCode, Revision};
use crate::graphql::words::DistrictKind;
use crate::graphql::write::{Submitted, acted};

/// Input of a district. It is entered and revised as a whole: what is left out is cleared, but for
/// `codes`, `retiredOn`, `successors` and `provenance`, which stay until others are stated. A revision of the parent or of
/// what the district administers holds from a day on, today unless it has days: what is left out ended yesterday, and the
/// days before stay as they were.
#[derive(Debug, InputObject)]
pub struct DistrictInput {
    /// The code that it is known by.
    code: DistrictCode,
    /// Its name.
    name: String,
    /// Its name in English.
    english_name: Option<String>,
    /// Its kind: stated, never deduced from the code.
    kind: DistrictKind,
    /// The parent district; left out: none, as of a province.
    parent: Option<DistrictCode>,
    /// The first day under this parent; before it, it stood under the one before. Left out: today, or as it is when that is
    /// the parent today. A new district stands under its parent always.
    parent_from: Option<Date>,
    /// Instead of `parent`: all parents with their days, one at a time. They replace those that are held, as a correction.
    parents: Option<Vec<TenureInput>>,
    /// What a zone administers today (托管): it counts as below the zone, whoever its parent is. What is added begins today,
    /// what is left out ended yesterday. A new district administers what is named here always.
    administers: Option<Vec<DistrictCode>>,
    /// What a zone administers, with days, beside `administers`: they replace what is held of the same district on those
    /// days. Without a first day: as it is held, else from today on.
    charges: Option<Vec<TenureInput>>,
    /// Other names by which people look for it.
    aliases: Option<Vec<String>>,
    /// Every other code that it bears or bore.
    codes: Option<Vec<DatedCodeInput>>,
    /// The day it came to be.
    valid_from: Option<Date>,
    /// From that day on it is no more. `null` takes the retirement back.
    retired_on: Option<Date>,
    /// Its successors: one after a merge, several after a split; an empty list: none.
    successors: Option<Vec<DistrictCode>>,
    /// Where the record comes from.
    provenance: Option<ProvenanceInput>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one.
    expected_revision: Option<Revision>,
}

payload! {
    /// Result of writing a district.
    DistrictPayload {
        /// The district as it is now; null when there are problems.
        async fn district(&self, ctx: &Context<'_>) -> Option<District> {
            let saved = self.0.saved.as_ref()?;
            asked(ctx).snapshot.district_by_id(Id::new(saved.record)).cloned().map(District)
        }
    }
}

#[derive(Debug, Default)]
pub struct DistrictMutation;

#[Object(serial)]
impl DistrictMutation {
    /// Registers a district. For stewards.
    async fn register_district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is registered.")] input: Submitted<DistrictInput>,
    ) -> Result<DistrictPayload, Fault> {
        acted(ctx, district::register(asked(ctx), input.fields())).await.map(DistrictPayload)
    }

    /// Revises a district as a whole. A merge, a split, another name or another parent is told here, with its day. For
    /// stewards.
    async fn revise_district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The district as it is to be.")] input: Submitted<DistrictInput>,
    ) -> Result<DistrictPayload, Fault> {
        acted(ctx, district::revise(asked(ctx), input.fields())).await.map(DistrictPayload)
    }
}
