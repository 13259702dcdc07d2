//! The target of tracing spans for the trace collector.

/// The target of the spans for the trace collector. They do not go to the log.
pub const SPAN_TARGET: &str = "tongban::spans";
