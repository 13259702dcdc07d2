//! The rows of a text table.

use std::io::{self, Read, Seek};

use csv::{Reader, ReaderBuilder, StringRecord, Terminator};
use domain::{Message, Problem};

use super::cell::{Cell, MAX_COLUMNS, MAX_ROWS, Row, Value};
use crate::form::Delimiter;
use crate::refusal;
use crate::text::bounded::Bounded;
use crate::text::decode::Utf8Reader;
use crate::text::encoding::Detected;

/// The most bytes of one record.
const MAX_RECORD_BYTES: usize = 1 << 20;

/// Streams the records of a text table. Blank lines count as rows.
#[derive(Debug)]
pub(crate) struct TextRows<R> {
    reader: Reader<Bounded<Utf8Reader<R>>>,
    record: StringRecord,
    number: u32,
}

impl<R: Read + Seek> TextRows<R> {
    pub(crate) fn new(file: R, detected: Detected, delimiter: Delimiter) -> io::Result<Self> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.byte())
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Bounded::new(Utf8Reader::new(file, detected)?, MAX_RECORD_BYTES));
        Ok(Self { reader, record: StringRecord::new(), number: 0 })
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Problem> {
        let from = self.reader.position().line();
        self.reader.get_mut().left = MAX_RECORD_BYTES;
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => return Err(self.refused(error)),
        }
        // The reader passes over blank lines, and a record may have line breaks within.
        let within: u64 = self.record.iter().map(|cell| cell.matches('\n').count() as u64).sum();
        let blank = self.reader.position().line().saturating_sub(within + 1).saturating_sub(from);
        let number = u64::from(self.number) + blank + 1;
        self.number = u32::try_from(number).ok().filter(|number| *number <= MAX_ROWS).ok_or_else(too_many_rows)?;
        let cells: Vec<Cell> = self.record.iter().map(|cell| Cell::own(Value::of_text(cell))).collect();
        let beyond = cells.iter().skip(MAX_COLUMNS as usize).position(|cell| !cell.value.is_empty());
        if let Some(beyond) = beyond {
            return Err(refusal::cell_out_of_bounds(self.number, MAX_COLUMNS + u32::try_from(beyond).unwrap_or(0)));
        }
        Ok(Some(Row { number: self.number, cells }))
    }

    fn refused(&self, error: csv::Error) -> Problem {
        let row = self.number + 1;
        match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                let message = Message::new(
                    format!("第 {row} 行过长，找不到结尾：可能有一个引号没有配对"),
                    format!("row {row} finds no end: a quotation mark may not be closed"),
                );
                Problem::invalid(Vec::new(), "ROW_TOO_LONG", message).remedy(
                    "请检查该行的双引号，内容中的双引号应写成两个",
                    "look for the quotation mark; one within a cell is written twice",
                )
            }
            csv::ErrorKind::Io(error) => refusal::unreadable(&error),
            _ => refusal::encoding_unknown(u64::from(row)),
        }
    }
}

fn too_many_rows() -> Problem {
    refusal::too_large(format!("超过 {MAX_ROWS} 行"), format!("more than {MAX_ROWS} rows"))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::text::encoding::detect;

    fn rows(text: &str) -> TextRows<Cursor<Vec<u8>>> {
        let mut file = Cursor::new(text.as_bytes().to_vec());
        let detected = detect(&mut file).expect("memory").expect("text");
        TextRows::new(file, detected, Delimiter::Comma).expect("memory")
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_program_numbers_them() {
        let mut rows = rows("甲,乙\r\n\r\n\r\n\"丙\r\n丁\",1\r\n,,\r\n戊");
        let mut found = Vec::new();
        while let Some(row) = rows.next_row().expect("text") {
            found.push((row.number, row.value(0).text().into_owned()));
        }
        let expected = [(1, "甲"), (4, "丙\n丁"), (5, ""), (6, "戊")];
        assert_eq!(found, expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn an_unclosed_quotation_mark_is_named() {
        let mut rows = rows(&format!("甲\n\"{}", "乙,".repeat(600_000)));
        rows.next_row().expect("text");
        assert_eq!(rows.next_row().expect_err("too long").rule, "ROW_TOO_LONG");
    }
}
