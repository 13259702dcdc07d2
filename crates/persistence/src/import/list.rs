//! Lists of records that `exchange` reads: workbooks, other encodings than UTF-8, and tables whose columns have the names
//! that offices give them. They are kept in memory, since they are read once.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;

use domain::Problems;
use exchange::memory_index::MatterNames;
use exchange::record::list::{RecordList, RecordRow, read};
use exchange::record::options::Options;
use serde_json::Value;

/// A list, or why the file has none.
pub(crate) type Opened = Result<List, Problems>;

/// A list of records.
#[derive(Debug, Clone)]
pub(crate) struct List(Arc<RecordList>);

impl List {
    pub(crate) fn open(path: &Path, options: &Options, matters: &MatterNames) -> io::Result<Opened> {
        let file = BufReader::new(File::open(path)?);
        Ok(read(file, options).map(|mut list| {
            list.match_matters(matters);
            Self(Arc::new(list))
        }))
    }

    pub(crate) fn of(&self) -> &RecordList {
        &self.0
    }

    pub(crate) fn rows(&self) -> &[RecordRow] {
        &self.0.rows
    }

    /// The line of the row at a position.
    pub(crate) fn line(&self, at: usize) -> Option<(u64, Value)> {
        let row = self.0.rows.get(at)?;
        Some((row.row.into(), row.line.as_ref().ok()?.clone()))
    }
}
