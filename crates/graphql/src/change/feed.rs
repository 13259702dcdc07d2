//! Pages of the change feed in the schema.

use async_graphql::{Context, ID, SimpleObject};
use registry::error::Error;
use registry::feed::{Feed, FeedPage, PageRequest, Place};

use super::Change;
use crate::connection::arguments::Paging;
use crate::connection::cursor::LazyCursor;
use crate::connection::page::{Page, PageInfo};
use crate::context::request_context;
use crate::engine::sequential::Sequential;
use crate::scalar::{Revision, int};

/// A page of changes, oldest first.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeConnection {
    /// The entries of this page, in the order of the list.
    pub(super) edges: Sequential<ChangeEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    pub(super) page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    pub(super) total_count: i32,
    /// The page contains every visible change up to this revision. Pass it as `since` to read on.
    pub(super) read_through: Revision,
    /// The epoch of the journal that these revisions belong to. Pass it as `epoch` together with `since`. A restore
    /// from a backup starts a new epoch.
    pub(super) epoch: ID,
}

/// A change in a list.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ChangeEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    pub(super) cursor: LazyCursor,
    /// The change.
    pub(super) node: Change,
    /// The revision of the preceding entry of this list, on whichever page it is. Null for the first entry. When it
    /// differs from the last revision that a client has read, the client has missed an entry.
    pub(super) previous_revision: Option<Revision>,
}

/// A page of a feed, with the records and the count if they are selected.
pub(crate) async fn page(feed: &Feed, ctx: &Context<'_>, paging: &Paging) -> Result<ChangeConnection, Error> {
    let request = request_context(ctx);
    let selected = ctx.look_ahead();
    let after = paging.after::<Place>()?.map(|cursor| cursor.code);
    let before = paging.before::<Place>()?.map(|cursor| cursor.code);
    let count_all = selected.field("totalCount").exists();
    let asked = PageRequest { from: paging.from, count: paging.count, after, before, count_all };
    let FeedPage { changes, previous, has_previous, has_next, read_through, total, epoch } =
        feed.page(request, asked).await?;

    let records = selected.field("edges").field("node").field("record").exists();
    let loaded = Change::load(request, changes, records).await?;
    let place = |change: &Change| Place { revision: change.change.revision, epoch: epoch.clone() };
    let by_revision = loaded.into_iter().map(|change| (place(&change), change)).collect();
    let Page { entries, info: page_info, total: total_count } =
        Page::of_journal(by_revision, has_previous, has_next, int(total));
    let mut before_it = previous;
    let edges = entries.into_iter().map(|(cursor, node)| {
        let previous_revision = before_it.replace(node.change.revision).map(Revision);
        ChangeEdge { cursor, node, previous_revision }
    });
    Ok(ChangeConnection {
        edges: Sequential(edges.collect()),
        page_info,
        total_count,
        read_through: Revision(read_through),
        epoch: ID(epoch),
    })
}
