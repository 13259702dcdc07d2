//! The body of every mutation, a file for each noun: it takes the request and its input, and gives back what came of it.
//! Nothing here knows GraphQL or HTTP: whoever asks hands in a map, and wraps the outcome.
//!
//! Every act tells all that is wrong at once. The form is read as far as it can be read (a code that cannot be read is
//! `UNREAD`), then everything that it names is looked up and every rule is asked, and each notes its problems in the unit of
//! work (`Writing`). Only what truly depends on a faulty neighbour waits for the next round. Nothing is written while there
//! is a problem: `Writing::save` gives `None` then.

pub(crate) mod agreement;
pub(crate) mod api_key;
pub(crate) mod district;
pub(crate) mod matter;
pub(crate) mod offering;
pub(crate) mod policy;
pub(crate) mod several;
pub(crate) mod window;
mod write;
mod writing;

use domain::{Problem, Problems, RecordKind, Revision};
use serde_json::{Map, Value as Json};

pub(crate) use crate::graphql::error::Fault;
pub(crate) use write::write;
pub(crate) use writing::Writing;

/// The fields of an input, as they came.
pub(crate) type Input = Map<String, Json>;

/// What came of a mutation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) saved: Option<Saved>,
    /// Sorted by their paths.
    pub(crate) problems: Problems,
}

/// A record that was written, or was like that already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) kind: RecordKind,
    /// The revision that created the record.
    pub(crate) record: Revision,
    pub(crate) revision: Revision,
    /// Of an agreement: the version that it was about.
    pub(crate) version: Option<u32>,
    /// Of a key: what is told once.
    pub(crate) secret: Option<String>,
}

impl Saved {
    /// The version that the act was about.
    pub(crate) fn about(self, version: u32) -> Self {
        Self { version: Some(version), ..self }
    }
}

/// Why an act broke off before all was looked at.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The store refused it.
    Problems(Problems),
    /// What stands outside the office.
    Fault(Fault),
    /// Others were in the way: the same again may do.
    Busy(persistence::Error),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<Problems> for Refusal {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<persistence::Error> for Refusal {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::Refused(problem) => Self::Problems(vec![*problem]),
            error if error.is_retryable() => Self::Busy(error),
            error => Self::Fault(error.into()),
        }
    }
}
