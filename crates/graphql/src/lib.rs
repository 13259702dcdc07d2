//! The GraphQL interface: the schema with a file for each noun, and the engine that runs documents. An object
//! wraps the domain's value and copies nothing.

// The macros of `graphql-macros` name this crate.
extern crate self as graphql;

pub mod agreement;
pub mod api_key;
pub mod availability;
pub mod change;
pub mod clause;
pub mod connection;
pub(crate) mod context;
pub mod direct_fields;
pub mod district;
pub mod document;
pub mod engine;
pub mod enums;
pub mod feedback;
pub mod finding;
pub mod found_name;
pub mod handling;
pub mod ids;
pub mod import;
pub mod input;
pub mod matter;
pub mod mutation;
pub mod node;
mod nullability;
pub mod offering;
pub mod offering_part;
pub mod person;
pub mod policy;
pub mod problem;
pub mod query;
pub mod registry;
pub mod scalar;
pub mod schema;
pub mod search;
pub mod task;
pub mod terms;
pub mod vocabulary;
pub mod window;
pub mod write;

#[cfg(test)]
mod line_fields;
#[cfg(test)]
mod permission_table;
