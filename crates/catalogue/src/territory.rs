//! The hierarchy of districts on a day: parents, administering zones, and successors.

use std::collections::BTreeSet;

use domain::{Date, DistrictCode, DistrictKind, Extent, Period, Reach};
use roaring::RoaringBitmap;

use crate::between::Participation;
use crate::handle::Handle;
use crate::snapshot::Snapshot;

fn holds(relations: &[(Handle, Period)], on: Date) -> impl Iterator<Item = Handle> {
    relations.iter().filter(move |(_, period)| period.includes(on)).map(|(handle, _)| *handle)
}

impl Snapshot {
    pub(crate) fn is_retired(&self, district: Handle, on: Date) -> bool {
        self.district_at(district).district.is_retired(on)
    }

    /// The district and its ancestors on a day: parents and administering zones.
    pub(crate) fn upwards(&self, district: Handle, on: Date) -> Vec<Handle> {
        let mut above = vec![district];
        let mut next = 0;
        while let Some(&handle) = above.get(next) {
            let entry = self.district_at(handle);
            for parent in holds(&entry.parents, on).chain(holds(&entry.administrators, on)) {
                if !above.contains(&parent) {
                    above.push(parent);
                }
            }
            next += 1;
        }
        above
    }

    /// The district and its descendants on a day.
    pub(crate) fn downwards(&self, district: Handle, on: Date) -> Vec<Handle> {
        let mut below = vec![district];
        let mut seen = RoaringBitmap::from_iter([district]);
        let mut next = 0;
        while let Some(&handle) = below.get(next) {
            for &child in self.district_at(handle).children.iter() {
                let entry = self.district_at(child);
                let is_child =
                    holds(&entry.parents, on).chain(holds(&entry.administrators, on)).any(|above| above == handle);
                if is_child && seen.insert(child) {
                    below.push(child);
                }
            }
            next += 1;
        }
        below
    }

    /// The districts through which a district participates on a day: itself, its ancestors, and the retired districts
    /// of which one of these is the single successor. A retired district participates through itself too, so that a
    /// reason can be given.
    pub(crate) fn participations(&self, district: Handle, on: Date) -> Vec<Participation> {
        let mut participations = Vec::with_capacity(4);
        for above in self.upwards(district, on) {
            let itself = above == district;
            if itself || !self.is_retired(above, on) {
                participations.push(Participation { named: above, counts_for: above, itself });
                self.succeeded_by(above, on, &mut |named| {
                    participations.push(Participation { named, counts_for: above, itself });
                });
            }
        }
        participations
    }

    /// The retired districts that this one replaces on a day: it is their single successor, directly or transitively.
    pub(crate) fn succeeded_by(&self, district: Handle, on: Date, each: &mut impl FnMut(Handle)) {
        let mut found: Vec<Handle> = vec![district];
        let mut next = 0;
        while let Some(&handle) = found.get(next) {
            for &predecessor in self.district_at(handle).predecessors.iter() {
                let single = self.district_at(predecessor).successors.len() == 1;
                if single && self.is_retired(predecessor, on) && !found.contains(&predecessor) {
                    found.push(predecessor);
                    each(predecessor);
                }
            }
            next += 1;
        }
    }

    /// The district that a named one stands for on a day; `None`: it was split or closed.
    pub(crate) fn counts_for(&self, named: Handle, on: Date) -> Option<Handle> {
        let mut at = named;
        for _ in 0..self.districts.len() {
            if !self.is_retired(at, on) {
                return Some(at);
            }
            match *self.district_at(at).successors {
                [successor] => at = successor,
                _ => return None,
            }
        }
        None
    }

    /// All districts that participate on a day through this one with this extent.
    pub(crate) fn named_with(&self, named: Handle, subtree: bool, on: Date) -> Vec<Handle> {
        let Some(district) = self.counts_for(named, on) else { return Vec::new() };
        let mut all = if subtree { self.downwards(district, on) } else { vec![district] };
        all.retain(|handle| !self.is_retired(*handle, on));
        all
    }

    /// All codes of the districts that the staff of a district acts for on a day: the district itself, with `Subtree`
    /// its descendants, and the retired districts that these replace. Only its successor acts for a retired district,
    /// so that a merger does not give the staff of a part authority over the whole.
    pub fn acts_for(&self, district: DistrictCode, extent: Extent, on: Date) -> BTreeSet<DistrictCode> {
        let Some(district) = self.district_handle(district).filter(|handle| !self.is_retired(*handle, on)) else {
            return BTreeSet::new();
        };
        let mut all = self.named_with(district, is_subtree(extent), on);
        for current in all.clone() {
            self.succeeded_by(current, on, &mut |retired| all.push(retired));
        }
        let codes = |handle: Handle| {
            // Skip former codes that another district has now.
            self.district_at(handle)
                .district
                .all_codes()
                .filter(move |code| self.district_handle(*code) == Some(handle))
        };
        all.into_iter().flat_map(codes).collect()
    }

    /// The nearest district of a kind, itself or an ancestor. A municipality is the prefecture of all its descendants.
    fn nearest(&self, district: Handle, kind: DistrictKind, on: Date) -> Option<Handle> {
        let mut at = district;
        // Stop at cycles.
        for _ in 0..=self.districts.len() {
            let entry = self.district_at(at);
            if entry.district.kind == kind || (kind == DistrictKind::Prefecture && entry.district.is_municipality()) {
                return Some(at);
            }
            at = holds(&entry.parents, on).next()?;
        }
        None
    }

    /// Whether the reach of a policy clause includes the pair.
    pub(crate) fn reaches(&self, reach: Reach, a: Handle, b: Handle, on: Date) -> bool {
        let both = |kind| self.nearest(a, kind, on).zip(self.nearest(b, kind, on));
        match reach {
            Reach::Any => true,
            Reach::AcrossProvinces => both(DistrictKind::Province).is_some_and(|(a, b)| a != b),
            Reach::WithinProvince => both(DistrictKind::Province).is_some_and(|(a, b)| a == b),
            Reach::WithinPrefecture => both(DistrictKind::Prefecture).is_some_and(|(a, b)| a == b),
        }
    }

    /// The existing districts that the reach includes from a district on a day.
    pub(crate) fn within_reach(&self, reach: Reach, from: Handle, on: Date) -> RoaringBitmap {
        let all = 0..self.districts.len() as Handle;
        let kind = match reach {
            Reach::Any => return all.filter(|handle| !self.is_retired(*handle, on)).collect(),
            Reach::AcrossProvinces | Reach::WithinProvince => DistrictKind::Province,
            Reach::WithinPrefecture => DistrictKind::Prefecture,
        };
        let Some(mine) = self.nearest(from, kind, on) else { return RoaringBitmap::new() };
        let same = reach != Reach::AcrossProvinces;
        all.filter(|handle| {
            !self.is_retired(*handle, on)
                && self.nearest(*handle, kind, on).is_some_and(|theirs| (theirs == mine) == same)
        })
        .collect()
    }
}

pub(crate) fn is_subtree(extent: Extent) -> bool {
    match extent {
        Extent::Itself => false,
        Extent::Subtree => true,
    }
}
