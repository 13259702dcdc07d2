//! What a caller says about a file.

use domain::import::Direction;

use crate::header::field::Field;
use crate::matching::Choices;

/// How to read a file.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name of the sheet; else the first visible one with a recognisable header.
    pub sheet: Option<String>,
    /// The number of the header's first row.
    pub header_row: Option<u32>,
    /// The fields of columns, by their headers. They win over the recognised ones.
    pub columns: Vec<(String, Field)>,
    /// Values for fields that have no column, and for blank cells.
    pub defaults: Vec<(Field, String)>,
    /// What texts mean, before any matching.
    pub choices: Choices,
    /// Whether a blank cell below a value means the same value, in columns that may span rows. A column with merged
    /// cells says by them what spans rows.
    pub fill_down: bool,
    pub direction: Direction,
    /// The most rows of data; `None`: as many as a sheet has.
    pub max_rows: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sheet: None,
            header_row: None,
            columns: Vec::new(),
            defaults: Vec::new(),
            choices: Choices::default(),
            fill_down: true,
            direction: Direction::default(),
            max_rows: None,
        }
    }
}
