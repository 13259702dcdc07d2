//! CSV: a row is a record, a column a field. Entries of a list are separated by `;`, a nested field has its own column
//! (`provenance.source`), and a cell that begins with `{` or `[` is JSON. The forms of cells are read in
//! [`exchange::record::cell`].
//!
//! Blank rows and columns, and rows with remarks, are skipped and counted.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use csv::{ByteRecord, Position, ReaderBuilder, Terminator};
use domain::{Message, Problem};
use exchange::record::cell::{self, Cell};
use exchange::record::object::{count_in, put};
use serde_json::{Map, Value};

use super::breaks::LineFeeds;
use super::columns::{Column, header};
use super::fault;
use super::kind::Kind;
use super::lines::MAX_LINE_BYTES;

/// Limits how much is read for one row: an unclosed quotation mark would take the rest of the file.
#[derive(Debug)]
struct Bounded {
    file: LineFeeds,
    left: usize,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the row finds no end"));
        }
        let most = into.len().min(self.left);
        let read = self.file.read(&mut into[..most])?;
        self.left -= read;
        Ok(read)
    }
}

impl Seek for Bounded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[derive(Debug)]
pub(crate) struct Rows {
    reader: csv::Reader<Bounded>,
    columns: Vec<Column>,
    record: ByteRecord,
    /// The end of the file, if its last line has no line break.
    open_end: Option<u64>,
    pub(crate) skipped: Skipped,
}

/// The rows and columns of tables that were skipped because they hold no record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    pub blank_rows: u64,
    /// Rows with remarks: `# …`, `注：…`, `合计`.
    pub remark_rows: u64,
    /// Columns without a name.
    pub unnamed_columns: u64,
}

impl Skipped {
    pub(super) fn add(&mut self, other: Self) {
        let Self { blank_rows, remark_rows, unnamed_columns } = other;
        self.blank_rows += blank_rows;
        self.remark_rows += remark_rows;
        self.unnamed_columns += unnamed_columns;
    }
}

/// The result of reading a row.
#[derive(Debug)]
pub(crate) enum Row {
    Record {
        /// Where reading began; blank lines may come before the row.
        at: Position,
        line: u64,
        value: Value,
    },
    Fault {
        line: u64,
        problems: Vec<Problem>,
    },
    /// Nothing after this line can be read.
    End {
        line: u64,
        problem: Problem,
    },
}

/// A table with an accepted header and its problems, or the problems of an unusable header.
pub(crate) type Opened = Result<(Rows, Vec<Problem>), Vec<Problem>>;

