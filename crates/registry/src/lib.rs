//! The state and the rules of one request: the request and its caller, the snapshot and the unit of work, permissions,
//! rate limits, and the bodies of mutations. No wire format: GraphQL, pages and other front ends call this
//! crate.

pub mod acts;
pub mod admission;
pub mod clock;
pub mod database_monitor;
pub mod deadline;
pub mod effect;
pub mod entries;
pub mod error;
pub mod feed;
pub mod feedback;
pub mod follower;
pub mod limits;
pub mod naming;
pub mod own_records;
pub mod people;
pub mod permission;
pub mod presentation;
pub mod rate_limit;
pub mod request_context;
pub mod response_size;
pub mod secret;
pub mod session;
pub mod total_days;
pub mod viewer;
pub mod workbook;
