//! What lists of agreements are filtered by, as sets of those that are plain: by the days from which and to which they are in force,
//! by the modes of their clauses, by the matters that these list. So a list of all of them is a few operations of sets.

use std::sync::Arc;

use domain::{Date, HandlingMode, Standing, Version};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::days::{Day, Days, places_put};
use crate::listing::AgreementFilter;
use crate::snapshot::{Handle, RECORDS};
use crate::table::Table;
use crate::version::VersionEntry;

/// An agreement of one version that everybody sees and that binds all its parties throughout its term.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief {
    /// Its first and its last day in force.
    from: Day,
    to: Day,
    /// Before this day it was not concluded.
    signed: Day,
    /// The last day that its version states.
    ends: Day,
    /// When it ends depends on the day that is asked about.
    is_renewed: bool,
}

/// Plain agreements by their places, and by what is asked of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedules {
    plain: Arc<Bits>,
    from: Days,
    to: Days,
    signed: Days,
    ends: Days,
    /// Those that renew themselves.
    renewed: Arc<RoaringBitmap>,
    /// By each mode: those with a clause in it.
    in_mode: [Arc<Bits>; HandlingMode::ALL.len()],
    /// By the place of a matter: those that list it, in each mode.
    listing: Table<Option<Arc<Modes>>, RECORDS>,
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
    /// The plain agreements that pass the standing, the modes and the last day of a filter; [`Self::others`] are looked at.
    pub(crate) fn found(&self, filter: &AgreementFilter) -> Bits {
        let mut found = if filter.standing.is_empty() { (*self.plain).clone() } else { self.standing(&filter.standing, filter.on) };
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
                // What was voided, left or stopped is not plain.
                Standing::Voided | Standing::Terminated | Standing::Suspended => continue,
            };
        }
        found
    }

    /// Agreements of which more must be known than is kept here.
    pub(crate) fn others(&self, filter: &AgreementFilter) -> RoaringBitmap {
        if filter.ending_before.is_some() { &*self.various | &*self.renewed } else { (*self.various).clone() }
    }

    /// The plain agreements that list a matter in one of some modes, or in any; and all that must be looked at.
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

    /// Puts an agreement in the place of what it was before: its version then and now, where it is plain.
    pub(crate) fn put(&mut self, at: Handle, before: Option<&VersionEntry>, after: Option<(Brief, &VersionEntry)>, is_kept: bool) {
        put(&mut self.various, at, is_kept && after.is_none());
        let before = before.filter(|_| self.plain.contains(at));
        let (brief, after) = after.unzip();
        places_put(&mut self.plain, at, brief.is_some());
        put(&mut self.renewed, at, brief.is_some_and(|brief| brief.is_renewed));
        self.from.put(at, brief.map(|brief| brief.from));
        self.to.put(at, brief.map(|brief| brief.to));
        self.signed.put(at, brief.map(|brief| brief.signed));
        self.ends.put(at, brief.filter(|brief| !brief.is_renewed).map(|brief| brief.ends));
        if before == after {
            return;
        }
        for (mode, places) in HandlingMode::ALL.iter().zip(&mut self.in_mode) {
            places_put(places, at, after.is_some_and(|version| version.clauses().any(|clause| clause.mode == *mode)));
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

    /// The bytes of its tables and of its sets with a bit each, and the sets of places that hang on them.
    pub(crate) fn room(&self) -> (usize, impl Iterator<Item = &RoaringBitmap>) {
        let Self { plain, from, to, signed, ends, renewed, in_mode, listing, various } = self;
        let days = [from, to, signed, ends].into_iter().flat_map(Days::sets);
        let bits: usize = days.chain(in_mode).chain([plain]).map(|places| size_of::<Bits>() + places.bytes()).sum();
        let sets = listing.iter().flatten().flat_map(|modes| modes.iter());
        (listing.room() + bits, sets.chain([&**various, &**renewed]))
    }
}
