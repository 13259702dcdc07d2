//! The work of an office on a version, beside what is agreed: the approval of a draft, the consultation on it, remarks,
//! the opinions of signing bodies, and reminders. None of it is part of the digest.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::agreement::remark::{Remark, references_of};
use crate::code::DistrictCode;
use crate::period::Date;
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

words! {
    /// The state of the approval of a draft by its own signatory.
    ApprovalState {
        Submitted = "SUBMITTED", "送审中", "submitted";
        Approved = "APPROVED", "审核通过", "approved";
        GivenBack = "GIVEN_BACK", "审核退回", "given back";
    }
}

words! {
    /// The opinion of a signing body.
    BodyOpinion {
        Agree = "AGREE", "同意", "agrees";
        Object = "OBJECT", "不同意", "objects";
    }
}

/// The work of an office on a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Office {
    /// Of its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// While the version is a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consultation: Option<Consultation>,
    /// In the order in which they were made. Those of a rejection are in the rejection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// The newest opinion of each body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub body_opinions: Vec<BodyConfirmation>,
    /// The newest reminder of each district.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Reminder>,
}

/// The approval of a draft (送审, 审核).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    pub state: ApprovalState,
    /// When it was submitted, approved or given back.
    pub at: DateTime<Utc>,
    /// The internal number of the approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Box<str>>,
    /// Why it was given back, or a note of the signatory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
}

/// A consultation on a draft (征求意见): these districts may read it and remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consultation {
    pub with: Vec<DistrictCode>,
    pub since: Date,
    /// The last day.
    pub answer_by: Date,
}

/// The opinion of a signing body (部门会签).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BodyConfirmation {
    pub party: DistrictCode,
    /// The name of the body.
    pub body: Box<str>,
    pub opinion: BodyOpinion,
    pub at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<Box<str>>,
}

/// A reminder (催办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminder {
    pub party: DistrictCode,
    pub on: Date,
}

impl Office {
    /// Nothing was done.
    pub const NONE: Self = Self {
        approval: None,
        consultation: None,
        remarks: Vec::new(),
        body_opinions: Vec::new(),
        reminders: Vec::new(),
    };

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let approval = r.object("approval", Approval::read).flatten();
        let consultation = r.object("consultation", Consultation::read).flatten();
        let remarks = r.objects("remarks", Remark::read).into_iter().flatten().collect();
        let body_opinions = r.objects("bodyOpinions", BodyConfirmation::read).into_iter().flatten().collect();
        let reminders = r.objects("reminders", Reminder::read).into_iter().flatten().collect();
        Self { approval, consultation, remarks, body_opinions, reminders }
    }

    pub(super) fn references(&self) -> impl Iterator<Item = Reference> + '_ {
        let with = self.consultation.iter().flat_map(|consultation| consultation.with.iter().enumerate());
        let with = with.map(|(i, code)| Reference::district(format!("consultation.with.{i}"), *code));
        let bodies = self.body_opinions.iter().enumerate();
        let bodies = bodies.map(|(i, given)| Reference::district(format!("bodyOpinions.{i}.party"), given.party));
        let reminders = self.reminders.iter().enumerate();
        let reminders = reminders.map(|(i, sent)| Reference::district(format!("reminders.{i}.party"), sent.party));
        with.chain(references_of("remarks", &self.remarks)).chain(bodies).chain(reminders)
    }
}

impl Consultation {
    /// Whether it runs on a day.
    pub fn runs(&self, on: Date) -> bool {
        self.since <= on && on <= self.answer_by
    }

    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let with = r.codes("with");
        r.require("since");
        let since = r.date("since");
        r.require("answerBy");
        let answer_by = r.date("answerBy");
        Some(Self { with, since: since?, answer_by: answer_by? })
    }
}

impl Approval {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let state = r.word("state");
        r.require("at");
        let at = r.moment("at");
        let number = r.optional_number_text("number", 120).map(Into::into);
        let reason = r.optional_line("reason", 2_000).map(Into::into);
        Some(Self { state: state?, at: at?, number, reason })
    }
}

impl BodyConfirmation {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        let body = r.name("body", 200).into();
        let opinion = r.word("opinion");
        r.require("at");
        let at = r.moment("at");
        let remark = r.optional_line("remark", 2_000).map(Into::into);
        Some(Self { party: party?, body, opinion: opinion?, at: at?, remark })
    }
}

impl Reminder {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        r.require("on");
        let on = r.date("on");
        Some(Self { party: party?, on: on? })
    }
}
