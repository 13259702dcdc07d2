//! Sort orders and pages of lists, and directories that page without sorting the whole list.

use std::sync::Arc;

use crate::handle::Handle;
use crate::search::index::Index;
use crate::search::sort_key;
use crate::search::text::Text;

/// The sort order of a list. Ties are broken by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Best match first, then matters that more districts offer.
    Relevance,
    /// By name, in the order of pinyin.
    Name,
    /// Shortest first; without a promise, last.
    PromisedDays,
    Code,
}

/// The sort key of an entry, before its code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Relevance(u32),
    /// The pinyin of the name.
    Name(Arc<str>),
    /// [`UNPROMISED`] without a promise.
    PromisedDays(u32),
    Code,
}

impl By {
    pub fn order(&self) -> Order {
        match self {
            Self::Relevance(_) => Order::Relevance,
            Self::Name(_) => Order::Name,
            Self::PromisedDays(_) => Order::PromisedDays,
            Self::Code => Order::Code,
        }
    }
}

/// Stands for missing promised days; greater than any promise.
pub const UNPROMISED: u32 = u32::MAX;

/// The position of an entry in its list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot<C> {
    pub by: By,
    pub code: C,
}

/// The end from which entries are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Start,
    End,
}

/// The requested part of a list.
#[derive(Debug, Clone)]
pub struct Slice<C> {
    pub order: Order,
    pub from: Side,
    pub count: usize,
    pub after: Option<Spot<C>>,
    pub before: Option<Spot<C>>,
}

impl<C> Slice<C> {
    /// The first `count` entries.
    pub fn first(count: usize, order: Order) -> Self {
        Self { order, from: Side::Start, count, after: None, before: None }
    }

    pub fn all(order: Order) -> Self {
        Self::first(usize::MAX, order)
    }
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Sliced<C, T> {
    pub entries: Vec<(Spot<C>, T)>,
    /// The number of entries of the whole list.
    pub total: usize,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<C, T> Sliced<C, T> {
    pub(crate) fn none() -> Self {
        Self { entries: Vec::new(), total: 0, has_previous: false, has_next: false }
    }

    pub(crate) fn map<U>(self, mut with: impl FnMut(T) -> U) -> Sliced<C, U> {
        let Self { entries, total, has_previous, has_next } = self;
        Sliced {
            entries: entries.into_iter().map(|(spot, item)| (spot, with(item))).collect(),
            total,
            has_previous,
            has_next,
        }
    }

    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, item)| item)
    }
}

/// An entry of a list, sorted by rank, then by code.
#[derive(Debug, Clone)]
pub struct Listed<C, T, R = u32> {
    pub rank: R,
    pub code: C,
    pub item: T,
}

/// The records of a kind, indexed for search and sorted by code and by name.
#[derive(Debug, Clone)]
pub(crate) struct Directory<C> {
    pub(crate) names: Index,
    by_code: Vec<(C, Handle)>,
    by_name: Vec<(Arc<str>, C, Handle)>,
    /// The ranks of each record in the two.
    places: Vec<Places>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Places {
    by_code: u32,
    by_name: u32,
}

impl<C> Default for Directory<C> {
    fn default() -> Self {
        Self { names: Index::default(), by_code: Vec::new(), by_name: Vec::new(), places: Vec::new() }
    }
}

impl<C: Copy + Ord> Directory<C> {
    /// Whether the record has this code and text.
    pub(crate) fn has(&self, at: Handle, code: C, text: &Text) -> bool {
        self.places.get(at as usize).is_some_and(|places| self.by_code[places.by_code as usize].0 == code)
            && self.names.has(at, text)
    }

    /// Adds or replaces a record. `settle` must be called afterwards.
    pub(crate) fn put(&mut self, at: Handle, code: C, name: &str, text: &Text) {
        self.names.put(at, text);
        let (by_code, by_name) = ((code, at), (sort_key(name).into(), code, at));
        if let Some(places) = self.places.get(at as usize) {
            // The ranks are valid until the next `settle`.
            self.by_code[places.by_code as usize] = by_code;
            self.by_name[places.by_name as usize] = by_name;
        } else {
            let place = u32::try_from(self.by_code.len())
                .expect("a registry has fewer than four thousand million records of a kind");
            self.by_code.push(by_code);
            self.by_name.push(by_name);
            self.places.push(Places { by_code: place, by_name: place });
        }
    }

