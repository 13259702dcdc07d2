//! The middleware around the handlers.

pub(crate) mod admission;
pub mod telemetry;
