//! Checks the addresses of cells in an XLS workbook before calamine opens it: calamine allocates, for each sheet, the
//! rectangle from its first to its last cell, and one stray cell asks for more memory than there is.

use domain::Problem;

use super::compound::{Compound, u16_at, u32_at};
use crate::refusal;

/// Cells of the rectangles of all sheets together: 65,536 rows of 15 columns.
const MAX_AREA: u64 = 1_000_000;
const MAX_SHEETS: usize = 256;

// Types of records.
const BEGINNING: u16 = 0x0809;
const END: u16 = 0x000A;
const PASSWORD: u16 = 0x002F;
const SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const MANY_NUMBERS: u16 = 0x00BD;
const CELLS: [u16; 7] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, 0x0006];

/// Refuses a workbook that is damaged, or whose rectangles are too large.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Problem> {
    let damaged = || refusal::damaged_workbook("compound file");
    let file = Compound::new(bytes).ok_or_else(damaged)?;
    let workbook = file.stream("Workbook").or_else(|| file.stream("Book")).ok_or_else(damaged)?;
    let sheets = match globals(&workbook).ok_or_else(damaged)? {
        Globals::Encrypted => return Err(refusal::encrypted()),
        Globals::Sheets(sheets) => sheets,
    };
    let mut area = 0;
    for at in &sheets {
        let of_sheet = area_at(workbook.get(*at..).ok_or_else(damaged)?).ok_or_else(damaged)?;
        area += of_sheet;
        if area > MAX_AREA || sheets.len() > MAX_SHEETS {
            return Err(refusal::too_large(
                "旧版工作簿（XLS）的工作表范围过大：可能有一个远处的单元格有内容",
                "the sheets of the old workbook (XLS) reach too far: a cell far away may have content",
            ));
        }
    }
    Ok(())
}

/// A record: its type, and its content.
type Record<'a> = (u16, &'a [u8]);

/// The record at the beginning, and what follows it.
fn record(stream: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (kind, length) = (u16_at(stream, 0)?, usize::from(u16_at(stream, 2)?));
    let content = stream.get(4..4 + length)?;
    Some(((kind, content), &stream[4 + length..]))
}

/// What the first section of a workbook says.
enum Globals {
    /// The contents of all records are encrypted.
    Encrypted,
    /// Where the sheets begin.
    Sheets(Vec<usize>),
}

fn globals(workbook: &[u8]) -> Option<Globals> {
    let (mut sheets, mut rest) = (Vec::new(), workbook);
    while !rest.is_empty() {
        let ((kind, content), next) = record(rest)?;
        match kind {
            PASSWORD => return Some(Globals::Encrypted),
            SHEET => sheets.push(u32_at(content, 0)? as usize),
            END => break,
            _ => {}
        }
        rest = next;
    }
    Some(Globals::Sheets(sheets))
}

/// The rectangle of the cells of a sheet, or the announced one if it is larger.
fn area_at(mut rest: &[u8]) -> Option<u64> {
    let (mut announced, mut depth) = (0, 0_u32);
    let mut bounds: Option<(u64, u64, u64, u64)> = None;
    while !rest.is_empty() {
        let ((kind, content), next) = record(rest)?;
        rest = next;
        match kind {
            // Charts within the sheet are sections of their own.
            BEGINNING => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            DIMENSIONS => announced = announced.max(dimensions(content)?),
            kind if CELLS.contains(&kind) || kind == MANY_NUMBERS => {
                let (row, first) = (u64::from(u16_at(content, 0)?), u64::from(u16_at(content, 2)?));
                let last = if kind == MANY_NUMBERS { content.len().checked_sub(2)? } else { 2 };
                let last = u64::from(u16_at(content, last)?);
                let (top, bottom, left, right) = bounds.unwrap_or((row, row, first, last));
                bounds = Some((top.min(row), bottom.max(row), left.min(first), right.max(last)));
            }
            _ => {}
        }
    }
    let area = bounds.map_or(0, |(top, bottom, left, right)| (bottom - top + 1) * (right.max(left) - left + 1));
    Some(area.max(announced))
}

/// The rectangle that a sheet announces, for which memory is reserved.
fn dimensions(content: &[u8]) -> Option<u64> {
    let wide = |at| u32_at(content, at).map(u64::from);
    let narrow = |at| u16_at(content, at).map(u64::from);
    let (top, bottom, left, right) = match content.len() {
        10 => (narrow(0)?, narrow(2)?, narrow(4)?, narrow(6)?),
        14 | 16 => (wide(0)?, wide(4)?, narrow(8)?, narrow(10)?),
        _ => return None,
    };
    if bottom == 0 || right == 0 {
        return Some(1);
    }
    let left = if left > 0xFF || right < left { 0 } else { left };
    (bottom > top).then(|| (bottom - top) * (right - left).max(1))
}
