//! How the registry is kept, on SQLite, and with `TEST_DATABASE_URL` on PostgreSQL.

mod common;
mod importing;
mod proof;
mod registry;
