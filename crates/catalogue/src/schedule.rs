//! What lists of agreements are filtered by, in a few bytes for each that is plain: which are in force, which end before a day,
//! which list a matter in a mode. So a list of all of them is a walk through one table.

use std::sync::Arc;

use chrono::Datelike as _;
use domain::{AgreementNumber, Date, HandlingMode, Standing};
use roaring::RoaringBitmap;

use crate::listing::AgreementFilter;
use crate::snapshot::{Handle, RECORDS};
use crate::table::Table;
use crate::version::VersionEntry;

/// An agreement of one version that everybody sees and that binds all its parties throughout its term.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief {
    pub(crate) number: AgreementNumber,
    /// Its first and its last day in force, as days of the common era.
    from: i32,
    to: i32,
    /// The last day that its version states.
    ends: i32,
    /// A bit for each mode of its clauses.
    modes: u8,
}

/// Plain agreements by their places, and by the matters that they list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedules {
    briefs: Table<Option<Brief>, RECORDS>,
    /// By the place of a matter: the plain agreements that list it, in each mode.
    listing: Table<Option<Arc<Modes>>, RECORDS>,
    /// Those that are not plain.
    various: Arc<RoaringBitmap>,
}

type Modes = [RoaringBitmap; HandlingMode::ALL.len()];

impl Brief {
    pub(crate) fn new(number: AgreementNumber, term: domain::Period, ends: Option<Date>, version: &VersionEntry) -> Self {
        let day = |day: Date| day.num_days_from_ce();
        Self {
            number,
            from: term.from.map_or(i32::MIN, day),
            to: term.to.map_or(i32::MAX, day),
            ends: ends.map_or(i32::MAX, day),
            modes: version.clauses().fold(0, |modes, clause| modes | bit(clause.mode)),
        }
    }
}

/// What a filter asks of a brief.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sieve {
    /// A bit for each mode that is wanted; none: all are.
    modes: u8,
    /// Is any standing wanted, or only some?
    any_standing: bool,
    in_force: bool,
    expired: bool,
    on: i32,
    /// They end before this day.
    before: i64,
}

impl Sieve {
    pub(crate) fn new(filter: &AgreementFilter) -> Self {
        Self {
            modes: filter.modes.iter().fold(0, |modes, mode| modes | bit(*mode)),
            any_standing: filter.standing.is_empty(),
            in_force: filter.standing.contains(&Standing::InForce),
            expired: filter.standing.contains(&Standing::Expired),
            on: filter.on.num_days_from_ce(),
            before: filter.ending_before.map_or(i64::MAX, |before| before.num_days_from_ce().into()),
        }
    }

    /// Does a brief pass the standing, the modes and the last day? `None`: its standing is not plain before it begins.
    pub(crate) fn lists(&self, brief: &Brief) -> Option<bool> {
        if self.modes != 0 && brief.modes & self.modes == 0 {
            return Some(false);
        }
        if !self.any_standing {
            if brief.from > self.on {
                return None;
            }
            let is_wanted = if brief.to >= self.on { self.in_force } else { self.expired };
            if !is_wanted {
                return Some(false);
            }
        }
        Some(self.ends(brief))
    }

    pub(crate) fn ends(&self, brief: &Brief) -> bool {
        i64::from(brief.ends) < self.before
    }
}

fn bit(mode: HandlingMode) -> u8 {
    1 << mode as u8
}

impl Schedules {
    pub(crate) fn plain(&self, at: Handle) -> Option<&Brief> {
        if (at as usize) < self.briefs.len() { self.briefs[at].as_ref() } else { None }
    }

    /// Looks at so many places, from the first on, with what is known of each.
    pub(crate) fn each(&self, places: usize, mut look: impl FnMut(Handle, Option<&Brief>)) {
        let mut at: Handle = 0;
        self.briefs.iter().for_each(|brief| {
            look(at, brief.as_ref());
            at += 1;
        });
        (at..).take(places.saturating_sub(at as usize)).for_each(|at| look(at, None));
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
        while self.briefs.len() <= at as usize {
            self.briefs.push(None);
        }
        let is_various = is_kept && after.is_none();
        if is_various != self.various.contains(at) {
            let various = Arc::make_mut(&mut self.various);
            if is_various {
                various.insert(at)
            } else {
                various.remove(at)
            };
        }
        let (brief, after) = after.unzip();
        let was_listed = std::mem::replace(self.briefs.get_mut(at), brief).is_some();
        let before = before.filter(|_| was_listed);
        if before == after {
            return;
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
            let mode = HandlingMode::ALL.iter().position(|mode| *mode == clause.mode).unwrap_or_default();
            for matter in clause.matters.iter() {
                while self.listing.len() <= matter as usize {
                    self.listing.push(None);
                }
                let modes = self.listing.get_mut(matter).get_or_insert_with(Arc::default);
                change(&mut Arc::make_mut(modes)[mode]);
            }
        }
    }

    /// The bytes of its tables, and the sets of places that hang on them.
    pub(crate) fn room(&self) -> (usize, impl Iterator<Item = &RoaringBitmap>) {
        let sets = self.listing.iter().flatten().flat_map(|modes| modes.iter());
        (self.briefs.room() + self.listing.room(), sets.chain([&*self.various]))
    }
}
