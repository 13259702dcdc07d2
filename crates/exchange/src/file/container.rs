//! Walks the entries of a ZIP archive before a reader of workbooks opens it: unpacks each with a count, so that a small
//! file cannot become a large one, and says what the archive is.

use std::io::{self, Read, Seek};

use domain::Problem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::markup::MarkupCheck;
use crate::refusal;
use crate::text::encoding::fill;

/// The most bytes of all entries together.
const MAX_BYTES: u64 = 256 << 20;
/// The most bytes of the table of strings, which is held in memory.
const MAX_STRINGS_BYTES: u64 = 64 << 20;
const MAX_ENTRIES: usize = 4_096;
const BLOCK: usize = 64 << 10;

/// Walks an archive. It is an XLSX workbook that can be opened, or it is refused.
pub(crate) fn check_workbook<R: Read + Seek>(reader: &mut R) -> Result<(), Problem> {
    let io_error = |error: io::Error| refusal::unreadable(&error);
    // The directory is read into memory at once, so its entries are counted before.
    if signatures(reader).map_err(io_error)? > MAX_ENTRIES {
        return Err(refusal::too_large(
            format!("压缩包中超过 {MAX_ENTRIES} 个文件"),
            format!("the archive has more than {MAX_ENTRIES} files"),
        ));
    }
    reader.rewind().map_err(io_error)?;
    let mut archive = ZipArchive::new(&mut *reader).map_err(|error| refused(&error))?;
    if let Some(other) = other_archive(&mut archive) {
        return Err(other);
    }
    let mut left = MAX_BYTES;
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(|error| refused(&error))?;
        let name = entry.name().map_err(|error| refused(&error))?.to_ascii_lowercase();
        left = unpack(&mut entry, &name, left)?;
    }
    Ok(())
}

/// Unpacks an entry and gives the bytes that are left for the others.
fn unpack(entry: &mut impl Read, name: &str, left: u64) -> Result<u64, Problem> {
    let is_strings = name.ends_with("sharedstrings.xml");
    let (mut block, mut unpacked, mut check) = (vec![0; BLOCK], 0_u64, MarkupCheck::default());
    loop {
        let length = fill(entry, &mut block).map_err(|error| refusal::damaged_workbook(&error.to_string()))?;
        if length == 0 {
            break;
        }
        unpacked += length as u64;
        if unpacked > left || is_strings && unpacked > MAX_STRINGS_BYTES {
            return Err(refusal::too_large(
                "工作簿解压后过大（全部 256 MiB，文字表 64 MiB 以内）",
                "the workbook is too large when it is unpacked: at most 256 MiB, and 64 MiB of strings",
            ));
        }
        check.take(&block[..length]);
        if is_strings {
            check.take_strings(&block[..length]);
        }
    }
    if check.has_long_token() || is_strings && unpacked > 0 && !check.is_markup() || check.announces_too_many_strings() {
        return Err(refusal::damaged_workbook(name));
    }
    Ok(left - unpacked)
}

/// The refusal of an archive that is no XLSX workbook.
fn other_archive<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Option<Problem> {
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.to_ascii_lowercase()).collect();
    let ends_with = |end: &str| names.iter().any(|name| name.ends_with(end));
    let mut kind = String::new();
    if let Ok(entry) = archive.by_name("mimetype") {
        let _ = entry.take(100).read_to_string(&mut kind);
    }
    if kind.contains("opendocument.spreadsheet") {
        return Some(refusal::open_document());
    }
    if ends_with("workbook.xml") {
        return None;
    }
    Some(if ends_with("workbook.bin") {
        refusal::binary_workbook()
    } else if ends_with("word/document.xml") {
        refusal::not_a_workbook("Word 文档（DOCX）", "a Word document (DOCX)")
    } else if ends_with("ppt/presentation.xml") {
        refusal::not_a_workbook("演示文稿（PPTX）", "a presentation (PPTX)")
    } else if ends_with("ofd.xml") {
        refusal::not_a_workbook("版式文件（OFD）", "an OFD document")
    } else {
        refusal::not_a_workbook("压缩包（ZIP）", "a ZIP archive")
    })
}

/// How often the signature of a directory entry occurs.
fn signatures<R: Read + Seek>(reader: &mut R) -> io::Result<usize> {
    const SIGNATURE: &[u8] = b"PK\x01\x02";
    reader.rewind()?;
    let (mut block, mut kept, mut count) = (vec![0; BLOCK], 0, 0);
    loop {
        let length = kept + fill(reader, &mut block[kept..])?;
        let is_last = length < block.len();
        count += block[..length].windows(SIGNATURE.len()).filter(|window| *window == SIGNATURE).count();
        if is_last {
            return Ok(count);
        }
        kept = SIGNATURE.len() - 1;
        block.copy_within(length - kept.., 0);
    }
}

fn refused(error: &ZipError) -> Problem {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => refusal::encrypted(),
        other => refusal::damaged_workbook(&other.to_string()),
    }
}
