use async_graphql::{Context, InputObject, Object};
use domain::Id;
use registry::acts::district;
use registry::error::Error;

use super::payload::payload;
use crate::context::request_context;
use crate::district::District;
use crate::enums::district::DistrictKind;
use crate::input::{DatedCodeInput, ProvenanceInput, TenureInput, WriteOptionsInput};
use crate::scalar::{Date, DistrictCode, Url};
use crate::write::{Submitted, acted};

/// The complete form of a district. A revision replaces all fields: a field that is left out is cleared, except
/// `codes`, `retiredOn`, `successors` and `provenance`, which then keep their values. A new parent or a newly
/// administered district counts from today, unless a first day is given. One that is left out ended yesterday. Earlier
/// days are not changed.
#[derive(Debug, InputObject)]
pub struct DistrictInput {
    /// The code in use today.
    code: DistrictCode,
    /// The Chinese name, without the names of the districts above it.
    name: String,
    /// The English name.
    english_name: Option<String>,
    /// The kind of the district. It is stated here and never deduced from the code.
    kind: DistrictKind,
    /// The parent district. Absent for a province.
    parent: Option<DistrictCode>,
    /// The first day under this parent. The former parent ends on the day before. Default: today, or unchanged when the
    /// district already belongs to this parent. A new district has its parent from the beginning.
    parent_from: Option<Date>,
    /// All parents with their days, at most one on each day. Give it instead of `parent` to correct the history: the
    /// list replaces the one that is stored.
    parents: Option<Vec<TenureInput>>,
    /// Districts that this zone administers (托管) although they have another parent. An added district counts from
    /// today; one that is left out ended yesterday. For a new zone the list counts from the beginning.
    administers: Option<Vec<DistrictCode>>,
    /// Administered districts with their days, in addition to `administers`. They replace the stored days of the same
    /// district. Without a first day, the stored one is kept; a new entry begins today.
    charges: Option<Vec<TenureInput>>,
    /// Other names by which search finds the district.
    aliases: Option<Vec<String>>,
    /// True: a person of the district proposes only drafts that its signatory has approved. Keys of systems are exempt.
    /// Default: false.
    requires_approval: Option<bool>,
    /// All further codes of the district, present and former.
    codes: Option<Vec<DatedCodeInput>>,
    /// The service line for citizens (政务服务热线).
    hotline: Option<String>,
    /// The telephone for complaints (监督投诉).
    complaint_phone: Option<String>,
    /// The address of the government service site.
    portal: Option<Url>,
    /// The first day on which the district existed.
    valid_from: Option<Date>,
    /// The day from which the district no longer exists. `null` cancels the retirement.
    retired_on: Option<Date>,
    /// The successors of a retired district: one after a merge, several after a split. An empty list removes them.
    successors: Option<Vec<DistrictCode>>,
    /// The source and the licence of the record.
    provenance: Option<ProvenanceInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

payload! {
    /// The result of registering or revising a district.
    DistrictPayload {
        /// The district after the change. Null when there are problems.
        async fn district(&self, ctx: &Context<'_>) -> Option<District> {
            let saved = self.0.saved.as_ref()?;
            request_context(ctx).snapshot.district_by_id(Id::new(saved.record)).cloned().map(District)
        }
    }
}

#[derive(Debug, Default)]
pub struct DistrictMutation;

#[Object(serial)]
impl DistrictMutation {
    /// Registers a new district. Only for stewards.
    async fn register_district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete record.")] input: Submitted<DistrictInput>,
    ) -> Result<DistrictPayload, Error> {
        acted(ctx, district::register(request_context(ctx), input.fields())).await.map(DistrictPayload)
    }

    /// Replaces the form of a district. A merge, a split, a new name and a new parent are recorded in this way, with
    /// their day. Only for stewards.
    async fn revise_district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete new form of the district.")] input: Submitted<DistrictInput>,
    ) -> Result<DistrictPayload, Error> {
        acted(ctx, district::revise(request_context(ctx), input.fields())).await.map(DistrictPayload)
    }
}
