//! Normalises line breaks: LF, CR LF, and CR alone, which some programs still write.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// Reads a file with each single CR replaced by LF. Length and positions stay the same.
#[derive(Debug)]
pub(crate) struct LineFeeds(BufReader<File>);

impl LineFeeds {
    pub(crate) fn new(file: File) -> Self {
        Self(BufReader::with_capacity(1 << 16, file))
    }
}

impl Read for LineFeeds {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.0.fill_buf()?;
        let most = available.len().min(into.len());
        if most == 0 {
            return Ok(0);
        }
        // Leave a CR at the end for the next read: the byte after it is not known yet.
        let taken = if most > 1 && available[most - 1] == b'\r' { most - 1 } else { most };
        into[..taken].copy_from_slice(&available[..taken]);
        self.0.consume(taken);
        let mut from = 0;
        while let Some(at) = memchr::memchr(b'\r', &into[from..taken]).map(|at| from + at) {
            let next = if at + 1 < taken { Some(into[at + 1]) } else { self.0.fill_buf()?.first().copied() };
            if next != Some(b'\n') {
                into[at] = b'\n';
            }
            from = at + 1;
        }
        Ok(taken)
    }
}

impl Seek for LineFeeds {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
