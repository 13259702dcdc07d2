//! A district's own offerings and windows: their lines, and a workbook of them that imports again to the same.

use catalogue::{OfferingBrief, Order};
use domain::import::Kind;
use domain::{DistrictCode, Message, Record, Window};
use exchange::record::kind::ListKind;
use exchange::workbook::records::{TooLong, records};
use serde_json::{Map, Value as Json};

use crate::error::Error;
use crate::request_context::RequestContext;
use crate::workbook::lists;

/// The most records of a workbook: as many as an import takes.
const MAX_RECORDS: usize = 5_000;

/// The fields of a record, as its line has them.
pub fn line(record: &Record) -> Map<String, Json> {
    serde_json::from_str(&record.line()).unwrap_or_default()
}

/// The fields of offerings, in the order of these briefs.
pub async fn offerings(request: &RequestContext, briefs: &[OfferingBrief]) -> Result<Vec<Map<String, Json>>, Error> {
    let keys: Vec<_> = briefs.iter().map(|brief| (brief.id, brief.revision)).collect();
    let bodies = request.store.offerings(&keys).await?;
    Ok(bodies.iter().map(|body| line(&Record::Offering(Box::new(body.record.clone())))).collect())
}

pub fn window(window: &Window) -> Map<String, Json> {
    line(&Record::Window(window.clone()))
}

/// The workbook, or why there is none.
pub async fn workbook(
    request: &RequestContext,
    kind: Kind,
    district: DistrictCode,
) -> Result<Result<Vec<u8>, Message>, Error> {
    let lines = match kind {
        Kind::Offering => {
            let all = request.snapshot.offerings_of_district(district, &[], None, Order::Code);
            if all.len() > MAX_RECORDS {
                return Ok(Err(too_many(all.len())));
            }
            let briefs: Vec<OfferingBrief> = all.into_iter().map(|listed| listed.item).collect();
            offerings(request, &briefs).await?
        }
        Kind::Window => {
            let all = request.snapshot.windows(district);
            if all.len() > MAX_RECORDS {
                return Ok(Err(too_many(all.len())));
            }
            all.iter().map(|kept| window(kept)).collect()
        }
    };
    let (snapshot, today) = (request.snapshot.clone(), request.today);
    let writing = tokio::task::spawn_blocking(move || {
        let kind = match kind {
            Kind::Offering => ListKind::Offering,
            Kind::Window => ListKind::Window,
        };
        records(kind, &lists(&snapshot, Some(district), today), &lines)
    });
    let written = writing.await.map_err(|error| Error::Internal(format!("the workbook was not written: {error}")))?;
    let written = written.map_err(|error| Error::Internal(format!("a workbook could not be written: {error}")))?;
    Ok(written.map_err(|long| too_long(&long)))
}

fn too_many(count: usize) -> Message {
    Message::new(
        format!("共有 {count} 条记录，超过一个表格的上限 {MAX_RECORDS} 条；请用 /export 导出"),
        format!("there are {count} records, and a workbook has {MAX_RECORDS} at most; use /export"),
    )
}

fn too_long(TooLong { record, column }: &TooLong) -> Message {
    let number = record + 1;
    Message::new(
        format!("第 {number} 条记录的“{column}”超过一个单元格的长度；请用 /export 导出"),
        format!("“{column}” of record {number} is longer than a cell; use /export"),
    )
}
