//! Lists of matters in files: a file between the steps of its import, how to read it, and what came of reading it.

pub(super) mod file;
pub(super) mod options;
pub(super) mod report;
