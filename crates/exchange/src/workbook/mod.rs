//! Writes workbooks for offices: templates to be filled in, schedules to be printed and edited, reports of imports.
//! Sheets are never protected, since protection defeats pasting.

pub mod records;
pub mod report;
pub mod schedule;
mod sheet;
pub mod table;
pub mod template;
mod width;

/// A workbook could not be written.
pub type Error = rust_xlsxwriter::XlsxError;
