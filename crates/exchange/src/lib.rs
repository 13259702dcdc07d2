//! In which form do records come and go? Reads the files that offices have: NDJSON, CSV and TSV in their encodings,
//! workbooks of Excel and WPS. Knows the domain only: what a file means in a registry is looked up through traits.
//!
//! - [`mod@file`]: recognises a file by its content and refuses what cannot be read.
//! - [`text`]: encodings and delimiters of text files.
//! - [`sheet`]: streams the rows of one sheet.
//! - [`header`]: finds the header and maps columns to fields.
//! - [`value`]: reads cells as people and spreadsheet programs write them.
//! - [`schedule`]: reads a list of matters for the schedule of an agreement, and groups its rows into clauses.
//! - [`record`]: the columns of lists of records.
//! - [`workbook`]: writes workbooks: templates, and the schedule of a version.

pub mod file;
pub mod form;
pub mod header;
pub mod matching;
pub mod memory_index;
pub mod record;
pub mod refusal;
pub mod row_kind;
pub mod schedule;
pub mod sheet;
pub mod side;
pub mod similarity;
pub mod text;
pub mod value;
pub mod workbook;
