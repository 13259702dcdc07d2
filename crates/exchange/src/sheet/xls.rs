//! The rows of an XLS workbook. calamine reads the whole file when it opens it, so [`read`] is a function of bytes:
//! a caller can run it in a process of its own with a limit of memory. The checks before it refuse what is known to
//! take much memory; a process of its own is still the safe way for files from strangers.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Reader, SheetVisible, Xls, XlsError};
use domain::Problem;

use super::cell::{Cell, MAX_COLUMNS, Row, Value};
use super::date::date_of;
use super::merged::{Merged, TooManyAreas};
use super::xls_bounds;
use crate::refusal;

/// The largest XLS file that is read.
pub const MAX_XLS_BYTES: u64 = 5 << 20;

/// A sheet of an XLS workbook with all its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct XlsSheet {
    pub name: String,
    pub is_visible: bool,
    pub rows: Vec<Row>,
    /// Columns with an area that is merged over several rows.
    pub columns_merged_down: Vec<usize>,
}

/// Reads all sheets of a workbook.
pub fn read(bytes: Vec<u8>) -> Result<Vec<XlsSheet>, Problem> {
    xls_bounds::check(&bytes)?;
    // The format has many lengths and offsets, and calamine may panic on wrong ones.
    catch_unwind(AssertUnwindSafe(|| sheets(bytes)))
        .unwrap_or_else(|_| Err(refusal::damaged_workbook("wrong lengths or offsets")))
}

fn sheets(bytes: Vec<u8>) -> Result<Vec<XlsSheet>, Problem> {
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(|error| refused(&error))?;
    let sheets = workbook.sheets_metadata().to_vec();
    let worksheets = sheets.into_iter().filter(|sheet| sheet.typ == calamine::SheetType::WorkSheet);
    worksheets
        .map(|sheet| {
            let range = workbook.worksheet_range(&sheet.name).map_err(|error| refused(&error))?;
            let areas = workbook.merge_cells_by_sheet_name(&sheet.name).map_err(|error| refused(&error))?;
            let mut merged = Merged::new(&areas);
            let mut rows = rows(&range)?;
            for row in &mut rows {
                merged.fill(row).map_err(|TooManyAreas| refusal::damaged_workbook("merged areas overlap"))?;
            }
            let is_visible = sheet.visible == SheetVisible::Visible;
            Ok(XlsSheet { name: sheet.name, is_visible, rows, columns_merged_down: merged.columns_merged_down() })
        })
        .collect()
}

/// The rows that have filled cells.
fn rows(range: &calamine::Range<Data>) -> Result<Vec<Row>, Problem> {
    let start = range.start().unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    for (row, column, data) in range.used_cells() {
        let value = value(data);
        if value.is_empty() {
            continue;
        }
        let number = start.0 + u32::try_from(row).unwrap_or(u32::MAX - start.0 - 1) + 1;
        let column = start.1 as usize + column;
        if column >= MAX_COLUMNS as usize {
            return Err(refusal::cell_out_of_bounds(number, u32::try_from(column).unwrap_or(u32::MAX - 1)));
        }
        if rows.last().is_none_or(|last| last.number != number) {
            rows.push(Row { number, cells: Vec::new() });
        }
        if let Some(last) = rows.last_mut() {
            last.cells.resize(column + 1, Cell::default());
            last.cells[column] = Cell::own(value);
        }
    }
    Ok(rows)
}

fn value(data: &Data) -> Value {
    match data {
        Data::Empty => Value::Empty,
        Data::Int(number) => Value::Number(*number as f64),
        Data::Float(number) => Value::Number(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Value::of_text(text),
        Data::Bool(flag) => Value::Bool(*flag),
        Data::DateTime(moment) => date_of(moment),
        Data::Error(error) => Value::Error(error.to_string().into()),
    }
}

fn refused(error: &XlsError) -> Problem {
    match error {
        XlsError::Password => refusal::encrypted(),
        other => refusal::damaged_workbook(&other.to_string()),
    }
}
