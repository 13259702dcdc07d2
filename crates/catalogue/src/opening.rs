//! What is open at a competent district on a day to those who stand elsewhere, whoever they are. It is put together from
//! every clause that the district takes part in, when somebody first asks, and stays until a clause may have changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use domain::{Date, HandlingMode};
use roaring::RoaringBitmap;

use crate::snapshot::Handle;
use crate::version::Places;

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
    pub(crate) fn all<'a>(listed: impl IntoIterator<Item = (HandlingMode, bool, Places<'a>)>) -> Box<[Self]> {
        let mut alike: BTreeMap<(HandlingMode, bool), Vec<Places<'a>>> = BTreeMap::new();
        listed.into_iter().for_each(|(mode, needs_offering, matters)| alike.entry((mode, needs_offering)).or_default().push(matters));
        alike.into_iter().map(|((mode, needs_offering), matters)| Self { mode, needs_offering, matters: put_together(&matters) }).collect()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.matters.serialized_size()
    }
}

/// All that is in one of these.
fn put_together(sets: &[Places<'_>]) -> RoaringBitmap {
    const BITS: u32 = u64::BITS;
    let most = sets.iter().filter_map(|set| set.last()).max();
    let mut table = vec![0u64; most.map_or(0, |most| (most / BITS + 1) as usize)];
    sets.iter().flat_map(|set| set.iter()).for_each(|place| table[(place / BITS) as usize] |= 1 << (place % BITS));
    let of_word = |(base, mut word): (u32, u64)| {
        std::iter::from_fn(move || {
            let bit = (word != 0).then(|| word.trailing_zeros())?;
            word &= word - 1;
            Some(base + bit)
        })
    };
    RoaringBitmap::from_sorted_iter((0..).step_by(BITS as usize).zip(table).flat_map(of_word)).expect("bit by bit they come in order")
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_put_together_is_all_that_was_listed(sets in prop::collection::vec(prop::collection::btree_set(0u32..5_000, 0..40), 0..9)) {
            let sets: Vec<Vec<Handle>> = sets.into_iter().map(|set| set.into_iter().collect()).collect();
            let all: RoaringBitmap = sets.iter().flatten().copied().collect();
            prop_assert_eq!(put_together(&sets.iter().map(|set| Places::new(set)).collect::<Vec<_>>()), all);
        }
    }

    #[test]
    fn what_is_known_of_places_has_a_bound() {
        let openings = Openings::default();
        // A set of every other matter of a thousand takes 1 KB.
        let matters: Vec<Handle> = (0..1_000).step_by(2).collect();
        for competent in 0..40_000 {
            let place = Place { competent, on: Date::MIN, today: Date::MIN };
            let found = openings.at(place, || Opening::all([(HandlingMode::FullOnline, false, Places::new(&matters))]));
            assert!(found[0].matters.iter().eq(matters.iter().copied()));
            assert!(openings.bytes() <= MOST_BYTES);
        }
        let again = Place { competent: 39_999, on: Date::MIN, today: Date::MIN };
        openings.at(again, || panic!("it is known"));
    }
}
