//! The registry as its users meet it: every scenario on a registry of its own, on every database.

mod agreement;
mod copies;
mod feed;
mod handling;
mod import;
mod pages;
mod permission;
mod process;
mod proof;
mod sight;
