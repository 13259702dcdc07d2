//! What requests pass through before and after their handlers.

pub(super) mod admission;
pub mod telemetry;
