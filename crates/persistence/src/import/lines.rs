//! Reads a file line by line, with a limit on their length. Lines end with LF, CR LF or CR.

use std::fs::File;
use std::io::{BufRead, BufReader, Result, Seek, SeekFrom};

pub(crate) const MAX_LINE_BYTES: usize = 8 << 20;

/// The result of reading a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The line is in the buffer.
    Line {
        /// Does it end with a line break?
        ended: bool,
    },
    TooLong,
}

#[derive(Debug)]
pub(crate) struct Lines {
    reader: BufReader<File>,
    /// Where the next line begins.
    pub(crate) byte: u64,
    /// The number of the next line.
    pub(crate) line: u64,
}

impl Lines {
    pub(crate) fn new(file: File) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, file), byte: 0, line: 1 }
    }

    pub(crate) fn go(&mut self, byte: u64, line: u64) -> Result<()> {
        if byte != self.byte {
            self.reader.seek(SeekFrom::Start(byte))?;
        }
        (self.byte, self.line) = (byte, line);
        Ok(())
    }

    /// Reads the next line into the buffer, without its line break; `None` at the end.
    pub(crate) fn next(&mut self, buffer: &mut Vec<u8>) -> Result<Option<Found>> {
        buffer.clear();
        let mut too_long = false;
        let mut read = 0;
        let ended = loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break false;
            }
            let end = memchr::memchr2(b'\n', b'\r', available);
            let part = &available[..end.unwrap_or(available.len())];
            too_long |= buffer.len() + part.len() > MAX_LINE_BYTES;
            if too_long {
                buffer.clear();
            } else {
                buffer.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            let is_return = end.is_some_and(|end| available[end] == b'\r');
            read += used as u64;
            self.reader.consume(used);
            if is_return && self.reader.fill_buf()?.first() == Some(&b'\n') {
                read += 1;
                self.reader.consume(1);
            }
            if end.is_some() {
                break true;
            }
        };
        if read == 0 {
            return Ok(None);
        }
        if self.byte == 0 && buffer.starts_with(b"\xEF\xBB\xBF") {
            buffer.drain(..3);
        }
        self.byte += read;
        self.line += 1;
        Ok(Some(if too_long { Found::TooLong } else { Found::Line { ended } }))
    }
}
