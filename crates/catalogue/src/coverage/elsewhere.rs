//! Where else a matter of a competent district can be submitted.

use std::cmp::Reverse;

use domain::{Date, District, DistrictCode, MatterCode, Reach};
use roaring::RoaringBitmap;

use crate::coverage::one_sided::{OneSided, OtherSide, Role};
use crate::handle::{Handle, Kept};
use crate::snapshot::Snapshot;

impl Snapshot {
    /// The districts, other than the receiving one, in which the matter of the competent district can be submitted on
    /// the day: those of the receiving district's prefecture first, then those of its province, then the others, each by
    /// code.
    pub fn elsewhere(
        &self,
        matter: MatterCode,
        receiving: DistrictCode,
        competent: DistrictCode,
        on: Date,
        most: usize,
    ) -> Vec<Kept<District>> {
        let (Some(m), Some(a), Some(c)) =
            (self.matter_handle(matter), self.district_handle(receiving), self.district_handle(competent))
        else {
            return Vec::new();
        };
        if most == 0 || !self.matter_at(m).matter.is_active(on) {
            return Vec::new();
        }
        let participations = self.participations(c, on);
        let one = OneSided { district: c, participations: &participations, role: Role::Competent, on };
        let mut districts = RoaringBitmap::new();
        for clause in self.one_sided_clauses(&one, OtherSide::Listed) {
            if clause.matters().contains(m) && self.opens(c, m, clause.needs_offering, on) {
                districts.extend(clause.others.districts());
            }
        }
        districts.remove(a);
        let [near, less_near] =
            [Reach::WithinPrefecture, Reach::WithinProvince].map(|reach| self.within_reach(reach, a, on));
        let code = |handle: Handle| self.district_at(handle).district.code;
        let mut sorted: Vec<Handle> = districts.into_iter().collect();
        sorted.sort_unstable_by_key(|handle| {
            (Reverse(near.contains(*handle)), Reverse(less_near.contains(*handle)), code(*handle))
        });
        sorted.into_iter().take(most).map(|handle| self.district_at(handle).district.clone()).collect()
    }
}
