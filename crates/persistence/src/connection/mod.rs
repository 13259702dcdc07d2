//! Opens connections to SQLite and PostgreSQL.

pub(crate) mod listen;
pub(crate) mod options;
mod postgres;
pub(crate) mod retry;
mod sqlite;

use sea_orm::DatabaseConnection;

use self::options::OpenOptions;
use self::postgres::open_postgres;
use self::sqlite::{check_file, create_file, open_sqlite};
use crate::error::{Error, Result};
use crate::url::DatabaseUrl;

/// A writing connection, whatever the tables. Creates a missing SQLite file.
pub(crate) async fn open_new(url: &DatabaseUrl) -> Result<DatabaseConnection> {
    if let Some(file) = url.file().filter(|file| !file.exists()) {
        create_file(file)?;
    }
    let (writer, reader) = connect(url, &OpenOptions::default()).await?;
    writer.ok_or(Error::ReadOnly).inspect(|_| drop(reader))
}

pub(crate) async fn connect(
    url: &DatabaseUrl,
    options: &OpenOptions,
) -> Result<(Option<DatabaseConnection>, DatabaseConnection)> {
    match url {
        DatabaseUrl::Sqlite { file, .. } => {
            if let Some(file) = file {
                check_file(file, options.migrate && !options.read_only)?;
            }
            open_sqlite(url, options).await
        }
        DatabaseUrl::PostgreSql { .. } => open_postgres(url, options).await,
    }
}
