//! Tables (CSV): a row is a record, a column a field. A list stands in its cell with `;` between, a nested
//! field has a column of its own (`provenance.source`), and what begins with `{` or `[` is JSON.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use csv::{ByteRecord, Position, ReaderBuilder, Terminator};
use domain::{Message, Problem};
use serde_json::{Map, Value};

use super::fault;
use super::lines::LONGEST;

/// A file that is not read further when a row finds no end.
#[derive(Debug)]
struct Bounded {
    file: BufReader<File>,
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
    /// The steps of each column's name.
    columns: Vec<Vec<String>>,
    record: ByteRecord,
    /// Where the last line ends, when no break ends it.
    open_end: Option<u64>,
}

/// What a row turned out to be.
#[derive(Debug)]
pub(crate) enum Row {
    Record {
        /// Where reading began: blank lines may stand before the row.
        at: Position,
        line: u64,
        value: Value,
    },
    Fault {
        line: u64,
        problems: Vec<Problem>,
    },
    /// Nothing after it can be read.
    End {
        line: u64,
        problem: Problem,
    },
}

impl Rows {
    /// Opens a table; a header that cannot be used is a fault of its first line.
    pub(crate) fn open(mut file: File) -> io::Result<Result<Self, Problem>> {
        let open_end = open_end(&mut file)?;
        let bounded = Bounded { file: BufReader::new(file), left: LONGEST };
        // CR before LF is blank, as everything at the end of a cell is.
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).terminator(Terminator::Any(b'\n')).from_reader(bounded);
        let mut rows = Self { reader, columns: Vec::new(), record: ByteRecord::new(), open_end };
        match rows.reader.read_byte_record(&mut rows.record) {
            Ok(true) => Ok(columns(&rows.record).map(|columns| Self { columns, ..rows })),
            Ok(false) => Ok(Err(header("the file is empty", "文件为空"))),
            Err(error) if is_too_long(&error) => Ok(Err(fault::too_long())),
            Err(error) => Err(error.into()),
        }
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
            self.reader.get_mut().left = LONGEST;
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return Ok(None),
                Ok(true) if self.record.len() == 1 && self.record[0].trim_ascii().is_empty() => {}
                Ok(true) => return Ok(Some(self.row(at))),
                Err(error) if is_too_long(&error) => return Ok(Some(Row::End { line: at.line(), problem: fault::too_long() })),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The line on which the row begins that was read: the reader says where it ends.
    fn line(&self, from: u64) -> u64 {
        let end = self.reader.position();
        let breaks_within = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let break_after = u64::from(self.open_end != Some(end.byte()));
        // A quotation that never ends has its last break within.
        end.line().saturating_sub(breaks_within + break_after).max(from)
    }

    fn row(&self, at: Position) -> Row {
        let line = self.line(at.line());
        if self.record.len() != self.columns.len() {
            let (cells, columns) = (self.record.len(), self.columns.len());
            let message =
                Message::new(format!("此行有 {cells} 格，表头有 {columns} 列"), format!("the row has {cells} cells, the header {columns} columns"));
            let problem = Problem::invalid(Vec::new(), "CELLS", message)
                .remedy("含逗号、引号或换行的内容应加双引号", "put what has commas, quotation marks or line breaks between quotation marks");
            return Row::Fault { line, problems: vec![problem] };
        }
        let mut problems = Vec::new();
        let mut fields = Map::new();
        let cells = self.record.iter().map(|cell| std::str::from_utf8(cell).map_err(|error| fault::not_utf8(error.valid_up_to() + 1)));
        let kind = self
            .columns
            .iter()
            .zip(self.record.iter())
            .find(|(column, _)| column.as_slice() == ["type"])
            .map_or(&b""[..], |(_, cell)| cell.trim_ascii());
        for (column, cell) in self.columns.iter().zip(cells) {
            let value = cell.and_then(|cell| value(kind, column, cell.trim()));
            match value {
                Ok(None) => {}
                Ok(Some(value)) => problems.extend(put(&mut fields, column, value, column)),
                Err(problem) => problems.push(Problem { path: column.clone(), ..problem }),
            }
        }
        if problems.is_empty() { Row::Record { at, line, value: Value::Object(fields) } } else { Row::Fault { line, problems } }
    }
}

