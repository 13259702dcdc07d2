//! The work of an office on a version: approval, consultation, remarks, opinions of bodies, reminders.

use async_graphql::SimpleObject;
use domain::agreement::{office, remark};
use graphql_macros::DirectJson;
use registry::error::Error;
use registry::request_context::RequestContext;

use crate::district::District;
use crate::enums::agreement::{BodyOpinion, DraftApprovalState};
use crate::matter::Matter;
use crate::scalar::{Date, DateTime};

/// The approval of a draft by the signatory of its own district (送审、审核).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct DraftApproval {
    /// Whether it is submitted, approved or given back.
    state: DraftApprovalState,
    /// When it was submitted, approved or given back.
    at: DateTime,
    /// The internal number of the approval. Null when none was given.
    number: Option<String>,
    /// Why it was given back, or a note on the approval. Null when none was given.
    reason: Option<String>,
}

/// The consultation on a draft (征求意见): the districts may read it and remark.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Consultation {
    /// The districts.
    with: Vec<District>,
    /// The first day.
    since: Date,
    /// The last day.
    answer_by: Date,
}

/// A remark of a district on a version (修改意见): on a clause, a matter, a field, or the whole.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Remark {
    /// The district that made the remark.
    party: District,
    /// The key of the clause. Null when the remark is about none.
    clause: Option<String>,
    /// The matter. Null when the remark is about none.
    matter: Option<Matter>,
    /// The field, by its name in the forms. Null when the remark is about none.
    field: Option<String>,
    /// The text.
    text: String,
    /// When the remark was made.
    at: DateTime,
}

/// The opinion of a signing body of a party (部门会签).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct BodyConfirmation {
    /// The party.
    party: District,
    /// The name of the body.
    body: String,
    /// The opinion.
    opinion: BodyOpinion,
    /// The remark of the body. Null when there is none.
    remark: Option<String>,
    /// When the opinion was given.
    at: DateTime,
}

/// A reminder of a district whose answer was missing (催办).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Reminder {
    /// The district.
    party: District,
    /// The day.
    on: Date,
}

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

impl DraftApproval {
    pub(super) fn of(given: &office::Approval) -> Self {
        let office::Approval { state, at, number, reason } = given;
        let (number, reason) = (text(number.as_deref()), text(reason.as_deref()));
        Self { state: (*state).into(), at: DateTime(*at), number, reason }
    }
}

impl Consultation {
    pub(super) fn of(request: &RequestContext, given: &office::Consultation) -> Result<Self, Error> {
        let office::Consultation { with, since, answer_by } = given;
        let with = with.iter().map(|code| District::named(request, *code)).collect::<Result<_, Error>>()?;
        Ok(Self { with, since: Date(*since), answer_by: Date(*answer_by) })
    }
}

impl Remark {
    pub(super) fn of(request: &RequestContext, given: &remark::Remark) -> Result<Self, Error> {
        let remark::Remark { party, at, on_draft: _, content } = given;
        let remark::RemarkContent { clause, matter, field, text: said } = content;
        Ok(Self {
            party: District::named(request, *party)?,
            clause: text(clause.as_deref()),
            matter: matter.map(|code| Matter::named(request, code)).transpose()?,
            field: text(field.as_deref()),
            text: said.to_string(),
            at: DateTime(*at),
        })
    }
}

impl BodyConfirmation {
    pub(super) fn of(request: &RequestContext, given: &office::BodyConfirmation) -> Result<Self, Error> {
        let office::BodyConfirmation { party, body, opinion, at, remark } = given;
        let party = District::named(request, *party)?;
        let (body, remark) = (body.to_string(), text(remark.as_deref()));
        Ok(Self { party, body, opinion: (*opinion).into(), remark, at: DateTime(*at) })
    }
}

impl Reminder {
    pub(super) fn of(request: &RequestContext, sent: &office::Reminder) -> Result<Self, Error> {
        Ok(Self { party: District::named(request, sent.party)?, on: Date(sent.on) })
    }
}
