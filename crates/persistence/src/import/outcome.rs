//! What an import does with each record.

use std::collections::BTreeSet;

use domain::Record;
use domain::import::Verdict;
use serde_json::{Map, Value};

use super::fault::Location;

/// What becomes of the record of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) at: Location,
    pub(crate) verdict: Verdict,
    /// The fields that change.
    pub(crate) changes: Vec<String>,
}

impl Outcome {
    pub(crate) fn unchanged(at: Location) -> Self {
        Self { at, verdict: Verdict::Unchanged, changes: Vec::new() }
    }

    /// Compares a record with the stored line that it replaces.
    pub(crate) fn of(at: Location, stored: Option<&str>, record: &Record) -> Self {
        let Some(stored) = stored else { return Self { at, verdict: Verdict::Create, changes: Vec::new() } };
        let fields = |line: &str| serde_json::from_str::<Map<String, Value>>(line).unwrap_or_default();
        let (before, after) = (fields(stored), fields(&record.line()));
        let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let changes: Vec<String> =
            all.into_iter().filter(|field| before.get(*field) != after.get(*field)).cloned().collect();
        let verdict = if changes.is_empty() { Verdict::Unchanged } else { Verdict::Update };
        Self { at, verdict, changes }
    }
}
