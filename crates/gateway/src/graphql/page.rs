//! Relay connections: a page is cut from a complete, sorted list. A cursor is the sort key of its entry, so it stays valid when
//! the entry is gone.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{Debug, Display};
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, SimpleObject, Value};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use catalogue::{By, Listed, Order, Slice, Sliced, Spot, UNPROMISED};

pub(crate) use catalogue::Side;
use domain::Message;

use super::direct_json::{JsonWriter, WriteJson};
use super::scalar::int;
use crate::error::Error;

pub(crate) use crate::limits::{DEFAULT_PAGE_SIZE as USUAL, MAX_PAGE_SIZE as MOST};

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
    pub(crate) fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Result<Self, Error> {
        let (from, count) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input("first", Message::new("first 与 last 只能填一个", "give either first or last, not both")));
            }
            (Some(first), None) => (Side::Start, counted("first", first)?),
            (None, Some(last)) => (Side::End, counted("last", last)?),
            (None, None) => (Side::Start, USUAL),
        };
        Ok(Self { from, count, after, before })
    }

    /// Does the page begin at the start of the list?
    pub(crate) fn begins(&self) -> bool {
        self.after.is_none()
    }

    /// The paging arguments in a document, if they are literals without a cursor.
    pub(crate) fn plain(field: &Field) -> Option<Self> {
        let first = match &field.arguments[..] {
            [] => None,
            [(name, given)] if name.node == "first" => match given.node.clone().into_const()? {
                Value::Number(first) => Some(i32::try_from(first.as_i64()?).ok()?),
                _ => return None,
            },
            _ => return None,
        };
        Self::new(first, None, None, None).ok()
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
        let position = |at: usize, cursor: &Cursor<K>| (list[at].rank, &list[at].code).cmp(&(cursor.rank, &cursor.code));
        let range = self.range(total, self.after()?, self.before()?, position);
        Ok(Page::new(total, range.start, list.into_iter().skip(range.start).take(range.len())))
    }

    /// Cuts the page from a complete list in this order.
    pub(crate) fn cut_in_order<K: Key + Clone, T>(&self, order: Order, list: Vec<Listed<K, T, By>>) -> Result<Page<T>, Error> {
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
    pub(crate) fn cut_from<K: Key, T>(&self, total: usize, entry: impl Fn(usize) -> Option<Listed<K, T>>) -> Result<Page<T>, Error> {
        let position =
            |at, cursor: &Cursor<K>| entry(at).map_or(Ordering::Greater, |entry| (entry.rank, &entry.code).cmp(&(cursor.rank, &cursor.code)));
        let range = self.range(total, self.after()?, self.before()?, position);
        Ok(Page::new(total, range.start, range.filter_map(entry)))
    }

    /// The positions of the page in a list of `total` entries. `position` compares an entry with a cursor.
    fn range<P>(&self, total: usize, after: Option<P>, before: Option<P>, position: impl Fn(usize, &P) -> Ordering) -> Range<usize> {
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
    let in_range = usize::try_from(count).ok().filter(|count| *count <= MOST);
    in_range.ok_or_else(|| {
        Error::bad_input(
            argument,
            Message::new(format!("一页为 0 至 {MOST} 条，不能是 {count}"), format!("a page has 0 to {MOST} entries, not {count}")),
        )
    })
}

/// The sort key within one rank.
pub(crate) trait Key: Ord + Display + FromStr + Debug + Send + Sync + 'static {}

impl<K: Ord + Display + FromStr + Debug + Send + Sync + 'static> Key for K {}

/// The sort key of an entry. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<K> {
    pub(crate) rank: u32,
    pub(crate) code: K,
}

impl<K: Display> Display for Cursor<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(format!("v1:{}:{}", self.rank, self.code)))
    }
}

impl<K: FromStr> FromStr for Cursor<K> {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| ())?;
        let text = String::from_utf8(bytes).map_err(|_| ())?;
        let (rank, code) = text.strip_prefix("v1:").and_then(|key| key.split_once(':')).ok_or(())?;
        Ok(Self { rank: rank.parse().map_err(|_| ())?, code: code.parse().map_err(|_| ())? })
    }
}

fn read_cursor<K: FromStr>(argument: &str, text: Option<&str>) -> Result<Option<Cursor<K>>, Error> {
    let expected = || Message::new("应为本列表某条记录给出的游标（cursor）", "a cursor of this list is expected, as an edge of it gave it");
    let read = text.map(|text| text.parse().map_err(|()| Error::bad_input(argument, expected())));
    read.transpose()
}

