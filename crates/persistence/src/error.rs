//! What can go wrong between the registry and its database, by what a caller can do about it.

use std::path::PathBuf;
use std::{fmt, io};

use domain::Problem;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::verify::Break;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database is down or busy: the same again, a little later, may do.
    #[error("the database cannot be used at the moment: {0}")]
    Unavailable(Box<DbErr>),
    #[error("the URL of a database begins with sqlite:// or postgres://")]
    Url,
    /// It was opened for reading.
    #[error("the registry was opened read-only")]
    ReadOnly,
    /// Somebody else who wrote in the same transaction broke off: nothing has happened.
    #[error("the transaction was broken off by another act in it")]
    BrokenOff,
    /// Something that is kept cannot be read.
    #[error("{table}.{column} of {id} cannot be read")]
    Corrupt { table: &'static str, column: &'static str, id: String },
    /// The records are readable, but they do not make a registry.
    #[error("the registry cannot be built from its records: {0}")]
    Unreadable(String),
    /// A rule forbids it.
    #[error("{}", .0.message.en)]
    Refused(Box<Problem>),
    /// The tables are not those of this version.
    #[error("{0}")]
    Migration(String),
    /// The journal and the records do not prove each other.
    #[error("{0}")]
    Broken(Break),
    /// A file of an import or a backup cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    /// A file is no backup that can be restored.
    #[error("{}: {what}", .path.display())]
    Backup { path: PathBuf, what: String },
    /// A file of an import was not the same when it was read again.
    #[error("{} changed while it was read", .0.display())]
    FileChanged(PathBuf),
    #[error("the database refused: {0}")]
    Db(Box<DbErr>),
}

impl Error {
    /// Was somebody else in the way, so that the same unit of work, begun anew, may well succeed at once?
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(error) => is_retryable(error),
            Self::BrokenOff => true,
            Self::Url
            | Self::ReadOnly
            | Self::Corrupt { .. }
            | Self::Unreadable(_)
            | Self::Refused(_)
            | Self::Migration(_)
            | Self::Broken(_)
            | Self::File { .. }
            | Self::Backup { .. }
            | Self::FileChanged(_)
            | Self::Db(_) => false,
        }
    }

    /// The same error, for somebody else who meets it.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Unavailable(error) => Self::Unavailable(error.clone()),
            Self::Db(error) => Self::Db(error.clone()),
            other => Self::Db(Box::new(DbErr::Custom(other.to_string()))),
        }
    }

    /// Nobody can say whether it was done.
    pub(crate) fn unknown_outcome() -> Self {
        Self::Unavailable(Box::new(DbErr::Custom("the commit was broken off".to_owned())))
    }

    pub(crate) fn corrupt(table: &'static str, column: &'static str, id: impl fmt::Display) -> Self {
        Self::Corrupt { table, column, id: id.to_string() }
    }

    pub(crate) fn refused(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_passing(&error) { Self::Unavailable(Box::new(error)) } else { Self::Db(Box::new(error)) }
    }
}

/// Did another writer take the value that must be one of its kind?
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Is the statement worth another try at once? PostgreSQL: serialization failure, deadlock; SQLite: busy,
/// locked.
pub(crate) fn is_retryable(error: &DbErr) -> bool {
    database_code(error).is_some_and(|code| match &*code {
        "40001" | "40P01" => true,
        code => sqlite_primary(code).is_some_and(|code| matches!(code, 5 | 6)),
    })
}

/// Is it the database that cannot just now, and not the statement that is wrong?
fn is_passing(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || is_retryable(error) {
        return true;
    }
    let Some(code) = database_code(error) else { return is_broken_connection(error) };
    match sqlite_primary(&code) {
        // A file that is read-only, cannot be read, has no room to grow, cannot be opened.
        Some(code) => matches!(code, 8 | 10 | 13 | 14),
        // Connection, resources, operator intervention, the system beneath; lock not available, stood still for too long, a
        // server that is read-only, nobody knows whether it was done.
        None => ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || matches!(&*code, "55P03" | "25P03" | "25006" | "40003"),
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Conn(RuntimeErr::SqlxError(error)) => {
            Some(error)
        }
        _ => None,
    }
}

fn database_code(error: &DbErr) -> Option<String> {
    match sqlx_error(error)? {
        sea_orm::sqlx::Error::Database(error) => Some(error.code()?.into_owned()),
        _ => None,
    }
}

fn is_broken_connection(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error;
    matches!(sqlx_error(error), Some(Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed))
}

/// SQLite's codes are numbers of up to four digits; those of PostgreSQL have five characters.
fn sqlite_primary(code: &str) -> Option<i32> {
    if code.len() < 5 { code.parse::<i32>().ok().map(|code| code & 0xff) } else { None }
}
