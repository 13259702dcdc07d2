//! The form of a file of a list, as inputs of imports state it.

use std::str::FromStr;

use bytes::Bytes;
use domain::reading::Reader;
use domain::{MatterCode, Message, Problem, ProblemCode, Problems};
use exchange::matching::{Choice, Choices};

/// The longest file, in bytes. Longer ones are uploaded.
const MAX_FILE_BYTES: usize = 7 << 20;
/// The most rows of data.
const MAX_ROWS: u32 = 5_000;
/// The most columns, defaults or choices that an input states.
const MAX_STATED: usize = 1_000;
/// The longest header, text of a choice or default.
const MAX_TEXT: usize = 300;
/// The rows of a sheet, which is the limit of the format.
const MAX_ROW_NUMBER: u32 = 1_048_576;

/// The most rows of data of an uploaded file.
const MAX_UPLOADED_ROWS: u32 = 100_000;
/// The longest uploaded file, in bytes.
pub const MAX_UPLOADED_BYTES: usize = 24 << 20;

/// How a file comes to an act.
#[derive(Debug, Clone)]
pub enum FileContent {
    /// In the input: the field `content` of `file`, in base64, if there is one.
    Inline(Option<Bytes>),
    /// Beside the input, as it is.
    Uploaded(Vec<u8>),
}

impl FileContent {
    pub(super) fn max_rows(&self) -> u32 {
        match self {
            Self::Inline(_) => MAX_ROWS,
            Self::Uploaded(_) => MAX_UPLOADED_ROWS,
        }
    }

    /// What the input is read with.
    pub(super) fn inline(&self) -> Option<Bytes> {
        match self {
            Self::Inline(content) => content.clone(),
            Self::Uploaded(_) => None,
        }
    }

    pub(super) fn is_uploaded(&self) -> bool {
        matches!(self, Self::Uploaded(_))
    }
}

/// A file and how to read it. `F` are the fields that its columns can give.
#[derive(Debug, Clone)]
pub(super) struct ImportFile<F> {
    /// `None`: there is no readable content.
    pub(super) content: Option<Vec<u8>>,
    pub(super) sheet: Option<String>,
    pub(super) header_row: Option<u32>,
    pub(super) columns: Vec<(String, F)>,
    pub(super) defaults: Vec<(F, String)>,
    pub(super) choices: Choices,
    pub(super) fill_down: bool,
}

impl<F: FromStr> ImportFile<F> {
    /// Reads the form. `content` is the field of this name, in base64, unless the file was uploaded; `known` are the
    /// names of the fields.
    pub(super) fn read(r: &mut Reader<'_>, content: Option<&[u8]>, is_uploaded: bool, known: &str) -> Self {
        r.line("name", MAX_TEXT);
        let content = if is_uploaded { None } else { bounded_content(r, content) };
        let sheet = r.optional_line("sheet", MAX_TEXT);
        let header_row = r.number("headerRow", MAX_ROW_NUMBER).filter(|row| *row > 0);
        let columns = few(r, "columns", |r| {
            let header = r.line("header", MAX_TEXT);
            Some((header, field(r, known)?))
        });
        let defaults = few(r, "defaults", |r| {
            let field = field(r, known);
            let value = r.line("value", 2_000);
            Some((field?, value))
        });
        let choices = few(r, "choices", choice);
        let fill_down = if r.has("fillDown") { r.flag("fillDown") } else { true };
        let choices = Choices::new(choices.iter().map(|(text, choice)| (text.as_str(), *choice)));
        Self { content, sheet, header_row, columns, defaults, choices, fill_down }
    }
}

/// The list of a field, of which one input states a few.
fn few<T>(r: &mut Reader<'_>, field: &'static str, read: impl FnMut(&mut Reader<'_>) -> Option<T>) -> Vec<T> {
    let stated = r.objects(field, read);
    if stated.len() > MAX_STATED {
        let message = Message::new(format!("超过 {MAX_STATED} 个"), format!("more than {MAX_STATED}"));
        let remedy = Message::new("请分成几个文件", "make several files");
        r.refuse(ProblemCode::Invalid, field, "TOO_MANY", message, remedy);
    }
    stated.into_iter().flatten().collect()
}

fn bounded_content(r: &mut Reader<'_>, content: Option<&[u8]>) -> Option<Vec<u8>> {
    if content.is_some_and(|content| content.len() / 4 * 3 > MAX_FILE_BYTES + 3) {
        // The field counts as read.
        r.has("content");
        let mib = MAX_FILE_BYTES >> 20;
        let message = Message::new(format!("文件超过 {mib} MiB"), format!("the file is longer than {mib} MiB"));
        let remedy = Message::new(
            "请去掉图片和多余的工作表，或分成几个文件",
            "take pictures and other sheets out, or make several files",
        );
        r.refuse(ProblemCode::Refused, "content", "USE_UPLOAD", message, remedy);
        return None;
    }
    r.content("content", content, MAX_FILE_BYTES)
}

fn field<F: FromStr>(r: &mut Reader<'_>, known: &str) -> Option<F> {
    let name = r.line("field", MAX_TEXT);
    let field = name.parse().ok();
    if field.is_none() && !name.is_empty() {
        let message = Message::new(format!("没有名为“{name}”的字段"), format!("there is no field “{name}”"));
        let remedy = Message::new(format!("可用字段：{known}"), format!("known fields: {known}"));
        r.refuse(ProblemCode::Invalid, "field", "UNKNOWN_FIELD", message, remedy);
    }
    field
}

fn choice(r: &mut Reader<'_>) -> Option<(String, Choice)> {
    let text = r.line("text", MAX_TEXT);
    let matter: Option<MatterCode> = r.optional_code("matter");
    let is_skipped = r.flag("skip");
    match (matter, is_skipped, r.has("matter")) {
        (Some(code), false, _) => Some((text, Choice::Matter(code))),
        (None, true, false) => Some((text, Choice::Skip)),
        // Its code cannot be read.
        (None, false, true) => None,
        _ => {
            let message = Message::new("matter 与 skip 应只填一个", "give either matter or skip");
            let remedy = Message::new("请选一个事项，或选择跳过", "choose a matter, or skip the rows");
            r.refuse(ProblemCode::Invalid, "matter", "ONE_CHOICE", message, remedy);
            None
        }
    }
}

/// Problems of the file itself, with their place in the input.
pub(super) fn of_file(problems: Problems) -> Problems {
    let place = |problem: Problem| {
        let path = std::iter::once("file".to_owned()).chain(problem.path).collect();
        Problem { path, ..problem }
    };
    problems.into_iter().map(place).collect()
}
