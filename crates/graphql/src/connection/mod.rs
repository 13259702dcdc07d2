//! Relay connections: a page is cut from a complete, sorted list. A cursor is the sort key of its entry, so it stays
//! valid when the entry is gone.

pub(crate) mod arguments;
pub mod cursor;
pub(crate) mod page;
#[cfg(test)]
mod tests;

use catalogue::Listed;

/// A list in an order of its own.
pub(crate) fn in_order<K, T>(items: impl IntoIterator<Item = (K, T)>) -> Vec<Listed<K, T>> {
    let ranked = (0..).zip(items);
    ranked.map(|(rank, (code, item))| Listed { rank, code, item }).collect()
}

/// Defines a connection and its edge type for one kind of record.
macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty) => {
        $(#[$doc])*
        #[derive(Debug, async_graphql::SimpleObject, graphql_macros::DirectJson)]
        #[graphql(serial)]
        pub struct $connection {
            /// The entries of this page, in the order of the list.
            pub edges: $crate::engine::direct_json::part::Edges<$edge>,
            /// Whether there are more pages, and the first and last cursor of this one.
            pub page_info: $crate::connection::page::PageInfo,
            /// The number of entries of the whole list, not of this page alone.
            pub total_count: i32,
        }

        $(#[$edge_doc])*
        #[derive(Debug, async_graphql::SimpleObject, graphql_macros::DirectJson)]
        #[graphql(serial)]
        pub struct $edge {
            /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
            pub cursor: $crate::connection::cursor::LazyCursor,
            /// The record.
            pub node: $node,
        }

        impl From<$crate::connection::page::Page<$node>> for $connection {
            fn from(page: $crate::connection::page::Page<$node>) -> Self {
                let edges = page.entries.into_iter().map(|(cursor, node)| $edge { cursor, node }).collect();
                Self { edges, page_info: page.info, total_count: page.total }
            }
        }
    };
}
pub(crate) use connection;

/// Defines a connection and its edge type for records that can be searched: edges have the matched name, the connection
/// has suggestions.
macro_rules! searched_connection {
    ($(#[$doc:meta])* $connection:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ty) => {
        $(#[$doc])*
        #[derive(Debug, async_graphql::SimpleObject, graphql_macros::DirectJson)]
        #[graphql(serial)]
        pub struct $connection {
            /// The entries of this page, in the order of the list.
            pub edges: $crate::engine::direct_json::part::Edges<$edge>,
            /// Whether there are more pages, and the first and last cursor of this one.
            pub page_info: $crate::connection::page::PageInfo,
            /// The number of entries of the whole list, not of this page alone.
            pub total_count: i32,
            /// Other searches to offer to the user, most likely first: corrections of a search without hits, and the
            /// Chinese characters that a search in pinyin may stand for. Each of them has at least one hit.
            pub did_you_mean: Vec<String>,
        }

        $(#[$edge_doc])*
        #[derive(Debug, async_graphql::SimpleObject, graphql_macros::DirectJson)]
        #[graphql(serial)]
        pub struct $edge {
            /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
            pub cursor: $crate::connection::cursor::LazyCursor,
            /// The record.
            pub node: $node,
            /// The name that matched the search; null without the argument `search`.
            pub found: Option<$crate::found_name::FoundName>,
        }

        impl From<$crate::connection::page::Page<$node>> for $connection {
            fn from(page: $crate::connection::page::Page<$node>) -> Self {
                Self::searched(page, |_| None, Vec::new())
            }
        }

        impl $connection {
            pub(crate) fn searched(
                page: $crate::connection::page::Page<$node>,
                found: impl Fn(&$node) -> Option<$crate::found_name::FoundName>,
                did_you_mean: Vec<String>,
            ) -> Self {
                let edge = |(cursor, node)| $edge { found: found(&node), cursor, node };
                Self { edges: page.entries.into_iter().map(edge).collect(), page_info: page.info, total_count: page.total, did_you_mean }
            }
        }
    };
}
pub(crate) use searched_connection;
