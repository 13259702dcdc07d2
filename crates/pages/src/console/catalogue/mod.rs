//! The catalogue for stewards: districts, matters and policies are found, registered and revised.

pub(super) mod districts;
mod editing;
pub(super) mod matters;
pub(super) mod policies;
