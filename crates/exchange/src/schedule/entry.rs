//! What a usable row says.

use domain::{DistrictCode, HandlingMode, MatterCode, Period};

use crate::value::days::Days;

/// A matter with its modes, its sides and their conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub matter: MatterCode,
    pub modes: Vec<HandlingMode>,
    pub mode_label: Option<Box<str>>,
    /// The parties that receive.
    pub receiving: Vec<DistrictCode>,
    /// The parties that are competent.
    pub competent: Vec<DistrictCode>,
    pub days: Option<Days>,
    pub remark: Option<Box<str>>,
    /// The key of the clause that the row belongs to.
    pub key: Option<Box<str>>,
    pub batch: Option<Box<str>>,
    pub period: Period,
}

impl Entry {
    /// The pairs of a receiving and a competent party.
    pub fn directions(&self) -> Vec<(DistrictCode, DistrictCode)> {
        directions(&self.receiving, &self.competent)
    }

    /// Whether both entries have the same conditions, whatever their matters, modes and sides.
    pub(crate) fn has_conditions_of(&self, other: &Self) -> bool {
        self.mode_label == other.mode_label
            && self.days == other.days
            && self.key == other.key
            && self.batch == other.batch
            && self.period == other.period
    }
}

/// The pairs of two sides, without those of a district with itself.
pub(crate) fn directions(receiving: &[DistrictCode], competent: &[DistrictCode]) -> Vec<(DistrictCode, DistrictCode)> {
    let pairs = receiving.iter().flat_map(|receiving| competent.iter().map(|competent| (*receiving, *competent)));
    pairs.filter(|(receiving, competent)| receiving != competent).collect()
}

/// One cell of a schedule: a matter in one direction and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScheduleCell {
    pub matter: MatterCode,
    pub receiving: DistrictCode,
    pub competent: DistrictCode,
    pub mode: HandlingMode,
}
