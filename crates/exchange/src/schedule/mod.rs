//! Lists of matters for the schedule of an agreement: [`read`] reads them, [`plan`] groups their rows into clauses.

pub(crate) mod carry;
pub mod entry;
pub mod options;
pub(crate) mod pieces;
pub mod plan;
pub mod problem;
pub mod read;
pub(crate) mod repeated;
pub mod report;
pub(crate) mod row;
pub(crate) mod sides;
pub mod summary;
