//! Bitmap indexes for filtering lists of agreements: by the days between which they are in force, by the modes of their
//! clauses, and by their matters. They cover plain agreements; the others are evaluated one by one.

use std::sync::Arc;

use domain::{Date, HandlingMode, Standing, Version};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::chunked_vec::ChunkedVec;
use crate::day_index::{Day, DayIndex, set_bit};
use crate::entry::RECORDS;
use crate::filter::AgreementFilter;
use crate::handle::Handle;
use crate::version::VersionEntry;

/// An agreement of one version that everybody sees and that binds all its parties throughout its term.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief {
    /// The first and the last day in force.
    from: Day,
    to: Day,
    /// The day of its conclusion.
    signed: Day,
    /// The last day that its version states.
    ends: Day,
    /// It renews itself, so its end depends on the day of the query.
    is_renewed: bool,
}

/// The indexes of plain agreements, by handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedules {
    plain: Arc<Bits>,
    from: DayIndex,
    to: DayIndex,
    signed: DayIndex,
    ends: DayIndex,
    /// Those that renew themselves.
    renewed: Arc<RoaringBitmap>,
    /// For each mode the agreements with such a clause.
    in_mode: [Arc<Bits>; HandlingMode::ALL.len()],
    /// For each matter the agreements that list it, by mode.
    listing: ChunkedVec<Option<Arc<Modes>>, RECORDS>,
    /// Agreements that are not plain.
    various: Arc<RoaringBitmap>,
}

type Modes = [RoaringBitmap; HandlingMode::ALL.len()];

impl Brief {
    pub(crate) fn new(term: domain::Period, version: &Version) -> Self {
        Self {
            from: Day::first(term.from),
            to: Day::last(term.to),
            signed: Day::first(version.signed_on()),
            ends: Day::last(version.effective_to),
            is_renewed: version.renewal.is_some(),
        }
    }
}

fn place_of(mode: HandlingMode) -> usize {
    HandlingMode::ALL.iter().position(|known| *known == mode).unwrap_or_default()
}

fn put(places: &mut Arc<RoaringBitmap>, at: Handle, is_in: bool) {
    if places.contains(at) != is_in {
        let places = Arc::make_mut(places);
        if is_in {
            places.insert(at)
        } else {
            places.remove(at)
        };
    }
}

impl Schedules {
    /// The plain agreements that match the standing, the modes and the last day of a filter. [`Self::others`] must be
    /// evaluated one by one.
    pub(crate) fn found(&self, filter: &AgreementFilter) -> Bits {
        let mut found =
            if filter.standing.is_empty() { (*self.plain).clone() } else { self.standing(&filter.standing, filter.on) };
        if !filter.modes.is_empty() {
            let mut in_modes = Bits::default();
            filter.modes.iter().for_each(|mode| in_modes |= &self.in_mode[place_of(*mode)]);
            found &= &in_modes;
        }
        if let Some(before) = filter.ending_before {
            found &= &self.ends.before(Day::of(before));
        }
        found
    }

    fn standing(&self, wanted: &[Standing], on: Date) -> Bits {
        let on = Day::of(on);
        let (begun, ended) = (self.from.before(on.next()), self.to.before(on));
        let mut found = Bits::default();
        for standing in Standing::ALL.iter().filter(|standing| wanted.contains(standing)) {
            found |= &match standing {
                Standing::InForce => begun.without(&ended),
                Standing::Expired => begun.clone().and(&ended),
                Standing::Scheduled => self.signed.before(on.next()).without(&begun),
                Standing::NotConcluded => self.plain.without(&begun).without(&self.signed.before(on.next())),
                // Such agreements are not plain.
                Standing::Voided | Standing::Terminated | Standing::Suspended => continue,
            };
        }
        found
    }

    /// The agreements that the indexes do not cover.
    pub(crate) fn others(&self, filter: &AgreementFilter) -> RoaringBitmap {
        if filter.ending_before.is_some() { &*self.various | &*self.renewed } else { (*self.various).clone() }
    }

    /// The plain agreements that list a matter in one of the modes, or in any mode, and all that are not plain.
    pub(crate) fn candidates(&self, matter: Handle, modes: &[HandlingMode]) -> RoaringBitmap {
        let mut found = (*self.various).clone();
        let listing = if (matter as usize) < self.listing.len() { self.listing[matter].as_ref() } else { None };
        for (mode, agreements) in HandlingMode::ALL.iter().zip(listing.into_iter().flat_map(|listing| listing.iter())) {
            if modes.is_empty() || modes.contains(mode) {
                found |= agreements;
            }
        }
        found
    }

    /// Updates an agreement, with its version before and after if it is plain.
    pub(crate) fn put(
        &mut self,
        at: Handle,
        before: Option<&VersionEntry>,
        after: Option<(Brief, &VersionEntry)>,
        is_kept: bool,
    ) {
        put(&mut self.various, at, is_kept && after.is_none());
        let before = before.filter(|_| self.plain.contains(at));
        let (brief, after) = after.unzip();
        set_bit(&mut self.plain, at, brief.is_some());
        put(&mut self.renewed, at, brief.is_some_and(|brief| brief.is_renewed));
        self.from.put(at, brief.map(|brief| brief.from));
        self.to.put(at, brief.map(|brief| brief.to));
        self.signed.put(at, brief.map(|brief| brief.signed));
        self.ends.put(at, brief.filter(|brief| !brief.is_renewed).map(|brief| brief.ends));
        if before == after {
            return;
        }
        for (mode, places) in HandlingMode::ALL.iter().zip(&mut self.in_mode) {
            set_bit(places, at, after.is_some_and(|version| version.clauses().any(|clause| clause.mode == *mode)));
        }
        self.list(before, |agreements| {
            agreements.remove(at);
        });
        self.list(after, |agreements| {
            agreements.insert(at);
        });
    }

    fn list(&mut self, version: Option<&VersionEntry>, change: impl Fn(&mut RoaringBitmap)) {
        for clause in version.into_iter().flat_map(VersionEntry::clauses) {
            for matter in clause.matters.iter() {
                while self.listing.len() <= matter as usize {
                    self.listing.push(None);
                }
                let modes = self.listing.get_mut(matter).get_or_insert_with(Arc::default);
                change(&mut Arc::make_mut(modes)[place_of(clause.mode)]);
            }
        }
    }

    /// Memory of its vectors and dense bitmaps in bytes, and its sparse bitmaps.
    pub(crate) fn memory(&self) -> (usize, impl Iterator<Item = &RoaringBitmap>) {
        let Self { plain, from, to, signed, ends, renewed, in_mode, listing, various } = self;
        let days = [from, to, signed, ends].into_iter().flat_map(DayIndex::sets);
        let bits: usize =
            days.chain(in_mode).chain([plain]).map(|places| size_of::<Bits>() + places.heap_bytes()).sum();
        let sets = listing.iter().flatten().flat_map(|modes| modes.iter());
        (listing.heap_bytes() + bits, sets.chain([&**various, &**renewed]))
    }
}
