//! The first pass of an import: records which lines of which kind are where, so that the next passes can read one kind
//! after the other, whatever the order of the lines.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use domain::Problem;
use domain::record::Submitted;
use exchange::memory_index::MatterNames;
use exchange::record::json;
use exchange::record::list::RecordList;
use exchange::record::options::Options;
use serde_json::Value;
use tokio::sync::mpsc;

use super::cells::{Row, Rows, Skipped};
use super::fault::{self, Faults, Location};
use super::format::{Format, recognise};
use super::kind::Kind;
use super::lines::{Found, Lines};
use super::list::{List, Opened};
use super::progress::{OnProgress, Progress, Step};
use crate::error::{Error, Result};

#[derive(Debug)]
struct Source {
    path: PathBuf,
    format: Format,
    list: Option<List>,
}

/// Adjacent lines of one kind.
#[derive(Debug, Clone, Copy)]
struct Span {
    kind: Kind,
    file: usize,
    byte: u64,
    line: u64,
    count: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Plan {
    sources: Vec<Source>,
    spans: Vec<Span>,
    /// Lines with a record or a clause.
    pub(crate) read: u64,
    pub(crate) skipped: Skipped,
}

impl Plan {
    /// Reads the files once. A line that is no record is a fault.
    /// `matters`: those of the registry, for lists that name them.
    pub(crate) async fn read(
        files: &[PathBuf],
        options: &Options,
        matters: MatterNames,
        progress: OnProgress<'_>,
    ) -> Result<(Self, Faults)> {
        let (files, options) = (files.to_vec(), options.clone());
        let mut of = 0;
        for path in &files {
            let failed = |source| Error::File { path: path.clone(), source };
            let metadata = std::fs::metadata(path).map_err(failed)?;
            if !metadata.is_file() {
                return Err(failed(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "not a file; import reads files twice",
                )));
            }
            of += metadata.len();
        }
        let (sender, mut reported) = mpsc::unbounded_channel();
        let reader = tokio::task::spawn_blocking(move || {
            let mut scan = Scan {
                plan: Self::default(),
                faults: Faults::default(),
                options,
                matters,
                sender,
                done: 0,
                reported: 0,
            };
            for path in files {
                scan.file(&path).map_err(|source| Error::File { path, source })?;
            }
            Ok((scan.plan, scan.faults))
        });
        while let Some(done) = reported.recv().await {
            progress(Progress { step: Step::Reading, done, of });
        }
        reader.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// The paths of the files, by their number.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        self.sources.iter().map(|source| source.path.as_path()).collect()
    }

