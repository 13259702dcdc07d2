//! Suspensions of an agreement, and what stops a party on a day.

use serde::Serialize;

use crate::code::DistrictCode;
use crate::period::Date;
use crate::reading::Reader;

/// A suspension (暂停) of a party, or the registry's emergency stop of the whole agreement. It applies from `since` to
/// `until`, and ends before the day on which it is cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// `None`: the registry's emergency stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<DistrictCode>,
    pub since: Date,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared_on: Option<Date>,
    /// Set by contesting the paper record, and cleared by confirming it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contests: bool,
    pub reason: Box<str>,
}

impl Suspension {
    pub fn applies_on(&self, on: Date) -> bool {
        self.since <= on
            && self.until.is_none_or(|until| on <= until)
            && self.cleared_on.is_none_or(|cleared| on < cleared)
    }
}

impl Suspension {
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.optional_code("party");
        r.require("since");
        let since = r.date("since");
        let until = r.date("until");
        let cleared_on = r.date("clearedOn");
        let contests = r.flag("contests");
        let reason = r.line("reason", 2_000).into();
        Some(Self { party, since: since?, until, cleared_on, contests, reason })
    }
}
