//! The rows of an imported list.

use std::sync::Arc;

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use domain::{Digest, MatterCode};
use exchange::schedule::report::ScheduleRow;
use registry::acts::agreement::import::ScheduleImport;
use registry::acts::import_records::{ImportedRow, RecordsImport};

use crate::agreement::difference::{ChangedField, FieldChange};
use crate::connection::cursor::LazyCursor;
use crate::connection::page::{Page, PageInfo};
use crate::context::request_context;
use crate::enums::import::ImportVerdict;
use crate::matter::Matter;
use crate::problem::Problem;
use crate::scalar::int;

/// A row, by its position among the rows of data.
#[derive(Debug, Clone)]
pub enum ImportRow {
    Schedule(Arc<ScheduleImport>, usize),
    Record(Arc<RecordsImport>, usize),
}

/// The row of a list for a schedule, or of a list of records.
#[derive(Debug)]
enum Data<'a> {
    Schedule(&'a ScheduleRow),
    Record(&'a ImportedRow),
}

use Data::{Record, Schedule};

impl ImportRow {
    fn data(&self) -> Data<'_> {
        match self {
            Self::Schedule(import, at) => Schedule(&import.report.rows[*at]),
            Self::Record(import, at) => Record(&import.rows[*at]),
        }
    }
}

/// The matter, unless it was removed from the catalogue since the file was read.
fn matter(ctx: &Context<'_>, code: MatterCode) -> Option<Matter> {
    request_context(ctx).snapshot.matter(code).cloned().map(Matter)
}

/// A row of data of an imported list.
#[Object(serial)]
impl ImportRow {
    /// The id of the row, made from its content. A report is not kept, so `node` gives null for it.
    #[graphql(name = "id")]
    pub(crate) async fn resolve_id(&self) -> ID {
        let digest = Digest::of(format!("{:?}", self.data()).as_bytes()).to_string();
        let hex = digest.rsplit(':').next().unwrap_or_default();
        ID(format!("row_{}", &hex[..hex.len().min(16)]))
    }

    /// The number of the row, as a spreadsheet program shows it.
    async fn row(&self) -> i32 {
        int(match self.data() {
            Schedule(row) => row.row,
            Record(row) => row.row,
        })
    }

    /// What the import does with the row.
    async fn verdict(&self) -> ImportVerdict {
        match self.data() {
            Schedule(row) => row.verdict.into(),
            Record(row) => row.verdict.into(),
        }
    }

    /// The matter or the record as the file names it.
    async fn text(&self) -> &str {
        match self.data() {
            Schedule(row) => &row.text,
            Record(row) => &row.text,
        }
    }

    /// The matter that is meant. Null when none was found, or several may be meant.
    async fn matter(&self, ctx: &Context<'_>) -> Option<Matter> {
        matter(
            ctx,
            match self.data() {
                Schedule(row) => row.matter?,
                Record(row) => row.matter?,
            },
        )
    }

    /// The keys of the clauses to which the row belongs after the import.
    async fn clauses(&self) -> Vec<String> {
        match self.data() {
            Schedule(row) => row.clauses.iter().map(ToString::to_string).collect(),
            Record(_) => Vec::new(),
        }
    }

    /// With the verdicts `CONFIRM` and `UNKNOWN`: the likeliest matters, best first.
    async fn candidates(&self, ctx: &Context<'_>) -> Vec<Matter> {
        match self.data() {
            Schedule(row) => row.candidates.iter().filter_map(|code| matter(ctx, *code)).collect(),
            Record(_) => Vec::new(),
        }
    }

    /// With the verdict `UPDATE`: the fields that the row changes.
    async fn changes(&self) -> Vec<FieldChange> {
        let text = |text: &Option<String>| text.clone().map(|text| Json(text.into()));
        match self.data() {
            Schedule(row) => row
                .changes
                .iter()
                .map(|change| FieldChange {
                    field: ChangedField::Row(change.field),
                    before: text(&change.before),
                    after: text(&change.after),
                })
                .collect(),
            Record(row) => row
                .changes
                .iter()
                .map(|change| FieldChange {
                    field: ChangedField::Record(change.field.clone()),
                    before: change.before.clone().map(Json),
                    after: change.after.clone().map(Json),
                })
                .collect(),
        }
    }

    /// The problems of the row; the path of each is the name of a field. With the verdicts `CREATE`, `UPDATE` and
    /// `UNCHANGED` they are hints.
    async fn problems(&self) -> Vec<Problem> {
        match self.data() {
            Schedule(row) => row.problems.iter().map(|problem| Problem(problem.problem.clone())).collect(),
            Record(row) => row.problems.iter().cloned().map(Problem).collect(),
        }
    }

    /// The cells that the problems are about, in the same order, such as `C7`. Null for a problem of the whole row, and
    /// in lists of records.
    async fn cells(&self) -> Vec<Option<&str>> {
        match self.data() {
            Schedule(row) => row.problems.iter().map(|problem| problem.address.as_deref()).collect(),
            Record(row) => vec![None; row.problems.len()],
        }
    }
}

/// A page of rows of an imported list, in the order of the file.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ImportRowConnection {
    /// The entries of this page, in the order of the list.
    edges: Vec<ImportRowEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    total_count: i32,
}

/// A row in a list.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ImportRowEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    cursor: LazyCursor,
    /// The row.
    node: ImportRow,
}

impl From<Page<ImportRow>> for ImportRowConnection {
    fn from(page: Page<ImportRow>) -> Self {
        let edges = page.entries.into_iter().map(|(cursor, node)| ImportRowEdge { cursor, node }).collect();
        Self { edges, page_info: page.info, total_count: page.total }
    }
}
