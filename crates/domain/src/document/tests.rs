use serde_json::json;

use super::*;
use crate::reading;

/// A ZIP of empty files.
fn zip(names: &[&str]) -> Vec<u8> {
    let length = |name: &str| u16::try_from(name.len()).expect("a short name").to_le_bytes();
    let (mut files, mut directory) = (Vec::<u8>::new(), Vec::<u8>::new());
    for name in names {
        let at = u32::try_from(files.len()).expect("a small file").to_le_bytes();
        files.extend(b"PK\x03\x04".iter().chain(&[0; 22]).chain(&length(name)).chain(&[0; 2]).chain(name.as_bytes()));
        directory.extend(
            b"PK\x01\x02".iter().chain(&[0; 24]).chain(&length(name)).chain(&[0; 12]).chain(&at).chain(name.as_bytes()),
        );
    }
    let at = u32::try_from(files.len()).expect("a small file").to_le_bytes();
    let count = u16::try_from(names.len()).expect("a few").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("a small file").to_le_bytes();
    files.extend(directory);
    files
        .extend(b"PK\x05\x06".iter().chain(&[0; 4]).chain(&count).chain(&count).chain(&size).chain(&at).chain(&[0; 2]));
    files
}

#[test]
fn the_media_type_is_detected_from_the_content() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for (content, expected) in [
        (&b"%PDF-1.7\n"[..], Some(MediaType::Pdf)),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF", Some(MediaType::Jpeg)),
        (png, Some(MediaType::Png)),
        (b"II*\0\x08\0\0\0", Some(MediaType::Tiff)),
        (b"MM\0*\0\0\0\x08", Some(MediaType::Tiff)),
        (b"RIFF\x24\0\0\0WEBPVP8 ", Some(MediaType::Webp)),
        (b"<html><script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"MZ\x90\0", None),
        (b"GIF89a", None),
        (b"%PDF", None),
        (b"", None),
    ] {
        assert_eq!(MediaType::of(content), expected, "{content:?}");
    }
}

#[test]
fn an_ofd_is_a_zip_with_ofd_xml_at_its_root() {
    assert_eq!(MediaType::of(&zip(&["OFD.xml"])), Some(MediaType::Ofd));
    assert_eq!(MediaType::of(&zip(&["Doc_0/Document.xml", "OFD.xml"])), Some(MediaType::Ofd));
    for names in [&[][..], &["word/document.xml"], &["Doc_0/OFD.xml"], &["OFD.xml.exe"]] {
        assert_eq!(MediaType::of(&zip(names)), None, "{names:?}");
    }
    let whole = zip(&["Doc_0/Document.xml", "OFD.xml"]);
    for cut in 0..whole.len() {
        assert_eq!(MediaType::of(&whole[..cut]), None, "{cut}");
    }
    // A directory that names a file which is not there.
    let mut forged = whole;
    let at = forged.windows(7).position(|bytes| bytes == b"OFD.xml").expect("a name");
    forged[at] = b'o';
    assert_eq!(MediaType::of(&forged), None);
}

fn problems(form: &(serde_json::Value, &str)) -> Vec<String> {
    let (input, content) = form;
    let mut problems = Vec::new();
    reading::read(input, &mut problems, |r| Attachment::read(r, Some(content.as_bytes())));
    problems.iter().map(|problem| format!("{} {}", problem.field(), problem.rule)).collect()
}

#[test]
fn the_content_must_match_the_stated_media_type() {
    let input = |name: &str, media_type: &str, content: &'static str| {
        (json!({ "number": "TB-2021-000001", "party": "440115", "name": name, "mediaType": media_type }), content)
    };
    let pdf = "JVBERi0xLjcK";
    assert_eq!(problems(&input("扫描件.pdf", "application/pdf", pdf)), Vec::<String>::new());
    assert_eq!(problems(&input("扫描件.pdf", "image/png", pdf)), ["mediaType MEDIA_TYPE"]);
    assert_eq!(problems(&input("扫描件.pdf", "text/html", pdf)), ["mediaType UNKNOWN_WORD"]);
    assert_eq!(problems(&input("扫描件.pdf", "application/pdf", "PGh0bWw+")), ["content UNKNOWN_CONTENT"]);
    assert_eq!(problems(&input("扫描件.pdf", "application/pdf", "JVBERi0xLjcK!")), ["content BASE64"]);
    assert_eq!(problems(&input("扫描件.pdf", "application/pdf", "")), ["content EMPTY"]);
    assert_eq!(problems(&input("../扫描件.pdf", "application/pdf", pdf)), ["name FILE_NAME"]);
    assert_eq!(problems(&input("扫描件\u{202E}fdp.exe", "application/pdf", pdf)), ["name DIRECTION_CHARACTER"]);
    let long: &str = "JVBE".repeat(MAX_BYTES / 3 + 1).leak();
    assert_eq!(problems(&input("扫描件.pdf", "application/pdf", long)), ["content TOO_LARGE"]);
}

#[test]
fn attaching_again_changes_the_release_only_if_stated() {
    let today = Date::from_ymd_opt(2026, 11, 23).expect("a day");
    let attachment = |released: serde_json::Value| {
        let input = json!({ "number": "TB-2021-000001", "party": "440115", "name": "扫描件.pdf", "mediaType": "application/pdf", "released": released });
        reading::read(&input, &mut Vec::new(), |r| Attachment::read(r, Some(b"JVBERi0xLjcK"))).expect("it reads")
    };
    let (number, party) = ("TB-2021-000001".parse().expect("a number"), "440115".parse().expect("a code"));
    let first = attachment(json!(null)).document(number, party, None, today);
    assert!(!first.released);
    let released = attachment(json!(true)).document(number, party, Some(&first), today.succ_opt().expect("a day"));
    assert_eq!(released, Document { released: true, ..first.clone() });
    assert!(attachment(json!(null)).document(number, party, Some(&released), today).released);
    assert!(!attachment(json!(false)).document(number, party, Some(&released), today).released);
    let sealed = |kind: &str, version: u32| {
        let input = json!({ "number": "TB-2021-000001", "party": "440115", "name": "扫描件.pdf", "mediaType": "application/pdf",
            "kind": kind, "version": version, "documentNumber": "南政数〔2021〕5号" });
        reading::read(&input, &mut Vec::new(), |r| Attachment::read(r, Some(b"JVBERi0xLjcK"))).expect("it reads")
    };
    let sealed_copy = sealed("SEALED_COPY", 1).document(number, party, Some(&first), today);
    assert_eq!((sealed_copy.kind, sealed_copy.version), (DocumentKind::SealedCopy, Some(1)));
    // The default does not replace a kind.
    let again = attachment(json!(null)).document(number, party, Some(&sealed_copy), today);
    assert_eq!(again, sealed_copy);
    let line = crate::Record::Document(first.clone()).line();
    assert_eq!(crate::Record::from_line(&line), Ok(crate::Record::Document(first)));
}
