//! What requests pass through before and after their handlers.

pub(crate) mod admission;
pub mod telemetry;
