//! The demo records, in the binary: `tongban serve --demo` fills an empty registry with them.

use chrono::{DateTime, Utc};
use persistence::{Mode, Report, Store, import};
use tempfile::TempDir;

/// The files, in the order in which a person would read them.
const FILES: [(&str, &[u8]); 6] = [
    ("districts.ndjson", include_bytes!("../demo/districts.ndjson")),
    ("matters.ndjson", include_bytes!("../demo/matters.ndjson")),
    ("policies.ndjson", include_bytes!("../demo/policies.ndjson")),
    ("agreements.ndjson", include_bytes!("../demo/agreements.ndjson")),
    ("offerings.ndjson", include_bytes!("../demo/offerings.ndjson")),
    ("windows.ndjson", include_bytes!("../demo/windows.ndjson")),
];

/// A question that the demo records answer: renewing an identity card of Minhang in Nansha.
pub const MATTER: &str = "LGA000000001";
pub const RECEIVING: &str = "440115";
pub const COMPETENT: &str = "310112";

/// Brings the demo records in, as any import would. Import reads files, so they become files for a moment.
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

/// The demo records could not be brought in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Registry(#[from] persistence::Error),
    #[error("the demo records cannot become files for a moment: {0}")]
    Files(#[from] std::io::Error),
}
