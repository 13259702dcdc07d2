//! How to open a store.

use std::path::PathBuf;

/// Options for opening a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Run the migrations first, and create a missing SQLite file.
    pub migrate: bool,
    /// Open for reading only.
    pub read_only: bool,
    /// Do not use NOTIFY and LISTEN, which some engines with PostgreSQL's protocol lack. Followers poll.
    pub without_notify: bool,
    /// Folder for contents of documents; `None`: in the database.
    pub documents: Option<PathBuf>,
    /// Trust this machine's clock without comparing it.
    pub trust_clock: bool,
}
