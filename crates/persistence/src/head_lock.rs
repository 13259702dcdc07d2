//! Begins a writing transaction: locks the head of the journal.

use std::time::Instant;

use chrono::DateTime;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use crate::clock::Clock;
use crate::connection::retry::{IDLE_TRANSACTION_TIMEOUT, LOCK_TIMEOUT};
use crate::error::Result;
use crate::head::Head;

/// Locks the head, and reads the server's clock in the same statement that sets the timeouts.
pub(crate) async fn lock_head(writer: &DatabaseConnection) -> Result<(DatabaseTransaction, Head, Clock)> {
    let sqlite = writer.get_database_backend() == DbBackend::Sqlite;
    let mode = Some(SqliteTransactionMode::Immediate).filter(|_| sqlite);
    let tx = writer
        .begin_with_options(TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() })
        .await?;
    let mut clock = Clock::None;
    if !sqlite {
        let (waiting, idle) = (LOCK_TIMEOUT.as_millis(), IDLE_TRANSACTION_TIMEOUT.as_millis());
        let settings = format!(
            "set_config('lock_timeout', '{waiting}', true), set_config('idle_in_transaction_session_timeout', '{idle}', true)"
        );
        let statement = format!("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint), {settings}");
        if let Some(row) = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, statement)).await?
            && let Some(now) = DateTime::from_timestamp_micros(row.try_get_by_index(0)?)
        {
            clock = Clock::Server { now, at: Instant::now() };
        }
    }
    let head = Head::lock(&tx).await?;
    Ok((tx, head, clock))
}
