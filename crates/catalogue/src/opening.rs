//! What is open at a competent district on a day to those who stand elsewhere, whoever they are. It is put together from
//! every clause that the district takes part in, when somebody first asks, and stays until a clause may have changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use domain::{Date, HandlingMode};
use roaring::{MultiOps as _, RoaringBitmap};

use crate::snapshot::Handle;

/// What the clauses of one mode list.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) mode: HandlingMode,
    /// Only what the competent district publishes an offering of.
    pub(crate) needs_offering: bool,
    pub(crate) matters: RoaringBitmap,
}

impl Opening {
    /// Puts together what clauses list, each with its mode and whether it needs an offering.
    pub(crate) fn all<'a>(listed: impl IntoIterator<Item = (HandlingMode, bool, &'a RoaringBitmap)>) -> Box<[Self]> {
        let mut alike: BTreeMap<(HandlingMode, bool), Vec<&RoaringBitmap>> = BTreeMap::new();
        listed.into_iter().for_each(|(mode, needs_offering, matters)| alike.entry((mode, needs_offering)).or_default().push(matters));
        alike.into_iter().map(|((mode, needs_offering), matters)| Self { mode, needs_offering, matters: put_together(matters) }).collect()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.matters.serialized_size()
    }
}

const FEW: usize = 16;

/// A few small sets are put together one after the other; for more, a table of bits is worth its while.
fn put_together(sets: Vec<&RoaringBitmap>) -> RoaringBitmap {
    if sets.len() <= FEW { sets.into_iter().fold(RoaringBitmap::new(), |all, set| all | set) } else { sets.union() }
}

/// Where and when something is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) competent: Handle,
    pub(crate) on: Date,
    /// What is published of an agreement depends on the day that it is.
    pub(crate) today: Date,
}

/// What is known of it. Snapshots share it as long as the same clauses hold between the same districts.
#[derive(Debug, Default)]
pub(crate) struct Openings {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    bytes: usize,
    by_place: HashMap<Place, Arc<[Opening]>>,
}

/// When it takes more, it begins anew.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// What a place takes beside its openings.
const ENTRY: usize = 64;

impl Openings {
    pub(crate) fn at(&self, place: Place, look: impl FnOnce() -> Box<[Opening]>) -> Arc<[Opening]> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).by_place.get(&place).cloned();
        known.unwrap_or_else(|| {
            let found: Arc<[Opening]> = look().into();
            let bytes = ENTRY + found.iter().map(Opening::bytes).sum::<usize>();
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.bytes + bytes > MOST_BYTES {
                *known = Known::default();
            }
            if known.by_place.insert(place, found.clone()).is_none() {
                known.bytes += bytes;
            }
            found
        })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.known.read().unwrap_or_else(PoisonError::into_inner).bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_places_has_a_bound() {
        let openings = Openings::default();
        // A set of every other matter of a thousand takes 1 KB.
        let matters: RoaringBitmap = (0..1_000).step_by(2).collect();
        for competent in 0..40_000 {
            let place = Place { competent, on: Date::MIN, today: Date::MIN };
            let found = openings.at(place, || Opening::all([(HandlingMode::FullOnline, false, &matters)]));
            assert_eq!(found[0].matters, matters);
            assert!(openings.bytes() <= MOST_BYTES);
        }
        let again = Place { competent: 39_999, on: Date::MIN, today: Date::MIN };
        openings.at(again, || panic!("it is known"));
    }
}
