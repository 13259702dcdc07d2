use async_graphql::{Context, InputObject, Object};
use domain::district::{EndStated, ParentsStated, Revising};
use domain::journal::Action;
use domain::reading::Reader;
use domain::{Date as Day, Id, Message, ProblemCode, Record};

use super::payload;
use crate::graphql::asked;
use crate::graphql::district::District;
use crate::graphql::error::Fault;
use crate::graphql::input::{DatedCodeInput, ProvenanceInput, TenureInput};
use crate::graphql::scalar::{Date, DistrictCode, Revision};
use crate::graphql::words::DistrictKind;
use crate::graphql::write::{Refusal, Saved, Submitted, Writing, write};

/// What people fill in about a district. It is entered and revised as a whole: what is left out is cleared, but for
/// `codes`, `retiredOn`, `successors` and `provenance`, which stay until others are stated. A revision of the parent or of
/// what the district administers holds from a day on, today unless it has days: what is left out ended yesterday, and the
/// days before stay as they were.
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
    /// Whom it stands under; left out: nobody, as a province.
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
    /// Who succeeds it: one after a merge, several after a split; an empty list: nobody.
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

#[Object(serial)]
impl DistrictMutation {
    /// Registers a district. For stewards.
    async fn register_district(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is registered.")] input: Submitted<DistrictInput>,
    ) -> Result<DistrictPayload, Fault> {
        let outcome = write(ctx, input, Form::read, async |work, form| {
            let district = form.district();
            let found = work.work.district(district.code).await?;
            work.is_new(found.as_ref(), "code")?;
            work.save_district(form, district, Action::Registered).await
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
        let outcome = write(ctx, input, Form::read, async |work, form| {
            let district = form.district();
            let found = work.work.district(district.code).await?;
            let held = work.held(found, "code")?;
            let revised = held.record.revised(district, &form.revising(work.today()));
            work.save_district(form, revised, Action::Revised).await
        });
        outcome.await.map(DistrictPayload)
    }
}

/// What was filled in.
struct Form {
    details: domain::District,
    charges: Vec<domain::Tenure>,
    parents: ParentsStated,
    end: EndStated,
}

impl Form {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let charges = r.tenures("charges");
        let parents = match (r.date("parentFrom"), r.has("parents")) {
            (Some(_), true) => {
                r.refuse(
                    ProblemCode::Invalid,
                    "parentFrom",
                    "DAY_TWICE",
                    Message::new("parents 已写明各段日期", "parents have their own days"),
                    Message::new("parentFrom 只与 parent 同用", "give parentFrom with parent alone"),
                );
                ParentsStated::WithDays
            }
            (None, true) => ParentsStated::WithDays,
            (Some(day), false) => ParentsStated::From(day),
            (None, false) => ParentsStated::Today,
        };
        let end = if r.is_null("retiredOn") || r.has("successors") { EndStated::Whole } else { EndStated::Day };
        Some(Self { details: domain::District::read(r)?, charges, parents, end })
    }

    /// The district as it is filled in, with all that it administers.
    fn district(&self) -> domain::District {
        let mut district = self.details.clone();
        district.administers.extend(&self.charges);
        district
    }

    fn revising(&self, today: Day) -> Revising {
        Revising { today, parents: self.parents, end: self.end }
    }

    /// Says a problem of the record of the field in which it was filled in.
    fn place(&self, problem: &mut domain::Problem) {
        let named = self.details.administers.len();
        let path = &mut problem.path;
        match path.first().map(String::as_str) {
            Some("parents") if self.parents != ParentsStated::WithDays => *path = vec!["parent".to_owned()],
            Some("administers") => {
                if let Some(at) = path.get(1).and_then(|at| at.parse::<usize>().ok()?.checked_sub(named)) {
                    *path = vec!["charges".to_owned(), at.to_string(), "district".to_owned()];
                }
            }
            _ => {}
        }
    }
}

impl Writing<'_> {
    /// Writes a district that names only districts that there are, and closes no circle.
    async fn save_district(&mut self, form: &Form, district: domain::District, action: Action) -> Result<Saved, Refusal> {
        let mut problems = self.work.dangling(&Record::District(form.district())).await?;
        problems.extend(self.work.circles(&district).await?);
        problems.iter_mut().for_each(|problem| form.place(problem));
        if problems.is_empty() { self.save(Record::District(district), action).await } else { Err(Refusal::Problems(problems)) }
    }
}
