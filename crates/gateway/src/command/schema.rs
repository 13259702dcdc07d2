//! `tongban schema`: the schema in the language of schemas; `schema.graphql` is its output.

use super::{Failure, terminal};
use crate::graphql;

pub(super) fn run() -> Result<(), Failure> {
    Ok(terminal::print_as_it_is(&graphql::sdl())?)
}
