//! A bit-sliced index of days: for each bit of the day a bitmap of the records where that bit is zero. All records with
//! a day before another are found with one bitmap operation per bit.

use std::sync::Arc;

use chrono::Datelike as _;
use domain::Date;

use crate::bits::Bits;
use crate::handle::Handle;

/// Enough for days with a year of four digits.
const BITS: usize = 22;

/// A day as a number of `BITS` bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(u32);

impl Day {
    /// Before all days.
    const FIRST: Self = Self(0);
    /// After all days.
    const LAST: Self = Self((1 << BITS) - 1);
    /// The days of the year 0000, and one.
    const YEAR_ZERO: i32 = 367;

    pub(crate) fn of(date: Date) -> Self {
        let day = u32::try_from(date.num_days_from_ce().saturating_add(Self::YEAR_ZERO)).unwrap_or_default();
        Self(day.clamp(Self::FIRST.0 + 1, Self::LAST.0 - 1))
    }

    pub(crate) fn first(date: Option<Date>) -> Self {
        date.map_or(Self::FIRST, Self::of)
    }

    pub(crate) fn last(date: Option<Date>) -> Self {
        date.map_or(Self::LAST, Self::of)
    }

    pub(crate) fn next(self) -> Self {
        Self((self.0 + 1).min(Self::LAST.0))
    }

    fn has(self, bit: usize) -> bool {
        self.0 >> bit & 1 == 1
    }
}

/// The days of records, by handle. Copy-on-write: snapshots share the bitmaps that do not change.
#[derive(Debug, Clone, Default)]
pub(crate) struct DayIndex([Arc<Bits>; BITS]);

impl DayIndex {
    /// Sets or removes the day of a record.
    pub(crate) fn put(&mut self, at: Handle, day: Option<Day>) {
        for (bit, places) in self.0.iter_mut().enumerate() {
            set_bit(places, at, day.is_some_and(|day| !day.has(bit)));
        }
    }

    /// The records with a day before this one.
    pub(crate) fn before(&self, day: Day) -> Bits {
        let mut found = Bits::default();
        // Higher bits override the result of lower ones.
        for (bit, zero) in self.0.iter().enumerate() {
            if day.has(bit) {
                found |= zero;
            } else {
                found &= zero;
            }
        }
        found
    }

    pub(crate) fn sets(&self) -> impl Iterator<Item = &Arc<Bits>> {
        self.0.iter()
    }
}

/// Sets or clears a bit. An unchanged bitmap is not copied.
pub(crate) fn set_bit(places: &mut Arc<Bits>, at: Handle, is_in: bool) {
    if places.contains(at) != is_in {
        let places = Arc::make_mut(places);
        if is_in { places.insert(at) } else { places.remove(at) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date() -> impl Strategy<Value = Option<Date>> {
        let days = prop_oneof![-365i32..=3_652_059, 738_000i32..738_020];
        prop::option::of(
            days.prop_map(|day| Date::from_num_days_from_ce_opt(day).expect("a day of the years 0 to 9999")),
        )
    }

    proptest! {
        #[test]
        fn the_index_finds_what_comparing_finds(
            dates in prop::collection::vec((date(), any::<bool>()), 0..80), changes in prop::collection::vec((0u32..80, prop::option::of(date())), 0..20), asked in date(),
        ) {
            let mut days = DayIndex::default();
            let mut plain: Vec<Option<Day>> = Vec::new();
            for (at, (date, is_last)) in (0..).zip(dates) {
                let day = if is_last { Day::last(date) } else { Day::first(date) };
                days.put(at, Some(day));
                plain.push(Some(day));
            }
            for (at, date) in changes {
                let Some(known) = plain.get_mut(at as usize) else { continue };
                *known = date.map(Day::last);
                days.put(at, *known);
            }
            let asked = Day::last(asked);
            for asked in [asked, asked.next(), Day::of(Date::MIN), Day::of(Date::MAX)] {
                let expected: Vec<Handle> = (0..).zip(&plain).filter(|(_, day)| day.is_some_and(|day| day < asked)).map(|(at, _)| at).collect();
                prop_assert_eq!(days.before(asked).iter().collect::<Vec<_>>(), expected);
            }
        }

        #[test]
        fn days_are_in_the_order_of_dates(one in date(), other in date()) {
            prop_assert_eq!(one.map(Day::of).cmp(&other.map(Day::of)), one.cmp(&other));
        }
    }
}
