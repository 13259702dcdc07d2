//! Handles of records in a snapshot, and shared records.

use std::sync::Arc;

use domain::Recorded;

/// A record in the catalogue, shared between snapshots.
pub type Kept<T> = Arc<Recorded<T>>;

/// The index of a record in the vector of its kind; the same in every later snapshot of this process.
pub(crate) type Handle = u32;

pub(crate) fn handle_of(index: usize) -> Handle {
    Handle::try_from(index).expect("a registry has fewer than four thousand million records of a kind")
}
