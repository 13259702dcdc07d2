//! Problems of lines, with their location.

use std::path::Path;

use domain::{Message, Problem, ProblemCode};

const MAX_LISTED: usize = 1_000;

/// A problem on a line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// 0: the whole file is meant.
    pub line: u64,
    pub problem: Problem,
}

/// A line of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Location {
    file: u32,
    line: u32,
}

impl Location {
    /// Compact, since there may be one for every line. Beyond 2^32 it saturates.
    pub(crate) fn new(file: usize, line: u64) -> Self {
        Self { file: u32::try_from(file).unwrap_or(u32::MAX), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    pub(crate) fn file(self) -> usize {
        self.file as usize
    }

    pub(crate) fn line(self) -> u64 {
        self.line.into()
    }
}

/// The first faults, and the number of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    kept: Vec<(Location, Problem)>,
    count: u64,
}

impl Faults {
    pub(crate) fn push(&mut self, at: Location, problem: Problem) {
        self.count += 1;
        if self.kept.len() < MAX_LISTED {
            self.kept.push((at, problem));
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn first(&self) -> Option<Location> {
        self.kept.first().map(|(at, _)| *at)
    }

    /// The lines of the listed faults.
    pub(crate) fn places(&self) -> impl Iterator<Item = Location> {
        self.kept.iter().map(|(at, _)| *at)
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.count += other.count;
        let room = MAX_LISTED - self.kept.len();
        self.kept.extend(other.kept.into_iter().take(room));
    }

    pub(crate) fn listed(mut self, paths: &[&Path]) -> (Vec<Fault>, u64) {
        self.kept.sort_by_key(|(at, _)| *at);
        let fault = |(at, problem): (Location, Problem)| Fault {
            file: paths[at.file()].display().to_string(),
            line: at.line(),
            problem,
        };
        (self.kept.into_iter().map(fault).collect(), self.count)
    }
}

/// The same record occurs twice.
pub(crate) fn duplicate(path: &str, first: Location, file: &Path) -> Problem {
    let (file, line) = (file.display(), first.line());
    let message = Message::new(
        format!("与 {file} 第 {line} 行是同一条记录"),
        format!("it is the same record as row {line} of {file}"),
    );
    let path = if path.is_empty() { Vec::new() } else { vec![path.to_owned()] };
    Problem::new(ProblemCode::Conflict, path, "DUPLICATE", message)
        .remedy("请只保留其中一行", "keep one of the two rows")
}

/// The line number of a byte, with any kind of line break.
pub(crate) fn line_of(text: &[u8], at: usize) -> u64 {
    let before = &text[..at];
    let breaks = memchr::memchr2_iter(b'\n', b'\r', before)
        .filter(|place| before[*place] == b'\n' || before.get(place + 1) != Some(&b'\n'));
    breaks.count() as u64 + 1
}

/// A file without records is probably a mistake.
pub(crate) fn no_records() -> Problem {
    let message = Message::new("文件中没有记录", "there is no record in the file");
    Problem::invalid(Vec::new(), "NO_RECORDS", message).remedy(
        "请检查是否选错文件或只存下了表头；不需要导入的文件请不要列出",
        "check that it is the right file and not a header alone; omit a file without records",
    )
}

/// The line is not valid UTF-8.
pub(crate) fn not_utf8(byte: usize) -> Problem {
    let message =
        Message::new(format!("第 {byte} 字节处不是 UTF-8 文本"), format!("byte {byte} of the line is not UTF-8"));
    Problem::invalid(Vec::new(), "UTF_8", message).remedy("请将文件另存为 UTF-8 编码", "save the file as UTF-8")
}

pub(crate) fn too_long() -> Problem {
    Problem::invalid(Vec::new(), "LINE_TOO_LONG", Message::new("此行超过 8 MB", "the line is longer than 8 MB"))
        .remedy("每行一条记录；请检查换行或引号", "one record a line: look for a missing line break or quotation mark")
}

pub(crate) fn truncated() -> Problem {
    Problem::invalid(
        Vec::new(),
        "TRUNCATED",
        Message::new("文件在此行中间中断", "the file ends in the middle of this line"),
    )
    .remedy("文件不完整，请重新取得", "the file is incomplete: fetch it again")
}
