//! Recognises the form of a file by its content. The extension says nothing: a workbook exported by an old system is
//! often a web page, and an .et of WPS is an XLS.

use std::io::{self, Read, Seek};

use domain::Problem;

use super::container;
use super::ole::{self, OleContent};
use crate::form::{Form, TextEncoding};
use crate::refusal;
use crate::sheet::xls::MAX_XLS_BYTES;
use crate::text::decode::Utf8Reader;
use crate::text::delimiter::delimiter;
use crate::text::encoding::{Detected, detect, fill};

/// Bytes of text that are searched for the delimiter.
const SAMPLE: usize = 64 << 10;

/// A recognised file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognised {
    Text {
        form: Form,
        detected: Detected,
    },
    Xlsx,
    /// With the whole file.
    Xls(Vec<u8>),
}

/// Recognises a file, or refuses it with what it is.
pub fn recognise<R: Read + Seek>(reader: &mut R) -> Result<Recognised, Problem> {
    let io_error = |error: io::Error| refusal::unreadable(&error);
    let mut head = [0; 1024];
    reader.rewind().map_err(io_error)?;
    let length = fill(reader, &mut head).map_err(io_error)?;
    let head = &head[..length];
    if head.is_empty() {
        return Err(refusal::empty());
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return container::check_workbook(reader).map(|()| Recognised::Xlsx);
    }
    if head.starts_with(&ole::SIGNATURE) {
        return workbook_in_ole(reader);
    }
    if let Some((zh, en)) = other_format(head) {
        return Err(refusal::not_a_workbook(zh, en));
    }
    let detected = detect(reader).map_err(io_error)??;
    let sample = sample(reader, detected).map_err(io_error)?;
    text_form(&sample, detected.encoding).map(|form| Recognised::Text { form, detected })
}

fn workbook_in_ole<R: Read + Seek>(reader: &mut R) -> Result<Recognised, Problem> {
    let io_error = |error: io::Error| refusal::unreadable(&error);
    let mut bytes = Vec::new();
    reader.rewind().map_err(io_error)?;
    reader.take(MAX_XLS_BYTES + 1).read_to_end(&mut bytes).map_err(io_error)?;
    match ole::content(&bytes) {
        OleContent::Encrypted => Err(refusal::encrypted()),
        _ if bytes.len() as u64 > MAX_XLS_BYTES => {
            Err(refusal::too_large("旧版工作簿（XLS）超过 5 MB", "the old workbook (XLS) has more than 5 MB"))
        }
        OleContent::Workbook => Ok(Recognised::Xls(bytes)),
        OleContent::Other => Err(refusal::ole_without_workbook()),
    }
}

/// The beginning of a text.
fn sample<R: Read + Seek>(reader: &mut R, detected: Detected) -> io::Result<String> {
    let mut bytes = vec![0; SAMPLE];
    let length = fill(&mut Utf8Reader::new(reader, detected)?, &mut bytes)?;
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn text_form(sample: &str, encoding: TextEncoding) -> Result<Form, Problem> {
    let text = sample.trim_start();
    let beginning: String = text.chars().take(512).collect::<String>().to_ascii_lowercase();
    if text.is_empty() {
        return Err(refusal::empty());
    }
    if beginning.starts_with("<?xml") && !beginning.contains("<html") {
        return Err(refusal::xml_spreadsheet());
    }
    let is_tag = |text: &str| text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '!' | '?'));
    if beginning.strip_prefix('<').is_some_and(is_tag) || beginning.starts_with("mime-version:") {
        return Err(refusal::web_page());
    }
    if text.starts_with(['{', '[']) {
        return Ok(Form::Ndjson(encoding));
    }
    Ok(Form::Table { delimiter: delimiter(text), encoding })
}

/// Formats of other files, by their first bytes.
fn other_format(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const PICTURE: (&str, &str) = ("图片", "a picture");
    const ARCHIVE: (&str, &str) = ("压缩文件", "a compressed file");
    match head {
        [b'%', b'P', b'D', b'F', ..] => Some(("PDF 文件", "a PDF")),
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] | [b'G', b'I', b'F', b'8', ..] => Some(PICTURE),
        [b'I', b'I', 0x2A, 0, ..] | [b'M', b'M', 0, 0x2A, ..] => Some(PICTURE),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(PICTURE),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(PICTURE),
        [b'{', b'\\', b'r', b't', b'f', ..] => Some(("RTF 文档", "an RTF document")),
        [0x1F, 0x8B, ..] | [b'R', b'a', b'r', b'!', ..] | [b'7', b'z', 0xBC, 0xAF, ..] => Some(ARCHIVE),
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(ARCHIVE),
        _ => None,
    }
}
