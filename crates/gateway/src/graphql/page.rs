//! Relay connections: a page is cut from a whole, sorted list. A cursor is the sort key of an entry, so
//! that a page stays right when the entry is gone.

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

use super::at_once::{AtOnce, Telling};
use super::error::Fault;
use super::scalar::int;

pub(crate) use crate::limits::{DEFAULT_PAGE_SIZE as USUAL, MAX_PAGE_SIZE as MOST};

/// The limits of a page, as the caller gave them.
#[derive(Debug, Clone)]
pub(crate) struct Paging {
    pub(crate) from: Side,
    pub(crate) count: usize,
    after: Option<String>,
    before: Option<String>,
}

impl Paging {
    /// Reads the four arguments that every list takes.
    pub(crate) fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Result<Self, Fault> {
        let (from, count) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Fault::bad_input("first", Message::new("first 与 last 只能填一个", "give either first or last, not both")));
            }
            (Some(first), None) => (Side::Start, counted("first", first)?),
            (None, Some(last)) => (Side::End, counted("last", last)?),
            (None, None) => (Side::Start, USUAL),
        };
        Ok(Self { from, count, after, before })
    }

    /// Does it begin where the list does, at no cursor?
    pub(crate) fn begins(&self) -> bool {
        self.after.is_none()
    }

    /// As a field asks that needs no variable and no cursor for it.
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

    pub(crate) fn after<K: Key>(&self) -> Result<Option<Cursor<K>>, Fault> {
        read_cursor("after", self.after.as_deref())
    }

    pub(crate) fn before<K: Key>(&self) -> Result<Option<Cursor<K>>, Fault> {
        read_cursor("before", self.before.as_deref())
    }

    /// Cuts the page from the whole list, which is sorted by (rank, code).
    pub(crate) fn cut<K: Key, T>(&self, list: Vec<Listed<K, T>>) -> Result<Page<T>, Fault> {
        let total = list.len();
        let position = |at: usize, cursor: &Cursor<K>| (list[at].rank, &list[at].code).cmp(&(cursor.rank, &cursor.code));
        let range = self.range(total, self.after()?, self.before()?, position);
        Ok(Page::new(total, range.start, list.into_iter().skip(range.start).take(range.len())))
    }

    /// Cuts the page from the whole list, which stands in this order.
    pub(crate) fn cut_in_order<K: Key + Clone, T>(&self, order: Order, list: Vec<Listed<K, T, By>>) -> Result<Page<T>, Fault> {
        let total = list.len();
        let Slice { after, before, .. } = self.slice::<K>(order)?;
        let position = |at: usize, spot: &Spot<K>| (&list[at].rank, &list[at].code).cmp(&(&spot.by, &spot.code));
        let range = self.range(total, after, before, position);
        let (has_previous, has_next) = (range.start > 0, range.end < total);
        let entries = list.into_iter().skip(range.start).take(range.len());
        let entries = entries.map(|Listed { rank, code, item }| (Spot { by: rank, code }, item)).collect();
        Ok(Page::of(Sliced { entries, total, has_previous, has_next }))
    }

    /// The page as the catalogue is asked for it. A cursor is good for the order that it was given in, and for no other.
    pub(crate) fn slice<K: Key>(&self, order: Order) -> Result<Slice<K>, Fault> {
        let spot = |argument, text: Option<&str>| text.map(|text| read_spot(argument, text, order)).transpose();
        let (after, before) = (spot("after", self.after.as_deref())?, spot("before", self.before.as_deref())?);
        Ok(Slice { order, from: self.from, count: self.count, after, before })
    }

    /// Cuts the page from a list of which only what is looked at is made.
    pub(crate) fn cut_from<K: Key, T>(&self, total: usize, entry: impl Fn(usize) -> Option<Listed<K, T>>) -> Result<Page<T>, Fault> {
        let position =
            |at, cursor: &Cursor<K>| entry(at).map_or(Ordering::Greater, |entry| (entry.rank, &entry.code).cmp(&(cursor.rank, &cursor.code)));
        let range = self.range(total, self.after()?, self.before()?, position);
        Ok(Page::new(total, range.start, range.filter_map(entry)))
    }

    /// The places of the page in a list of so many entries, each of which lies before, at or after a cursor.
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

