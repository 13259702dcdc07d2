//! Recognises the format of a file by its extension and its first bytes, and rejects other formats.

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
    Table { delimiter: u8 },
}

/// Bytes that are looked at.
const SAMPLE: u64 = 1 << 20;
/// Bytes of a header that are searched for its delimiter.
const HEADER: usize = 64 << 10;

/// The format of a file, or one fault with its line if the file cannot be read.
pub(crate) fn recognise(path: &Path) -> io::Result<Result<Format, (u64, Problem)>> {
    let mut sample = Vec::new();
    File::open(path)?.take(SAMPLE).read_to_end(&mut sample)?;
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

/// A tab if the header has tabs and no comma, else a comma.
fn delimiter(text: &[u8]) -> u8 {
    let header = text.trim_ascii_start().split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let header = &header[..header.len().min(HEADER)];
    if header.contains(&b'\t') && !header.contains(&b',') { b'\t' } else { b',' }
}

fn unreadable(sample: &[u8]) -> Option<(u64, Problem)> {
    let first = |problem| Some((1, problem));
    match sample {
        [b'P', b'K', 3, 4, ..] => {
            first(not_a_table("这是 XLSX 工作簿或压缩包（ZIP）", "this is an XLSX workbook or another ZIP archive"))
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            first(not_a_table("这是旧版 Excel 工作簿（XLS）", "this is an old Excel workbook (XLS)"))
        }
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

/// Another encoding: most of the text is not UTF-8. A single broken byte in UTF-8 is a fault of its line.
fn other_encoding(sample: &[u8]) -> Option<(u64, Problem)> {
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
    let first_wrong = first_wrong.filter(|_| wrong > right)?;
    let (_, had_errors) = GB18030.decode_without_bom_handling(&sample[..complete(sample)]);
    let problem = if had_errors {
        not_utf8("文件不是 UTF-8 编码", "the file is not UTF-8")
    } else {
        not_utf8(
            "文件是 GBK 或 GB18030 编码（Excel 的“CSV”默认如此）",
            "the file is GBK or GB18030, which is what Excel in China saves as CSV",
        )
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

fn not_a_table(zh: &str, en: &str) -> Problem {
    Problem::invalid(
        Vec::new(),
        "FILE_FORMAT",
        Message::new(format!("{zh}，不是文本表格"), format!("{en}, not a table of text")),
    )
    .remedy(
        "请在电子表格软件中打开，另存为“CSV UTF-8（逗号分隔）”，再导入该文件",
        "open it in the spreadsheet program, save the sheet as CSV UTF-8 (comma delimited), and import that",
    )
}

fn not_utf8(zh: &str, en: &str) -> Problem {
    Problem::invalid(Vec::new(), "UTF_8", Message::new(zh, en)).remedy(
        "请另存为 UTF-8：Excel 选“CSV UTF-8（逗号分隔）”，WPS 或记事本在另存时选编码 UTF-8",
        "save it as UTF-8: in Excel as CSV UTF-8 (comma delimited), in other programs by choosing the encoding UTF-8",
    )
}
