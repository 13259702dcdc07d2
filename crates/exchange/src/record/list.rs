//! Reads a list of records: each row becomes the JSON of a line, as files of lines have it.

use std::io::{Read, Seek};

use domain::{Message, Problem, Problems};
use serde_json::{Map, Value as Json};

use super::column::{EXAMPLE, RecordColumn};
use super::header::{RecordHeader, not_found};
use super::kind::ListKind;
use super::options::Options;
use super::words::Words;
use super::{cell, object};
use crate::file::input::InputFile;
use crate::form::Form;
use crate::header::field::Field;
use crate::header::find::{self, SEARCHED_ROWS, lower_part};
use crate::header::synonyms::field_of;
use crate::refusal;
use crate::row_kind::{SkippedRows, is_remark, is_total};
use crate::sheet::cell::{Row, Value};
use crate::value::line::plain;
use crate::value::narrow::folded;

/// A list and how it was read.
#[derive(Debug, Clone)]
pub struct RecordList {
    pub form: Form,
    pub sheet: Option<String>,
    pub header_row: u32,
    /// `None`: a column says the type of each row.
    pub kind: Option<ListKind>,
    pub columns: Vec<ListColumn>,
    pub skipped: SkippedRows,
    pub rows: Vec<RecordRow>,
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListColumn {
    pub header: String,
    /// The path of the field; `None` if it is not read.
    pub path: Option<String>,
    pub filled: u32,
    /// Up to three different values.
    pub samples: Vec<String>,
}

/// A row with a record.
#[derive(Debug, Clone)]
pub struct RecordRow {
    pub row: u32,
    pub line: Result<Json, Problems>,
    /// The texts of its cells.
    pub cells: Vec<String>,
}

impl RecordList {
    /// The columns that have values and were not read.
    pub fn unread_columns(&self) -> Vec<String> {
        let unread = self.columns.iter().filter(|column| column.path.is_none() && column.filled > 0);
        unread.map(|column| column.header.clone()).collect()
    }
}

/// Fields whose cells may span rows.
const SPANNING: [&str; 7] = ["district", "domain", "kind", "parent", "leadDepartment", "authority.name", "dayKind"];
/// Samples of a column.
const SAMPLES: usize = 3;

/// Reads the list in a file.
pub fn read<R: Read + Seek>(file: R, options: &Options) -> Result<RecordList, Problems> {
    let mut file = InputFile::open(file)?;
    let (sheet, header) = sheet_with_header(&mut file, options)?;
    let columns = header.texts.iter().zip(&header.paths).map(|(header, path)| ListColumn {
        header: header.clone(),
        path: path.clone(),
        filled: 0,
        samples: Vec::new(),
    });
    let mut list = RecordList {
        form: file.form(),
        sheet: file.sheets().get(sheet).and_then(|sheet| sheet.name.clone()),
        header_row: header.row,
        kind: header.kind,
        columns: columns.collect(),
        skipped: SkippedRows::default(),
        rows: Vec::new(),
    };
    let mut carried: Vec<Value> = vec![Value::Empty; header.paths.len()];
    for row in file.rows(sheet)? {
        let row = row?;
        if row.number <= header.row {
            list.skipped.titles += u32::from(row.number < header.row && !row.is_blank());
        } else if !is_skipped(&row, &header, &mut list.skipped) {
            if let Some(most) = options.max_rows.filter(|most| list.rows.len() >= *most as usize) {
                return Err(refusal::too_many_rows(most).into());
            }
            count(&mut list.columns, &row);
            list.rows.push(record(&row, &header, options, &mut carried));
        }
    }
    if list.rows.is_empty() {
        return Err(no_rows(header.row).into());
    }
    Ok(list)
}

fn sheet_with_header<R: Read + Seek>(
    file: &mut InputFile<R>,
    options: &Options,
) -> Result<(usize, RecordHeader), Problems> {
    for sheet in file.candidates(options.sheet.as_deref())? {
        let mut rows = Vec::new();
        for row in file.rows(sheet)?.take(options.header_row.map_or(SEARCHED_ROWS, |row| row as usize)) {
            rows.push(row?);
        }
        let header = RecordHeader::find(&rows, options);
        if options.kind.is_none() && is_schedule(&rows, header.as_ref(), options) {
            return Err(refusal::schedule_where_records_are_needed().into());
        }
        if let Some(header) = header {
            return Ok((sheet, header?));
        }
    }
    Err(not_found().into())
}

/// Whether the sheet is a list for the schedule of an agreement: it names matters, and how they are handled or where.
/// Lists of windows have modes too; lines with a type say themselves what they are.
fn is_schedule(rows: &[Row], header: Option<&Result<RecordHeader, Problems>>, options: &Options) -> bool {
    let says_its_kind = |header: &RecordHeader| {
        header.kind == Some(ListKind::Window) || header.paths.iter().flatten().any(|path| path == "type")
    };
    if header.is_some_and(|header| header.as_ref().is_ok_and(says_its_kind)) {
        return false;
    }
    let Some(found) = find::find(rows, options.header_row) else { return false };
    let fields =
        found.columns.iter().filter_map(|column| Some(field_of(lower_part(column)).or_else(|| field_of(column))?.0));
    let fields: Vec<Field> = fields.collect();
    let names_matters = fields.iter().any(|field| matches!(field, Field::Name | Field::Matter));
    names_matters && fields.iter().any(|field| matches!(field, Field::Mode | Field::ModeMark(_) | Field::Receiving))
}

/// Whether a row has no record; counts it.
fn is_skipped(row: &Row, header: &RecordHeader, skipped: &mut SkippedRows) -> bool {
    let filled: Vec<(usize, String)> = row.filled().map(|(i, cell)| (i, folded(&cell.value.text()))).collect();
    let is_header = |(column, text): &&(usize, String)| {
        header.texts.get(*column).is_some_and(|name| !name.is_empty() && folded(name) == *text)
    };
    let is_read = |(column, _): &&(usize, String)| header.paths.get(*column).is_some_and(Option::is_some);
    let read_first = || filled.iter().find(is_read).map(|(_, text)| text.as_str());
    let is_name = |column: usize| header.paths.get(column).is_some_and(|path| path.as_deref() == Some("name"));
    match filled.as_slice() {
        [] => skipped.blank += 1,
        all if all.iter().filter(is_header).count() >= 2 => skipped.repeated_headers += 1,
        all if all.iter().any(|(column, text)| is_name(*column) && text.starts_with(&folded(EXAMPLE))) => {
            skipped.examples += 1;
        }
        // The first column may be one that is not read, such as a number.
        [(_, first), ..] if is_remark(first, filled.len()) || read_first().is_some_and(is_total) => {
            skipped.notes += 1;
        }
        _ => return false,
    }
    true
}

fn count(columns: &mut [ListColumn], row: &Row) {
    for (column, cell) in columns.iter_mut().zip(&row.cells).filter(|(_, cell)| !cell.value.is_empty()) {
        column.filled += 1;
        let text = cell.value.text();
        let sample = domain::text::quoted(text.trim());
        if column.samples.len() < SAMPLES && !column.samples.iter().any(|known| *known == sample) {
            column.samples.push(sample.into_owned());
        }
    }
}

/// The line of a row.
fn record(row: &Row, header: &RecordHeader, options: &Options, carried: &mut [Value]) -> RecordRow {
    let mut problems = Vec::new();
    let mut fields = Map::new();
    let kind = type_of(row, header);
    if let Some(kind) = &kind {
        fields.insert("type".to_owned(), Json::String(kind.clone()));
    }
    let kind = kind.unwrap_or_default();
    let of_kind = kind.parse::<ListKind>().ok();
    let mut unit: Option<(String, &'static str)> = None;
    let mut put = |path: &str, value: &Value| match put_cell(&mut fields, of_kind, &kind, path, value) {
        Ok(counted_in) => unit = unit.take().or(counted_in.map(|unit| (path.to_owned(), unit))),
        Err(problem) => problems.push(Problem { path: steps_of(path), ..problem }),
    };
    for (at, path) in header.paths.iter().enumerate() {
        let Some(path) = path.as_deref().filter(|path| *path != "type") else { continue };
        let own = row.value(at);
        let is_carried = options.fill_down && SPANNING.contains(&path);
        if is_carried && !own.is_empty() {
            carried[at] = own.clone();
        }
        let value = if own.is_empty() && is_carried { &carried[at] } else { own };
        if value.is_empty() {
            continue;
        }
        put(path, value);
    }
    for (path, text) in &options.defaults {
        let at = header.paths.iter().position(|known| known.as_ref() == Some(path));
        if at.is_none_or(|at| row.value(at).is_empty() && carried[at].is_empty()) {
            put(path, &Value::of_text(text));
        }
    }
    if kind == "offering" {
        match unit {
            Some((path, unit)) => problems.extend(object::count_in(&mut fields, &steps_of(&path), unit)),
            // 承诺办结时限（工作日）
            None => {
                if let Some(unit) = unit_of_header(header).filter(|_| !fields.contains_key("dayKind")) {
                    fields.insert("dayKind".to_owned(), unit.into());
                }
            }
        }
    }
    let cells = row.cells.iter().map(|cell| cell.value.text().into_owned()).collect();
    RecordRow {
        row: row.number,
        line: if problems.is_empty() { Ok(Json::Object(fields)) } else { Err(problems) },
        cells,
    }
}

fn type_of(row: &Row, header: &RecordHeader) -> Option<String> {
    if let Some(kind) = header.kind {
        return Some(kind.name().to_owned());
    }
    let at = header.paths.iter().position(|path| path.as_deref() == Some("type"))?;
    let text = row.value(at).text().trim().to_ascii_lowercase();
    (!text.is_empty()).then_some(text)
}

fn steps_of(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// The unit that a column of days has in its header.
fn unit_of_header(header: &RecordHeader) -> Option<&'static str> {
    let mut days = header
        .texts
        .iter()
        .zip(&header.paths)
        .filter(|(_, path)| path.as_deref().is_some_and(|path| ["promisedDays", "statutoryDays"].contains(&path)));
    days.find_map(|(text, _)| match text {
        text if text.contains("工作日") => Some("WORKING_DAY"),
        text => text.contains("自然日").then_some("CALENDAR_DAY"),
    })
}

/// Reads a cell into the line. Returns the unit that stands beside a number of days.
fn put_cell(
    fields: &mut Map<String, Json>,
    of_kind: Option<ListKind>,
    kind: &str,
    path: &str,
    value: &Value,
) -> Result<Option<&'static str>, Problem> {
    let text = plain(value)?;
    let column = of_kind.and_then(|kind| RecordColumn::find(kind, path));
    let text = match column.map(|column| (column.words, column.path)) {
        // A drop-down offers the code with the name.
        Some((Words::Any, "matter")) => text.split_whitespace().next().unwrap_or_default().to_owned(),
        Some((words, _)) if words != Words::Any => in_wire_names(words, &text),
        Some(_) | None => text,
    };
    let steps = steps_of(path);
    let (value, unit) = match cell::read(kind, &steps, &text)? {
        cell::Cell::Blank => return Ok(None),
        cell::Cell::Value(value) => (value, None),
        cell::Cell::Days(days, unit) => (days.into(), Some(unit)),
    };
    object::put(fields, &steps, value, &steps).map_or(Ok(unit), Err)
}

/// The words of a cell by their names on the wire. Others stay, and are refused with the record.
fn in_wire_names(words: Words, text: &str) -> String {
    if let Some(wire) = words.wire(text) {
        return wire.to_owned();
    }
    let entries = text.split([';', '；', '、', '，', ',', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(|entry| words.wire(entry).unwrap_or(entry)).collect::<Vec<_>>().join(";")
}

fn no_rows(header: u32) -> Problem {
    let message = Message::new(
        format!("第 {header} 行的表头下面没有记录"),
        format!("there are no records below the header in row {header}"),
    );
    Problem::invalid(Vec::new(), "NO_RECORDS", message)
        .remedy("请确认工作表和表头所在的行", "make sure of the sheet and of the row of the header")
}
