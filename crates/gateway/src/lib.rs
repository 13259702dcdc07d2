//! The gateway: GraphQL, HTTP, pages for people, and the command line.

mod acts;
mod admission;
pub mod app;
pub mod background;
pub mod clock;
pub mod command;
mod database_monitor;
pub mod deadline;
pub mod demo;
pub mod engine;
pub mod error;
pub mod follower;
pub mod graphql;
pub mod http;
pub mod limits;
pub mod metrics;
mod offload;
mod page;
pub mod permission;
pub mod presentation;
pub mod rate_limit;
pub mod request_context;
mod response_size;
mod secret;
pub mod traces;
pub mod viewer;