/// The cursor of an entry in an order. Order by relevance uses the form of `Cursor`.
fn write_spot<K: Display>(spot: &Spot<K>) -> String {
    let Spot { by, code } = spot;
    match by {
        By::Relevance(rank) => Cursor { rank: *rank, code }.to_string(),
        By::Name(read) => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.name:{read}:{code}")),
        By::PromisedDays(UNPROMISED) => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.days::{code}")),
        By::PromisedDays(days) => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.days:{days}:{code}")),
        By::Code => BASE64_URL_SAFE_NO_PAD.encode(format!("v1.code::{code}")),
    }
}

fn read_spot<K: FromStr>(argument: &str, text: &str, order: Order) -> Result<Spot<K>, Error> {
    let parsed = || {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (form, key) = text.split_once(':')?;
        let (key, code) = key.split_once(':')?;
        let by = match (form, order) {
            ("v1", Order::Relevance) => By::Relevance(key.parse().ok()?),
            ("v1.name", Order::Name) => By::Name(key.into()),
            ("v1.days", Order::PromisedDays) if key.is_empty() => By::PromisedDays(UNPROMISED),
            ("v1.days", Order::PromisedDays) => By::PromisedDays(key.parse().ok()?),
            ("v1.code", Order::Code) if key.is_empty() => By::Code,
            (_, Order::Relevance | Order::Name | Order::PromisedDays | Order::Code) => return None,
        };
        Some(Spot { by, code: code.parse().ok()? })
    };
    let expected =
        || Message::new("应为本列表在同一排序下给出的游标（cursor）", "a cursor of this list in this order is expected, as an edge of it gave it");
    parsed().ok_or_else(|| Error::bad_input(argument, expected()))
}

/// The sort keys of the entries of a page. A cursor is only encoded if it is selected.
trait CursorSource: Debug + Send + Sync {
    fn write(&self, at: usize) -> String;
}

impl<K: Key> CursorSource for Vec<Cursor<K>> {
    fn write(&self, at: usize) -> String {
        self[at].to_string()
    }
}

impl<K: Key> CursorSource for Vec<Spot<K>> {
    fn write(&self, at: usize) -> String {
        write_spot(&self[at])
    }
}

/// The cursor of one entry, encoded on demand. In the schema it is a string.
#[derive(Debug, Clone)]
pub struct LazyCursor {
    of: Arc<dyn CursorSource>,
    at: usize,
}

impl LazyCursor {
    /// A cursor for each sort key, in their order.
    fn all(of: impl CursorSource + 'static) -> impl Iterator<Item = Self> {
        let of: Arc<dyn CursorSource> = Arc::new(of);
        (0..).map(move |at| Self { of: of.clone(), at })
    }
}

impl Display for LazyCursor {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.of.write(self.at))
    }
}

impl OutputType for LazyCursor {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.to_string()))
    }
}

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
    fn new<K: Key>(total: usize, start: usize, entries: impl Iterator<Item = Listed<K, T>>) -> Self {
        let (cursors, items): (Vec<_>, Vec<_>) = entries.map(|Listed { rank, code, item }| (Cursor { rank, code }, item)).unzip();
        let has_next = start + items.len() < total;
        Self::with_cursors(cursors, items, start > 0, has_next, int(total))
    }

    /// A page that the catalogue has cut.
    pub(crate) fn of<K: Key>(sliced: Sliced<K, T>) -> Self {
        let (spots, items): (Vec<_>, Vec<_>) = sliced.entries.into_iter().unzip();
        Self::with_cursors(spots, items, sliced.has_previous, sliced.has_next, int(sliced.total))
    }

    fn with_cursors(cursors: impl CursorSource + 'static, items: Vec<T>, has_previous: bool, has_next: bool, total: i32) -> Self {
        let entries: Vec<_> = LazyCursor::all(cursors).zip(items).collect();
        Self { info: PageInfo::new(has_previous, has_next, &entries), entries, total }
    }

    /// A page that was read from the database, by revision.
    pub(crate) fn of_journal<K: Key>(entries: Vec<(K, T)>, has_previous: bool, has_next: bool, total: i32) -> Self {
        let (cursors, items): (Vec<_>, Vec<_>) = entries.into_iter().map(|(code, item)| (Cursor { rank: 0, code }, item)).unzip();
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
        let entries = self.entries.into_iter().map(|(cursor, entry)| Ok((cursor, with(entry)?))).collect::<Result<_, Error>>()?;
        Ok(Page { entries, info: self.info, total: self.total })
    }

    /// Replaces the entries by what was loaded for them.
    pub(crate) fn with<U>(self, loaded: Vec<U>) -> Page<U> {
        let entries = self.entries.into_iter().zip(loaded).map(|((cursor, _), entry)| (cursor, entry)).collect();
        Page { entries, info: self.info, total: self.total }
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, entry)| entry)
    }
}

/// The position of a page in its list.
#[derive(Debug, Clone, SimpleObject)]
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
        Self { has_next_page, has_previous_page, start_cursor: cursor(entries.first()), end_cursor: cursor(entries.last()) }
    }
}

