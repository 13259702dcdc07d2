//! Problems of single cells of a file.

use domain::Problem;

/// A problem with where it is and what was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellProblem {
    pub row: u32,
    /// The header of the column; `None` when the whole row is meant, or a default.
    pub column: Option<String>,
    /// The address of the cell: `C7`.
    pub address: Option<String>,
    /// The rejected value.
    pub value: Option<String>,
    /// Its path names the field.
    pub problem: Problem,
}
