//! Progress of an import.

/// Progress of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub step: Step,
    pub done: u64,
    pub of: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Counted in bytes.
    Reading,
    /// Counted in records.
    Checking,
    /// Counted in records.
    Writing,
}

/// Called with the progress.
pub(crate) type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);
