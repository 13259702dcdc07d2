//! Filtered and sorted lists of records.

pub mod agreements;
mod matters;
pub mod names;
pub mod partners;
