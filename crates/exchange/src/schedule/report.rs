//! The result of reading a list.

use domain::MatterCode;
use domain::import::Verdict;

use super::entry::Entry;
use super::problem::CellProblem;
use crate::form::Form;
use crate::header::columns::{self, Column};
use crate::header::field::Field;
use crate::row_kind::SkippedRows;

/// What a row changes in a cell that the schedule has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    pub field: Field,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A row of data.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRow {
    pub row: u32,
    pub verdict: Verdict,
    /// The matter as the file names it.
    pub text: String,
    pub matter: Option<MatterCode>,
    pub candidates: Vec<MatterCode>,
    /// With `CREATE`, `UPDATE` and `UNCHANGED` they are hints.
    pub problems: Vec<CellProblem>,
    /// What the row says, when it is usable.
    pub entry: Option<Entry>,
    /// The keys of its clauses, once it is planned.
    pub clauses: Vec<Box<str>>,
    /// What it changes, once it is planned.
    pub changes: Vec<FieldChange>,
}

/// What was read, and what follows for each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub form: Form,
    pub sheet: Option<String>,
    pub header_row: u32,
    pub columns: Vec<Column>,
    pub skipped_rows: SkippedRows,
    pub rows: Vec<ScheduleRow>,
    /// Problems beyond those that are listed: the memory of a report has a bound.
    pub unlisted_problems: usize,
}

impl Report {
    /// The columns that have values of which nothing is kept: not recognised, or for reading only.
    pub fn unread_columns(&self) -> Vec<String> {
        columns::unread(&self.columns)
    }

    /// How many rows have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// Whether an import that refuses faults would write the rows.
    pub fn is_faultless(&self) -> bool {
        !self.rows.iter().any(|row| row.verdict.is_fault())
    }

    /// The problems of all rows.
    pub fn problems(&self) -> impl Iterator<Item = &CellProblem> {
        self.rows.iter().flat_map(|row| &row.problems)
    }
}
