//! Units of work: the only way to write.

mod agreement;
mod api_key;
pub(crate) mod context;
mod document;
mod feedback;
mod person;
mod put;
pub(crate) mod put_several;
mod read;
pub(crate) mod result;
pub(crate) mod unit_of_work;
