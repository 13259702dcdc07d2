//! `tongban schema`: prints the schema in SDL; `schema.graphql` is its output.

use super::failure::Failure;
use super::terminal;
use crate::graphql::schema::sdl;

pub(super) fn run() -> Result<(), Failure> {
    Ok(terminal::print_raw(&sdl())?)
}
