//! Detects the encoding of a text file: its byte-order mark, then strict UTF-8, then strict GB18030. Statistical
//! detectors err on short Chinese texts.

use std::io::{self, Read, Seek, SeekFrom};

use domain::Problem;
use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::form::TextEncoding;
use crate::refusal;

/// Bytes that are decoded at once.
const BLOCK: usize = 64 << 10;

/// The encoding of a file and the length of its byte-order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    pub encoding: TextEncoding,
    pub mark: u64,
}

/// The decoder's name of an encoding.
pub(crate) fn decoder_of(encoding: TextEncoding) -> &'static Encoding {
    match encoding {
        TextEncoding::Utf8 => UTF_8,
        TextEncoding::Utf16Le => UTF_16LE,
        TextEncoding::Utf16Be => UTF_16BE,
        TextEncoding::Gb18030 => GB18030,
    }
}

/// The encoding of a whole text file, or a refusal that names the line that cannot be read.
pub fn detect<R: Read + Seek>(reader: &mut R) -> io::Result<Result<Detected, Problem>> {
    let mut head = [0; 512];
    reader.rewind()?;
    let length = fill(reader, &mut head)?;
    let head = &head[..length];
    if let Some(marked) = by_mark(head).or_else(|| by_zeros(head)) {
        let read = survey(reader, marked)?;
        return Ok(match read.broken_line {
            None => Ok(marked),
            Some(line) => Err(refusal::encoding_unknown(line)),
        });
    }
    let utf8 = Detected { encoding: TextEncoding::Utf8, mark: 0 };
    let as_utf8 = survey(reader, utf8)?;
    let Some(line) = as_utf8.broken_line else { return Ok(as_text(utf8, &as_utf8)) };
    // A few broken bytes in UTF-8 must not turn the whole text into other characters.
    if as_utf8.right > as_utf8.wrong {
        return Ok(Err(refusal::encoding_unknown(line)));
    }
    let gb18030 = Detected { encoding: TextEncoding::Gb18030, mark: 0 };
    let as_gb18030 = survey(reader, gb18030)?;
    Ok(match as_gb18030.broken_line {
        None => as_text(gb18030, &as_gb18030),
        Some(other) => Err(refusal::encoding_unknown(line.max(other))),
    })
}

/// Text has no zeros.
fn as_text(detected: Detected, survey: &Survey) -> Result<Detected, Problem> {
    if survey.has_zeros {
        return Err(refusal::not_a_workbook("二进制文件", "a binary file"));
    }
    Ok(detected)
}

fn by_mark(head: &[u8]) -> Option<Detected> {
    let (encoding, mark) = match head {
        [0xEF, 0xBB, 0xBF, ..] => (TextEncoding::Utf8, 3),
        [0xFF, 0xFE, ..] => (TextEncoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => (TextEncoding::Utf16Be, 2),
        [0x84, 0x31, 0x95, 0x33, ..] => (TextEncoding::Gb18030, 4),
        _ => return None,
    };
    Some(Detected { encoding, mark })
}

/// UTF-16 without a mark: every second byte of its ASCII characters is zero, and other texts have no zeros.
fn by_zeros(head: &[u8]) -> Option<Detected> {
    let zeros = |at: usize| head.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = match (even, odd) {
        (0, odd) if odd * 8 >= head.len() && odd > 0 => TextEncoding::Utf16Le,
        (even, 0) if even * 8 >= head.len() && even > 0 => TextEncoding::Utf16Be,
        _ => return None,
    };
    Some(Detected { encoding, mark: 0 })
}

/// How a file reads in an encoding.
#[derive(Debug, Default)]
struct Survey {
    /// The first line with bytes that are no text.
    broken_line: Option<u64>,
    /// Characters beyond ASCII.
    right: u64,
    wrong: u64,
    has_zeros: bool,
}

fn survey<R: Read + Seek>(reader: &mut R, as_if: Detected) -> io::Result<Survey> {
    reader.seek(SeekFrom::Start(as_if.mark))?;
    let mut decoder = decoder_of(as_if.encoding).new_decoder_without_bom_handling();
    let (mut from, mut to) = (vec![0; BLOCK], vec![0; BLOCK * 4]);
    let (mut survey, mut feeds, mut returns) = (Survey::default(), 0_u64, 0_u64);
    loop {
        let length = fill(reader, &mut from)?;
        let is_last = length < from.len();
        let mut rest = &from[..length];
        loop {
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut to, is_last);
            rest = &rest[read..];
            for byte in &to[..written] {
                match byte {
                    b'\n' => feeds += 1,
                    b'\r' => returns += 1,
                    0 => survey.has_zeros = true,
                    0xC0.. => survey.right += 1,
                    _ => {}
                }
            }
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    survey.wrong += 1;
                    survey.broken_line.get_or_insert(feeds.max(returns) + 1);
                }
            }
        }
        if is_last {
            return Ok(survey);
        }
    }
}

/// Reads until the buffer is full or the file ends.
pub(crate) fn fill<R: Read>(reader: &mut R, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match reader.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn encoding(bytes: &[u8]) -> Result<TextEncoding, String> {
        let detected = detect(&mut Cursor::new(bytes)).expect("memory");
        detected.map(|detected| detected.encoding).map_err(|problem| problem.message.zh)
    }

    fn utf16(text: &str, mark: bool) -> Vec<u8> {
        let mark = mark.then_some(0xFEFF);
        mark.into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn marks_come_before_everything() {
        assert_eq!(encoding("\u{FEFF}事项".as_bytes()), Ok(TextEncoding::Utf8));
        assert_eq!(encoding(&utf16("事项\t编码", true)), Ok(TextEncoding::Utf16Le));
        assert_eq!(encoding(&[0x84, 0x31, 0x95, 0x33, 0xCA, 0xC2]), Ok(TextEncoding::Gb18030));
    }

    #[test]
    fn texts_without_a_mark_are_read_strictly() {
        assert_eq!(encoding("事项名称,编码".as_bytes()), Ok(TextEncoding::Utf8));
        assert_eq!(encoding(&GB18030.encode("事项名称,编码\n身份证").0), Ok(TextEncoding::Gb18030));
        assert_eq!(encoding(&utf16("name,code\r\n1,2\r\n", false)), Ok(TextEncoding::Utf16Le));
        assert_eq!(encoding(b"name"), Ok(TextEncoding::Utf8));
    }

    #[test]
    fn a_text_in_no_encoding_is_refused_with_its_line() {
        let mut broken = "事项名称,编码\n居民身份证,1\n".as_bytes().to_vec();
        broken.extend(b"\xFF\xFF,2\n");
        assert_eq!(encoding(&broken).expect_err("broken"), "第 3 行不是 UTF-8、UTF-16 或 GB18030 编码的文字");
        let mut gb18030 = GB18030.encode("事项名称\n身份证\n").0.into_owned();
        gb18030.extend(b"\xFF\n");
        assert!(encoding(&gb18030).expect_err("broken").starts_with("第 3 行"));
        assert!(encoding(b"abc\0\0\0\0\x01\x02").is_err());
    }
}