fn counted(argument: &str, count: i32) -> Result<usize, Fault> {
    let in_range = usize::try_from(count).ok().filter(|count| *count <= MOST);
    in_range.ok_or_else(|| {
        Fault::bad_input(
            argument,
            Message::new(format!("一页为 0 至 {MOST} 条，不能是 {count}"), format!("a page has 0 to {MOST} entries, not {count}")),
        )
    })
}

/// What a list is sorted by within one rank.
pub(crate) trait Key: Ord + Display + FromStr + Debug + Send + Sync + 'static {}

impl<K: Ord + Display + FromStr + Debug + Send + Sync + 'static> Key for K {}

/// Where an entry stands: opaque to callers.
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

fn read_cursor<K: FromStr>(argument: &str, text: Option<&str>) -> Result<Option<Cursor<K>>, Fault> {
    let expected = || Message::new("应为本列表某条记录给出的游标（cursor）", "a cursor of this list is expected, as an edge of it gave it");
    let read = text.map(|text| text.parse().map_err(|()| Fault::bad_input(argument, expected())));
    read.transpose()
}

/// An entry's cursor in its order. By relevance it is as in every other list.
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

fn read_spot<K: FromStr>(argument: &str, text: &str, order: Order) -> Result<Spot<K>, Fault> {
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
    parsed().ok_or_else(|| Fault::bad_input(argument, expected()))
}

/// Where the entries of a page stand, each written only when somebody looks at it.
trait Marks: Debug + Send + Sync {
    fn write(&self, at: usize) -> String;
}

impl<K: Key> Marks for Vec<Cursor<K>> {
    fn write(&self, at: usize) -> String {
        self[at].to_string()
    }
}

impl<K: Key> Marks for Vec<Spot<K>> {
    fn write(&self, at: usize) -> String {
        write_spot(&self[at])
    }
}

/// The cursor of one entry: to callers a string.
#[derive(Debug, Clone)]
pub struct Mark {
    of: Arc<dyn Marks>,
    at: usize,
}

impl Mark {
    /// A mark for each of these, in their order.
    fn all(of: impl Marks + 'static) -> impl Iterator<Item = Self> {
        let of: Arc<dyn Marks> = Arc::new(of);
        (0..).map(move |at| Self { of: of.clone(), at })
    }
}

impl Display for Mark {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.of.write(self.at))
    }
}

impl OutputType for Mark {
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
    /// Each with its cursor.
    pub(crate) entries: Vec<(Mark, T)>,
    pub(crate) info: PageInfo,
    pub(crate) total: i32,
}

impl<T> Page<T> {
    /// The entries of a list of so many, from a place on.
    fn new<K: Key>(total: usize, start: usize, entries: impl Iterator<Item = Listed<K, T>>) -> Self {
        let (cursors, items): (Vec<_>, Vec<_>) = entries.map(|Listed { rank, code, item }| (Cursor { rank, code }, item)).unzip();
        let has_next = start + items.len() < total;
        Self::marked(cursors, items, start > 0, has_next, int(total))
    }

    /// What the catalogue has cut.
    pub(crate) fn of<K: Key>(sliced: Sliced<K, T>) -> Self {
        let (spots, items): (Vec<_>, Vec<_>) = sliced.entries.into_iter().unzip();
        Self::marked(spots, items, sliced.has_previous, sliced.has_next, int(sliced.total))
    }

    fn marked(marks: impl Marks + 'static, items: Vec<T>, has_previous: bool, has_next: bool, total: i32) -> Self {
        let entries: Vec<_> = Mark::all(marks).zip(items).collect();
        Self { info: PageInfo::new(has_previous, has_next, &entries), entries, total }
    }

