//! Selects a page from entries in any order, without keeping or sorting all of them; or from the entries of an index
//! that are in a set.

use std::ops::Bound::{Excluded, Included, Unbounded};

use crate::bits::Bits;
use crate::chunked_vec::SortedIndex;
use crate::handle::Handle;
use crate::order::{By, Side, Slice, Sliced, Spot};

/// Selects a page while entries arrive in any order.
#[derive(Debug)]
pub(crate) struct PageSelection<C, T> {
    from: Side,
    count: usize,
    /// The cursors, as rank and code.
    after: Option<(u32, C)>,
    before: Option<(u32, C)>,
    total: usize,
    /// The number of entries before the `after` cursor, and after the `before` cursor.
    too_early: usize,
    too_late: usize,
    /// Candidates for the page.
    kept: Vec<(u32, C, T)>,
    /// The last entry that can be on the page. Entries beyond it are dropped.
    farthest: Option<(u32, C, T)>,
}

/// The rank and the code of a cursor.
fn rank<C: Copy>(spot: &Spot<C>) -> (u32, C) {
    match spot.by {
        By::Relevance(rank) => (rank, spot.code),
        By::Name(_) | By::PromisedDays(_) | By::Code => (0, spot.code),
    }
}

/// Selects a page of the keys whose handles are in a set, in the order of the keys. All have rank 0.
pub(crate) fn select_from_index<C: Ord + Copy>(
    slice: &Slice<C>,
    index: &SortedIndex<C>,
    found: &Bits,
) -> Sliced<C, Handle> {
    let total = found.len();
    let after = slice.after.as_ref().map(rank);
    if after.is_some_and(|(rank, _)| rank > 0) {
        return Sliced { entries: Vec::new(), total, has_previous: total > 0, has_next: false };
    }
    let after = after.map(|(_, code)| code);
    let before = slice.before.as_ref().map(rank).filter(|(rank, _)| *rank == 0).map(|(_, code)| code);
    let listed = |from, to| index.range(from, to).filter(|(_, at)| found.contains(*at));
    let is_early = after.is_some_and(|after| listed(Unbounded, Included(after)).next_back().is_some());
    let is_late = before.is_some_and(|before| {
        let from = after.filter(|after| *after >= before).map_or(Included(before), Excluded);
        listed(from, Unbounded).next().is_some()
    });
    let inside = listed(after.map_or(Unbounded, Excluded), before.map_or(Unbounded, Excluded));
    // One more than wanted, to know whether there are more.
    let most = slice.count.saturating_add(1);
    let mut entries: Vec<(C, Handle)> = match slice.from {
        Side::Start => inside.take(most).collect(),
        Side::End => inside.rev().take(most).collect(),
    };
    let is_left = entries.len() > slice.count;
    entries.truncate(slice.count);
    let (has_previous, has_next) = match slice.from {
        Side::Start => (is_early, is_late || is_left),
        Side::End => {
            entries.reverse();
            (is_early || is_left, is_late)
        }
    };
    let entries = entries.into_iter().map(|(code, at)| (Spot { by: By::Relevance(0), code }, at)).collect();
    Sliced { entries, total, has_previous, has_next }
}

impl<C: Ord + Copy, T: Copy + Ord> PageSelection<C, T> {
    pub(crate) fn new(slice: &Slice<C>) -> Self {
        let (after, before) = (slice.after.as_ref().map(rank), slice.before.as_ref().map(rank));
        let Slice { from, count, .. } = *slice;
        Self { from, count, after, before, total: 0, too_early: 0, too_late: 0, kept: Vec::new(), farthest: None }
    }

    pub(crate) fn take(&mut self, entry: (u32, C, T)) {
        self.total += 1;
        let spot = (entry.0, entry.1);
        if self.after.is_some_and(|after| spot <= after) {
            self.too_early += 1;
            return;
        }
        if self.before.is_some_and(|before| spot >= before) {
            self.too_late += 1;
            return;
        }
        let is_beyond =
            |farthest: (u32, C, T)| if self.from == Side::Start { entry >= farthest } else { entry <= farthest };
        if self.count == 0 || self.farthest.is_some_and(is_beyond) {
            return;
        }
        self.kept.push(entry);
        if self.kept.len() >= self.count.saturating_mul(2).max(MIN_BUFFER) {
            self.trim();
        }
    }

