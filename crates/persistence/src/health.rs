//! Health of the database for monitoring: whether it can be written, the server's clock, how far a standby is behind.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::{Digest, Revision};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::content;
use crate::error::{Error, Result};
use crate::head::Head;
use crate::head_lock::lock_head;
use crate::store::Store;

/// The result of a health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// `SQLite` or `PostgreSQL`.
    pub database: &'static str,
    pub revision: Revision,
    pub recorded_at: DateTime<Utc>,
    /// How long the check took.
    pub took: Duration,
}

/// The state of the connection pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    pub idle: u32,
    pub used: u32,
}

/// The state of the database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerStatus {
    /// Time of the newest journal entry.
    pub recorded_at: DateTime<Utc>,
    /// The server's clock; `None`: SQLite.
    pub clock: Option<DateTime<Utc>>,
    /// The timeline of PostgreSQL, which each promotion changes. `None` on a standby.
    pub timeline: Option<u32>,
    /// On a standby: for how long it may have been missing changes of its primary.
    pub behind: Option<Duration>,
}

/// A standby is up to date if it receives from its primary and has applied everything received. Without a connection to
/// the primary its data is as old as its last transaction.
const STATUS: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint), \
    CASE WHEN NOT pg_is_in_recovery() THEN CAST(CAST('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS bit(32)) AS bigint) END, \
    CASE WHEN NOT pg_is_in_recovery() THEN NULL \
         WHEN EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 \
         ELSE COALESCE(CAST(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000000 AS bigint), 0) END";

/// Larger than a page of any database, so that a table must grow.
const PROBE: usize = 64 * 1024;

impl Store {
    /// Checks that the database answers.
    pub async fn health(&self) -> Result<Health> {
        let began = Instant::now();
        let head = Head::read(self.reader()).await?;
        let database = if self.backend() == DbBackend::Sqlite { "SQLite" } else { "PostgreSQL" };
        Ok(Health { database, revision: head.revision, recorded_at: head.recorded_at, took: began.elapsed() })
    }

    pub fn pool(&self) -> Pool {
        let readers = self.reader();
        let (open, idle) = if self.backend() == DbBackend::Sqlite {
            let pool = readers.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        } else {
            let pool = readers.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        };
        let idle = u32::try_from(idle).unwrap_or(open).min(open);
        Pool { idle, used: open - idle }
    }

    /// After many changes: updates the planner's statistics, and truncates SQLite's write-ahead log.
    pub(crate) async fn analyze(&self) {
        let Ok(writer) = self.writer() else { return };
        let statements: &[&str] = if self.backend() == DbBackend::Sqlite {
            &["PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"]
        } else {
            &["ANALYZE"]
        };
        for statement in statements {
            if let Err(error) = writer.execute_unprepared(statement).await {
                tracing::debug!(%error, statement, "maintenance after an import failed");
            }
        }
    }

    pub async fn server_status(&self) -> Result<ServerStatus> {
        let recorded_at = Head::read(self.reader()).await?.recorded_at;
        let nothing = ServerStatus { recorded_at, clock: None, timeline: None, behind: None };
        if self.backend() == DbBackend::Sqlite {
            return Ok(nothing);
        }
        let row = match self
            .reader()
            .query_one_raw(Statement::from_string(DbBackend::Postgres, STATUS))
            .await
            .map_err(Error::from)
        {
            Ok(Some(row)) => row,
            // Other engines with PostgreSQL's protocol may lack these functions.
            Ok(None) | Err(Error::Db(_)) => return Ok(nothing),
            Err(error) => return Err(error),
        };
        let number = |at| row.try_get_by_index::<Option<i64>>(at);
        Ok(ServerStatus {
            recorded_at,
            clock: number(0)?.and_then(DateTime::from_timestamp_micros),
            timeline: number(1)?.and_then(|timeline| u32::try_from(timeline).ok()),
            behind: number(2)?.map(|micros| Duration::from_micros(micros.unsigned_abs())),
        })
    }

    /// Tests whether the database can be written, without changing anything. `growing`: the write also makes a table
    /// grow, then rolls back; used after a write has failed.
    pub async fn probe(&self, growing: bool) -> Result<()> {
        if growing && self.backend() != DbBackend::Sqlite {
            let mut bytes = vec![0; PROBE];
            let seed =
                Digest::of(self.server_status().await?.clock.unwrap_or_default().to_rfc3339().as_bytes()).to_string();
            // Random bytes: repeated ones would be compressed.
            for (block, place) in bytes.chunks_mut(64).enumerate() {
                let text = Digest::of(format!("{seed}{block}").as_bytes()).to_string();
                place.copy_from_slice(&text.as_bytes()[text.len() - 64..]);
            }
            let (tx, _, _) = lock_head(self.writer()?).await?;
            content::put(&tx, Digest::of(&bytes), &bytes).await?;
            tx.rollback().await?;
        }
        let (tx, head, _) = lock_head(self.writer()?).await?;
        head.write(&tx).await?;
        tx.commit().await?;
        Ok(())
    }
}
