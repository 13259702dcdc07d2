//! Walks the entries of a ZIP archive before a reader of workbooks opens it: unpacks each with a count, so that a small
//! file cannot become a large one, and says what the archive is.

use std::io::{self, Read, Seek};

use domain::Problem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::markup::MarkupCheck;
use crate::refusal;
use crate::text::encoding::fill;

/// How large an archive may be when it is unpacked.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// The most bytes of all entries together.
    bytes: u64,
    /// The most bytes of the table of strings, which is held in memory.
    strings: u64,
    entries: usize,
}

const LIMITS: Limits = Limits { bytes: 256 << 20, strings: 64 << 20, entries: 4_096 };
const BLOCK: usize = 64 << 10;

/// Walks an archive. It is an XLSX workbook that can be opened, or it is refused.
pub(crate) fn check_workbook<R: Read + Seek>(reader: &mut R) -> Result<(), Problem> {
    check_within(reader, LIMITS)
}

fn check_within<R: Read + Seek>(reader: &mut R, limits: Limits) -> Result<(), Problem> {
    let io_error = |error: io::Error| refusal::unreadable(&error);
    // The directory is read into memory at once, so its entries are counted before.
    if signatures(reader).map_err(io_error)? > limits.entries {
        let most = limits.entries;
        return Err(refusal::too_large(
            format!("压缩包中超过 {most} 个文件"),
            format!("the archive has more than {most} files"),
        ));
    }
    reader.rewind().map_err(io_error)?;
    let mut archive = ZipArchive::new(&mut *reader).map_err(|error| refused(&error))?;
    if let Some(other) = other_archive(&mut archive) {
        return Err(other);
    }
    let mut left = limits.bytes;
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(|error| refused(&error))?;
        let name = entry.name().map_err(|error| refused(&error))?.to_ascii_lowercase();
        left = unpack(&mut entry, &name, left, limits.strings)?;
    }
    Ok(())
}

/// Unpacks an entry and gives the bytes that are left for the others.
fn unpack(entry: &mut impl Read, name: &str, left: u64, most_strings: u64) -> Result<u64, Problem> {
    let is_strings = name.ends_with("sharedstrings.xml");
    let (mut block, mut unpacked, mut check) = (vec![0; BLOCK], 0_u64, MarkupCheck::default());
    loop {
        let length = fill(entry, &mut block).map_err(|error| refusal::damaged_workbook(&error.to_string()))?;
        if length == 0 {
            break;
        }
        unpacked += length as u64;
        if unpacked > left || is_strings && unpacked > most_strings {
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
    if check.has_long_token() || is_strings && unpacked > 0 && !check.is_markup() || check.announces_too_many_strings()
    {
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
    // Some programs number the part: xl/workbook2.xml.
    if ends_with("workbook.xml") || names.iter().any(|name| name.starts_with("xl/workbook") && name.ends_with(".xml")) {
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

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const SMALL: Limits = Limits { bytes: 1 << 20, strings: 256 << 10, entries: 20 };

    fn archive(entries: &[(&str, &[u8])]) -> Cursor<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            archive.start_file(*name, SimpleFileOptions::default()).expect("an entry");
            archive.write_all(content).expect("memory");
        }
        archive.finish().expect("an archive")
    }

    fn rule(entries: &[(&str, &[u8])]) -> Option<&'static str> {
        check_within(&mut archive(entries), SMALL).err().map(|problem| problem.rule)
    }

    #[test]
    fn a_zip_bomb_is_refused_before_it_is_opened() {
        let book = ("xl/workbook.xml", &b"<workbook/>"[..]);
        let blanks = [b"<sst>".to_vec(), b"<a/>  ".repeat(60_000)].concat();
        assert_eq!(rule(&[book]), None);
        assert_eq!(rule(&[book, ("xl/sharedStrings.xml", &blanks)]), Some("FILE_TOO_LARGE"));
        let sheets: Vec<String> = (0..4).map(|i| format!("xl/worksheets/sheet{i}.xml")).collect();
        let mut entries = vec![book];
        entries.extend(sheets.iter().map(|name| (name.as_str(), blanks.as_slice())));
        assert_eq!(rule(&entries), Some("FILE_TOO_LARGE"));
        assert_eq!(rule(&[book, ("xl/media/image1.png", &blanks)]), None);
    }

    #[test]
    fn too_many_entries_are_refused_before_the_directory_is_read() {
        let names: Vec<String> = (0..30).map(|i| format!("xl/{i}.xml")).collect();
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"<a/>"[..])).collect();
        assert_eq!(rule(&entries), Some("FILE_TOO_LARGE"));
    }

    #[test]
    fn a_table_of_strings_may_not_announce_more_than_it_has() {
        let book = ("xl/workbook.xml", &b"<workbook/>"[..]);
        let strings = br#"<sst uniqueCount="888888888888"><si><t>a</t></si></sst>"#;
        assert_eq!(rule(&[book, ("xl/sharedStrings.xml", strings)]), Some("WORKBOOK_DAMAGED"));
    }
}