    /// Reduces the candidates to the size of the page.
    fn trim(&mut self) {
        if self.count == 0 || self.kept.len() <= self.count {
            return;
        }
        let order = |a: &(u32, C, T), b: &(u32, C, T)| if self.from == Side::Start { a.cmp(b) } else { b.cmp(a) };
        // Later entries beyond the last of these are dropped at once.
        self.kept.select_nth_unstable_by(self.count - 1, order);
        self.kept.truncate(self.count);
        self.farthest = self.kept.last().copied();
    }

    pub(crate) fn done(mut self) -> Sliced<C, T> {
        self.trim();
        self.kept.sort_unstable();
        let inside = self.total - self.too_early - self.too_late;
        let left_out = inside - self.kept.len();
        let (has_previous, has_next) = match self.from {
            Side::Start => (self.too_early > 0, self.too_late + left_out > 0),
            Side::End => (self.too_early + left_out > 0, self.too_late > 0),
        };
        let entries =
            self.kept.into_iter().map(|(rank, code, item)| (Spot { by: By::Relevance(rank), code }, item)).collect();
        Sliced { entries, total: self.total, has_previous, has_next }
    }
}

/// Minimum size of the buffer before it is trimmed.
const MIN_BUFFER: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::order::Order;

    fn pages(slice: &Slice<u32>, list: &[(u32, u32, u32)]) -> Vec<Sliced<u32, u32>> {
        let cut = sliced(slice, list);
        if list.iter().any(|(rank, ..)| *rank > 0) {
            return vec![cut];
        }
        // Some keys of the index are not in the set.
        let mut index = SortedIndex::default();
        (0..).zip(0..211).for_each(|(code, at)| index.insert(code, 1_000 + at));
        list.iter().for_each(|(_, code, at)| index.insert(*code, *at));
        vec![cut, select_from_index(slice, &index, &list.iter().map(|(.., at)| *at).collect())]
    }

    fn sliced(slice: &Slice<u32>, list: &[(u32, u32, u32)]) -> Sliced<u32, u32> {
        let mut selection = PageSelection::new(slice);
        list.iter().for_each(|entry| selection.take(*entry));
        selection.done()
    }

    proptest! {
        #[test]
        fn a_page_is_a_part_of_the_sorted_list(
            ranks in prop_oneof![prop::collection::vec(0u32..3, 0..200), prop::collection::vec(Just(0), 0..200)], count in 0usize..80,
            from_end in any::<bool>(), after in prop::option::of((0u32..3, 0u32..200)), before in prop::option::of((0u32..3, 0u32..200)),
        ) {
            // The codes are in another order than the entries.
            let list: Vec<(u32, u32, u32)> = (0..).zip(&ranks).map(|(at, rank)| (*rank, (at * 77) % 211, at)).collect();
            let spot = |(rank, code)| Spot { by: By::Relevance(rank), code };
            let from = if from_end { Side::End } else { Side::Start };
            let slice = Slice { from, after: after.map(spot), before: before.map(spot), ..Slice::first(count, Order::Relevance) };
            let mut sorted = list.clone();
            sorted.sort_unstable();
            let start = sorted.iter().filter(|(rank, code, _)| after.is_some_and(|after| (*rank, *code) <= after)).count();
            let end = sorted.iter().filter(|(rank, code, _)| before.is_none_or(|before| (*rank, *code) < before)).count().max(start);
            let range = if from_end { start.max(end.saturating_sub(count))..end } else { start..end.min(start + count) };
            for page in pages(&slice, &list) {
                let items: Vec<u32> = page.entries.iter().map(|(_, item)| *item).collect();
                prop_assert_eq!(items, sorted[range.clone()].iter().map(|(_, _, item)| *item).collect::<Vec<_>>());
                prop_assert_eq!((page.total, page.has_previous, page.has_next), (list.len(), range.start > 0, range.end < list.len()));
            }
        }
    }
}
