//! Recognises how a file is read: as lines of JSON or as a table with a column `type`, both in UTF-8, or by `exchange`,
//! which reads workbooks, other encodings, and tables as offices have them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use domain::{Message, Problem};
use encoding_rs::GB18030;

use super::fault;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Lines,
    Table {
        delimiter: u8,
    },
    /// A list that is read as a whole.
    List,
}

/// Bytes that are looked at.
const SAMPLE: u64 = 1 << 20;
/// Bytes of a header that are searched for its delimiter.
const HEADER: usize = 64 << 10;

/// The format of a file, or one fault with its line if the file cannot be read. `is_list`: the caller says how to read
/// a list.
pub(crate) fn recognise(path: &Path, is_list: bool) -> io::Result<Result<Format, (u64, Problem)>> {
    let mut sample = Vec::new();
    File::open(path)?.take(SAMPLE).read_to_end(&mut sample)?;
    let is_json = sample.trim_ascii_start().starts_with(b"{");
    if !is_json && (is_list && !sample.is_empty() || is_workbook(&sample) || is_other_text(&sample)) {
        return Ok(Ok(Format::List));
    }
    if let Some(fault) = unreadable(&sample) {
        return Ok(Err(fault));
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let text = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&sample);
    let table = Format::Table { delimiter: delimiter(text) };
    Ok(Ok(match extension.as_deref() {
        Some("csv" | "tsv") => table,
        Some("ndjson" | "jsonl" | "json") => Format::Lines,
        _ if text.trim_ascii_start().first().is_none_or(|first| matches!(first, b'{' | b'[' | b'"')) => Format::Lines,
        _ => table,
    }))
}

/// A workbook, or what has the container of one.
fn is_workbook(sample: &[u8]) -> bool {
    sample.starts_with(b"PK\x03\x04") || sample.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// Text in UTF-16 or GB18030.
fn is_other_text(sample: &[u8]) -> bool {
    let is_utf16 = sample.starts_with(&[0xFF, 0xFE]) || sample.starts_with(&[0xFE, 0xFF]);
    is_utf16 || first_not_utf8(sample).is_some() && is_gb18030(sample)
}

/// A tab if the header has tabs and no comma, else a comma.
fn delimiter(text: &[u8]) -> u8 {
    let header = text.trim_ascii_start().split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let header = &header[..header.len().min(HEADER)];
    if header.contains(&b'\t') && !header.contains(&b',') { b'\t' } else { b',' }
}

fn unreadable(sample: &[u8]) -> Option<(u64, Problem)> {
    let first = |problem| Some((1, problem));
    match sample {
        [0x1F, 0x8B, ..] => first(
            Problem::invalid(
                Vec::new(),
                "FILE_FORMAT",
                Message::new("这是 gzip 压缩文件", "this is a file compressed by gzip"),
            )
            .remedy("请先解压缩", "decompress it first"),
        ),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => first(not_utf8("文件是 UTF-16 编码", "the file is UTF-16")),
        _ if is_utf16(sample) => {
            first(not_utf8("文件是没有标记的 UTF-16 编码", "the file is UTF-16 without a byte order mark"))
        }
        _ => other_encoding(sample),
    }
}

/// Every second byte of ASCII text in UTF-16 is zero; other texts have no zeros.
fn is_utf16(sample: &[u8]) -> bool {
    let start = &sample[..sample.len().min(256) & !1];
    let zeros = |at: usize| start.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    start.len() >= 8 && zeros(0).max(zeros(1)) * 4 >= start.len()
}

/// Where the text is not UTF-8, if most of it is not. A single broken byte in UTF-8 is a fault of its line.
fn first_not_utf8(sample: &[u8]) -> Option<usize> {
    let (mut right, mut wrong, mut at, mut first_wrong) = (0, 0, 0, None);
    for chunk in sample.utf8_chunks() {
        right += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        at += chunk.valid().len();
        // The sample may end in the middle of a character.
        if !chunk.invalid().is_empty() && (sample.len() - at > 3 || sample.len() < SAMPLE as usize) {
            wrong += 1;
            first_wrong.get_or_insert(at);
        }
        at += chunk.invalid().len();
    }
    first_wrong.filter(|_| wrong > right)
}

fn is_gb18030(sample: &[u8]) -> bool {
    !GB18030.decode_without_bom_handling(&sample[..complete(sample)]).1
}

/// Lines of JSON in another encoding, or text in an unknown one.
fn other_encoding(sample: &[u8]) -> Option<(u64, Problem)> {
    let first_wrong = first_not_utf8(sample)?;
    let problem = if is_gb18030(sample) {
        not_utf8("文件是 GBK 或 GB18030 编码", "the file is GBK or GB18030")
    } else {
        not_utf8("文件不是 UTF-8 编码", "the file is not UTF-8")
    };
    Some((fault::line_of(sample, first_wrong), problem))
}

/// The sample up to its last line break if it is not the whole file, so that no character is cut.
fn complete(sample: &[u8]) -> usize {
    if sample.len() < SAMPLE as usize {
        return sample.len();
    }
    sample.iter().rposition(|byte| *byte == b'\n').unwrap_or(sample.len())
}

fn not_utf8(zh: &str, en: &str) -> Problem {
    Problem::invalid(Vec::new(), "UTF_8", Message::new(zh, en)).remedy(
        "请另存为 UTF-8：Excel 选“CSV UTF-8（逗号分隔）”，WPS 或记事本在另存时选编码 UTF-8",
        "save it as UTF-8: in Excel as CSV UTF-8 (comma delimited), in other programs by choosing the encoding UTF-8",
    )
}
