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
    /// Whether the last record has line breaks within.
    is_broken_up: bool,
}

impl<R: Read + Seek> TextRows<R> {
    pub(crate) fn new(file: R, detected: Detected, delimiter: Delimiter) -> io::Result<Self> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.byte())
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Bounded::new(Utf8Reader::new(file, detected)?, MAX_RECORD_BYTES));
        Ok(Self { reader, record: StringRecord::new(), number: 0, is_broken_up: false })
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Problem> {
        let from = self.reader.position().line();
        self.reader.get_mut().left = MAX_RECORD_BYTES;
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) if self.is_broken_up && self.reader.get_ref().quotation_marks % 2 == 1 => {
                return Err(no_end(self.number));
            }
            Ok(false) => return Ok(None),
            Err(error) => return Err(self.refused(error)),
        }
        // The reader passes over blank lines, and a record may have line breaks within.
        let within: u64 = self.record.iter().map(|cell| cell.matches('\n').count() as u64).sum();
        self.is_broken_up = within > 0;
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
        match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => no_end(self.number + 1),
            csv::ErrorKind::Io(error) => refusal::unreadable(&error),
            _ => refusal::encoding_unknown(u64::from(self.number) + 1),
        }
    }
}

fn no_end(row: u32) -> Problem {
    let message = Message::new(
        format!("第 {row} 行找不到结尾：有一个双引号没有配对，其后的内容都读成了这一行"),
        format!("row {row} finds no end: a quotation mark is not closed, and what follows was read into this row"),
    );
    Problem::invalid(Vec::new(), "ROW_WITHOUT_END", message).remedy(
        "请检查该行的双引号，内容中的双引号应写成两个",
        "look for the quotation mark; one within a cell is written twice",
    )
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
        let mut long = rows(&format!("甲\n\"{}", "乙,".repeat(600_000)));
        long.next_row().expect("text");
        assert_eq!(long.next_row().expect_err("no end").rule, "ROW_WITHOUT_END");
        let mut short = rows("甲,乙\n\"丙,1\n丁,2\n戊,3\n");
        let problem = std::iter::from_fn(|| short.next_row().transpose()).find_map(Result::err).expect("no end");
        assert!(problem.message.zh.starts_with("第 2 行"), "{}", problem.message.zh);
        let mut inch = rows("甲,5\"管\n\"丙\n丁\",2\n戊,3\n");
        assert_eq!(std::iter::from_fn(|| inch.next_row().expect("text")).count(), 3);
    }
}
