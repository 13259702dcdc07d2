//! Files: recognised by their content, never by their extension, and opened as sheets.

pub(crate) mod container;
pub mod input;
pub(crate) mod markup;
pub(crate) mod ole;
pub mod recognise;
