//! Builds a registry from import lines, for tests.

use catalogue::{Head, Snapshot};
use chrono::DateTime;
use domain::journal::Action;
use domain::{Change, Date, Digest, Record};
use serde_json::Value;

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// The snapshot after these lines, applied in order.
pub(crate) fn registry(lines: &[Value]) -> Snapshot {
    let head =
        Head { epoch: "test".to_owned(), revision: 0, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH };
    let changes: Vec<Change> = lines.iter().zip(1..).map(|(line, revision)| change(revision, revision, line)).collect();
    Snapshot::empty(head).apply(&changes).expect("every reference resolves")
}

pub(crate) fn change(revision: u64, record: u64, line: &Value) -> Change {
    let read = Record::from_line(&line.to_string()).unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
    Change {
        revision,
        recorded_at: DateTime::UNIX_EPOCH,
        actor: "test".to_owned(),
        on_behalf_of: None,
        kind: read.kind(),
        action: Action::Registered,
        record,
        document: Some(read.line()),
        previous: Digest::GENESIS,
        digest: Digest::GENESIS,
    }
}
