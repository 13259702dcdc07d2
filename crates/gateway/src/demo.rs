//! The demo records, embedded in the binary: `tongban serve --demo` imports them into an empty registry.

use chrono::{DateTime, Utc};
use persistence::{Mode, Report, Store, import};
use tempfile::TempDir;

const FILES: [(&str, &[u8]); 6] = [
    ("districts.ndjson", include_bytes!("../demo/districts.ndjson")),
    ("matters.ndjson", include_bytes!("../demo/matters.ndjson")),
    ("policies.ndjson", include_bytes!("../demo/policies.ndjson")),
    ("agreements.ndjson", include_bytes!("../demo/agreements.ndjson")),
    ("offerings.ndjson", include_bytes!("../demo/offerings.ndjson")),
    ("windows.ndjson", include_bytes!("../demo/windows.ndjson")),
];

/// A query that the demo records answer: renewing an identity card of Minhang in Nansha.
pub const MATTER: &str = "LGA000000001";
pub const RECEIVING: &str = "440115";
pub const COMPETENT: &str = "310112";

/// Imports the demo records. Import reads files, so they are written to a temporary folder.
pub async fn import_into(store: &Store, now: DateTime<Utc>) -> Result<Report, Error> {
    let directory = TempDir::with_prefix("tongban-demo-")?;
    let mut paths = Vec::new();
    for (name, content) in FILES {
        let path = directory.path().join(name);
        std::fs::write(&path, content)?;
        paths.push(path);
    }
    Ok(import(store, &paths, Mode::Write, now, &|_| {}).await?)
}

/// The demo records could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Registry(#[from] persistence::Error),
    #[error("the demo records cannot be written to a temporary folder: {0}")]
    Files(#[from] std::io::Error),
}
