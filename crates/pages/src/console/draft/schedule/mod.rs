//! The schedule of a draft: a grid to fill in, and lists from spreadsheets.

mod add;
mod cells;
mod grid;
pub(in crate::console) mod import;
pub(in crate::console) mod page;
