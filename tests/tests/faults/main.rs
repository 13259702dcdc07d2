//! Faults: databases that stop, fail over, are locked, full or lost, and killed processes. Queries are answered
//! throughout, no acknowledged write is lost, and recovery is automatic.

mod clock;
mod database;
mod full;
mod gateways;
mod leaving;
mod process;
mod proxy;
mod torture;
mod traces;
