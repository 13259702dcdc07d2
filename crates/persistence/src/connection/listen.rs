//! Notifications of new revisions: within this process, and between processes by NOTIFY and LISTEN.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::PgPool;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::retry::{LOCK_TIMEOUT, with_timeout};
use crate::error::{Error, Result};
use domain::Revision;

/// The channel of NOTIFY for new revisions.
const CHANNEL: &str = "tongban";

/// After this time without a notification the connection is checked.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Notifies followers of new revisions. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Notifier {
    changed: Arc<Notify>,
    /// Uses NOTIFY.
    notifies: bool,
}

impl Notifier {
    /// Starts to listen, unless notifications are switched off or the database is SQLite.
    pub(crate) fn start(reader: &DatabaseConnection, without_notify: bool) -> (Self, Option<AbortHandle>) {
        let changed = Arc::new(Notify::new());
        let notifies = reader.get_database_backend() == DbBackend::Postgres && !without_notify;
        let listener = notifies.then(|| {
            tokio::spawn(listen(reader.get_postgres_connection_pool().clone(), changed.clone())).abort_handle()
        });
        (Self { changed, notifies }, listener)
    }

    /// Notifies other processes when the transaction commits.
    pub(crate) async fn notify_others(&self, tx: &DatabaseTransaction, revision: Revision) -> Result<()> {
        if self.notifies {
            tx.execute_unprepared(&format!("NOTIFY {CHANNEL}, '{revision}'")).await?;
        }
        Ok(())
    }

    /// Wakes the follower of this process.
    pub(crate) fn wake(&self) {
        self.changed.notify_one();
    }

    /// Waits until something may have changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// Forwards PostgreSQL's notifications of new revisions. One may get lost, so followers poll too.
async fn listen(pool: PgPool, changed: Arc<Notify>) {
    loop {
        if let Err(error) = listen_once(&pool, &changed).await {
            tracing::debug!(%error, "cannot listen for changes");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Runs until the connection is lost. A connection to a lost machine is silent for ever, so it is checked from time to
/// time.
async fn listen_once(pool: &PgPool, changed: &Notify) -> Result<()> {
    let lost = |error| Error::from(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))));
    let mut listener = PgListener::connect_with(pool).await.map_err(lost)?;
    loop {
        with_timeout(LOCK_TIMEOUT, async { listener.listen(CHANNEL).await.map_err(lost) }).await?;
        while let Ok(heard) = tokio::time::timeout(KEEPALIVE, listener.try_recv()).await {
            // `None`: the connection was lost and reopened; notifications may be missing.
            heard.map_err(lost)?;
            changed.notify_one();
        }
    }
}
