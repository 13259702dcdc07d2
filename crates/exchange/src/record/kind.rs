//! The kinds of records that offices keep as lists.

use std::str::FromStr;

use domain::Locale;

/// A kind of record with one record a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListKind {
    District,
    Matter,
    Offering,
    Window,
}

impl ListKind {
    pub const ALL: [Self; 4] = [Self::District, Self::Matter, Self::Offering, Self::Window];

    /// The value of `type` in a line.
    pub fn name(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Matter => "matter",
            Self::Offering => "offering",
            Self::Window => "window",
        }
    }

    pub fn label(self, locale: Locale) -> &'static str {
        let kind = match self {
            Self::District => domain::RecordKind::District,
            Self::Matter => domain::RecordKind::Matter,
            Self::Offering => domain::RecordKind::Offering,
            Self::Window => domain::RecordKind::Window,
        };
        kind.label(locale)
    }
}

impl FromStr for ListKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text.trim())).ok_or(())
    }
}
