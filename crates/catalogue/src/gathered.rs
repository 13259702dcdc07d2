//! What was put together about a competent district and a day when somebody first asked, and stays until it may have changed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::{Date, Revision};

use crate::open::InForce;
use crate::opening::Opening;
use crate::snapshot::Handle;

/// Snapshots share it as long as the same districts, policies and matters stand for the same.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) openings: Memo<[Opening]>,
    pub(crate) in_force: Memo<InForce>,
    /// The partners of a district, with the number of agreements.
    pub(crate) partners: Memo<[(Handle, u32)]>,
}

impl Weighed for [(Handle, u32)] {
    fn bytes(&self) -> usize {
        size_of_val(self)
    }
}

impl Gathered {
    pub(crate) fn bytes(&self) -> usize {
        self.openings.bytes() + self.in_force.bytes() + self.partners.bytes()
    }
}

/// Where and when something is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) competent: Handle,
    pub(crate) on: Date,
    /// What is published of an agreement depends on the day that it is.
    pub(crate) today: Date,
}

/// What takes room.
pub(crate) trait Weighed {
    /// In bytes.
    fn bytes(&self) -> usize;
}

/// One thing for each place, as of the newest change of an agreement that bears on it.
#[derive(Debug)]
pub(crate) struct Memo<T: ?Sized>(RwLock<Known<T>>);

#[derive(Debug)]
struct Known<T: ?Sized> {
    bytes: usize,
    by_place: HashMap<Place, (Revision, Arc<T>)>,
}

impl<T: ?Sized> Default for Known<T> {
    fn default() -> Self {
        Self { bytes: 0, by_place: HashMap::new() }
    }
}

impl<T: ?Sized> Default for Memo<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

/// When it takes more, it begins anew.
const MOST_BYTES: usize = 24 * 1024 * 1024;
/// What a place takes beside its thing.
const ENTRY: usize = 64;

impl<T: Weighed + ?Sized> Memo<T> {
    pub(crate) fn at(&self, place: Place, as_of: Revision, look: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).by_place.get(&place).cloned();
        if let Some((revision, known)) = known
            && revision == as_of
        {
            return known;
        }
        let found = look();
        let bytes = ENTRY + found.bytes();
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.bytes + bytes > MOST_BYTES {
            *known = Known::default();
        }
        let before = known.by_place.insert(place, (as_of, found.clone()));
        known.bytes = known.bytes + bytes - before.map_or(0, |(_, before)| ENTRY + before.bytes());
        found
    }

    fn bytes(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).bytes
    }
}

#[cfg(test)]
mod tests {
    use domain::HandlingMode;

    use super::*;
    use crate::version::Places;

    fn opening(matters: &[Handle]) -> Arc<[Opening]> {
        Opening::all([(HandlingMode::FullOnline, false, Places::new(matters))]).into()
    }

    #[test]
    fn what_is_known_of_places_has_a_bound() {
        let memo = Memo::default();
        let matters: Vec<Handle> = (0..8_000).step_by(2).collect();
        for competent in 0..40_000 {
            let place = Place { competent, on: Date::MIN, today: Date::MIN };
            let found = memo.at(place, 1, || opening(&matters));
            assert!(found[0].matters.iter().eq(matters.iter().copied()));
            assert!(memo.bytes() <= MOST_BYTES);
        }
        let again = Place { competent: 39_999, on: Date::MIN, today: Date::MIN };
        memo.at(again, 1, || panic!("it is known"));
    }

    #[test]
    fn what_was_known_before_a_change_is_put_together_anew_in_its_place() {
        let memo = Memo::default();
        let place = Place { competent: 1, on: Date::MIN, today: Date::MIN };
        memo.at(place, 1, || opening(&[1]));
        let bytes = memo.bytes();
        for (revision, matter) in [(2, 5), (3, 6)] {
            assert!(memo.at(place, revision, || opening(&[matter]))[0].matters.contains(matter));
        }
        assert_eq!(memo.bytes(), bytes);
    }
}
