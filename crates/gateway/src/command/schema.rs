//! `tongban schema`: prints the schema in SDL; `schema.graphql` is its output.

use graphql::schema::sdl;

use super::failure::Failure;
use super::terminal;

pub(super) fn run() -> Result<(), Failure> {
    Ok(terminal::print_raw(&sdl())?)
}
