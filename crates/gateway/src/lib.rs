//! The gateway: HTTP, pages for people, and the command line.

pub mod app;
pub mod background;
pub mod command;
pub mod demo;
pub mod http;
mod import_report;
pub mod metrics;
pub mod traces;
