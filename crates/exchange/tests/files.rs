//! Files are recognised by their content, and what is no table is refused with what it is.

mod support;

use std::io::{Cursor, Write};

use encoding_rs::GB18030;
use exchange::file::input::InputFile;
use support::{data, read_bytes, refusal};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LIST: &str = "序号,事项名称,通办方式,收件地,业务属地\r\n1,失业登记,全程网办,昆山,南沙\r\n";

fn form(bytes: Vec<u8>) -> String {
    InputFile::open(Cursor::new(bytes)).expect("a table").form().to_string()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// An OLE file with a stream of this name in its directory.
fn ole(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(1_024, 0);
    let name: Vec<u8> = stream.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let mut entry = name.clone();
    entry.resize(64, 0);
    entry.extend(u16::try_from(name.len()).expect("a short name").to_le_bytes());
    entry.push(2);
    entry.resize(128, 0);
    bytes.extend(entry);
    bytes.resize(2_048, 0);
    bytes
}

fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        archive.write_all(content.as_bytes()).expect("memory");
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn the_form_is_told_by_the_content() {
    assert_eq!(form(data("20-clerk.xlsx")), "XLSX");
    assert_eq!(form(data("20-clerk.xls")), "XLS");
    assert_eq!(form(data("20-clerk-gbk.csv")), "CSV GB18030");
    assert_eq!(form(LIST.into()), "CSV UTF-8");
    assert_eq!(form(format!("\u{FEFF}{LIST}").into()), "CSV UTF-8");
    assert_eq!(form(GB18030.encode(LIST).0.into_owned()), "CSV GB18030");
    assert_eq!(form(utf16(&LIST.replace(',', "\t"))), "TSV UTF-16");
    assert_eq!(form(LIST.replace(',', ";").into()), "CSV (;) UTF-8");
    assert_eq!(form(r#"{"type":"matter"}"#.into()), "NDJSON UTF-8");
}

#[test]
fn every_encoding_and_delimiter_gives_the_same_rows() {
    let marked = [vec![0x84, 0x31, 0x95, 0x33], GB18030.encode(LIST).0.into_owned()].concat();
    for bytes in [
        LIST.into(),
        LIST.replace("\r\n", "\r").into(),
        LIST.replace(',', ";").into(),
        utf16(&LIST.replace(',', "\t")),
        marked,
    ] {
        let report = read_bytes(bytes);
        assert_eq!((report.rows.len(), report.rows[0].row, report.header_row), (1, 2, 1), "{}", report.form);
        assert_eq!(report.rows[0].matter.map(|code| code.to_string()).as_deref(), Some("LRS000000001"));
    }
}

#[test]
fn other_files_are_refused_with_what_they_are() {
    let page =
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table><tr><td>事项名称</td></tr></table></html>";
    let ods = archive(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<a/>")]);
    for (bytes, rule, part) in [
        (Vec::new(), "FILE_EMPTY", "文件为空"),
        (b"\xEF\xBB\xBF \r\n ".to_vec(), "FILE_EMPTY", "文件为空"),
        (ole("EncryptedPackage"), "FILE_ENCRYPTED", "打开密码"),
        (ole("WordDocument"), "FILE_NOT_A_TABLE", "OLE"),
        (page.into(), "FILE_IS_HTML", "网页"),
        (GB18030.encode(page).0.into_owned(), "FILE_IS_HTML", "网页"),
        (utf16(page), "FILE_IS_HTML", "网页"),
        (b"<?xml version=\"1.0\"?><Workbook/>".to_vec(), "FILE_IS_XML", "XML"),
        (ods, "FILE_IS_ODS", "ODS"),
        (archive(&[("word/document.xml", "<a/>")]), "FILE_NOT_A_TABLE", "Word"),
        (archive(&[("xl/workbook.bin", "a")]), "FILE_IS_XLSB", "XLSB"),
        (archive(&[("清单.csv", LIST)]), "FILE_NOT_A_TABLE", "压缩包"),
        (b"%PDF-1.7\n".to_vec(), "FILE_NOT_A_TABLE", "PDF"),
        (b"\x89PNG\r\n\x1A\n\0\0".to_vec(), "FILE_NOT_A_TABLE", "图片"),
        (b"\xFF\xD8\xFF\xE0\0".to_vec(), "FILE_NOT_A_TABLE", "图片"),
        (b"{\\rtf1 a}".to_vec(), "FILE_NOT_A_TABLE", "RTF"),
        (b"\x7FELF\x02\x01\x01\0\0\0\0".to_vec(), "FILE_NOT_A_TABLE", "二进制"),
        (r#"{"type":"matter"}"#.into(), "FILE_IS_NDJSON", "NDJSON"),
        (b"PK\x03\x04broken".to_vec(), "WORKBOOK_DAMAGED", "损坏"),
        (ole("Workbook"), "WORKBOOK_DAMAGED", "损坏"),
    ] {
        let (found, message) = refusal(bytes);
        assert_eq!(found, rule, "{message}");
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_damaged_workbook_is_refused_and_never_panics() {
    let (xlsx, xls) = (data("20-clerk.xlsx"), data("20-clerk.xls"));
    for file in [&xlsx, &xls] {
        for cut in (0..file.len()).step_by(997) {
            let _ = InputFile::open(Cursor::new(file[..cut].to_vec()));
        }
        for at in (512..file.len()).step_by(211) {
            let mut broken = file.clone();
            broken[at..(at + 2).min(file.len())].fill(0xFF);
            if let Ok(mut input) = InputFile::open(Cursor::new(broken)) {
                let sheets = input.sheets().len();
                (0..sheets).for_each(|sheet| input.rows(sheet).into_iter().flatten().for_each(drop));
            }
        }
    }
}

#[test]
fn a_text_in_no_encoding_is_refused_with_its_line() {
    let mut bytes = LIST.as_bytes().to_vec();
    bytes.extend(b"2,\xFF\xFE\xFD,,\r\n");
    assert_eq!(refusal(bytes), ("ENCODING", "第 3 行不是 UTF-8、UTF-16 或 GB18030 编码的文字".to_owned()));
}

/// calamine allocates the rectangle from the first to the last cell.
#[test]
fn a_stray_cell_in_an_old_workbook_is_refused_before_it_takes_memory() {
    let mut bytes = data("20-clerk.xls");
    // A cell with a shared string: type, length, row, column.
    let at = bytes.windows(4).position(|window| window == [0xFD, 0, 0x0A, 0]).expect("a cell");
    bytes[at + 4..at + 8].fill(0xFF);
    let (rule, message) = refusal(bytes);
    assert_eq!(rule, "FILE_TOO_LARGE", "{message}");
}

#[test]
fn an_old_workbook_with_a_password_is_told_apart() {
    let mut bytes = data("20-clerk.xls");
    // The record of the code page becomes that of a password.
    let at = bytes.windows(4).position(|window| window == [0x42, 0, 2, 0]).expect("a code page");
    bytes[at] = 0x2F;
    assert_eq!(refusal(bytes).0, "FILE_ENCRYPTED");
}

#[test]
fn a_small_file_that_unpacks_to_a_large_one_is_refused() {
    let strings = format!("<sst>{}</sst>", "<si/>".repeat((65 << 20) / 5));
    let bytes = archive(&[("xl/workbook.xml", "<workbook/>"), ("xl/sharedStrings.xml", &strings)]);
    assert!(bytes.len() < 1 << 20, "{}", bytes.len());
    assert_eq!(refusal(bytes).0, "FILE_TOO_LARGE");
}
