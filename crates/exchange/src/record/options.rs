//! What a caller says about a file of records.

use super::kind::ListKind;

/// How to read a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The kind of the records; else it follows from the header.
    pub kind: Option<ListKind>,
    /// The name of the sheet; else the first visible one with a recognisable header.
    pub sheet: Option<String>,
    pub header_row: Option<u32>,
    /// The paths of fields that columns give, by their headers.
    pub columns: Vec<(String, String)>,
    /// Values for fields that have no column, and for blank cells.
    pub defaults: Vec<(String, String)>,
    /// Whether a blank cell below a value means the same value, in columns that may span rows.
    pub fill_down: bool,
    /// The most rows; `None`: as many as a sheet has.
    pub max_rows: Option<u32>,
}
