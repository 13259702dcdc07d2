//! Offerings of districts and matters on a day.

use std::sync::Arc;

use domain::{Date, District, Id, Matter, MatterCode, Offering};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::handle::{Handle, Kept};
use crate::offering_entry::{OfferingBrief, OfferingEntry};
use crate::order::Listed;
use crate::snapshot::Snapshot;

/// An offering with its district and matter.
#[derive(Debug, Clone, Copy)]
pub struct PlacedOffering<'a> {
    pub district: &'a Kept<District>,
    /// `None`: not matched to a matter yet.
    pub matter: Option<&'a Kept<Matter>>,
    pub brief: OfferingBrief,
}

/// A district's offerings of one matter on a day.
#[derive(Debug, Clone)]
pub(crate) struct OfferingsOf {
    pub(crate) published: Vec<OfferingBrief>,
    pub(crate) withdrawn: Option<OfferingBrief>,
}

/// The state of a district's offerings on a day, by matter.
#[derive(Debug, Clone)]
pub(crate) struct Offered {
    pub(crate) published: Arc<Bits>,
    /// Matters with a withdrawn offering and no published one.
    pub(crate) withdrawn: Bits,
}

/// Offerings in the order of their ids. Entries are read on demand, page by page.
#[derive(Debug, Clone, Copy)]
pub struct OfferingList<'a> {
    snapshot: &'a Snapshot,
    places: Option<&'a RoaringBitmap>,
}

impl OfferingList<'_> {
    pub fn len(&self) -> usize {
        self.places.map_or(0, |places| places.len() as usize)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The offering at an index of the list.
    pub fn get(&self, place: usize) -> Option<Listed<Id<Offering>, OfferingBrief>> {
        let at = self.places?.select(u32::try_from(place).ok()?)?;
        let brief = self.snapshot.offerings[at].brief();
        Some(Listed { rank: 0, code: brief.id, item: brief })
    }
}

impl OfferingsOf {
    /// Whether the offerings allow a clause: a clause that needs an offering needs a published one, any other clause
    /// applies unless the last offering was withdrawn.
    pub(crate) fn allow(&self, needs_offering: bool) -> bool {
        !self.published.is_empty() || (!needs_offering && self.withdrawn.is_none())
    }
}

impl Snapshot {
    /// An offering with its district and matter.
    pub fn offering_by_id(&self, id: Id<Offering>) -> Option<PlacedOffering<'_>> {
        let entry = &self.offerings[self.offerings.search(&id, OfferingEntry::id)?];
        let matter = entry.matter().map(|handle| &self.matter_at(handle).matter);
        Some(PlacedOffering { district: &self.district_at(entry.district()).district, matter, brief: entry.brief() })
    }

    /// All districts' offerings of a matter.
    pub fn offerings_of_matter(&self, code: MatterCode) -> OfferingList<'_> {
        let places = self.matter_handle(code).map(|handle| &*self.matter_at(handle).offerings);
        OfferingList { snapshot: self, places }
    }

    /// The number of districts that offer a matter.
    pub fn districts_offering(&self, code: MatterCode) -> usize {
        self.matter_handle(code).map_or(0, |handle| self.offered_in[handle as usize] as usize)
    }

    pub(crate) fn offerings_in(&self, district: Handle) -> impl Iterator<Item = &OfferingEntry> {
        self.district_at(district).offerings.iter().map(|at| &self.offerings[at])
    }

    /// A district's offerings of a matter.
    fn offerings_at(&self, district: Handle, matter: Handle) -> RoaringBitmap {
        &*self.district_at(district).offerings & &*self.matter_at(matter).offerings
    }

    pub(crate) fn offerings_of_matter_in(
        &self,
        district: Handle,
        matter: Handle,
    ) -> impl Iterator<Item = &OfferingEntry> {
        self.offerings_at(district, matter).into_iter().map(|at| &self.offerings[at])
    }

    pub(crate) fn has_offering(&self, district: Handle, matter: Handle) -> bool {
        !self.district_at(district).offerings.is_disjoint(&self.matter_at(matter).offerings)
    }

    pub(crate) fn offerings_of(&self, district: Handle, matter: Handle, on: Date) -> OfferingsOf {
        let mut of = OfferingsOf { published: Vec::new(), withdrawn: None };
        if !self.matter_at(matter).offered_by.contains(district) {
            return of;
        }
        for at in self.offerings_at(district, matter) {
            let brief = self.offerings[at].brief();
            if brief.period.includes(on) {
                of.published.push(brief);
            } else if brief.period.ended_before(on) {
                of.withdrawn = Some(brief);
            }
        }
        of
    }

    /// The matters of which a district publishes an offering on a day, and those whose last offering is withdrawn.
    pub(crate) fn offered(&self, district: Handle, on: Date) -> Offered {
        let entry = self.district_at(district);
        let mut published = entry.always_offered.clone();
        let mut withdrawn = Bits::default();
        if !entry.dated_offered.is_empty() {
            for offering in self.offerings_in(district) {
                let Some(matter) = offering.matter() else { continue };
                let period = offering.period();
                if period.includes(on) {
                    if !published.contains(matter) {
                        Arc::make_mut(&mut published).insert(matter);
                    }
                } else if period.ended_before(on) {
                    withdrawn.insert(matter);
                }
            }
            withdrawn -= &published;
        }
        Offered { published, withdrawn }
    }
}
