//! The schedule of a draft: a grid to fill in, and lists from spreadsheets.

mod add;
mod cells;
mod grid;
pub(crate) mod import;
pub(crate) mod page;
