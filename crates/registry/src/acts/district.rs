//! Acts on districts: register, revise.

use domain::district::{EndStated, ParentsStated, Revising};
use domain::journal::Action;
use domain::reading::Reader;
use domain::{Date, District, Message, Problem, ProblemCode, Record, Tenure};

use super::write::write;
use super::writing::Writing;
use super::{Abort, Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

pub async fn register(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "registerDistrict", input, Form::read, async |work, form| {
        let district = form.district();
        let held = work.work.district(district.code).await?;
        work.is_new(held.as_ref(), &["code"]);
        work.check_district(form, &district, held.as_deref()).await?;
        work.save(Some(Record::District(district)), Action::Registered).await
    })
    .await
}

pub async fn revise(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "reviseDistrict", input, Form::read, async |work, form| {
        let district = form.district();
        let found = work.work.district(district.code).await?;
        let held = work.held(found, &["code"]).map(|held| held.record);
        let revised = match held.clone() {
            Some(held) => held.revised(district, &form.revising(work.today())),
            None => district,
        };
        work.check_district(form, &revised, held.as_ref()).await?;
        work.save(Some(Record::District(revised)), Action::Revised).await
    })
    .await
}

/// The form, as far as it could be read.
struct Form {
    details: District,
    charges: Vec<Tenure>,
    parents: ParentsStated,
    end: EndStated,
}

impl Form {
    fn read(r: &mut Reader<'_>) -> Self {
        let charges = Tenure::read_list(r, "charges");
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
        Self { details: District::read(r), charges, parents, end }
    }

    /// The district of the form, with all that it administers.
    fn district(&self) -> District {
        let mut district = self.details.clone();
        district.administers.extend(&self.charges);
        district
    }

    fn revising(&self, today: Date) -> Revising {
        Revising { today, parents: self.parents, end: self.end }
    }

    /// Moves a problem of the record to the field of the form in which the value was given.
    fn place(&self, problem: &mut Problem) {
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
    /// Checks that a district names only existing districts, that parents form no cycle, and that no other district has
    /// its codes. `district`: the form applied to the stored district.
    async fn check_district(&mut self, form: &Form, district: &District, held: Option<&District>) -> Result<(), Abort> {
        let mut problems = self.work.dangling(&form.district().references(), None).await?;
        problems.extend(self.work.relation_cycles(district).await?);
        if !district.code.is_unread() {
            problems.extend(self.work.code_problems(district, held).await?);
        }
        for mut problem in problems {
            form.place(&mut problem);
            self.note(problem);
        }
        Ok(())
    }
}
