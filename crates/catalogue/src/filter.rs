//! Filters of lists.

use domain::{Audience, Date, DistrictCode, DistrictKind, HandlingMode, MatterCode, MatterDomain, Standing};

use crate::search::query::Query;

/// Filter for matters. Empty fields do not filter.
#[derive(Debug, Clone, Default)]
pub struct MatterFilter {
    pub search: Option<Query>,
    pub domains: Vec<MatterDomain>,
    pub audiences: Vec<Audience>,
}

/// Filter for districts. Empty fields do not filter.
#[derive(Debug, Clone, Default)]
pub struct DistrictFilter {
    pub search: Option<Query>,
    pub kinds: Vec<DistrictKind>,
    /// This district and those below it on this day.
    pub within: Option<(DistrictCode, Date)>,
}

/// Filter for agreements. Empty fields do not filter.
#[derive(Debug, Clone, Default)]
pub struct AgreementFilter {
    /// All of these are parties on the day, or on the last day of an agreement that has ended.
    pub parties: Vec<DistrictCode>,
    /// This district participates on the day, as a party or below one.
    pub covering: Option<DistrictCode>,
    pub standing: Vec<Standing>,
    /// The day for standing, parties and schedule.
    pub on: Date,
    pub matter: Option<MatterCode>,
    pub modes: Vec<HandlingMode>,
    pub search: Option<Query>,
    /// The agreement ends before this day.
    pub ending_before: Option<Date>,
}
