//! The rows of one sheet as an iterator.

use std::io::{Read, Seek};
use std::vec::IntoIter;

use domain::Problem;

use super::cell::Row;
use super::text_rows::TextRows;
use super::xlsx::XlsxRows;

/// Streams the rows of one sheet that have cells, in their order. Ends after the first problem.
pub struct Rows<'a, R: Read + Seek> {
    source: Source<'a, R>,
    columns_merged_down: Vec<usize>,
    is_ended: bool,
}

pub(crate) enum Source<'a, R: Read + Seek> {
    Text(Box<TextRows<&'a mut R>>),
    Xlsx(Box<XlsxRows<'a, R>>),
    Xls(IntoIter<Row>),
}

impl<R: Read + Seek> std::fmt::Debug for Rows<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("columns_merged_down", &self.columns_merged_down).finish_non_exhaustive()
    }
}

impl<'a, R: Read + Seek> Rows<'a, R> {
    pub(crate) fn new(source: Source<'a, R>, columns_merged_down: Vec<usize>) -> Self {
        Self { source, columns_merged_down, is_ended: false }
    }

    /// Columns with an area that is merged over several rows: blank cells outside of such areas are meant to be blank.
    pub fn columns_merged_down(&self) -> &[usize] {
        &self.columns_merged_down
    }
}

impl<R: Read + Seek> Iterator for Rows<'_, R> {
    type Item = Result<Row, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_ended {
            return None;
        }
        let row = match &mut self.source {
            Source::Text(rows) => rows.next_row(),
            Source::Xlsx(rows) => rows.next_row(),
            Source::Xls(rows) => Ok(rows.next()),
        };
        self.is_ended = !matches!(row, Ok(Some(_)));
        row.transpose()
    }
}
