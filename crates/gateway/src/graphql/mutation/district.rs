use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use async_graphql::{Context, InputObject, Object};
use domain::journal::Action;
use domain::{Id, Record};

use super::payload;
use crate::graphql::asked;
use crate::graphql::district::District;
use crate::graphql::error::Fault;
use crate::graphql::input::{DatedCodeInput, ProvenanceInput};
use crate::graphql::scalar::{Date, DistrictCode, Revision};
use crate::graphql::words::DistrictKind;
use crate::graphql::write::{Refusal, Submitted, Writing, write};

/// What people fill in about a district. It is entered and revised as a whole: what is left out is cleared, but for
/// `codes`, `retiredOn`, `successors` and `provenance`, which stay until others are stated.
#[derive(Debug, InputObject)]
pub struct DistrictInput {
    /// The code that it is known by.
    code: DistrictCode,
    /// What it is called.
    name: String,
    /// Its name in English.
    english_name: Option<String>,
    /// What it is: stated, never deduced from the code.
    kind: DistrictKind,
    /// Whom it stands under; left out: a province.
    parent: Option<DistrictCode>,
    /// The first day under this parent; before it, it stood under the one before. Left out: always, as a correction.
    parent_from: Option<Date>,
    /// What a zone administers (托管): it counts as below the zone, whoever its parent is.
    administers: Option<Vec<DistrictCode>>,
    /// Other names by which people look for it.
    aliases: Option<Vec<String>>,
    /// Every other code that it bears or bore.
    codes: Option<Vec<DatedCodeInput>>,
    /// The day it came to be.
    valid_from: Option<Date>,
    /// From that day on it is no more.
    retired_on: Option<Date>,
    /// Who succeeds it: one after a merge, several after a split.
    successors: Option<Vec<DistrictCode>>,
    /// Where the record comes from.
    provenance: Option<ProvenanceInput>,
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one.
    expected_revision: Option<Revision>,
}

payload! {
    /// What came of writing a district.
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

#[Object]
impl DistrictMutation {
    /// Registers a district. For stewards.
    async fn register_district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is registered.")] input: Submitted<DistrictInput>,
    ) -> Result<DistrictPayload, Fault> {
        let outcome = write(ctx, input, domain::District::read, async |work, district| {
            let found = work.work.district(district.code).await?;
            work.is_new(found.as_ref(), "code")?;
            work.save(Record::District(district.clone()), Action::Registered).await
        });
        outcome.await.map(DistrictPayload)
    }

    /// Revises a district as a whole. A merge, a split, another name or another parent is told here, with its day. For
    /// stewards.
    async fn revise_district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The district as it is to be.")] input: Submitted<DistrictInput>,
    ) -> Result<DistrictPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let parent_from = r.date("parentFrom");
                Some((domain::District::read(r)?, parent_from))
            },
            async |work, (district, parent_from)| {
                let found = work.work.district(district.code).await?;
                let held = work.held(found, "code")?;
                let revised = held.record.revised(district.clone(), *parent_from);
                work.ensure_parents(&revised).await?;
                work.save(Record::District(revised), Action::Revised).await.map_err(of_the_form)
            },
        );
        outcome.await.map(DistrictPayload)
    }
}

impl Writing<'_> {
    /// No district stands below itself.
    async fn ensure_parents(&mut self, district: &domain::District) -> Result<(), Refusal> {
        let parents = |district: &domain::District| district.parents.iter().map(|tenure| tenure.district).collect::<Vec<_>>();
        let (mut above, mut next) = (BTreeMap::new(), parents(district));
        while let Some(code) = next.pop() {
            if let Entry::Vacant(unknown) = above.entry(code) {
                let found = self.work.district(code).await?.map(|held| held.record);
                next.extend(found.iter().flat_map(parents));
                unknown.insert(found);
            }
        }
        Ok(district.check_parents(|code| above.get(&code)?.as_ref())?)
    }
}

/// The record has a parent for each time; the form names one.
fn of_the_form(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Problems(mut problems) => {
            let paths = problems.iter_mut().map(|problem| &mut problem.path);
            paths.filter(|path| path.first().is_some_and(|field| field == "parents")).for_each(|path| *path = vec!["parent".to_owned()]);
            Refusal::Problems(problems)
        }
        Refusal::Fault(_) | Refusal::Busy(_) => refusal,
    }
}
