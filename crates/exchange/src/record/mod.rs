//! Lists of records: what their columns are called, which words stand in them, and how their cells are read into the
//! JSON of a line.

pub mod cell;
pub(crate) mod cell_kind;
pub mod column;
pub mod header;
pub mod json;
pub mod kind;
pub mod list;
mod names;
pub mod object;
pub mod options;
pub mod words;
