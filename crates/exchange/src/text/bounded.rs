//! Limits how much is read for one record: an unclosed quotation mark would take the rest of the file.

use std::io::{self, Read};

/// A reader with an allowance.
#[derive(Debug)]
pub(crate) struct Bounded<R> {
    inner: R,
    pub(crate) left: usize,
    /// Quotation marks that were read.
    pub(crate) quotation_marks: u64,
}

impl<R> Bounded<R> {
    pub(crate) fn new(inner: R, left: usize) -> Self {
        Self { inner, left, quotation_marks: 0 }
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
        self.quotation_marks += into[..read].iter().filter(|byte| **byte == b'"').count() as u64;
        Ok(read)
    }
}
