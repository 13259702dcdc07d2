//! The type of each column of a table.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::HandlingMode;
use domain::reading::shape::{Field, Form};

/// The type of a column, by the last step of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    Text,
    /// A code without blanks, in capital letters.
    Code,
    /// A word of an enum, in capital letters.
    Word,
    Number,
    /// A number of days, with or without a unit.
    Days,
    Flag,
    Date,
    /// A last day, which may be blank.
    LastDay,
    /// A list of days.
    Dates,
    /// Opening hours, as a text or as JSON.
    Opening,
    /// A list of codes or words.
    Codes,
    Words,
    /// A list of texts without commas.
    Texts,
    /// A list of names that may contain commas.
    Names,
    /// A list of objects for which a district code is enough.
    Districts,
    /// A list of objects, as JSON.
    Objects,
    /// An object, as JSON.
    Object,
}

/// The columns of the terms of each handling mode: the object itself and its fields, as the domain reads them.
static OF_TERMS: LazyLock<HashMap<&'static str, CellKind>> = LazyLock::new(|| {
    let of_mode = |mode: &HandlingMode| {
        let fields = mode.fields().into_iter().map(|field| (field.name, CellKind::of_field(&field)));
        fields.chain([(mode.terms_field(), CellKind::Object)]).collect::<Vec<_>>()
    };
    HandlingMode::ALL.iter().flat_map(of_mode).collect()
});

impl CellKind {
    fn of_field(field: &Field) -> Self {
        match field.form {
            Form::Line(_) | Form::Text(_) | Form::Moment | Form::Url | Form::Content => Self::Text,
            Form::Lines(_) => Self::Texts,
            Form::Dates => Self::Dates,
            Form::Code(_) => Self::Code,
            Form::Codes(_) => Self::Codes,
            Form::Word(_) => Self::Word,
            Form::Words(_) => Self::Words,
            Form::Date => Self::Date,
            Form::Number(_) if field.name.to_lowercase().ends_with("days") => Self::Days,
            Form::Number(_) => Self::Number,
            Form::Flag => Self::Flag,
            Form::Object(_) => Self::Object,
            Form::Objects(_) => Self::Objects,
            Form::CodesOrObjects(..) => Self::Districts,
        }
    }

    /// In a policy the sides are territories, elsewhere codes.
    pub(super) fn of(column: &[String], kind: &str) -> Self {
        match column.last().map(String::as_str).unwrap_or_default() {
            "receiving" | "competent" if kind == "policy" => Self::Districts,
            "code" | "district" | "matter" | "parent" | "creditCode" | "number" | "framework" | "lead" | "party"
            | "recorder" | "digest" => Self::Code,
            "kind" if kind == "district" || kind == "document" => Self::Word,
            "domain" | "amendmentRule" | "concludes" | "admission" | "mode" | "reach" | "extent" | "confirmation"
            | "dayKind" => Self::Word,
            "visits" | "version" | "baseVersion" | "months" | "size" | "copies" => Self::Number,
            "statutoryDays" | "promisedDays" | "noticeDays" | "objectionDays" | "deferrableDays" => Self::Days,
            "released" | "synthetic" | "requiresApproval" => Self::Flag,
            "validFrom" | "effectiveFrom" | "signedOn" | "retiredOn" | "withdrawnOn" | "closedOn" | "verifiedOn"
            | "attachedOn" | "parentFrom" => Self::Date,
            "closedDates" => Self::Dates,
            "opening" => Self::Opening,
            "validTo" | "effectiveTo" => Self::LastDay,
            "matters" | "receiving" | "competent" | "successors" | "parents" | "administers" => Self::Codes,
            "audience" | "modes" | "domains" => Self::Words,
            "competentBy" | "issuedBy" => Self::Texts,
            "aliases" => Self::Names,
            "parties" => Self::Districts,
            "codes"
            | "materials"
            | "forms"
            | "questions"
            | "bodies"
            | "schedule"
            | "versions"
            | "accessions"
            | "accessionSignatures"
            | "objections"
            | "remarks"
            | "bodyOpinions"
            | "reminders"
            | "corrections"
            | "suspensions"
            | "notices" => Self::Objects,
            "provenance" | "authority" | "terms" | "voided" | "renewal" | "draft" | "proposal" | "approval"
            | "consultation" | "discarded" => Self::Object,
            name => OF_TERMS.get(name).copied().unwrap_or(Self::Text),
        }
    }

    /// May a cell contain JSON?
    pub(super) fn may_be_json(self) -> bool {
        match self {
            Self::Dates
            | Self::Opening
            | Self::Codes
            | Self::Words
            | Self::Texts
            | Self::Names
            | Self::Districts
            | Self::Objects
            | Self::Object => true,
            Self::Text
            | Self::Code
            | Self::Word
            | Self::Number
            | Self::Days
            | Self::Flag
            | Self::Date
            | Self::LastDay => false,
        }
    }
}
