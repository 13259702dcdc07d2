//! Conversion of revisions and ids to the signed integers of the database.

use domain::{Id, Revision};

use crate::error::{Error, Result};

/// A revision as a column value. Revisions stay far below 2^63; a larger one in a query matches nothing.
pub(crate) fn column(revision: Revision) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// The revision in a column value.
pub(crate) fn revision(number: i64, table: &'static str, column: &'static str) -> Result<Revision> {
    Revision::try_from(number).map_err(|_| Error::corrupt(table, column, number))
}

/// An id as a column value.
pub(crate) fn key<T>(id: Id<T>) -> i64 {
    column(id.number())
}
