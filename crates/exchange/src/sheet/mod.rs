//! Streams the rows of one sheet, whatever the form of its file.

pub mod cell;
pub(crate) mod compound;
pub(crate) mod date;
pub(crate) mod merged;
pub mod rows;
pub(crate) mod text_rows;
pub mod xls;
pub(crate) mod xls_bounds;
pub(crate) mod xlsx;
