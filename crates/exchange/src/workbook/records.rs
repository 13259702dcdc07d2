//! Records of one kind as a workbook, with the columns of the template. It imports again to the same records.

use std::collections::BTreeSet;

use domain::Locale;
use rust_xlsxwriter::Workbook;
use serde_json::{Map, Value};

use super::Error;
use super::sheet::{SheetColumn, add_choices, set_page, text_format, write_header};
use super::template::{Lists, of_records};
use super::width::column_width;
use crate::record::column::columns;
use crate::record::kind::ListKind;
use crate::record::words::Words;
use crate::value::{entries, opening, protection};

/// The most characters of a cell.
const MAX_CELL: usize = 32_767;

/// A value that is too long for a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLong {
    /// The index of the record.
    pub record: usize,
    /// The header of the column.
    pub column: String,
}

/// Fields that a table does not have: the kind is that of the sheet, and provenance stays with a record.
const LEFT_OUT: [&str; 2] = ["type", "provenance"];

/// The workbook, or the first value that is too long for a cell.
pub fn records(kind: ListKind, lists: &Lists, lines: &[Map<String, Value>]) -> Result<Result<Vec<u8>, TooLong>, Error> {
    let mut headers = of_records(kind, lists);
    let mut paths: Vec<(String, Words)> =
        columns(kind).iter().map(|column| (column.path.to_owned(), column.words)).collect();
    let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let known: BTreeSet<String> = paths.iter().map(|(path, _)| first(path)).collect();
    let further: BTreeSet<&String> = lines
        .iter()
        .flat_map(Map::keys)
        .filter(|field| !known.contains(*field) && !LEFT_OUT.contains(&field.as_str()))
        .collect();
    for field in further {
        headers.push(SheetColumn { header: field.clone(), ..SheetColumn::default() });
        paths.push((field.clone(), Words::Any));
    }
    let rows: Vec<Vec<String>> =
        lines.iter().map(|line| paths.iter().map(|(path, words)| cell(path, *words, line)).collect()).collect();
    let long = |(at, row): (usize, &Vec<String>)| {
        let column = row.iter().position(|cell| cell.chars().count() > MAX_CELL)?;
        Some(TooLong { record: at, column: headers[column].header.clone() })
    };
    if let Some(long) = rows.iter().enumerate().find_map(long) {
        return Ok(Err(long));
    }
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name(kind.label(Locale::Zh))?;
    write_header(sheet, 0, &headers)?;
    let format = text_format();
    for (number, row) in (1..).zip(&rows) {
        for (at, cell) in (0..).zip(row) {
            sheet.write_string_with_format(number, at, cell, &format)?;
        }
    }
    for (at, column) in headers.iter().enumerate() {
        let texts = rows.iter().map(|row| row[at].as_str()).chain([column.header.as_str()]);
        sheet.set_column_width(u16::try_from(at).unwrap_or(u16::MAX), column_width(texts))?;
    }
    set_page(sheet);
    add_choices(&mut workbook, 0, 1, &headers)?;
    workbook.save_to_buffer().map(Ok)
}

fn cell(path: &str, words: Words, line: &Map<String, Value>) -> String {
    let mut steps = path.split('.');
    let first = line.get(steps.next().unwrap_or_default());
    let value = steps.fold(first, |value, step| value.and_then(|value| value.get(step)));
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Array(list)) if entries::is_written(path) => entries::written(path, list, Locale::Zh),
        Some(Value::Array(list)) if path == "opening" => opening::written_line(list),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
            let words_of = list.iter().filter_map(Value::as_str).map(|word| worded(words, word));
            words_of.collect::<Vec<_>>().join("；")
        }
        Some(Value::String(text)) => protection::exact(&worded(words, text)).into_owned(),
        Some(other) => other.to_string(),
    }
}

fn worded(words: Words, text: &str) -> String {
    let known = words.all().into_iter().find(|(wire, _)| *wire == text);
    known.map_or_else(|| text.to_owned(), |(_, [zh, _])| zh.to_owned())
}
