//! The source of a record, so that demonstration data is not taken for official data.

use serde::Serialize;

use crate::reading::Reader;

/// The source of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The document, site or data set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Box<str>>,
    /// The record was made up for a demonstration.
    pub synthetic: bool,
}

impl Provenance {
    pub fn is_unstated(&self) -> bool {
        *self == Self::default()
    }

    /// Returns `other` if it is stated, else `self`.
    pub(crate) fn unless_stated(self, other: Self) -> Self {
        if other.is_unstated() { self } else { other }
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        r.object("provenance", |r| Self {
            source: r.optional_text("source", 2_000).map(Into::into),
            licence: r.optional_text("licence", 200).map(Into::into),
            synthetic: r.flag("synthetic"),
        })
        .unwrap_or_default()
    }
}
