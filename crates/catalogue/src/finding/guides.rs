//! What a district has to do about its guides: matters without one, and guides that were verified long ago.

use chrono::Months;
use domain::DistrictCode;
use roaring::RoaringBitmap;

use super::Rule;
use super::check::Checker;
use crate::handle::Kept;
use crate::handling::notice::GUIDE_OLD_MONTHS;
use crate::offering_entry::OfferingBrief;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// The matters for which schedules make a district competent today and of which it publishes no offering, in the
    /// order of their codes.
    pub fn matters_to_offer(&self, code: DistrictCode) -> Vec<Kept<domain::Matter>> {
        let Some(district) = self.district_handle(code) else { return Vec::new() };
        let mut checker = Checker::new(self, self.today());
        let mut matters = RoaringBitmap::new();
        for (agreement, found) in self.found_by_rule(district, Rule::MatterWithoutOffering) {
            if let Some(checked) = checker.checked(agreement) {
                matters |= checker.unprepared_matters(checked, found);
            }
        }
        let mut matters: Vec<_> = matters.iter().map(|at| self.matter_at(at).matter.clone()).collect();
        matters.sort_unstable_by_key(|matter| matter.code);
        matters
    }

    /// Whether a guide that is published today has not been verified for long. One without the day never was.
    pub fn is_unverified(&self, offering: &OfferingBrief) -> bool {
        let old = self.today().checked_sub_months(Months::new(GUIDE_OLD_MONTHS));
        offering.period.includes(self.today())
            && offering.verified_on.is_none_or(|verified| old.is_some_and(|old| verified < old))
    }
}
