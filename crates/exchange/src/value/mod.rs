//! Reads cells as people and spreadsheet programs write them. Each function gives the value, or a problem with the
//! rejected text and a remedy; its path is the caller's.

pub mod apostrophe;
pub mod code;
pub mod date;
pub mod days;
pub mod entries;
pub mod flag;
pub mod line;
pub mod list;
pub mod mode;
pub mod narrow;
pub mod opening;
pub mod protection;
pub(crate) mod rejected;
