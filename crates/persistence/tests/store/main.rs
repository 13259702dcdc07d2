//! The store on SQLite, and with `TEST_DATABASE_URL` on PostgreSQL.

#[cfg(test)]
mod all_problems;
#[cfg(test)]
mod common;
#[cfg(test)]
mod csv;
#[cfg(test)]
mod export;
#[cfg(test)]
mod group_commit;
#[cfg(test)]
mod import;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod unit_of_work;
#[cfg(test)]
mod verify;
