//! What goes wrong beneath the registry: databases that stop, fail over, are locked, full or gone, and processes that are
//! killed. Questions are answered all the while, nothing acknowledged is lost, and nobody has to put anything right.

mod clock;
mod database;
mod full;
mod gateways;
mod process;
mod proxy;
mod torture;
mod traces;
