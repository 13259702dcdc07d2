//! What people see: the portal for everybody, and the console for those who sign in, rendered on the server. The pages work without scripts and load nothing from other
//! sites. A page is a function of a request and a snapshot; the gateway brings the one and sends the other.

mod address;

pub mod asset;
pub mod cache;
pub mod console;
mod form;
mod frame;
pub mod language;
mod link;
mod name;
mod pager;
pub mod portal;
pub mod request;
pub mod response;
pub mod session;
mod side;
pub mod site;
pub mod submission;
pub mod view;
mod visit;
mod xml;
