//! PostgreSQL: one pool for reading and writing.

use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::options::OpenOptions;
use super::retry::{LOCK_TIMEOUT, retry_with_backoff};
use crate::error::{Error, Result, hint};
use crate::url::DatabaseUrl;

pub(super) async fn open_postgres(
    url: &DatabaseUrl,
    options: &OpenOptions,
) -> Result<(Option<DatabaseConnection>, DatabaseConnection)> {
    let mut connect = ConnectOptions::new(url.text());
    connect
        .max_connections(16)
        .acquire_timeout(LOCK_TIMEOUT)
        .connect_timeout(LOCK_TIMEOUT)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    let db = Database::connect(connect).await.map_err(|source| {
        let hint = hint(&source);
        Error::Open { database: url.to_string(), source: Box::new(source), hint }
    })?;
    if options.migrate && !options.read_only {
        retry_with_backoff(|| migrations::migrate(&db)).await?;
    }
    Ok(((!options.read_only).then(|| db.clone()), db))
}
