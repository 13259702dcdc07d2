//! Remarks (修改意见) of a district on a version: on a clause, a matter, a field, or the whole.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::code::{DistrictCode, MatterCode};
use crate::reading::Reader;
use crate::reference::Reference;

/// Maximum number of remarks of one act, and of one district on one version outside of its rejection.
pub const MAX_REMARKS: usize = 200;

/// A remark (修改意见).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    pub party: DistrictCode,
    pub at: DateTime<Utc>,
    /// Made while the version was a draft: for its author alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_draft: bool,
    #[serde(flatten)]
    pub content: RemarkContent,
}

/// What a remark says, and of which row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemarkContent {
    /// The key of the clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter: Option<MatterCode>,
    /// The name of the field in the forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Box<str>>,
    pub text: Box<str>,
}

impl RemarkContent {
    /// Reads the form.
    pub fn read(r: &mut Reader<'_>) -> Self {
        Self {
            clause: r.optional_line("clause", 120).map(Into::into),
            matter: r.optional_code("matter"),
            field: r.optional_line("field", 120).map(Into::into),
            text: r.line("text", 2_000).into(),
        }
    }

    pub(super) fn by(self, party: DistrictCode, at: DateTime<Utc>) -> Remark {
        Remark { party, at, on_draft: false, content: self }
    }
}

impl Remark {
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        r.require("at");
        let at = r.moment("at");
        let on_draft = r.flag("onDraft");
        let content = RemarkContent::read(r);
        Some(Self { party: party?, at: at?, on_draft, content })
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        let matter = self.content.matter.map(|matter| Reference::matter("matter", matter));
        std::iter::once(Reference::district("party", self.party)).chain(matter)
    }
}

/// The references of a list of remarks, with the path of the list.
pub(super) fn references_of<'a>(list: &'static str, remarks: &'a [Remark]) -> impl Iterator<Item = Reference> + 'a {
    let of = move |(i, remark): (usize, &'a Remark)| {
        remark.references().map(move |reference| reference.within(format!("{list}.{i}"))).collect::<Vec<_>>()
    };
    remarks.iter().enumerate().flat_map(of)
}

/// The references of remarks in a form.
pub fn references_of_form(remarks: &[RemarkContent]) -> Vec<Reference> {
    let of =
        |(i, remark): (usize, &RemarkContent)| Some(Reference::matter(format!("remarks.{i}.matter"), remark.matter?));
    remarks.iter().enumerate().filter_map(of).collect()
}
