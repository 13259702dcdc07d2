//! The type of each column of a table.

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

impl CellKind {
    /// In a policy the sides are territories, elsewhere codes.
    pub(super) fn of(column: &[String], kind: &str) -> Self {
        match column.last().map(String::as_str).unwrap_or_default() {
            "receiving" | "competent" if kind == "policy" => Self::Districts,
            "code" | "district" | "matter" | "parent" | "creditCode" | "number" | "framework" | "lead" | "party"
            | "recorder" | "digest" => Self::Code,
            "kind" if kind == "district" || kind == "document" => Self::Word,
            "domain" | "amendmentRule" | "concludes" | "admission" | "mode" | "reach" | "extent" | "confirmation"
            | "dayKind" | "materialPostage" | "resultPostage" => Self::Word,
            "visits" | "version" | "baseVersion" | "months" | "size" | "copies" => Self::Number,
            "statutoryDays" | "promisedDays" | "noticeDays" | "objectionDays" | "transferDays" | "deferrableDays" => {
                Self::Days
            }
            "released" | "synthetic" | "requiresApproval" => Self::Flag,
            "validFrom" | "effectiveFrom" | "signedOn" | "retiredOn" | "withdrawnOn" | "closedOn" | "verifiedOn"
            | "attachedOn" | "parentFrom" => Self::Date,
            "closedDates" => Self::Dates,
            "opening" => Self::Opening,
            "validTo" | "effectiveTo" => Self::LastDay,
            "matters" | "receiving" | "competent" | "successors" | "parents" | "administers" => Self::Codes,
            "audience" | "modes" | "domains" | "windowDepth" => Self::Words,
            "competentBy" | "issuedBy" | "certificatesAccepted" => Self::Texts,
            "aliases" => Self::Names,
            "parties" => Self::Districts,
            "codes"
            | "materials"
            | "forms"
            | "questions"
            | "bodies"
            | "steps"
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
            "provenance" | "authority" | "terms" | "fullOnline" | "proxyCollection" | "multiSiteJoint" | "voided"
            | "renewal" | "draft" | "proposal" | "approval" | "consultation" | "discarded" => Self::Object,
            _ => Self::Text,
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
