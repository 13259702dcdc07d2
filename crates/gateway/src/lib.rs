//! How it is asked: GraphQL, HTTP, pages for people, the command line; and who asks.

mod acts;
pub mod app;
pub mod asked;
mod beside;
pub mod clock;
pub mod command;
pub mod deadline;
pub mod demo;
pub mod follower;
pub mod graphql;
pub mod http;
pub mod limits;
pub mod metrics;
mod page;
pub mod permission;
mod secret;
pub mod telling;
pub mod traces;
mod watch;
