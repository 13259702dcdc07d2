//! Errors of the store, distinguished by what a caller can do about them.

use std::path::PathBuf;
use std::{fmt, io};

use chrono::{DateTime, Utc};
use domain::{Message, Problem};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Why the database is unavailable at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnavailableReason {
    /// It does not answer, or the connection was lost.
    Unreachable,
    /// Locks of other transactions, or too many connections.
    Busy,
    /// Its disk or its quota is full.
    Full,
    /// It accepts no writes: a standby, or a fenced server.
    ReadOnly,
    /// This machine's clock is wrong.
    Clock,
}

impl UnavailableReason {
    pub const ALL: [Self; 5] = [Self::Unreachable, Self::Busy, Self::Full, Self::ReadOnly, Self::Clock];

    /// The code in answers and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "UNREACHABLE",
            Self::Busy => "BUSY",
            Self::Full => "DISK_FULL",
            Self::ReadOnly => "READ_ONLY",
            Self::Clock => "CLOCK",
        }
    }
}

/// The clock with which this machine's clock was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockReference {
    /// The clock of the database's server.
    Database,
    /// The newest entry of the journal.
    Journal,
}

impl fmt::Display for ClockReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database => "the database's clock",
            Self::Journal => "the journal's newest entry",
        })
    }
}

/// The first inconsistency that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inconsistency {
    pub table: &'static str,
    /// The revision or id of the row.
    pub key: String,
    pub what: String,
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.table, self.key, self.what)
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database is down or busy. A retry may succeed.
    #[error("the database is unavailable: {0}")]
    Unavailable(Box<DbErr>),
    /// The database URL is invalid. The text contains no secrets.
    #[error("{0}")]
    Url(String),
    /// The database cannot be opened. `hint` says what to check.
    #[error("{database} cannot be opened: {source}{hint}")]
    Open { database: String, source: Box<DbErr>, hint: &'static str },
    /// The file is something else than a SQLite database.
    #[error("{}: {}", .file.display(), .message.en)]
    NotADatabase { file: PathBuf, message: Message },
    /// This machine's clock is wrong, so nothing is written.
    #[error(
        "this machine's clock shows {now}, {reference} shows {reference_time}: nothing is written until they agree"
    )]
    Clock { now: DateTime<Utc>, reference: ClockReference, reference_time: DateTime<Utc> },
    /// The store was opened read-only.
    #[error("the registry was opened read-only")]
    ReadOnly,
    /// Another unit of work in the shared transaction was aborted. Nothing was written.
    #[error("the transaction was aborted by another unit of work")]
    Aborted,
    /// A stored value cannot be read.
    #[error("{table}.{column} of {id} cannot be read")]
    Corrupt { table: &'static str, column: &'static str, id: String },
    /// The catalogue cannot be built from the records.
    #[error("the registry cannot be built from its records: {0}")]
    Unreadable(String),
    /// A rule forbids the change.
    #[error("{}", .0.message.en)]
    Refused(Box<Problem>),
    /// The tables do not fit this version.
    #[error("{0}")]
    Migration(String),
    /// Journal and records contradict each other.
    #[error("{0}")]
    Inconsistent(Inconsistency),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    /// The file is not a backup that can be restored.
    #[error("{}: {what}", .path.display())]
    Backup { path: PathBuf, what: String },
    /// An imported file changed between two reads.
    #[error("{} changed while it was read", .0.display())]
    FileChanged(PathBuf),
    #[error("the database rejected the statement: {0}")]
    Db(Box<DbErr>),
}