    /// What was taken from a list that the database holds, by revision.
    pub(crate) fn of_journal<K: Key>(entries: Vec<(K, T)>, has_previous: bool, has_next: bool, total: i32) -> Self {
        let (cursors, items): (Vec<_>, Vec<_>) = entries.into_iter().map(|(code, item)| (Cursor { rank: 0, code }, item)).unzip();
        Self::marked(cursors, items, has_previous, has_next, total)
    }

    pub(crate) fn none() -> Self {
        Self { entries: Vec::new(), info: PageInfo::new(false, false, &[] as &[(Mark, T)]), total: 0 }
    }

    pub(crate) fn map<U>(self, mut with: impl FnMut(T) -> U) -> Page<U> {
        let entries = self.entries.into_iter().map(|(cursor, entry)| (cursor, with(entry))).collect();
        Page { entries, info: self.info, total: self.total }
    }

    /// The same where an entry may not be what it should.
    pub(crate) fn try_map<U>(self, mut with: impl FnMut(T) -> Result<U, Fault>) -> Result<Page<U>, Fault> {
        let entries = self.entries.into_iter().map(|(cursor, entry)| Ok((cursor, with(entry)?))).collect::<Result<_, Fault>>()?;
        Ok(Page { entries, info: self.info, total: self.total })
    }

    /// Puts what was loaded for the page in the place of its entries.
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
    pub start_cursor: Option<Mark>,
    /// The cursor of the last entry of the page. Null on an empty page.
    pub end_cursor: Option<Mark>,
}

impl PageInfo {
    fn new<T>(has_previous_page: bool, has_next_page: bool, entries: &[(Mark, T)]) -> Self {
        let cursor = |entry: Option<&(Mark, T)>| entry.map(|(cursor, _)| cursor.clone());
        Self { has_next_page, has_previous_page, start_cursor: cursor(entries.first()), end_cursor: cursor(entries.last()) }
    }
}

impl AtOnce for PageInfo {
    fn at_once(&self, telling: &mut Telling<'_>, field: &Field) -> Option<()> {
        match field.name.node.as_str() {
            "hasNextPage" => telling.is(self.has_next_page),
            "hasPreviousPage" => telling.is(self.has_previous_page),
            "startCursor" => telling.or_null(self.start_cursor.as_ref(), Telling::code),
            "endCursor" => telling.or_null(self.end_cursor.as_ref(), Telling::code),
            _ => None,
        }
    }
}

/// A list that the registry keeps in its own order.
pub(crate) fn in_order<K, T>(items: impl IntoIterator<Item = (K, T)>) -> Vec<Listed<K, T>> {
    let ranked = (0..).zip(items);
    ranked.map(|(rank, (code, item))| Listed { rank, code, item }).collect()
}

