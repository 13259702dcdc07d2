//! Results of writing records.

use domain::journal::Action;
use domain::{Change, Revision};

/// The result of writing a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    Changed(Change),
    /// The stored record is the same.
    Unchanged {
        id: Revision,
        /// Its newest change.
        revision: Revision,
    },
}

/// The action that the journal records for a written record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum JournalAction {
    /// Registered or revised.
    Automatic,
    /// A given action.
    Explicit(Action),
}

/// How many records of a batch were new, changed or unchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) registered: u64,
    pub(crate) revised: u64,
    pub(crate) unchanged: u64,
}

/// The result of writing a batch.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) tally: Tally,
    /// The ids of the records, in their order.
    pub(crate) ids: Vec<i64>,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.registered += other.registered;
        self.revised += other.revised;
        self.unchanged += other.unchanged;
    }
}
