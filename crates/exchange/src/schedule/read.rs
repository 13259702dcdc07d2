//! Reads a list from a file.

use std::io::{Read, Seek};

use domain::{Message, Problem, Problems};

use super::carry::Carried;
use super::options::Options;
use super::repeated::Repeated;
use super::report::Report;
use super::row::RowReader;
use crate::file::input::InputFile;
use crate::header::columns;
use crate::header::field::Field;
use crate::header::find::{self, Header, SEARCHED_ROWS};
use crate::header::mapping::Mapping;
use crate::matching::MatterIndex;
use crate::refusal;
use crate::row_kind::{RowKind, SkippedRows, kind};
use crate::sheet::cell::Row;
use crate::side::PartyIndex;
use crate::value::narrow::folded;

/// Problems that a report lists.
const MAX_PROBLEMS: usize = 20_000;

/// Reads the list in a file for a schedule of the parties. The rows that are usable have the verdict `CREATE` until
/// they are planned.
pub fn read<R: Read + Seek>(
    file: R,
    options: &Options,
    matters: &dyn MatterIndex,
    parties: &dyn PartyIndex,
) -> Result<Report, Problems> {
    let mut file = InputFile::open(file)?;
    let (sheet, header) = sheet_with_header(&mut file, options)?;
    let mapping = Mapping::new(&header, &options.columns)?;
    let has = |field| mapping.has(field) || options.defaults.iter().any(|(defaulted, _)| *defaulted == field);
    if !has(Field::Name) && !has(Field::Matter) {
        return Err(no_column_of_matters(header.row).into());
    }
    let mut report = Report {
        form: file.form(),
        sheet: file.sheets().get(sheet).and_then(|sheet| sheet.name.clone()),
        header_row: header.row,
        columns: columns::columns(&header, &mapping),
        skipped_rows: SkippedRows::default(),
        rows: Vec::new(),
        unlisted_problems: 0,
    };
    let reader = RowReader { header: &header, mapping: &mapping, options, matters, parties };
    read_rows(&mut file, sheet, &reader, &mut report)?;
    if report.rows.is_empty() {
        return Err(no_rows(header.row).into());
    }
    Ok(report)
}

fn read_rows<R: Read + Seek>(
    file: &mut InputFile<R>,
    sheet: usize,
    reader: &RowReader<'_>,
    report: &mut Report,
) -> Result<(), Problem> {
    let rows = file.rows(sheet)?;
    let mut carried = Carried::new(reader.mapping, reader.options.fill_down, rows.columns_merged_down());
    let (mut repeated, mut listed) = (Repeated::default(), 0);
    let mut last = reader.header.last_row;
    for row in rows {
        let row = row?;
        if row.number <= reader.header.last_row {
            report.skipped_rows.titles += u32::from(row.number < reader.header.row && !row.is_blank());
            continue;
        }
        // Rows without cells are not in the file.
        report.skipped_rows.blank += row.number.saturating_sub(last + 1);
        last = row.number;
        let kind = kind(&row, reader.mapping);
        report.skipped_rows.count(kind);
        match kind {
            RowKind::Data => {}
            RowKind::Section => {
                carried.clear();
                continue;
            }
            RowKind::Blank | RowKind::Total | RowKind::Note | RowKind::Header | RowKind::Example => continue,
        }
        if let Some(most) = reader.options.max_rows.filter(|most| report.rows.len() >= *most as usize) {
            return Err(refusal::too_many_rows(most));
        }
        columns::count(&mut report.columns, &row);
        carried.take(&row);
        report.rows.push(reader.read(&row, &carried));
        repeated.take_last(&mut report.rows);
        let Some(last) = report.rows.last_mut() else { continue };
        listed += last.problems.len();
        if listed > MAX_PROBLEMS {
            report.unlisted_problems += std::mem::take(&mut last.problems).len();
        }
    }
    Ok(())
}

/// The sheet that is read, and its header.
fn sheet_with_header<R: Read + Seek>(file: &mut InputFile<R>, options: &Options) -> Result<(usize, Header), Problem> {
    for sheet in file.candidates(options.sheet.as_deref())? {
        let rows = first_rows(file, sheet, options.header_row)?;
        if let Some(header) = header(&rows, options) {
            return Ok((sheet, header));
        }
    }
    Err(refusal::header_not_found())
}

fn first_rows<R: Read + Seek>(
    file: &mut InputFile<R>,
    sheet: usize,
    header_row: Option<u32>,
) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for row in file.rows(sheet)? {
        let row = row?;
        let is_enough = match header_row {
            Some(given) => row.number > given.saturating_add(1),
            None => rows.len() >= SEARCHED_ROWS,
        };
        if is_enough {
            break;
        }
        // Only the header is looked for, and the row below it.
        if header_row.is_none_or(|given| row.number >= given) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The header by its synonyms, or by the columns that the caller names.
fn header(rows: &[Row], options: &Options) -> Option<Header> {
    find::find(rows, options.header_row).or_else(|| {
        let names: Vec<String> = options.columns.iter().map(|(name, _)| folded(name)).collect();
        let has_all = |row: &Row| {
            let texts: Vec<String> = row.cells.iter().map(|cell| folded(&cell.value.text())).collect();
            !names.is_empty() && names.iter().all(|name| texts.contains(name))
        };
        let row = rows.iter().find(|row| has_all(row))?;
        find::find(rows, Some(row.number))
    })
}

fn no_rows(header: u32) -> Problem {
    let message = Message::new(
        format!("第 {header} 行的表头下面没有数据"),
        format!("there are no rows of data below the header in row {header}"),
    );
    Problem::invalid(Vec::new(), "NO_ROWS", message)
        .remedy("请确认工作表和表头所在的行", "make sure of the sheet and of the row of the header")
}

fn no_column_of_matters(row: u32) -> Problem {
    let message = Message::new(
        format!("第 {row} 行的表头没有“事项名称”或“基本编码”列"),
        format!("the header in row {row} has no column with the names or the codes of matters"),
    );
    Problem::invalid(vec!["columns".to_owned()], "NO_MATTER_COLUMN", message)
        .remedy("请用 columns 指明哪一列是事项名称", "say by columns which column has the names")
}
