//! How it is asked: GraphQL, HTTP, pages for people, the command line; and who asks.

mod acts;
pub mod app;
pub mod clock;
pub mod command;
mod database_monitor;
pub mod deadline;
pub mod demo;
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
pub mod request_context;
mod secret;
pub mod traces;
pub mod viewer;
