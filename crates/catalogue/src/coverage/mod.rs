//! Coverage: which clauses and matters apply between districts on a day.

pub(crate) mod clauses;
pub(crate) mod matters;
