//! Adds offerings, and links them to their districts and matters.

use std::sync::Arc;

use domain::{District, Id, Matter, Offering, Recorded, Revision};

use crate::build::{BuildError, SnapshotBuilder, unreadable};
use crate::handle::Handle;
use crate::offering_entry::{OfferingBrief, OfferingEntry};
use crate::snapshot::Snapshot;

/// An offering with the ids of its district and matter.
pub(super) type Placed = (Id<District>, Option<Id<Matter>>, OfferingBrief);

impl SnapshotBuilder {
    pub(super) fn brief(&self, offering: &Recorded<Offering>) -> Result<Placed, BuildError> {
        let Some(district) = self.snapshot.district(offering.district) else {
            return unreadable(format!("{} serves the unknown district {}", offering.id, offering.district));
        };
        let matter = match offering.matter {
            None => None,
            Some(code) => match self.snapshot.matter(code) {
                Some(matter) => Some(matter.id),
                None => return unreadable(format!("{} implements the unknown matter {code}", offering.id)),
            },
        };
        Ok((district.id, matter, OfferingBrief::of(offering)))
    }

    /// Adds an offering by the ids of its district and matter, which must exist. New offerings must arrive in the order
    /// of their ids.
    pub fn offering(
        &mut self,
        district: Id<District>,
        matter: Option<Id<Matter>>,
        brief: OfferingBrief,
    ) -> Result<(), BuildError> {
        let at =
            self.find(district.number(), |snapshot| snapshot.districts.search(&district, |entry| entry.district.id));
        let Some(at) = at else { return unreadable(format!("{} serves the unknown district {district}", brief.id)) };
        let handle = matter.map(|id| {
            self.find(id.number(), |snapshot| snapshot.matters.search(&id, |entry| entry.matter.id)).ok_or(id)
        });
        let matter = match handle.transpose() {
            Ok(handle) => handle,
            Err(id) => return unreadable(format!("{} implements the unknown matter {id}", brief.id)),
        };
        let Some(entry) = OfferingEntry::new(at, matter, &brief) else {
            return unreadable(format!("{} has a number that is too great", brief.id));
        };
        let offerings = &mut self.snapshot.offerings;
        if offerings.last().is_none_or(|last| last.id() < brief.id) {
            let place = offerings.push(entry);
            self.link_youngest(place, &entry);
            return Ok(());
        }
        let Some(place) = offerings.search(&brief.id, OfferingEntry::id) else {
            return unreadable(format!("{} comes after younger ones", brief.id));
        };
        let before = std::mem::replace(offerings.get_mut(place), entry);
        if (before.district(), before.matter()) != (entry.district(), entry.matter()) {
            self.unlink(place, &before);
        }
        self.link(place, &entry);
        Ok(())
    }

    fn find(&mut self, id: Revision, search: impl FnOnce(&Snapshot) -> Option<Handle>) -> Option<Handle> {
        if let Some(known) = self.found.get(&id) {
            return Some(*known);
        }
        let handle = search(&self.snapshot)?;
        self.found.insert(id, handle);
        Some(handle)
    }

    /// Links a new offering to its district and matter. Fast path, since there are millions of offerings.
    fn link_youngest(&mut self, place: Handle, entry: &OfferingEntry) {
        let district = entry.district();
        self.offered.insert(district);
        let known_to_district = Arc::make_mut(&mut self.district_mut(district).offerings).try_push(place);
        debug_assert!(known_to_district.is_ok(), "it is the youngest");
        let Some(matter) = entry.matter() else { return };
        self.implemented.insert(matter);
        let entry = self.matter_mut(matter);
        let known_to_matter = Arc::make_mut(&mut entry.offerings).try_push(place);
        debug_assert!(known_to_matter.is_ok(), "it is the youngest");
        Arc::make_mut(&mut entry.offered_by).insert(district);
    }

    /// Links an offering to its district and matter.
    fn link(&mut self, place: Handle, entry: &OfferingEntry) {
        let district = entry.district();
        self.offered.insert(district);
        if !self.snapshot.district_at(district).offerings.contains(place) {
            Arc::make_mut(&mut self.district_mut(district).offerings).insert(place);
        }
        let Some(matter) = entry.matter() else { return };
        if !self.snapshot.matter_at(matter).offerings.contains(place) {
            self.implemented.insert(matter);
            let entry = self.matter_mut(matter);
            Arc::make_mut(&mut entry.offerings).insert(place);
            Arc::make_mut(&mut entry.offered_by).insert(district);
        }
    }

    /// Unlinks an offering that moves to another district or matter.
    fn unlink(&mut self, place: Handle, before: &OfferingEntry) {
        let district = before.district();
        self.offered.insert(district);
        if let Some(matter) = before.matter() {
            Arc::make_mut(&mut self.matter_mut(matter).offerings).remove(place);
            if !self.snapshot.has_offering(district, matter) {
                Arc::make_mut(&mut self.matter_mut(matter).offered_by).remove(district);
                self.implemented.insert(matter);
            }
        }
        Arc::make_mut(&mut self.district_mut(district).offerings).remove(place);
    }
}
