//! Imports of lists in the schema: what was read, and what follows for each row.

pub mod removal;
pub mod row;

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use catalogue::Listed;
use domain::import::Verdict;
use exchange::schedule::report::{Report, ScheduleRow};
use registry::acts::agreement::import::ScheduleImport;
use registry::error::Error;

use crate::connection::arguments::Paging;
use crate::context::request_context;
use crate::enums::import::ImportVerdict;
use crate::enums::to_domain;
use crate::import::removal::{ImportRemoval, ImportRemovalConnection};
use crate::import::row::{ImportRow, ImportRowConnection};
use crate::scalar::int;

/// What an import read and did, or would do.
#[derive(Debug, Clone)]
pub struct ImportReport(pub(crate) Arc<ScheduleImport>);

impl ImportReport {
    fn report(&self) -> &Report {
        &self.0.report
    }

    fn count(&self, verdict: Verdict) -> i32 {
        int(self.report().count(verdict))
    }
}

/// What an import read from a file, and what follows for each row. A dry run gives the same report.
#[Object(serial)]
impl ImportReport {
    /// The form of the file, such as `XLSX` or `CSV GB18030`.
    async fn form(&self) -> String {
        self.report().form.to_string()
    }

    /// The sheet that was read. Null for a text file.
    async fn sheet(&self) -> Option<&str> {
        self.report().sheet.as_deref()
    }

    /// The row of the header, counted from 1.
    async fn header_row(&self) -> Option<i32> {
        Some(int(self.report().header_row))
    }

    /// The columns, in their order.
    async fn columns(&self) -> Vec<ImportColumn> {
        let column = |column: &exchange::header::columns::Column| ImportColumn {
            header: column.header.clone(),
            field: column.field.map(|field| field.name()),
            filled: int(column.filled),
            samples: column.samples.clone(),
        };
        self.report().columns.iter().map(column).collect()
    }

    /// The columns that have values and were not read, by their headers.
    async fn unread_columns(&self) -> Vec<String> {
        self.report().unread_columns()
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
        int(self.0.removed.len())
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
        let is_wanted = |row: &ScheduleRow| wanted.is_empty() || wanted.contains(&row.verdict);
        let rows = self.report().rows.iter().enumerate().filter(|(_, row)| is_wanted(row));
        let listed: Vec<Listed<u32, usize>> =
            rows.map(|(at, row)| Listed { rank: 0, code: row.row, item: at }).collect();
        let page = Paging::new(first, after, last, before)?.cut(listed)?;
        Ok(page.map(|at| ImportRow { import: self.0.clone(), at }).into())
    }

    /// With `replace`: the cells that are removed because the file does not name them.
    async fn removals(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ImportRemovalConnection, Error> {
        let removed = self.0.removed.iter().enumerate();
        let listed: Vec<_> = removed.map(|(at, cell)| Listed { rank: 0, code: at, item: *cell }).collect();
        let page = Paging::new(first, after, last, before)?.cut(listed)?;
        Ok(page.try_map(|cell| ImportRemoval::of(request_context(ctx), &cell))?.into())
    }
}

/// A column of an imported file.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ImportColumn {
    /// The header. The parts of a header of two rows are separated by ` / `.
    header: String,
    /// The name of the field that the column gives. Null when it is not read.
    field: Option<&'static str>,
    /// The number of rows in which it is filled.
    filled: i32,
    /// Up to three different values.
    samples: Vec<String>,
}