/// Where a file ends, when no break ends its last line.
fn open_end(file: &mut File) -> io::Result<Option<u64>> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut last = [b'\n'];
    if length > 0 {
        file.seek(SeekFrom::Start(length - 1))?;
        file.read_exact(&mut last)?;
    }
    file.rewind()?;
    Ok((last != *b"\n").then_some(length))
}

fn is_too_long(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge)
}

fn header(en: &str, zh: &str) -> Problem {
    Problem::invalid(Vec::new(), "HEADER", Message::new(zh, en))
        .remedy("首行应为列名，含 type 列，列名不重复", "the first line names the columns, type among them, each once")
}

fn columns(record: &ByteRecord) -> Result<Vec<Vec<String>>, Problem> {
    let mut columns: Vec<Vec<String>> = Vec::new();
    for (i, cell) in record.iter().enumerate() {
        let name = std::str::from_utf8(cell).map_err(|error| fault::not_utf8(error.valid_up_to() + 1))?;
        let name = if i == 0 { name.trim_start_matches('\u{feff}') } else { name }.trim();
        let column: Vec<_> = name.split('.').map(str::to_owned).collect();
        if column.iter().any(String::is_empty) {
            return Err(header(&format!("column {} has no name", i + 1), &format!("第 {} 列没有列名", i + 1)));
        }
        if columns.contains(&column) {
            return Err(header(&format!("the column {name} stands twice"), &format!("{name} 列重复")));
        }
        columns.push(column);
    }
    if columns.iter().any(|column| *column == ["type"]) { Ok(columns) } else { Err(header("there is no column type", "没有 type 列")) }
}

/// Fields that are lists.
const LISTS: [&str; 27] = [
    "parents",
    "administers",
    "aliases",
    "codes",
    "successors",
    "audience",
    "competentBy",
    "materials",
    "modes",
    "domains",
    "matters",
    "parties",
    "accessions",
    "accessionSignatures",
    "objections",
    "corrections",
    "bodies",
    "schedule",
    "versions",
    "suspensions",
    "notices",
    "receiving",
    "competent",
    "issuedBy",
    "windowDepth",
    "certificatesAccepted",
    "steps",
];
/// Fields that are objects.
const OBJECTS: [&str; 11] =
    ["provenance", "authority", "terms", "fullOnline", "proxyCollection", "multiSiteJoint", "voided", "renewal", "draft", "proposal", "discarded"];

/// The value of a cell; `None`: it is blank. Text is text, whatever it begins with.
fn value(kind: &[u8], column: &[String], cell: &str) -> Result<Option<Value>, Problem> {
    let name = column.last().map(String::as_str).unwrap_or_default();
    let list = LISTS.contains(&name);
    if cell.is_empty() {
        return Ok(None);
    }
    if (list || OBJECTS.contains(&name)) && cell.starts_with(['{', '[']) {
        return serde_json::from_str(cell).map(Some).map_err(|error| fault::not_json(&error, Vec::new()));
    }
    if !list {
        return Ok(Some(Value::String(cell.to_owned())));
    }
    let items = cell.split(';').map(str::trim).filter(|item| !item.is_empty()).map(|item| Value::String(item.to_owned()));
    // Parties and territories are objects; their code is what a cell has room for.
    let territories = name == "parties" || (kind == b"policy" && matches!(name, "receiving" | "competent"));
    let items = items.map(|item| if territories { Value::Object(Map::from_iter([("district".to_owned(), item)])) } else { item });
    Ok(Some(items.collect()))
}

fn put(fields: &mut Map<String, Value>, steps: &[String], value: Value, column: &[String]) -> Option<Problem> {
    let [step, rest @ ..] = steps else { return None };
    if rest.is_empty() {
        return fields.insert(step.clone(), value).map(|_| clash(column));
    }
    match fields.entry(step.clone()).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => put(inner, rest, value, column),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Some(clash(column)),
    }
}

fn clash(column: &[String]) -> Problem {
    let message = Message::new("此字段由两列给出", "two columns give this field");
    Problem::invalid(column.to_vec(), "COLUMN_TWICE", message).remedy("整体一列或分列，二者取一", "give it in one column, or its parts in theirs")
}
