//! What a report says of each column.

use super::field::Field;
use super::find::Header;
use super::mapping::Mapping;
use crate::sheet::cell::{Origin, Row};

/// Samples of a column.
const SAMPLES: usize = 3;

/// A column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub header: String,
    /// The field that the column gives; `None` if it is not read.
    pub field: Option<Field>,
    /// Rows in which it is filled.
    pub filled: u32,
    /// Up to three different values.
    pub samples: Vec<String>,
}

/// The columns of a header, still without rows.
pub(crate) fn columns(header: &Header, mapping: &Mapping) -> Vec<Column> {
    let columns = header.columns.iter().enumerate();
    columns
        .map(|(i, name)| Column { header: name.clone(), field: mapping.field(i), filled: 0, samples: Vec::new() })
        .collect()
}

/// Counts a row of data.
pub(crate) fn count(columns: &mut Vec<Column>, row: &Row) {
    for (i, cell) in row.cells.iter().enumerate() {
        if cell.value.is_empty() || cell.origin == Origin::MergedRight {
            continue;
        }
        if columns.len() <= i {
            columns.resize(i + 1, Column { header: String::new(), field: None, filled: 0, samples: Vec::new() });
        }
        let column = &mut columns[i];
        column.filled += 1;
        if column.samples.len() < SAMPLES {
            let text = cell.value.text();
            let line: String = text.split(['\n', '\r', '\t']).map(str::trim).collect();
            let sample = domain::text::quoted(&line);
            if !column.samples.iter().any(|known| *known == sample) {
                column.samples.push(sample.into_owned());
            }
        }
    }
}

/// The columns that have values of which nothing is kept, by their headers, or by their letters if they have none.
pub fn unread(columns: &[Column]) -> Vec<String> {
    let is_unread = |column: &Column| column.field.is_none_or(Field::is_for_reading) && column.filled > 0;
    let unread = columns.iter().enumerate().filter(|(_, column)| is_unread(column));
    unread
        .map(|(i, column)| {
            let letters = crate::sheet::cell::column_letters(u32::try_from(i).unwrap_or(u32::MAX - 1));
            if column.header.is_empty() { letters } else { column.header.clone() }
        })
        .collect()
}