/// What of a connection and of its edges can be told at once; of an edge perhaps that there is nothing in one field more.
macro_rules! told_at_once {
    ($connection:ident, $edge:ident $(, $more:literal if $nothing:expr)?) => {
        impl $crate::graphql::at_once::AtOnce for $connection {
            fn at_once(&self, telling: &mut $crate::graphql::at_once::Telling<'_>, field: &async_graphql::parser::types::Field) -> Option<()> {
                match field.name.node.as_str() {
                    "edges" => telling.list(&self.edges, &field.selection_set.node),
                    "pageInfo" => telling.inner(&self.page_info, field),
                    "totalCount" => telling.number(self.total_count),
                    _ => None,
                }
            }
        }

        impl $crate::graphql::at_once::AtOnce for $edge {
            fn at_once(&self, telling: &mut $crate::graphql::at_once::Telling<'_>, field: &async_graphql::parser::types::Field) -> Option<()> {
                match field.name.node.as_str() {
                    "cursor" => telling.code(&self.cursor),
                    "node" => telling.inner(&self.node, field),
                    $($more if ($nothing)(self) => telling.null(),)?
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use told_at_once;

/// A connection and its edges for one kind of record.
macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty) => {
        $(#[$doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $connection {
            /// The entries of this page, in the order of the list.
            pub edges: $crate::graphql::at_once::Edges<$edge>,
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
            pub cursor: $crate::graphql::page::Mark,
            /// The record.
            pub node: $node,
        }

        $crate::graphql::page::told_at_once!($connection, $edge);

        impl From<$crate::graphql::page::Page<$node>> for $connection {
            fn from(page: $crate::graphql::page::Page<$node>) -> Self {
                let edges = page.entries.into_iter().map(|(cursor, node)| $edge { cursor, node }).collect();
                Self { edges, page_info: page.info, total_count: page.total }
            }
        }
    };
}
pub(crate) use connection;

/// A connection and its edges for records that can be searched: an edge tells by which name, the connection what may
/// have been meant.
macro_rules! searched_connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty) => {
        $(#[$doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $connection {
            /// The entries of this page, in the order of the list.
            pub edges: $crate::graphql::at_once::Edges<$edge>,
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
            pub cursor: $crate::graphql::page::Mark,
            /// The record.
            pub node: $node,
            /// The name that matched the search; null without the argument `search`.
            pub found: Option<$crate::graphql::search::FoundName>,
        }

        // Null says that nobody asks for it or nothing was searched for.
        $crate::graphql::page::told_at_once!($connection, $edge, "found" if |edge: &$edge| edge.found.is_none());

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
    fn too_much_is_refused_and_not_clamped() {
        for (first, last, argument) in [(Some(101), None, "first"), (Some(-1), None, "first"), (None, Some(101), "last"), (Some(1), Some(1), "first")]
        {
            let refused = Paging::new(first, None, last, None);
            assert!(matches!(refused, Err(Fault::BadInput { argument: named, .. }) if named == argument), "{first:?} {last:?}");
        }
        assert_eq!(Paging::new(None, None, None, None).expect("the usual").count, USUAL);
        assert_eq!(Paging::new(Some(100), None, None, None).expect("the most").count, MOST);
        assert_eq!(Paging::new(Some(0), None, None, None).expect("none").count, 0);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        for garbage in ["", "%%%", "djE6MA", "bm9uc2Vuc2U"] {
            let paging = Paging::new(None, Some(garbage.to_owned()), None, None).expect("a page");
            assert!(matches!(paging.cut(list(&[(0, 1)].into())), Err(Fault::BadInput { argument, .. }) if argument == "after"), "{garbage}");
        }
    }

    #[test]
    fn a_cursor_is_good_for_its_own_order_alone() {
        let spots = [By::Relevance(7), By::Name("chong qing shi".into()), By::PromisedDays(5), By::PromisedDays(UNPROMISED), By::Code];
        let orders = [Order::Relevance, Order::Name, Order::PromisedDays, Order::Code];
        for by in spots {
            let spot = Spot { by, code: 42u32 };
            for order in orders {
                let paging = Paging::new(None, Some(write_spot(&spot)), None, None).expect("a page");
                match paging.slice::<u32>(order) {
                    Ok(slice) => assert_eq!((slice.after.as_ref(), order), (Some(&spot), spot.by.order())),
                    Err(refused) => {
                        assert!(matches!(refused, Fault::BadInput { argument, .. } if argument == "after"));
                        assert_ne!(order, spot.by.order());
                    }
                }
            }
        }
    }

    #[test]
    fn a_cursor_keeps_what_is_in_it() {
        let cursor = Cursor { rank: 3, code: "南沙区:窗口".to_owned() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    proptest! {
        #[test]
        fn walking_the_pages_in_either_direction_yields_the_list(keys in prop::collection::btree_set((0u32..3, 0u32..40), 0..60), size in 1i32..8) {
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
                cursor = page.info.end_cursor.map(|mark| mark.to_string());
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
                cursor = page.info.start_cursor.map(|mark| mark.to_string());
            }
            prop_assert_eq!(&backward, &all);
        }

        #[test]
        fn a_page_stays_right_when_its_last_entry_has_gone(keys in prop::collection::btree_set((0u32..3, 0u32..40), 2..60), at in any::<prop::sample::Index>()) {
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
