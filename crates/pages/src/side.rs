//! One side of the search: the district that its field names, if it names one.

use catalogue::{Kept, Snapshot};
use domain::{Date, District};
use registry::naming::{self, Named};

#[derive(Debug)]
pub(crate) enum Side {
    /// The field is empty.
    Open,
    Known(Kept<District>),
    /// The name is ambiguous; the best match is first.
    Several(Vec<Kept<District>>),
    /// There is no district with this code or name. With it, what may be meant.
    Unknown(Vec<String>),
}

impl Side {
    pub(crate) fn read(text: &str, snapshot: &Snapshot, on: Date) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Open;
        }
        match naming::district(text, snapshot, on) {
            Named::One(district) => Self::Known(district),
            Named::Several(districts) => Self::Several(districts),
            Named::Unknown(guesses) => Self::Unknown(guesses),
        }
    }

    pub(crate) fn known(&self) -> Option<&Kept<District>> {
        match self {
            Self::Known(district) => Some(district),
            Self::Open | Self::Several(_) | Self::Unknown(_) => None,
        }
    }
}
