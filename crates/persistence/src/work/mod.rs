//! Units of work: the only way to write.

mod agreement;
mod api_key;
pub(crate) mod context;
mod document;
mod put;
mod read;
pub(crate) mod result;
pub(crate) mod unit_of_work;
