//! Memory accounting.

/// A value whose heap memory is counted.
pub(crate) trait HeapSize {
    /// The heap memory that it owns, in bytes.
    fn heap_bytes(&self) -> usize;
}
