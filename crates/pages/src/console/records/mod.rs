//! The records of a district that its registrars maintain: guides and windows, one by one or by a sheet.

mod edit;
pub(super) mod offering;
mod offering_fields;
pub(super) mod offerings;
mod own;
mod report;
pub(super) mod sheet;
pub(super) mod window;
pub(super) mod windows;
