//! Lists of records: what their columns are called, and which words stand in them.

pub mod column;
pub mod kind;
pub mod words;
