//! Relay connections: a page is cut from a complete, sorted list. A cursor is the sort key of its entry, so it stays valid when
//! the entry is gone.

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

/// Direct JSON of a connection and its edges. An edge may have one more field, which is written if it is null.
macro_rules! write_connection_json {
    ($connection:ident, $edge:ident $(, $more:literal if $nothing:expr)?) => {
        impl $crate::engine::direct_json::WriteJson for $connection {
            fn write_field(&self, json: &mut $crate::engine::direct_json::JsonWriter<'_>, field: &async_graphql::parser::types::Field) -> Option<()> {
                match field.name.node.as_str() {
                    "edges" => json.list(&self.edges, &field.selection_set.node),
                    "pageInfo" => json.inner(&self.page_info, field),
                    "totalCount" => json.number(self.total_count),
                    _ => None,
                }
            }
        }

        impl $crate::engine::direct_json::WriteJson for $edge {
            fn write_field(&self, json: &mut $crate::engine::direct_json::JsonWriter<'_>, field: &async_graphql::parser::types::Field) -> Option<()> {
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
            pub edges: $crate::engine::direct_json::Edges<$edge>,
            /// Whether there are more pages, and the first and last cursor of this one.
            pub page_info: $crate::connection::page::PageInfo,
            /// The number of entries of the whole list, not of this page alone.
            pub total_count: i32,
        }

        $(#[$edge_doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $edge {
            /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
            pub cursor: $crate::connection::cursor::LazyCursor,
            /// The record.
            pub node: $node,
        }

        $crate::connection::write_connection_json!($connection, $edge);

        impl From<$crate::connection::page::Page<$node>> for $connection {
            fn from(page: $crate::connection::page::Page<$node>) -> Self {
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
            pub edges: $crate::engine::direct_json::Edges<$edge>,
            /// Whether there are more pages, and the first and last cursor of this one.
            pub page_info: $crate::connection::page::PageInfo,
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
            pub cursor: $crate::connection::cursor::LazyCursor,
            /// The record.
            pub node: $node,
            /// The name that matched the search; null without the argument `search`.
            pub found: Option<$crate::found_name::FoundName>,
        }

        // Null: it is not selected, or there is no search.
        $crate::connection::write_connection_json!($connection, $edge, "found" if |edge: &$edge| edge.found.is_none());

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