impl Rows {
    pub(crate) fn open(mut file: File, delimiter: u8) -> io::Result<Opened> {
        let open_end = open_end(&mut file)?;
        let bounded = Bounded { file: LineFeeds::new(file), left: MAX_LINE_BYTES };
        // A CR before LF is trimmed with the cell.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(bounded);
        let mut rows =
            Self { reader, columns: Vec::new(), record: ByteRecord::new(), open_end, skipped: Skipped::default() };
        loop {
            match rows.reader.read_byte_record(&mut rows.record) {
                Ok(true) if rows.is_blank() => rows.count_blank(),
                Ok(true) => break,
                Ok(false) => return Ok(Err(vec![header("the file is empty", "文件为空")])),
                Err(error) if is_too_long(&error) => return Ok(Err(vec![fault::too_long()])),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Column::all(&rows.record).map(|(columns, problems)| {
            rows.skipped.unnamed_columns =
                columns.iter().filter(|column| matches!(column, Column::Unnamed)).count() as u64;
            (Self { columns, ..rows }, problems)
        }))
    }

    pub(crate) fn go(&mut self, byte: u64, line: u64) -> io::Result<()> {
        let mut at = Position::new();
        at.set_byte(byte).set_line(line);
        Ok(self.reader.seek(at)?)
    }

    pub(crate) fn byte(&self) -> u64 {
        self.reader.position().byte()
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            let at = self.reader.position().clone();
            self.reader.get_mut().left = MAX_LINE_BYTES;
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return Ok(None),
                Ok(true) if self.is_blank() => self.count_blank(),
                Ok(true) if self.is_remark() => self.skipped.remark_rows += 1,
                Ok(true) => return Ok(Some(self.row(at))),
                Err(error) if is_too_long(&error) => {
                    return Ok(Some(Row::End { line: at.line(), problem: fault::too_long() }));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_blank(&self) -> bool {
        self.record.iter().all(is_blank)
    }

    /// A blank line is not counted as a row.
    fn count_blank(&mut self) {
        self.skipped.blank_rows += u64::from(self.record.len() > 1);
    }

    /// Is the row a remark and no record: `# …`, `注：…`, `填表人：…`, `合计`?
    fn is_remark(&self) -> bool {
        const BEGINNINGS: [&str; 12] =
            ["#", "＃", "注：", "注:", "备注", "说明", "填表", "制表", "审核", "合计", "总计", "小计"];
        let first = self.record.iter().find(|cell| !is_blank(cell)).map(String::from_utf8_lossy).unwrap_or_default();
        let first = first.trim();
        Kind::of(self.kind()).is_none() && BEGINNINGS.iter().any(|beginning| first.starts_with(beginning))
    }

    /// The cell in the column `type`.
    fn kind(&self) -> &str {
        let mut cells = self.columns.iter().zip(self.record.iter());
        let cell = cells.find(|(column, _)| column.is_type()).map_or(&b""[..], |(_, cell)| cell);
        std::str::from_utf8(cell).unwrap_or_default().trim()
    }

    /// The line where the current row begins; the CSV reader knows where it ends.
    fn line(&self, from: u64) -> u64 {
        let end = self.reader.position();
        let breaks_within = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let break_after = u64::from(self.open_end != Some(end.byte()));
        // The last line break belongs to the cell if a quotation is not closed.
        end.line().saturating_sub(breaks_within + break_after).max(from)
    }

    fn row(&self, at: Position) -> Row {
        let line = self.line(at.line());
        if let Some(problem) = self.wrong_length() {
            return Row::Fault { line, problems: vec![problem] };
        }
        let mut problems = Vec::new();
        let mut fields = Map::new();
        let mut counted_in = None;
        let kind = self.kind().to_ascii_lowercase();
        for (i, (column, cell)) in self.columns.iter().zip(self.record.iter()).enumerate() {
            let Column::Field(steps) = column else {
                problems.extend(column.told_of(cell, i));
                continue;
            };
            let read = match std::str::from_utf8(cell) {
                // The type may be written in capital letters.
                Ok(cell) if column.is_type() => cell::read(&kind, steps, &cell.to_ascii_lowercase()),
                Ok(cell) => cell::read(&kind, steps, cell),
                Err(error) => Err(fault::not_utf8(error.valid_up_to() + 1)),
            };
            match read {
                Ok(Cell::Blank) => {}
                Ok(Cell::Value(value)) => problems.extend(put(&mut fields, steps, value, steps)),
                Ok(Cell::Days(days, unit)) => {
                    problems.extend(put(&mut fields, steps, days.into(), steps));
                    counted_in = counted_in.or(Some((steps, unit)));
                }
                Err(problem) => problems.push(Problem { path: steps.clone(), ..problem }),
            }
        }
        if let Some((steps, unit)) = counted_in.filter(|_| kind == "offering") {
            problems.extend(count_in(&mut fields, steps, unit));
        }
        if problems.is_empty() {
            Row::Record { at, line, value: Value::Object(fields) }
        } else {
            Row::Fault { line, problems }
        }
    }

    /// A row may be shorter than the header: spreadsheets omit blank cells at its end. It may not be longer, and the
    /// last row may not be cut off.
    fn wrong_length(&self) -> Option<Problem> {
        let (cells, columns) = (self.record.len(), self.columns.len());
        let breaks_off = cells < columns && self.open_end == Some(self.reader.position().byte());
        let is_longer = self.record.iter().skip(columns).any(|cell| !is_blank(cell));
        (breaks_off || is_longer).then(|| {
            let message = Message::new(
                format!("此行有 {cells} 格，表头有 {columns} 列"),
                format!("the row has {cells} cells, the header {columns} columns"),
            );
            let problem = Problem::invalid(Vec::new(), "CELLS", message);
            if breaks_off {
                problem.remedy(
                    "文件可能在此中断：请重新取得；若已完整，请在末行后换行",
                    "the file may be truncated: fetch it again, or add a line break after the last line",
                )
            } else {
                problem.remedy(
                    "含逗号、引号或换行的内容应加双引号",
                    "enclose cells with commas, quotation marks or line breaks in quotation marks",
                )
            }
        })
    }
}

fn is_blank(cell: &[u8]) -> bool {
    std::str::from_utf8(cell).is_ok_and(|cell| cell.trim().is_empty())
}

/// The length of a file whose last line has no line break.
fn open_end(file: &mut File) -> io::Result<Option<u64>> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut last = [b'\n'];
    if length > 0 {
        file.seek(SeekFrom::Start(length - 1))?;
        file.read_exact(&mut last)?;
    }
    file.rewind()?;
    Ok((!matches!(last, [b'\n' | b'\r'])).then_some(length))
}

fn is_too_long(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge)
}
