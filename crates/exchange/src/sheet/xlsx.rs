//! The rows of an XLSX sheet, by calamine's stream of cells. Its ranges are never used: they allocate the rectangle
//! from the first to the last cell.

use std::io::{Read, Seek};

use calamine::{DataRef, Xlsx, XlsxCellFormulaMetadataRecord, XlsxCellReader, XlsxError};
use domain::Problem;

use super::cell::{Cell, MAX_COLUMNS, MAX_ROWS, Row, Value};
use super::date::date_of;
use super::merged::{Merged, TooManyAreas};
use crate::refusal;

/// Cells of a sheet, empty ones with a format included.
const MAX_CELLS: u64 = 20_000_000;

/// Streams the rows of one sheet that have cells.
pub(crate) struct XlsxRows<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    pub(crate) merged: Merged,
    pending: Option<(u32, u32, Value)>,
    count: u64,
    /// The stream fails when it is asked again after its end.
    is_ended: bool,
}

impl<'a, R: Read + Seek> XlsxRows<'a, R> {
    pub(crate) fn new(workbook: &'a mut Xlsx<R>, sheet: &str) -> Result<Self, Problem> {
        let merged = Merged::new(&workbook.merge_cells_by_sheet_name(sheet).map_err(|error| refused(&error))?);
        let cells = workbook.worksheet_cells_reader(sheet).map_err(|error| refused(&error))?;
        Ok(Self { cells, merged, pending: None, count: 0, is_ended: false })
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Problem> {
        let first = match self.pending.take() {
            Some(first) => first,
            None => match self.next_cell()? {
                Some(first) => first,
                None => return Ok(None),
            },
        };
        let number = first.0;
        let mut row = Row { number, cells: Vec::new() };
        put(&mut row.cells, first.1, first.2);
        while let Some((at, column, value)) = self.next_cell()? {
            if at == number {
                put(&mut row.cells, column, value);
                continue;
            }
            if at < number {
                return Err(refusal::damaged_workbook("rows out of order"));
            }
            self.pending = Some((at, column, value));
            break;
        }
        self.merged.fill(&mut row).map_err(|TooManyAreas| refusal::damaged_workbook("merged areas overlap"))?;
        Ok(Some(row))
    }

    /// The next cell within the bounds, its row counted from 1 and its column from 0.
    fn next_cell(&mut self) -> Result<Option<(u32, u32, Value)>, Problem> {
        while !self.is_ended {
            let Some(record) = self.cells.next_cell_with_formula_metadata().map_err(|error| refused(&error))? else {
                self.is_ended = true;
                break;
            };
            self.count += 1;
            if self.count > MAX_CELLS {
                return Err(refusal::too_large(
                    format!("工作表超过 {MAX_CELLS} 个单元格（含只有格式的空格）"),
                    format!("the sheet has more than {MAX_CELLS} cells, empty ones with a format included"),
                ));
            }
            let (row, column) = (record.pos.0.saturating_add(1), record.pos.1);
            let value = value(&record);
            let is_within = row <= MAX_ROWS && column < MAX_COLUMNS;
            match value {
                Value::Empty if !is_within => {}
                _ if !is_within => return Err(refusal::cell_out_of_bounds(row, column)),
                value => return Ok(Some((row, column, value))),
            }
        }
        Ok(None)
    }
}

fn put(cells: &mut Vec<Cell>, column: u32, value: Value) {
    let column = column as usize;
    if value.is_empty() {
        return;
    }
    if cells.len() <= column {
        cells.resize(column + 1, Cell::default());
    }
    cells[column] = Cell::own(value);
}

fn value(record: &XlsxCellFormulaMetadataRecord<'_>) -> Value {
    match &record.value {
        DataRef::Empty if record.formula.is_some() => Value::FormulaWithoutValue,
        DataRef::Empty => Value::Empty,
        DataRef::Int(number) => Value::Number(*number as f64),
        DataRef::Float(number) => Value::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Value::of_text(text),
        DataRef::SharedString(text) => Value::of_text(text),
        DataRef::Bool(flag) => Value::Bool(*flag),
        DataRef::DateTime(moment) => date_of(moment),
        DataRef::Error(error) => Value::Error(error.to_string().into()),
    }
}

pub(crate) fn refused(error: &XlsxError) -> Problem {
    match error {
        XlsxError::Password => refusal::encrypted(),
        other => refusal::damaged_workbook(&other.to_string()),
    }
}
