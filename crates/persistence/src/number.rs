//! Revisions and ids as the database keeps them: it knows signed numbers only.

use domain::{Id, Revision};

use crate::error::{Error, Result};

/// A revision as a column. Revisions end far below 2^63: what somebody asks for beyond is none.
pub(crate) fn column(revision: Revision) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// The revision in a column.
pub(crate) fn revision(number: i64, table: &'static str, column: &'static str) -> Result<Revision> {
    Revision::try_from(number).map_err(|_| Error::corrupt(table, column, number))
}

/// An id as a column.
pub(crate) fn key<T>(id: Id<T>) -> i64 {
    column(id.number())
}