impl Error {
    /// May the same unit of work succeed when it is begun again at once?
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(error) => is_retryable(error),
            Self::Aborted => true,
            Self::Url(_)
            | Self::Open { .. }
            | Self::NotADatabase { .. }
            | Self::Clock { .. }
            | Self::ReadOnly
            | Self::Corrupt { .. }
            | Self::Unreadable(_)
            | Self::Refused(_)
            | Self::Migration(_)
            | Self::Inconsistent(_)
            | Self::Output(_)
            | Self::File { .. }
            | Self::Backup { .. }
            | Self::FileChanged(_)
            | Self::Db(_) => false,
        }
    }

    /// Why the database is unavailable, if the error is temporary.
    pub fn unavailable_reason(&self) -> Option<UnavailableReason> {
        match self {
            Self::Unavailable(error) => Some(unavailable_reason(error)),
            Self::Aborted => Some(UnavailableReason::Busy),
            Self::Clock { .. } => Some(UnavailableReason::Clock),
            Self::ReadOnly => Some(UnavailableReason::ReadOnly),
            Self::Url(_)
            | Self::Open { .. }
            | Self::NotADatabase { .. }
            | Self::Corrupt { .. }
            | Self::Unreadable(_)
            | Self::Refused(_)
            | Self::Migration(_)
            | Self::Inconsistent(_)
            | Self::Output(_)
            | Self::File { .. }
            | Self::Backup { .. }
            | Self::FileChanged(_)
            | Self::Db(_) => None,
        }
    }

    /// A copy of the error for another unit of work of the same transaction.
    pub(crate) fn duplicate(&self) -> Self {
        match self {
            Self::Unavailable(error) => Self::Unavailable(error.clone()),
            Self::Db(error) => Self::Db(error.clone()),
            Self::Clock { now, reference, reference_time } => {
                Self::Clock { now: *now, reference: *reference, reference_time: *reference_time }
            }
            other => Self::Db(Box::new(DbErr::Custom(other.to_string()))),
        }
    }

    /// It is unknown whether the commit succeeded.
    pub(crate) fn unknown_outcome() -> Self {
        Self::Unavailable(Box::new(DbErr::Custom("the commit was interrupted".to_owned())))
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

/// What to check when the server refuses the connection.
pub(crate) fn hint(error: &DbErr) -> &'static str {
    match database_code(error).as_deref() {
        Some("28P01") => "; a % in the password is written %25, an @ is %40, a / is %2F",
        Some("3D000") => "; make the database first: createdb --owner=tongban --encoding=UTF8 tongban",
        Some(_) => "",
        None if error.to_string().contains("lookup address") => {
            "; no host has this name: look at it, and at the password before it, in which an @ is written %40, a / is %2F and a % is %25"
        }
        None => "",
    }
}

/// Was a unique constraint violated?
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Is an immediate retry worthwhile? PostgreSQL: serialization failure, deadlock. SQLite: busy, locked.
pub(crate) fn is_retryable(error: &DbErr) -> bool {
    database_code(error).is_some_and(|code| match &*code {
        "40001" | "40P01" => true,
        code => sqlite_primary(code).is_some_and(|code| matches!(code, 5 | 6)),
    })
}

/// Is the error temporary, and not a fault of the statement?
fn is_passing(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || is_retryable(error) {
        return true;
    }
    let Some(code) = database_code(error) else { return is_broken_connection(error) };
    match sqlite_primary(&code) {
        // SQLite: read-only, I/O error, full, cannot open.
        Some(code) => matches!(code, 8 | 10 | 13 | 14),
        // PostgreSQL, classes: connection, insufficient resources, operator intervention, system error. Codes: lock not
        // available, idle transaction timeout, read-only transaction, statement completion unknown.
        None => {
            ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class))
                || matches!(&*code, "55P03" | "25P03" | "25006" | "40003")
        }
    }
}

/// SQLite could not grow its shared memory file. A full disk shows as this error.
const SHARED_MEMORY_SIZE: &str = "4874";

fn unavailable_reason(error: &DbErr) -> UnavailableReason {
    if is_retryable(error) {
        return UnavailableReason::Busy;
    }
    let Some(code) = database_code(error) else { return UnavailableReason::Unreachable };
    match (sqlite_primary(&code), &*code) {
        (Some(13), _) | (_, SHARED_MEMORY_SIZE) | (None, "53100") => UnavailableReason::Full,
        (Some(8), _) | (None, "25006") => UnavailableReason::ReadOnly,
        (None, "55P03") => UnavailableReason::Busy,
        (None, code) if code.starts_with("53") => UnavailableReason::Busy,
        _ => UnavailableReason::Unreachable,
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(error),
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
    matches!(
        sqlx_error(error),
        Some(Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed)
    )
}

/// The primary code of SQLite. Its codes have up to four digits, those of PostgreSQL five characters.
fn sqlite_primary(code: &str) -> Option<i32> {
    if code.len() < 5 { code.parse::<i32>().ok().map(|code| code & 0xff) } else { None }
}
