//! The partners of a district.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{Date, District, DistrictCode, Standing};

use crate::between::{Participation, parties_as, reference_version};
use crate::derived_cache::CacheKey;
use crate::handle::{Handle, Kept};
use crate::order::Listed;
use crate::snapshot::Snapshot;

/// A district with which another has agreements in force.
#[derive(Debug, Clone)]
pub struct Partner {
    pub district: Kept<District>,
    pub agreements: usize,
    /// The number of the partner's matters that are available in this district.
    pub matters_in: usize,
    /// The number of this district's matters that are available in the partner's.
    pub matters_out: usize,
}

/// The partners of a district by code. Matters are counted on demand, page by page.
#[derive(Debug)]
pub struct PartnerList<'a> {
    snapshot: &'a Snapshot,
    code: DistrictCode,
    on: Date,
    /// Handle and number of agreements.
    places: Arc<[(Handle, u32)]>,
}

impl PartnerList<'_> {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The code of a partner.
    pub fn code(&self, place: usize) -> Option<DistrictCode> {
        Some(self.snapshot.district_at(self.places.get(place)?.0).district.code)
    }

    /// A partner, with the numbers of available matters if `is_counted`.
    pub fn get(&self, place: usize, is_counted: bool) -> Option<Listed<DistrictCode, Partner>> {
        let (partner, agreements) = *self.places.get(place)?;
        let district = self.snapshot.district_at(partner).district.clone();
        let count = |receiving, competent| {
            if is_counted { self.snapshot.counts_between(receiving, competent, self.on).0 } else { 0 }
        };
        let item = Partner {
            agreements: agreements as usize,
            matters_in: count(self.code, district.code),
            matters_out: count(district.code, self.code),
            district,
        };
        Some(Listed { rank: 0, code: item.district.code, item })
    }

    pub fn iter(&self) -> impl Iterator<Item = Listed<DistrictCode, Partner>> {
        (0..self.len()).filter_map(|place| self.get(place, true))
    }
}

impl Snapshot {
    /// The partners of a district: the other parties of agreements in force in which it participates, by code.
    pub fn partners(&self, code: DistrictCode, on: Date) -> PartnerList<'_> {
        let places = match self.district_handle(code).filter(|handle| !self.is_retired(*handle, on)) {
            Some(handle) => {
                let participations = self.participations(handle, on);
                let key = CacheKey { competent: handle, on, today: self.today };
                let as_of = self.agreements_as_of(&participations);
                self.derived
                    .partners
                    .get_or_compute(key, as_of, || self.compute_partners(handle, &participations, on).into())
            }
            None => Arc::default(),
        };
        PartnerList { snapshot: self, code, on, places }
    }

    fn compute_partners(&self, handle: Handle, participations: &[Participation], on: Date) -> Vec<(Handle, u32)> {
        let mut partners: BTreeMap<Handle, u32> = BTreeMap::new();
        for at in self.agreements_as(participations) {
            let Some(entry) = self.agreement_at(at) else { continue };
            if entry.agreement.standing(on) != Standing::InForce {
                continue;
            }
            let Some(version) = reference_version(entry, on) else { continue };
            let written = &entry.agreement.versions[version];
            let is_member = |place: u16| {
                let party = &written.parties[usize::from(place)];
                written.binds(party) && entry.agreement.membership(written, party, on).includes(on)
            };
            let ours = parties_as(&entry.versions[version], participations);
            for (place, party) in (0u16..).zip(entry.versions[version].parties()) {
                let different = ours.iter().any(|(own, _)| *own != place && is_member(*own));
                if different
                    && is_member(place)
                    && let Some(partner) = self.counts_for(party.district, on).filter(|partner| *partner != handle)
                {
                    *partners.entry(partner).or_default() += 1;
                }
            }
        }
        let mut partners: Vec<(Handle, u32)> = partners.into_iter().collect();
        partners.sort_unstable_by_key(|(partner, _)| self.district_at(*partner).district.code);
        partners
    }
}
