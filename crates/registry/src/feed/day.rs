//! The journal as it stood at the end of a day.

use domain::{Date, Revision, calendar};

use crate::error::Error;
use crate::request_context::RequestContext;

/// The last revision that was recorded by the end of a day in China; 0: there was none. Revisions have no gaps and are
/// in the order of time, so a few entries are read.
pub async fn last_revision_of_day(request: &RequestContext, day: Date) -> Result<Revision, Error> {
    let (mut known, mut after) = (0, request.snapshot.revision() + 1);
    while after - known > 1 {
        let middle = known + (after - known) / 2;
        let is_by_then = match request.store.change(middle).await? {
            Some(change) => calendar::day_in_china(change.recorded_at) <= day,
            None => false,
        };
        if is_by_then { known = middle } else { after = middle }
    }
    Ok(known)
}
