//! Imports of lists in the schema: what was read, and what follows for each row.

pub mod removal;
pub mod row;

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use catalogue::Listed;
use domain::Message;
use domain::import::Verdict;
use exchange::schedule::entry::ScheduleCell;
use registry::acts::agreement::import::ScheduleImport;
use registry::acts::import_records::RecordsImport;
use registry::error::Error;

use crate::connection::arguments::Paging;
use crate::context::request_context;
use crate::enums::import::ImportVerdict;
use crate::enums::to_domain;
use crate::import::removal::ImportRemoval;
use crate::import::row::{ImportRow, ImportRowConnection};
use crate::scalar::int;

/// What an import read and did, or would do.
#[derive(Debug, Clone)]
pub enum ImportReport {
    Schedule(Arc<ScheduleImport>),
    Records(Arc<RecordsImport>),
}

impl ImportReport {
    /// The number and the verdict of each row.
    fn verdicts(&self) -> Vec<(u32, Verdict)> {
        match self {
            Self::Schedule(import) => import.report.rows.iter().map(|row| (row.row, row.verdict)).collect(),
            Self::Records(import) => import.rows.iter().map(|row| (row.row, row.verdict)).collect(),
        }
    }

    fn count(&self, verdict: Verdict) -> i32 {
        int(self.verdicts().into_iter().filter(|(_, found)| *found == verdict).count())
    }

    fn removed_cells(&self) -> &[ScheduleCell] {
        match self {
            Self::Schedule(import) => &import.removed,
            Self::Records(_) => &[],
        }
    }
}

/// What an import read from a file, and what follows for each row. A dry run gives the same report.
#[Object(serial)]
impl ImportReport {
    /// The form of the file, such as `XLSX` or `CSV GB18030`.
    async fn form(&self) -> String {
        match self {
            Self::Schedule(import) => import.report.form.to_string(),
            Self::Records(import) => import.list.form.to_string(),
        }
    }

    /// The sheet that was read. Null for a text file.
    async fn sheet(&self) -> Option<&str> {
        match self {
            Self::Schedule(import) => import.report.sheet.as_deref(),
            Self::Records(import) => import.list.sheet.as_deref(),
        }
    }

    /// The row of the header, counted from 1.
    async fn header_row(&self) -> Option<i32> {
        Some(int(match self {
            Self::Schedule(import) => import.report.header_row,
            Self::Records(import) => import.list.header_row,
        }))
    }

    /// The columns, in their order.
    async fn columns(&self) -> Vec<ImportColumn> {
        let of_schedule = |column: &exchange::header::columns::Column| ImportColumn {
            header: column.header.clone(),
            field: column.field.map(|field| field.name().to_owned()),
            filled: int(column.filled),
            samples: column.samples.clone(),
        };
        let of_records = |column: &exchange::record::list::ListColumn| ImportColumn {
            header: column.header.clone(),
            field: column.path.clone(),
            filled: int(column.filled),
            samples: column.samples.clone(),
        };
        match self {
            Self::Schedule(import) => import.report.columns.iter().map(of_schedule).collect(),
            Self::Records(import) => import.list.columns.iter().map(of_records).collect(),
        }
    }

    /// The columns that have values and were not read, by their headers.
    async fn unread_columns(&self) -> Vec<String> {
        match self {
            Self::Schedule(import) => import.report.unread_columns(),
            Self::Records(import) => import.list.unread_columns(),
        }
    }

    /// The number of rows whose content is new.
    async fn created(&self) -> i32 {
        self.count(Verdict::Create)
    }

    /// The number of rows that change what is there.
    async fn updated(&self) -> i32 {
        self.count(Verdict::Update)
    }

    /// The number of rows whose content is there already.
    async fn unchanged(&self) -> i32 {
        self.count(Verdict::Unchanged)
    }

    /// The number of rows that are left out: chosen so, or the same as an earlier row.
    async fn skipped(&self) -> i32 {
        self.count(Verdict::Skip)
    }

    /// The number of rows that have to be confirmed: several matters may be meant.
    async fn confirm(&self) -> i32 {
        self.count(Verdict::Confirm)
    }

    /// The number of rows that name no known matter.
    async fn unknown(&self) -> i32 {
        self.count(Verdict::Unknown)
    }

    /// The number of rows with an error.
    async fn failed(&self) -> i32 {
        self.count(Verdict::Error)
    }

    /// With `replace`: the number of removed cells, each a matter in one direction and mode.
    async fn removed(&self) -> i32 {
        int(self.removed_cells().len())
    }

    /// The rows of data, in the order of the file.
    async fn rows(
        &self,
        #[graphql(desc = "Filter: rows with one of these verdicts.")] verdict: Option<Vec<ImportVerdict>>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ImportRowConnection, Error> {
        let wanted: Vec<Verdict> = to_domain(verdict);
        let is_wanted = |verdict: &Verdict| wanted.is_empty() || wanted.contains(verdict);
        let rows = self.verdicts().into_iter().enumerate().filter(|(_, (_, verdict))| is_wanted(verdict));
        let listed: Vec<Listed<u32, usize>> =
            rows.map(|(at, (row, _))| Listed { rank: 0, code: row, item: at }).collect();
        let page = Paging::new(first, after, last, before)?.cut(listed)?;
        let row = |at| match self {
            Self::Schedule(import) => ImportRow::Schedule(import.clone(), at),
            Self::Records(import) => ImportRow::Record(import.clone(), at),
        };
        Ok(page.map(row).into())
    }

    /// With `replace`: the first cells that are removed because the file does not name them. `removed` counts all.
    async fn removals(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DEFAULT_REMOVALS)", desc = "How many at most, 0 to 1000.")] limit: Option<i32>,
    ) -> Result<Vec<ImportRemoval>, Error> {
        let limit = limit.unwrap_or(DEFAULT_REMOVALS);
        let most = usize::try_from(limit).ok().filter(|most| *most <= MAX_REMOVALS).ok_or_else(|| {
            Error::bad_input(
                "limit",
                Message::new(
                    format!("条数应为 0 至 {MAX_REMOVALS}，不能是 {limit}"),
                    format!("0 to {MAX_REMOVALS} cells can be requested, not {limit}"),
                ),
            )
        })?;
        let request = request_context(ctx);
        self.removed_cells().iter().take(most).map(|cell| ImportRemoval::of(request, cell)).collect()
    }
}

/// The default and the highest number of removed cells.
const DEFAULT_REMOVALS: i32 = 100;
const MAX_REMOVALS: usize = 1_000;

/// A column of an imported file.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ImportColumn {
    /// The header. The parts of a header of two rows are separated by ` / `.
    header: String,
    /// The name of the field that the column gives. Null when it is not read.
    field: Option<String>,
    /// The number of rows in which it is filled.
    filled: i32,
    /// Up to three different values.
    samples: Vec<String>,
}
