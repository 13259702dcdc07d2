//! Cells that an import removes from a schedule.

use async_graphql::SimpleObject;
use exchange::schedule::entry::ScheduleCell;
use registry::error::Error;
use registry::request_context::RequestContext;

use crate::connection::cursor::LazyCursor;
use crate::connection::page::{Page, PageInfo};
use crate::district::District;
use crate::enums::handling::HandlingMode;
use crate::matter::Matter;

/// A cell of the schedule that an import removes: a matter in one direction and mode.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ImportRemoval {
    /// The matter.
    matter: Matter,
    /// The receiving party.
    receiving: District,
    /// The competent party.
    competent: District,
    /// The handling mode.
    mode: HandlingMode,
}

impl ImportRemoval {
    pub(super) fn of(request: &RequestContext, cell: &ScheduleCell) -> Result<Self, Error> {
        Ok(Self {
            matter: Matter::named(request, cell.matter)?,
            receiving: District::named(request, cell.receiving)?,
            competent: District::named(request, cell.competent)?,
            mode: cell.mode.into(),
        })
    }
}

/// A page of removed cells.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ImportRemovalConnection {
    /// The entries of this page, in the order of the list.
    edges: Vec<ImportRemovalEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    total_count: i32,
}

/// A removed cell in a list.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ImportRemovalEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    cursor: LazyCursor,
    /// The removed cell.
    node: ImportRemoval,
}

impl From<Page<ImportRemoval>> for ImportRemovalConnection {
    fn from(page: Page<ImportRemoval>) -> Self {
        let edges = page.entries.into_iter().map(|(cursor, node)| ImportRemovalEdge { cursor, node }).collect();
        Self { edges, page_info: page.info, total_count: page.total }
    }
}