    /// Memory in bytes, without the text index.
    pub(crate) fn heap_bytes(&self) -> usize {
        let read = self.by_name.iter().map(|(name, ..)| 2 * size_of::<usize>() + name.len());
        let lists = self.by_code.capacity() * size_of::<(C, Handle)>()
            + self.by_name.capacity() * size_of::<(Arc<str>, C, Handle)>();
        lists + self.places.capacity() * size_of::<Places>() + read.sum::<usize>()
    }

    /// Sorts the records after `put` of this number of names.
    pub(crate) fn settle(&mut self, put: usize) {
        if put > self.places.len() / 2 {
            self.names.compact();
        }
        self.by_code.sort();
        self.by_name.sort();
        for ((_, at), place) in self.by_code.iter().zip(0..) {
            self.places[*at as usize].by_code = place;
        }
        for ((.., at), place) in self.by_name.iter().zip(0..) {
            self.places[*at as usize].by_name = place;
        }
    }

    pub(crate) fn read_name(&self, at: Handle) -> Arc<str> {
        self.by_name[self.places[at as usize].by_name as usize].0.clone()
    }

    /// Selects a page from a list of records, each with its relevance or its promised days if it is sorted by them.
    pub(crate) fn cut(&self, slice: &Slice<C>, list: impl IntoIterator<Item = (Handle, u32)>) -> Sliced<C, Handle> {
        let key = |(at, by): (Handle, u32)| {
            let places = self.places[at as usize];
            let (by, place) = match slice.order {
                Order::Relevance | Order::PromisedDays => (by, places.by_code),
                Order::Name => (0, places.by_name),
                Order::Code => (0, places.by_code),
            };
            (u64::from(by) << 32 | u64::from(place), at)
        };
        let mut keys: Vec<(u64, Handle)> = list.into_iter().map(key).collect();
        let total = keys.len();
        let up_to = |bound: Option<u64>| bound.map(|bound| keys.iter().filter(|(key, _)| *key < bound).count());
        let start = up_to(slice.after.as_ref().map(|spot| self.bound(spot, Bound::After))).unwrap_or(0);
        let mut end =
            up_to(slice.before.as_ref().map(|spot| self.bound(spot, Bound::Before))).unwrap_or(total).max(start);
        let start = match slice.from {
            Side::Start => {
                end = end.min(start.saturating_add(slice.count));
                start
            }
            Side::End => start.max(end.saturating_sub(slice.count)),
        };
        if start > 0 && start < total {
            keys.select_nth_unstable(start);
        }
        let rest = &mut keys[start..];
        if end - start < rest.len() {
            rest.select_nth_unstable(end - start);
        }
        let page = &mut rest[..end - start];
        page.sort_unstable();
        let entries = page.iter().map(|(key, at)| (self.spot(slice.order, *key, *at), *at)).collect();
        Sliced { entries, total, has_previous: start > 0, has_next: end < total }
    }

    fn spot(&self, order: Order, key: u64, at: Handle) -> Spot<C> {
        let by = u32::try_from(key >> 32).expect("the upper half fits in 32 bits");
        let by = match order {
            Order::Relevance => By::Relevance(by),
            Order::Name => By::Name(self.read_name(at)),
            Order::PromisedDays => By::PromisedDays(by),
            Order::Code => By::Code,
        };
        Spot { by, code: self.by_code[self.places[at as usize].by_code as usize].0 }
    }

    /// The least key after a cursor, or not before it, whether or not an entry is at the cursor itself.
    fn bound(&self, spot: &Spot<C>, which: Bound) -> u64 {
        let below = |order: std::cmp::Ordering| match which {
            Bound::After => order.is_le(),
            Bound::Before => order.is_lt(),
        };
        let by_code = || self.by_code.partition_point(|(code, _)| below(code.cmp(&spot.code)));
        let (by, place) = match &spot.by {
            By::Relevance(by) | By::PromisedDays(by) => (*by, by_code()),
            By::Code => (0, by_code()),
            By::Name(read) => {
                (0, self.by_name.partition_point(|(name, code, _)| below((name, code).cmp(&(read, &spot.code)))))
            }
        };
        (u64::from(by) << 32) + place as u64
    }
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    After,
    Before,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Records whose codes are in another order than their handles.
    fn directory(names: &[String]) -> Directory<u32> {
        let mut directory = Directory::default();
        for (name, at) in names.iter().zip(0u32..) {
            directory.put(at, (at * 7) % 64, name, &Text::new(name, []));
        }
        directory.settle(names.len());
        directory
    }

