//! Cells that an import removes from a schedule.

use async_graphql::SimpleObject;
use exchange::schedule::entry::ScheduleCell;
use registry::error::Error;
use registry::request_context::RequestContext;

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
