//! Offerings. There are millions of them, so the catalogue holds a compact entry of each, in the order of their ids; the body is
//! in the database.

use std::sync::Arc;

use chrono::Datelike;
use domain::{Date, District, Id, Matter, MatterCode, Offering, Period, Recorded, Revision};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::listing::Listed;
use crate::snapshot::{Handle, Kept, Snapshot};

/// The fields of an offering that answers, sorting and findings need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferingBrief {
    pub id: Id<Offering>,
    /// The newest change of the offering. Its body is fetched by id and revision.
    pub revision: Revision,
    /// The number of days it takes, for sorting routes.
    pub days: Option<u32>,
    pub visits: u32,
    pub has_url: bool,
    pub has_invalid_code: bool,
    pub verified_on: Option<Date>,
    /// The days on which it is published.
    pub period: Period,
}

impl OfferingBrief {
    /// Extracts the fields that the catalogue holds.
    pub fn of(offering: &Recorded<Offering>) -> Self {
        Self {
            id: offering.id,
            revision: offering.revision,
            days: offering.days(),
            visits: offering.visits,
            has_url: offering.url.is_some(),
            has_invalid_code: offering.has_invalid_code(),
            verified_on: offering.verified_on,
            period: offering.published(),
        }
    }
}

/// An offering with its district and matter.
#[derive(Debug, Clone, Copy)]
pub struct PlacedOffering<'a> {
    pub district: &'a Kept<District>,
    /// `None`: not matched to a matter yet.
    pub matter: Option<&'a Kept<Matter>>,
    pub brief: OfferingBrief,
}

/// An offering packed in 31 bytes. Zero means absent, so values that may be zero are stored plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfferingEntry {
    id: Small<6>,
    revision: Small<6>,
    district: Small<3>,
    matter: Small<3>,
    verified_on: Small<3>,
    from: Small<3>,
    to: Small<3>,
    days: Small<2>,
    visits: Small<1>,
    flags: u8,
}

const HAS_URL: u8 = 1;
const HAS_INVALID_CODE: u8 = 2;

/// A number in a fixed number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Small<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Small<BYTES> {
    fn new(number: u64) -> Option<Self> {
        let (kept, rest) = number.to_le_bytes().split_first_chunk().map(|(kept, rest)| (*kept, rest.iter().all(|byte| *byte == 0)))?;
        rest.then_some(Self(kept))
    }

    fn get(self) -> u64 {
        let mut bytes = [0; 8];
        bytes[..BYTES].copy_from_slice(&self.0);
        u64::from_le_bytes(bytes)
    }

    fn of_date(date: Option<Date>) -> Option<Self> {
        Self::new(date.map_or(Some(0), |date| u64::try_from(date.num_days_from_ce() + YEAR_ZERO).ok().filter(|day| *day > 0))?)
    }

    fn date(self) -> Option<Date> {
        let day = i32::try_from(self.get()).ok().filter(|day| *day > 0)?;
        Date::from_num_days_from_ce_opt(day - YEAR_ZERO)
    }
}

/// Offset of the days, so that the first day of year 0 is 1.
const YEAR_ZERO: i32 = 366;

impl OfferingEntry {
    /// `None`: a number does not fit.
    pub(crate) fn new(district: Handle, matter: Option<Handle>, brief: &OfferingBrief) -> Option<Self> {
        let OfferingBrief { id, revision, days, visits, has_url, has_invalid_code, verified_on, period } = *brief;
        let one_more = |number: Option<u32>| number.map_or(0, |number| u64::from(number) + 1);
        Some(Self {
            id: Small::new(id.number())?,
            revision: Small::new(revision)?,
            district: Small::new(district.into())?,
            matter: Small::new(one_more(matter))?,
            verified_on: Small::of_date(verified_on)?,
            from: Small::of_date(period.from)?,
            to: Small::of_date(period.to)?,
            days: Small::new(one_more(days))?,
            visits: Small::new(visits.into())?,
            flags: if has_url { HAS_URL } else { 0 } | if has_invalid_code { HAS_INVALID_CODE } else { 0 },
        })
    }

    pub(crate) fn id(&self) -> Id<Offering> {
        Id::new(self.id.get())
    }

    pub(crate) fn district(&self) -> Handle {
        self.district.get() as Handle
    }

    pub(crate) fn matter(&self) -> Option<Handle> {
        (self.matter.get() as Handle).checked_sub(1)
    }

    pub(crate) fn period(&self) -> Period {
        Period::new(self.from.date(), self.to.date())
    }

    /// Whether it is published on every day.
    pub(crate) fn is_undated(&self) -> bool {
        self.from.get() == 0 && self.to.get() == 0
    }

    pub(crate) fn brief(&self) -> OfferingBrief {
        OfferingBrief {
            id: self.id(),
            revision: self.revision.get(),
            days: (self.days.get() as u32).checked_sub(1),
            visits: self.visits.get() as u32,
            has_url: self.flags & HAS_URL != 0,
            has_invalid_code: self.flags & HAS_INVALID_CODE != 0,
            verified_on: self.verified_on.date(),
            period: self.period(),
        }
    }
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

    pub(crate) fn offerings_in(&self, district: Handle) -> impl Iterator<Item = &OfferingEntry> {
        self.district_at(district).offerings.iter().map(|at| &self.offerings[at])
    }

    /// A district's offerings of a matter.
    fn offerings_at(&self, district: Handle, matter: Handle) -> RoaringBitmap {
        &*self.district_at(district).offerings & &*self.matter_at(matter).offerings
    }

    pub(crate) fn offerings_of_matter_in(&self, district: Handle, matter: Handle) -> impl Iterator<Item = &OfferingEntry> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date() -> impl Strategy<Value = Option<Date>> {
        prop::option::of(
            (0..3_652_424i32).prop_map(|day| Date::from_num_days_from_ce_opt(day - YEAR_ZERO + 1).expect("a day of the years 0 to 9999")),
        )
    }

    proptest! {
        #[test]
        fn a_packed_offering_reads_back(
            (id, revision) in (1u64..1 << 48, 1u64..1 << 48), (days, visits) in (prop::option::of(0u32..=3_660), 0u32..=99),
            (has_url, has_invalid_code) in (any::<bool>(), any::<bool>()), verified_on in date(), from in date(), to in date(),
            district in 0u32..1 << 24, matter in prop::option::of(0u32..(1 << 24) - 1),
        ) {
            let brief = OfferingBrief { id: Id::new(id), revision, days, visits, has_url, has_invalid_code, verified_on, period: Period::new(from, to) };
            let entry = OfferingEntry::new(district, matter, &brief).expect("there is room");
            prop_assert_eq!((entry.district(), entry.matter(), entry.id()), (district, matter, brief.id));
            prop_assert_eq!(entry.is_undated(), brief.period == Period::ALWAYS);
            prop_assert_eq!(entry.brief(), brief);
        }
    }

    #[test]
    fn an_offering_takes_31_bytes() {
        assert_eq!(size_of::<OfferingEntry>(), 31);
    }
}