    fn sorted(names: &[String], order: Order, list: &[(Handle, u32)]) -> Vec<Spot<u32>> {
        let spot = |(at, by): &(Handle, u32)| {
            let by = match order {
                Order::Relevance => By::Relevance(*by),
                Order::Name => By::Name(sort_key(&names[*at as usize]).into()),
                Order::PromisedDays => By::PromisedDays(*by),
                Order::Code => By::Code,
            };
            Spot { by, code: (at * 7) % 64 }
        };
        let mut sorted: Vec<_> = list.iter().map(spot).collect();
        sorted.sort();
        sorted
    }

    fn order() -> impl Strategy<Value = Order> {
        prop::sample::select(vec![Order::Relevance, Order::Name, Order::PromisedDays, Order::Code])
    }

    proptest! {
        #[test]
        fn walking_the_pages_in_either_direction_yields_the_sorted_list(
            names in prop::collection::vec("[重庆西安长沙a1]{1,3}", 1..40), by in prop::collection::vec(prop::option::of(0u32..3), 40), order in order(), count in 1usize..8,
        ) {
            let directory = directory(&names);
            let list: Vec<(Handle, u32)> = (0..).zip(&names).zip(by).filter_map(|((at, _), by)| Some((at, by?))).collect();
            let expected = sorted(&names, order, &list);
            let mut forward: Vec<Spot<u32>> = Vec::new();
            loop {
                let slice = Slice { after: forward.last().cloned(), ..Slice::first(count, order) };
                let page = directory.cut(&slice, list.iter().copied());
                prop_assert_eq!((page.total, page.has_previous), (list.len(), !forward.is_empty()));
                forward.extend(page.entries.into_iter().map(|(spot, _)| spot));
                prop_assert_eq!(page.has_next, forward.len() < list.len());
                if !page.has_next { break; }
            }
            prop_assert_eq!(&forward, &expected);
            let mut backward: Vec<Spot<u32>> = Vec::new();
            loop {
                let slice = Slice { from: Side::End, before: backward.first().cloned(), ..Slice::first(count, order) };
                let page = directory.cut(&slice, list.iter().copied());
                prop_assert_eq!(page.has_next, !backward.is_empty());
                backward.splice(0..0, page.entries.into_iter().map(|(spot, _)| spot));
                if !page.has_previous { break; }
            }
            prop_assert_eq!(&backward, &expected);
        }

        #[test]
        fn a_page_is_right_when_the_entry_of_its_cursor_is_gone(
            names in prop::collection::vec("[重庆西安长沙a1]{1,3}", 2..30), order in order(), gone in any::<prop::sample::Index>(),
        ) {
            let directory = directory(&names);
            let list: Vec<(Handle, u32)> = (0..).zip(&names).map(|(at, _)| (at, at % 3)).collect();
            let all = sorted(&names, order, &list);
            let gone = gone.get(&all).clone();
            let left = list.iter().copied().filter(|(at, _)| (at * 7) % 64 != gone.code);
            let after = directory.cut(&Slice { after: Some(gone.clone()), ..Slice::all(order) }, left.clone());
            let before = directory.cut(&Slice { before: Some(gone.clone()), ..Slice::all(order) }, left);
            let spots = |sliced: Sliced<u32, Handle>| sliced.entries.into_iter().map(|(spot, _)| spot).collect::<Vec<_>>();
            prop_assert_eq!(spots(after), all.iter().filter(|spot| **spot > gone).cloned().collect::<Vec<_>>());
            prop_assert_eq!(spots(before), all.iter().filter(|spot| **spot < gone).cloned().collect::<Vec<_>>());
        }

        #[test]
        fn a_changed_record_is_sorted_by_its_new_name(
            names in prop::collection::vec("[重庆西安长沙a1]{1,3}", 1..30), changes in prop::collection::vec((any::<prop::sample::Index>(), "[重庆西安长沙a1]{1,3}"), 0..10), order in order(),
        ) {
            let (mut directory, mut names) = (directory(&names), names);
            for (at, name) in changes {
                let at = at.index(names.len());
                let handle = u32::try_from(at).expect("few");
                directory.put(handle, (handle * 7) % 64, &name, &Text::new(&name, []));
                names[at] = name;
            }
            directory.settle(names.len());
            let list: Vec<(Handle, u32)> = (0..).zip(&names).map(|(at, _)| (at, 0)).collect();
            let spots: Vec<_> = directory.cut(&Slice::all(order), list.iter().copied()).entries.into_iter().map(|(spot, _)| spot).collect();
            prop_assert_eq!(spots, sorted(&names, order, &list));
        }
    }
}