impl WriteJson for PageInfo {
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        match field.name.node.as_str() {
            "hasNextPage" => json.boolean(self.has_next_page),
            "hasPreviousPage" => json.boolean(self.has_previous_page),
            "startCursor" => json.or_null(self.start_cursor.as_ref(), JsonWriter::code),
            "endCursor" => json.or_null(self.end_cursor.as_ref(), JsonWriter::code),
            _ => None,
        }
    }
}

/// A list in an order of its own.
pub(crate) fn in_order<K, T>(items: impl IntoIterator<Item = (K, T)>) -> Vec<Listed<K, T>> {
    let ranked = (0..).zip(items);
    ranked.map(|(rank, (code, item))| Listed { rank, code, item }).collect()
}

/// Direct JSON of a connection and its edges. An edge may have one more field, which is written if it is null.
macro_rules! write_connection_json {
    ($connection:ident, $edge:ident $(, $more:literal if $nothing:expr)?) => {
        impl $crate::graphql::direct_json::WriteJson for $connection {
            fn write_field(&self, json: &mut $crate::graphql::direct_json::JsonWriter<'_>, field: &async_graphql::parser::types::Field) -> Option<()> {
                match field.name.node.as_str() {
                    "edges" => json.list(&self.edges, &field.selection_set.node),
                    "pageInfo" => json.inner(&self.page_info, field),
                    "totalCount" => json.number(self.total_count),
                    _ => None,
                }
            }
        }

        impl $crate::graphql::direct_json::WriteJson for $edge {
            fn write_field(&self, json: &mut $crate::graphql::direct_json::JsonWriter<'_>, field: &async_graphql::parser::types::Field) -> Option<()> {
                match field.name.node.as_str() {
                    "cursor" => json.code(&self.cursor),
                    "node" => json.inner(&self.node, field),
                    $($more if ($nothing)(self) => json.null(),)?
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use write_connection_json;

/// Defines a connection and its edge type for one kind of record.
macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty) => {
        $(#[$doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $connection {
            /// The entries of this page, in the order of the list.
            pub edges: $crate::graphql::direct_json::Edges<$edge>,
            /// Whether there are more pages, and the first and last cursor of this one.
            pub page_info: $crate::graphql::page::PageInfo,
            /// The number of entries of the whole list, not of this page alone.
            pub total_count: i32,
        }

        $(#[$edge_doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $edge {
            /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
            pub cursor: $crate::graphql::page::LazyCursor,
            /// The record.
            pub node: $node,
        }

        $crate::graphql::page::write_connection_json!($connection, $edge);

        impl From<$crate::graphql::page::Page<$node>> for $connection {
            fn from(page: $crate::graphql::page::Page<$node>) -> Self {
                let edges = page.entries.into_iter().map(|(cursor, node)| $edge { cursor, node }).collect();
                Self { edges, page_info: page.info, total_count: page.total }
            }
        }
    };
}
pub(crate) use connection;

/// Defines a connection and its edge type for records that can be searched: edges have the matched name, the connection has
/// suggestions.
macro_rules! searched_connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty) => {
        $(#[$doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $connection {
            /// The entries of this page, in the order of the list.
            pub edges: $crate::graphql::direct_json::Edges<$edge>,
            /// Whether there are more pages, and the first and last cursor of this one.
            pub page_info: $crate::graphql::page::PageInfo,
            /// The number of entries of the whole list, not of this page alone.
            pub total_count: i32,
            /// Other searches to offer to the user, most likely first: corrections of a search without hits, and the
            /// Chinese characters that a search in pinyin may stand for. Each of them has at least one hit.
            pub did_you_mean: Vec<String>,
        }

        $(#[$edge_doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $edge {
            /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
            pub cursor: $crate::graphql::page::LazyCursor,
            /// The record.
            pub node: $node,
            /// The name that matched the search; null without the argument `search`.
            pub found: Option<$crate::graphql::search::FoundName>,
        }

        // Null: it is not selected, or there is no search.
        $crate::graphql::page::write_connection_json!($connection, $edge, "found" if |edge: &$edge| edge.found.is_none());

        impl From<$crate::graphql::page::Page<$node>> for $connection {
            fn from(page: $crate::graphql::page::Page<$node>) -> Self {
                Self::searched(page, |_| None, Vec::new())
            }
        }

        impl $connection {
            pub(crate) fn searched(
                page: $crate::graphql::page::Page<$node>,
                found: impl Fn(&$node) -> Option<$crate::graphql::search::FoundName>,
                did_you_mean: Vec<String>,
            ) -> Self {
                let edge = |(cursor, node)| $edge { found: found(&node), cursor, node };
                Self { edges: page.entries.into_iter().map(edge).collect(), page_info: page.info, total_count: page.total, did_you_mean }
            }
        }
    };
}
pub(crate) use searched_connection;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(keys: &std::collections::BTreeSet<(u32, u32)>) -> Vec<Listed<u32, (u32, u32)>> {
        keys.iter().map(|&(rank, code)| Listed { rank, code, item: (rank, code) }).collect()
    }

    fn page(list: Vec<Listed<u32, (u32, u32)>>, paging: [Option<i32>; 2], after: Option<&str>, before: Option<&str>) -> Page<(u32, u32)> {
        let [first, last] = paging;
        let paging = Paging::new(first, after.map(str::to_owned), last, before.map(str::to_owned)).expect("a page");
        paging.cut(list).expect("cursors of this list")
    }

    #[test]
    fn a_page_size_out_of_range_is_refused_and_not_clamped() {
        for (first, last, argument) in [(Some(101), None, "first"), (Some(-1), None, "first"), (None, Some(101), "last"), (Some(1), Some(1), "first")]
        {
            let refused = Paging::new(first, None, last, None);
            assert!(matches!(refused, Err(Error::BadInput { argument: named, .. }) if named == argument), "{first:?} {last:?}");
        }
        assert_eq!(Paging::new(None, None, None, None).expect("the usual").count, USUAL);
        assert_eq!(Paging::new(Some(100), None, None, None).expect("the most").count, MOST);
        assert_eq!(Paging::new(Some(0), None, None, None).expect("none").count, 0);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        for garbage in ["", "%%%", "djE6MA", "bm9uc2Vuc2U"] {
            let paging = Paging::new(None, Some(garbage.to_owned()), None, None).expect("a page");
            assert!(matches!(paging.cut(list(&[(0, 1)].into())), Err(Error::BadInput { argument, .. }) if argument == "after"), "{garbage}");
        }
    }

    #[test]
    fn a_cursor_is_valid_only_for_its_own_order() {
        let spots = [By::Relevance(7), By::Name("chong qing shi".into()), By::PromisedDays(5), By::PromisedDays(UNPROMISED), By::Code];
        let orders = [Order::Relevance, Order::Name, Order::PromisedDays, Order::Code];
        for by in spots {
            let spot = Spot { by, code: 42u32 };
            for order in orders {
                let paging = Paging::new(None, Some(write_spot(&spot)), None, None).expect("a page");
                match paging.slice::<u32>(order) {
                    Ok(slice) => assert_eq!((slice.after.as_ref(), order), (Some(&spot), spot.by.order())),
                    Err(refused) => {
                        assert!(matches!(refused, Error::BadInput { argument, .. } if argument == "after"));
                        assert_ne!(order, spot.by.order());
                    }
                }
            }
        }
    }

    #[test]
    fn a_cursor_survives_encoding() {
        let cursor = Cursor { rank: 3, code: "南沙区:窗口".to_owned() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    proptest! {
        #[test]
        fn all_pages_in_either_direction_are_the_list(keys in prop::collection::btree_set((0u32..3, 0u32..40), 0..60), size in 1i32..8) {
            let all: Vec<_> = keys.iter().copied().collect();
            let mut forward = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let page = page(list(&keys), [Some(size), None], cursor.as_deref(), None);
                prop_assert_eq!(page.info.has_previous_page, !forward.is_empty());
                prop_assert_eq!(page.total, int(all.len()));
                forward.extend(page.items().copied());
                prop_assert_eq!(page.info.has_next_page, forward.len() < all.len());
                if !page.info.has_next_page { break; }
                cursor = page.info.end_cursor.map(|cursor| cursor.to_string());
            }
            prop_assert_eq!(&forward, &all);

            let mut backward = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let page = page(list(&keys), [None, Some(size)], None, cursor.as_deref());
                prop_assert_eq!(page.info.has_next_page, !backward.is_empty());
                backward.splice(0..0, page.items().copied());
                prop_assert_eq!(page.info.has_previous_page, backward.len() < all.len());
                if !page.info.has_previous_page { break; }
                cursor = page.info.start_cursor.map(|cursor| cursor.to_string());
            }
            prop_assert_eq!(&backward, &all);
        }

        #[test]
        fn a_cursor_stays_valid_when_its_entry_is_gone(keys in prop::collection::btree_set((0u32..3, 0u32..40), 2..60), at in any::<prop::sample::Index>()) {
            let gone = *at.get(&keys.iter().copied().collect::<Vec<_>>());
            let cursor = Cursor { rank: gone.0, code: gone.1 }.to_string();
            let mut left = keys.clone();
            left.remove(&gone);
            let after = page(list(&left), [Some(100), None], Some(&cursor), None);
            prop_assert!(after.items().copied().eq(left.iter().copied().filter(|key| *key > gone)));
            let before = page(list(&left), [None, Some(100)], None, Some(&cursor));
            prop_assert!(before.items().copied().eq(left.iter().copied().filter(|key| *key < gone)));
        }
    }
}
