//! Limits how much is read for one record: an unclosed quotation mark would take the rest of the file.

use std::io::{self, Read};

/// A reader with an allowance.
#[derive(Debug)]
pub(crate) struct Bounded<R> {
    inner: R,
    pub(crate) left: usize,
}

impl<R> Bounded<R> {
    pub(crate) fn new(inner: R, left: usize) -> Self {
        Self { inner, left }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the record finds no end"));
        }
        let most = into.len().min(self.left);
        let read = self.inner.read(&mut into[..most])?;
        self.left -= read;
        Ok(read)
    }
}
