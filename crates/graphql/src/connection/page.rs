//! One page of a list, and its position.

use async_graphql::SimpleObject;
use catalogue::{Listed, Sliced};
use graphql_macros::DirectJson;
use registry::error::Error;

use super::cursor::{Cursor, CursorSource, Key, LazyCursor};
use crate::scalar::int;

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// The entries, each with its cursor.
    pub(crate) entries: Vec<(LazyCursor, T)>,
    pub(crate) info: PageInfo,
    pub(crate) total: i32,
}

impl<T> Page<T> {
    /// The entries from position `start` of a list of `total` entries.
    pub(super) fn new<K: Key>(total: usize, start: usize, entries: impl Iterator<Item = Listed<K, T>>) -> Self {
        let (cursors, items): (Vec<_>, Vec<_>) =
            entries.map(|Listed { rank, code, item }| (Cursor { rank, code }, item)).unzip();
        let has_next = start + items.len() < total;
        Self::with_cursors(cursors, items, start > 0, has_next, int(total))
    }

    /// A page that the catalogue has cut.
    pub(crate) fn of<K: Key>(sliced: Sliced<K, T>) -> Self {
        let (spots, items): (Vec<_>, Vec<_>) = sliced.entries.into_iter().unzip();
        Self::with_cursors(spots, items, sliced.has_previous, sliced.has_next, int(sliced.total))
    }

    fn with_cursors(
        cursors: impl CursorSource + 'static,
        items: Vec<T>,
        has_previous: bool,
        has_next: bool,
        total: i32,
    ) -> Self {
        let entries: Vec<_> = LazyCursor::all(cursors).zip(items).collect();
        Self { info: PageInfo::new(has_previous, has_next, &entries), entries, total }
    }

    /// A page that was read from the database, by revision.
    pub(crate) fn of_journal<K: Key>(entries: Vec<(K, T)>, has_previous: bool, has_next: bool, total: i32) -> Self {
        let (cursors, items): (Vec<_>, Vec<_>) =
            entries.into_iter().map(|(code, item)| (Cursor { rank: 0, code }, item)).unzip();
        Self::with_cursors(cursors, items, has_previous, has_next, total)
    }

    pub(crate) fn none() -> Self {
        Self { entries: Vec::new(), info: PageInfo::new(false, false, &[] as &[(LazyCursor, T)]), total: 0 }
    }

    pub(crate) fn map<U>(self, mut with: impl FnMut(T) -> U) -> Page<U> {
        let entries = self.entries.into_iter().map(|(cursor, entry)| (cursor, with(entry))).collect();
        Page { entries, info: self.info, total: self.total }
    }

    /// Like `map`, with a function that can fail.
    pub(crate) fn try_map<U>(self, mut with: impl FnMut(T) -> Result<U, Error>) -> Result<Page<U>, Error> {
        let entries =
            self.entries.into_iter().map(|(cursor, entry)| Ok((cursor, with(entry)?))).collect::<Result<_, Error>>()?;
        Ok(Page { entries, info: self.info, total: self.total })
    }

    /// Replaces each entry by the value loaded for it.
    pub(crate) fn with<U>(self, loaded: Vec<U>) -> Page<U> {
        let entries = self.entries.into_iter().zip(loaded).map(|((cursor, _), entry)| (cursor, entry)).collect();
        Page { entries, info: self.info, total: self.total }
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, entry)| entry)
    }
}

/// The position of a page in its list.
#[derive(Debug, Clone, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct PageInfo {
    /// True when there are entries after this page.
    pub has_next_page: bool,
    /// True when there are entries before this page.
    pub has_previous_page: bool,
    /// The cursor of the first entry of the page. Null on an empty page.
    pub start_cursor: Option<LazyCursor>,
    /// The cursor of the last entry of the page. Null on an empty page.
    pub end_cursor: Option<LazyCursor>,
}

impl PageInfo {
    fn new<T>(has_previous_page: bool, has_next_page: bool, entries: &[(LazyCursor, T)]) -> Self {
        let cursor = |entry: Option<&(LazyCursor, T)>| entry.map(|(cursor, _)| cursor.clone());
        Self {
            has_next_page,
            has_previous_page,
            start_cursor: cursor(entries.first()),
            end_cursor: cursor(entries.last()),
        }
    }
}
