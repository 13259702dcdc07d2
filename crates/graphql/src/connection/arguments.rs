//! The paging arguments `first`, `after`, `last` and `before`, and how they cut a page from a list.

use std::cmp::Ordering;
use std::ops::Range;

use catalogue::{By, Listed, Order, Side, Slice, Sliced, Spot};
use domain::Message;
use registry::error::Error;
use registry::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

use super::cursor::{Cursor, Key, read_cursor, read_spot};
use super::page::Page;

/// The paging arguments of a field.
#[derive(Debug, Clone)]
pub(crate) struct Paging {
    pub(crate) from: Side,
    pub(crate) count: usize,
    after: Option<String>,
    before: Option<String>,
}

impl Paging {
    /// Reads the four paging arguments.
    pub(crate) fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self, Error> {
        let (from, count) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input(
                    "first",
                    Message::new("first 与 last 只能填一个", "give either first or last, not both"),
                ));
            }
            (Some(first), None) => (Side::Start, counted("first", first)?),
            (None, Some(last)) => (Side::End, counted("last", last)?),
            (None, None) => (Side::Start, DEFAULT_PAGE_SIZE),
        };
        Ok(Self { from, count, after, before })
    }

    /// Does the page begin at the start of the list?
    pub(crate) fn begins(&self) -> bool {
        self.after.is_none()
    }

    pub(crate) fn after<K: Key>(&self) -> Result<Option<Cursor<K>>, Error> {
        read_cursor("after", self.after.as_deref())
    }

    pub(crate) fn before<K: Key>(&self) -> Result<Option<Cursor<K>>, Error> {
        read_cursor("before", self.before.as_deref())
    }

    /// Cuts the page from a complete list that is sorted by (rank, code).
    pub(crate) fn cut<K: Key, T>(&self, list: Vec<Listed<K, T>>) -> Result<Page<T>, Error> {
        let total = list.len();
        let position =
            |at: usize, cursor: &Cursor<K>| (list[at].rank, &list[at].code).cmp(&(cursor.rank, &cursor.code));
        let range = self.range(total, self.after()?, self.before()?, position);
        Ok(Page::new(total, range.start, list.into_iter().skip(range.start).take(range.len())))
    }

    /// Cuts the page from a complete list in this order.
    pub(crate) fn cut_in_order<K: Key + Clone, T>(
        &self,
        order: Order,
        list: Vec<Listed<K, T, By>>,
    ) -> Result<Page<T>, Error> {
        let total = list.len();
        let Slice { after, before, .. } = self.slice::<K>(order)?;
        let position = |at: usize, spot: &Spot<K>| (&list[at].rank, &list[at].code).cmp(&(&spot.by, &spot.code));
        let range = self.range(total, after, before, position);
        let (has_previous, has_next) = (range.start > 0, range.end < total);
        let entries = list.into_iter().skip(range.start).take(range.len());
        let entries = entries.map(|Listed { rank, code, item }| (Spot { by: rank, code }, item)).collect();
        Ok(Page::of(Sliced { entries, total, has_previous, has_next }))
    }

    /// The page as a query for the catalogue. A cursor is valid only for the order in which it was returned.
    pub(crate) fn slice<K: Key>(&self, order: Order) -> Result<Slice<K>, Error> {
        let spot = |argument, text: Option<&str>| text.map(|text| read_spot(argument, text, order)).transpose();
        let (after, before) = (spot("after", self.after.as_deref())?, spot("before", self.before.as_deref())?);
        Ok(Slice { order, from: self.from, count: self.count, after, before })
    }

    /// Cuts the page from a list whose entries are made on demand.
    pub(crate) fn cut_from<K: Key, T>(
        &self,
        total: usize,
        entry: impl Fn(usize) -> Option<Listed<K, T>>,
    ) -> Result<Page<T>, Error> {
        let position = |at, cursor: &Cursor<K>| {
            entry(at).map_or(Ordering::Greater, |entry| (entry.rank, &entry.code).cmp(&(cursor.rank, &cursor.code)))
        };
        let range = self.range(total, self.after()?, self.before()?, position);
        Ok(Page::new(total, range.start, range.filter_map(entry)))
    }

    /// The positions of the page in a list of `total` entries. `position` compares an entry with a cursor.
    fn range<P>(
        &self,
        total: usize,
        after: Option<P>,
        before: Option<P>,
        position: impl Fn(usize, &P) -> Ordering,
    ) -> Range<usize> {
        let first = |is_past: &dyn Fn(usize) -> bool| {
            let (mut low, mut high) = (0, total);
            while low < high {
                let middle = low.midpoint(high);
                if is_past(middle) { high = middle } else { low = middle + 1 }
            }
            low
        };
        let mut start = after.map_or(0, |cursor| first(&|at| position(at, &cursor).is_gt()));
        let mut end = before.map_or(total, |cursor| first(&|at| position(at, &cursor).is_ge()));
        end = end.max(start);
        match self.from {
            Side::Start => end = end.min(start + self.count),
            Side::End => start = start.max(end.saturating_sub(self.count)),
        }
        start..end
    }
}

fn counted(argument: &str, count: i32) -> Result<usize, Error> {
    let in_range = usize::try_from(count).ok().filter(|count| *count <= MAX_PAGE_SIZE);
    in_range.ok_or_else(|| {
        Error::bad_input(
            argument,
            Message::new(
                format!("一页为 0 至 {MAX_PAGE_SIZE} 条，不能是 {count}"),
                format!("a page has 0 to {MAX_PAGE_SIZE} entries, not {count}"),
            ),
        )
    })
}
