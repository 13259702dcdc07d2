//! Reads a text file of any encoding as UTF-8 with line feeds, without its mark, and with a line feed at its end.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult};

use super::encoding::{Detected, decoder_of, fill};

const BLOCK: usize = 16 << 10;

/// A reader of UTF-8 over a file in another encoding.
pub struct Utf8Reader<R> {
    file: R,
    decoder: Decoder,
    from: Vec<u8>,
    to: Vec<u8>,
    /// The bytes of `to` that were not read yet.
    ready: std::ops::Range<usize>,
    after_return: bool,
    last: u8,
    is_done: bool,
}

impl<R> std::fmt::Debug for Utf8Reader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Utf8Reader").field("encoding", &self.decoder.encoding().name()).finish_non_exhaustive()
    }
}

impl<R: Read + Seek> Utf8Reader<R> {
    /// Reads the file from its beginning.
    pub fn new(mut file: R, detected: Detected) -> io::Result<Self> {
        file.seek(SeekFrom::Start(detected.mark))?;
        Ok(Self {
            file,
            decoder: decoder_of(detected.encoding).new_decoder_without_bom_handling(),
            from: vec![0; BLOCK],
            to: vec![0; BLOCK * 4],
            ready: 0..0,
            after_return: false,
            last: b'\n',
            is_done: false,
        })
    }

    fn refill(&mut self) -> io::Result<()> {
        let length = fill(&mut self.file, &mut self.from)?;
        let is_last = length < self.from.len();
        // Four bytes of UTF-8 a byte are enough for every encoding, so the output is never full.
        let (result, _, written) =
            self.decoder.decode_to_utf8_without_replacement(&self.from[..length], &mut self.to, is_last);
        if !matches!(result, DecoderResult::InputEmpty) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the text is not in the encoding that was detected",
            ));
        }
        let mut end = 0;
        for at in 0..written {
            let byte = self.to[at];
            let is_second = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if !is_second {
                self.to[end] = if byte == b'\r' { b'\n' } else { byte };
                end += 1;
            }
        }
        self.last = if end > 0 { self.to[end - 1] } else { self.last };
        if is_last && self.last != b'\n' && end < self.to.len() {
            self.to[end] = b'\n';
            end += 1;
        }
        self.is_done = is_last;
        self.ready = 0..end;
        Ok(())
    }
}

impl<R: Read + Seek> Read for Utf8Reader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !self.is_done {
            self.refill()?;
        }
        let length = into.len().min(self.ready.len());
        into[..length].copy_from_slice(&self.to[self.ready.start..self.ready.start + length]);
        self.ready.start += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::encoding::detect;
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut file = Cursor::new(bytes);
        let detected = detect(&mut file).expect("memory").expect("text");
        let mut text = String::new();
        Utf8Reader::new(file, detected).expect("memory").read_to_string(&mut text).expect("memory");
        text
    }

    #[test]
    fn every_encoding_reads_as_utf8_with_line_feeds() {
        assert_eq!(decoded("\u{FEFF}甲,乙\r\n丙\r".as_bytes()), "甲,乙\n丙\n");
        assert_eq!(decoded(&encoding_rs::GB18030.encode("甲\r乙").0), "甲\n乙\n");
        let utf16: Vec<u8> = "\u{FEFF}甲\t𠮷\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&utf16), "甲\t𠮷\n");
    }

    #[test]
    fn characters_may_cross_the_blocks() {
        let text = format!("a{}", "事项名称\r\n".repeat(20_000));
        assert_eq!(decoded(&encoding_rs::GB18030.encode(&text).0), text.replace("\r\n", "\n"));
    }
}