    /// The lists among the files, each with its number.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (usize, &RecordList)> {
        self.sources.iter().enumerate().filter_map(|(file, source)| Some((file, source.list.as_ref()?.of())))
    }

    pub(crate) fn path(&self, file: usize) -> &Path {
        &self.sources[file].path
    }

    pub(crate) fn count(&self, kind: Kind) -> u64 {
        self.spans.iter().filter(|span| span.kind == kind).map(|span| span.count).sum()
    }

    /// Reads the lines of one kind again, until `take` returns `false`.
    pub(crate) fn each(&self, kind: Kind, mut take: impl FnMut(Location, usize, Value) -> bool) -> Result<()> {
        let mut open: Option<(usize, FileReader)> = None;
        for span in self.spans.iter().filter(|span| span.kind == kind) {
            let source = &self.sources[span.file];
            let failed = |error| Error::File { path: source.path.clone(), source: error };
            if open.as_ref().is_none_or(|(file, _)| *file != span.file) {
                open = Some((span.file, FileReader::open(source).map_err(failed)?));
            }
            let Some((_, reader)) = &mut open else { continue };
            reader.go(span).map_err(failed)?;
            for _ in 0..span.count {
                let Some((line, size, value)) = reader.next().map_err(failed)? else {
                    return Err(Error::FileChanged(source.path.clone()));
                };
                if !take(Location::new(span.file, line), size, value) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Reads a file again.
enum FileReader {
    Lines {
        lines: Lines,
        buffer: Vec<u8>,
    },
    Table(Box<Rows>),
    /// With the position of the next row.
    List(List, usize),
}

impl FileReader {
    fn open(source: &Source) -> io::Result<Self> {
        if let Some(list) = &source.list {
            return Ok(Self::List(list.clone(), 0));
        }
        let file = File::open(&source.path)?;
        match source.format {
            Format::Lines => Ok(Self::Lines { lines: Lines::new(file), buffer: Vec::new() }),
            Format::Table { delimiter } => {
                let (rows, _) = Rows::open(file, delimiter)?.map_err(|_| io::Error::other("the file changed"))?;
                Ok(Self::Table(Box::new(rows)))
            }
            Format::List => Err(io::Error::other("the list was not read")),
        }
    }

    fn go(&mut self, span: &Span) -> io::Result<()> {
        match self {
            Self::Lines { lines, .. } => lines.go(span.byte, span.line),
            Self::Table(rows) => rows.go(span.byte, span.line),
            Self::List(_, at) => {
                *at = usize::try_from(span.byte).unwrap_or(usize::MAX);
                Ok(())
            }
        }
    }

    /// The next record; `None`: the file changed.
    fn next(&mut self) -> io::Result<Option<(u64, usize, Value)>> {
        match self {
            Self::Lines { lines, buffer } => loop {
                let line = lines.line;
                match lines.next(buffer)? {
                    Some(Found::Line { .. }) if is_blank(buffer) => {}
                    Some(Found::Line { .. }) => {
                        return Ok(serde_json::from_slice(buffer).ok().map(|value| (line, buffer.len(), value)));
                    }
                    Some(Found::TooLong) | None => return Ok(None),
                }
            },
            Self::Table(rows) => match rows.next()? {
                Some(Row::Record { at, line, value }) => {
                    Ok(Some((line, usize::try_from(rows.byte() - at.byte()).unwrap_or_default(), value)))
                }
                Some(Row::Fault { .. } | Row::End { .. }) | None => Ok(None),
            },
            Self::List(list, at) => {
                let row = list.line(*at);
                *at += 1;
                Ok(row.map(|(line, value)| (line, SIZE_OF_ROW, value)))
            }
        }
    }
}

/// What a row of a list counts in a batch, in bytes.
const SIZE_OF_ROW: usize = 1 << 10;

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

struct Scan {
    plan: Plan,
    faults: Faults,
    options: Options,
    matters: MatterNames,
    sender: mpsc::UnboundedSender<u64>,
    /// Bytes of the finished files.
    done: u64,
    reported: u64,
}

impl Scan {
    fn file(&mut self, path: &Path) -> io::Result<()> {
        let mut recognised = recognise(path, self.options != Options::default())?;
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut list = None;
        if let Ok(Format::Table { delimiter }) = recognised
            && Rows::open(File::open(path)?, delimiter)?.is_err()
        {
            // Without a column `type` it may be a list as offices have it.
            list = Some(List::open(path, &self.options, &self.matters)?).filter(is_list);
        }
        if matches!(recognised, Ok(Format::List)) {
            list = Some(List::open(path, &self.options, &self.matters)?);
        }
        if list.is_some() {
            recognised = Ok(Format::List);
        }
        let format = *recognised.as_ref().unwrap_or(&Format::Lines);
        let read_list = list.as_ref().and_then(|list| list.as_ref().ok()).cloned();
        self.plan.sources.push(Source { path: path.to_owned(), format, list: read_list });
        let (read, faults) = (self.plan.read, self.faults.count());
        match recognised {
            Err((line, problem)) => self.faults.push(self.here(line), problem),
            Ok(Format::Lines) => self.lines(Lines::new(file))?,
            Ok(Format::Table { delimiter }) => self.table(file, delimiter)?,
            Ok(Format::List) => match list {
                Some(Ok(list)) => self.list(&list),
                Some(Err(problems)) => self.all_faults(WHOLE_FILE, problems),
                None => {}
            },
        }
        if self.plan.read == read && self.faults.count() == faults {
            self.faults.push(self.here(1), fault::no_records());
        }
        self.done += size;
        self.report(self.done);
        Ok(())
    }

    fn report(&mut self, done: u64) {
        self.reported = done;
        // The receiver was dropped: the progress is not needed.
        let _ = self.sender.send(done);
    }

    fn here(&self, line: u64) -> Location {
        Location::new(self.plan.sources.len() - 1, line)
    }

    fn lines(&mut self, mut lines: Lines) -> io::Result<()> {
        let mut buffer = Vec::new();
        let mut broken = true;
        loop {
            let (byte, line) = (lines.byte, lines.line);
            let Some(found) = lines.next(&mut buffer)? else { return Ok(()) };
            if self.done + lines.byte > self.reported + (1 << 20) {
                self.report(self.done + lines.byte);
            }
            let kind = match found {
                Found::TooLong => Err(vec![fault::too_long()]),
                Found::Line { .. } if is_blank(&buffer) => continue,
                Found::Line { ended } => kind_of(&buffer, ended).map(|(kind, duplicate)| {
                    // The line is read anyway.
                    duplicate.into_iter().for_each(|problem| self.faults.push(self.here(line), problem));
                    kind
                }),
            };
            broken = self.line(kind, (byte, line), line, broken);
        }
    }

    fn table(&mut self, file: File, delimiter: u8) -> io::Result<()> {
        let mut rows = match Rows::open(file, delimiter)? {
            Ok((rows, problems)) => {
                self.all_faults(1, problems);
                rows
            }
            Err(problems) => {
                self.all_faults(1, problems);
                return Ok(());
            }
        };
        let mut broken = true;
        while let Some(row) = rows.next()? {
            if self.done + rows.byte() > self.reported + (1 << 20) {
                self.report(self.done + rows.byte());
            }
            broken = match row {
                Row::Record { at, line, value } => self.line(kind_in(&value), (at.byte(), at.line()), line, broken),
                Row::Fault { line, problems } => self.line(Err(problems), (0, 0), line, broken),
                Row::End { line, problem } => {
                    self.faults.push(self.here(line), problem);
                    break;
                }
            };
        }
        self.plan.skipped.add(rows.skipped);
        Ok(())
    }

    fn list(&mut self, list: &List) {
        let mut broken = true;
        for (at, row) in (0..).zip(list.rows()) {
            let line = u64::from(row.row);
            let kind = row.line.as_ref().map_err(Clone::clone).and_then(kind_in);
            broken = self.line(kind, (at, line), line, broken);
        }
        let skipped = list.of().skipped;
        self.plan.skipped.add(Skipped {
            blank_rows: skipped.blank.into(),
            remark_rows: u64::from(skipped.notes) + u64::from(skipped.titles) + u64::from(skipped.totals),
            unnamed_columns: 0,
        });
    }

    fn all_faults(&mut self, line: u64, problems: Vec<Problem>) {
        let here = self.here(line);
        problems.into_iter().for_each(|problem| self.faults.push(here, problem));
    }

    /// Records a line and where to read it again; returns whether the next line begins a new span.
    fn line(&mut self, kind: Result<Kind, Vec<Problem>>, (byte, from): (u64, u64), line: u64, broken: bool) -> bool {
        self.plan.read += 1;
        let here = self.here(line);
        match kind {
            Err(problems) => {
                self.all_faults(line, problems);
                true
            }
            Ok(kind) => {
                match self.plan.spans.last_mut().filter(|span| !broken && span.kind == kind) {
                    Some(span) => span.count += 1,
                    None => self.plan.spans.push(Span { kind, file: here.file(), byte, line: from, count: 1 }),
                }
                false
            }
        }
    }
}

/// The line of a problem of the whole file.
const WHOLE_FILE: u64 = 0;

/// Whether a table is a list as offices have it, or one that lacks columns of its kind. Other faults are those of a
/// table with a column `type`.
fn is_list(list: &Opened) -> bool {
    match list {
        Ok(list) => list.of().kind.is_some(),
        Err(problems) => problems.iter().any(|problem| ["COLUMN_MISSING", "FILE_IS_SCHEDULE"].contains(&problem.rule)),
    }
}

/// The kind of a line, and a problem if it has a duplicate key.
fn kind_of(line: &[u8], ended: bool) -> Result<(Kind, Option<Problem>), Vec<Problem>> {
    let text = std::str::from_utf8(line).map_err(|error| vec![fault::not_utf8(error.valid_up_to() + 1)])?;
    match json::outline(text) {
        Ok(json::Outline { kind, duplicate }) => {
            let kind = match kind.as_deref().and_then(Kind::of) {
                Some(kind) => kind,
                None => {
                    kind_in(&serde_json::from_str(text).map_err(|error| vec![json::not_json(&error, Vec::new())])?)?
                }
            };
            Ok((kind, duplicate.map(json::key_twice)))
        }
        Err(error) if error.is_eof() && !ended => Err(vec![fault::truncated()]),
        Err(error) => Err(vec![json::not_json(&error, Vec::new())]),
    }
}

fn kind_in(value: &Value) -> Result<Kind, Vec<Problem>> {
    let kind = value.get("type").and_then(Value::as_str).and_then(Kind::of);
    kind.ok_or_else(|| {
        let mut problems = Vec::new();
        Submitted::read(value, &mut problems);
        problems
    })
}
