//! How the registry is kept, on SQLite, and with `TEST_DATABASE_URL` on PostgreSQL.

#[cfg(test)]
mod acts;
#[cfg(test)]
mod common;
#[cfg(test)]
mod importing;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod together;
