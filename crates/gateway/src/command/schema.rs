//! `tongban schema`: prints the schema in SDL; `schema.graphql` is its output.

use super::failure::Failure;
use super::terminal;
use crate::graphql;

pub(super) fn run() -> Result<(), Failure> {
    Ok(terminal::print_raw(&graphql::sdl())?)
}
