//! The header of a sheet: where it is, and which field each column gives.

pub mod columns;
pub mod field;
pub mod find;
pub mod mapping;
pub(crate) mod synonyms;
