//! The registry as its users meet it: every scenario on a registry of its own, on every database.

mod accession;
mod again;
mod amendment;
mod at_once;
mod backup;
mod copies;
mod district;
mod document;
mod feed;
mod handling;
mod import;
mod membership;
mod mirror;
mod model;
mod notice;
mod pages;
mod paper;
mod permission;
mod process;
mod proof;
mod proposal;
mod search;
mod sight;
mod suspension;
mod together;
mod writing;
