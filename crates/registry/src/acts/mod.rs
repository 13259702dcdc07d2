//! The acts: the bodies of mutations, a file for each noun. An act takes the request context and its input as a map,
//! and returns an outcome. It knows neither GraphQL nor HTTP.
//!
//! An act finds all problems at once. It reads the form as far as possible (an unreadable code becomes `UNREAD`), looks
//! up every record that the form names, and applies every rule. Each step notes its problems in the unit of work
//! (`Writing`). Only a check that depends on an invalid field is left out. With a problem nothing is written:
//! `Writing::save` returns `None`.

pub mod agreement;
pub mod api_key;
mod content;
pub mod district;
pub mod feedback;
pub mod import_file;
pub mod import_records;
pub mod matter;
pub mod offering;
pub mod person;
pub mod policy;
pub mod several;
pub mod window;
mod write;
mod writing;

use domain::{Agreement, Date, Problem, Problems, RecordKind, Revision};
use serde_json::{Map, Value as Json};

use crate::error::Error;

/// The fields of an input, unread.
pub type Input = Map<String, Json>;

/// The result of an act.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub saved: Option<Saved>,
    /// Sorted by path.
    pub problems: Problems,
    /// What would have been written, if that was all that was asked.
    pub preview: Option<Preview>,
}

/// What an act would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The agreements as they would be.
    pub agreements: Vec<Agreement>,
    /// The first day of the change.
    pub on: Date,
}

/// A record that was written, or that already was as requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub kind: RecordKind,
    /// The revision that created the record.
    pub record: Revision,
    pub revision: Revision,
    /// For an agreement: the version that the act was about.
    pub version: Option<u32>,
    /// For a new API key: the secret.
    pub secret: Option<String>,
}

impl Saved {
    /// Sets the version that the act was about.
    pub fn about(self, version: u32) -> Self {
        Self { version: Some(version), ..self }
    }
}

/// Why an act ended before all its checks.
#[derive(Debug)]
pub enum Abort {
    /// The store refused the record.
    Problems(Problems),
    /// The act was to be previewed alone.
    Preview(Box<Preview>),
    /// An error that is no problem of the input.
    Error(Error),
    /// A conflict with concurrent writes. A retry may succeed.
    Busy(persistence::Error),
}

impl From<Problem> for Abort {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<Problems> for Abort {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<persistence::Error> for Abort {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::Refused(problem) => Self::Problems(vec![*problem]),
            error if error.is_retryable() => Self::Busy(error),
            error => Self::Error(error.into()),
        }
    }
}
