//! Coverage: which clauses and matters apply between districts on a day.

pub(crate) mod availability;
pub(crate) mod clauses;
mod elsewhere;
pub(crate) mod in_force;
pub(crate) mod matters;
pub(crate) mod one_sided;
pub(crate) mod question;
mod routes;
pub(crate) mod spread;
pub(crate) mod stop;
pub(crate) mod stops;
