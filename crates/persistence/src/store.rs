//! The registry's database: SQLite or PostgreSQL, by its URL.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Revision;
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::task::AbortHandle;
use tracing::instrument;

use crate::connection::connect;
use crate::connection::listen::Notifier;
use crate::connection::options::OpenOptions;
use crate::content::ContentStore;
use crate::error::{Error, Result};
use crate::group_commit::CommitQueue;
use crate::head::Head;
use crate::journal::counts::ChangeCounts;
use crate::offering_cache::OfferingCache;
use crate::spans::SPAN_TARGET;
use crate::url::DatabaseUrl;

/// The registry's database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `None` if opened read-only. SQLite has one connection, since it allows one writer.
    writer: Option<DatabaseConnection>,
    reader: DatabaseConnection,
    commits: CommitQueue,
    notifier: Notifier,
    listener: Option<AbortHandle>,
    trusts_clock: bool,
    offering_cache: OfferingCache,
    contents: ContentStore,
    counts: ChangeCounts,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

/// The position of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Changes when a backup is restored.
    pub epoch: String,
    pub revision: Revision,
}

impl Store {
    /// Opens `sqlite://FILE` or `postgres://…`.
    pub async fn open(url: &str, options: OpenOptions) -> Result<Self> {
        Self::open_at(&url.parse()?, options).await
    }

    pub async fn open_at(url: &DatabaseUrl, options: OpenOptions) -> Result<Self> {
        let (writer, reader) = connect(url, &options).await?;
        let behind = migrations::pending(&reader).await?;
        if !behind.is_empty() {
            return Err(Error::Migration(format!("the database lacks {}: run `tongban migrate`", behind.join(", "))));
        }
        let (notifier, listener) = Notifier::start(&reader, options.without_notify);
        Ok(Self(Arc::new(Inner {
            writer,
            reader,
            commits: CommitQueue::default(),
            notifier,
            listener,
            trusts_clock: options.trust_clock,
            offering_cache: OfferingCache::default(),
            contents: ContentStore { folder: options.documents },
            counts: ChangeCounts::default(),
        })))
    }

    pub(crate) fn writer(&self) -> Result<&DatabaseConnection> {
        self.0.writer.as_ref().ok_or(Error::ReadOnly)
    }

    /// Was the store opened for writing?
    pub fn is_writable(&self) -> bool {
        self.0.writer.is_some()
    }

    /// The latest time that the registry is known to have run at, if there is no other clock to compare with.
    pub async fn last_recorded_at(&self) -> Result<Option<DateTime<Utc>>> {
        if self.0.trusts_clock || self.backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        let head = Head::read(self.reader()).await?;
        let recorded =
            head.dates_recorded_through.and_then(|day| day.and_hms_opt(0, 0, 0)).map(|midnight| midnight.and_utc());
        Ok((head.revision > 0).then(|| head.recorded_at.max(recorded.unwrap_or(head.recorded_at))))
    }

    /// Is this machine's clock the only one?
    pub fn depends_on_local_clock(&self) -> bool {
        self.backend() == DbBackend::Sqlite && !self.0.trusts_clock
    }

    /// Begins a read transaction: all its statements see one revision.
    pub(crate) async fn begin_read(&self) -> Result<DatabaseTransaction> {
        let sqlite = self.backend() == DbBackend::Sqlite;
        let options = TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead).filter(|_| !sqlite),
            access_mode: Some(AccessMode::ReadOnly).filter(|_| !sqlite),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred).filter(|_| sqlite),
        };
        Ok(self.0.reader.begin_with_options(options).await?)
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.0.reader
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.0.reader.get_database_backend()
    }

    /// Epoch and newest revision of the journal in the database.
    #[instrument(name = "database position", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn position(&self) -> Result<Position> {
        let Head { epoch, revision, .. } = Head::read(self.reader()).await?;
        Ok(Position { epoch, revision })
    }

    /// Closes all connections after running statements have ended.
    pub async fn close(&self) -> Result<()> {
        if let Some(writer) = &self.0.writer {
            writer.clone().close().await?;
        }
        Ok(self.0.reader.clone().close().await?)
    }

    pub(crate) fn contents(&self) -> &ContentStore {
        &self.0.contents
    }

    pub(crate) fn commits(&self) -> &CommitQueue {
        &self.0.commits
    }

    pub(crate) fn notifier(&self) -> &Notifier {
        &self.0.notifier
    }

    pub(crate) fn trusts_clock(&self) -> bool {
        self.0.trusts_clock
    }

    pub(crate) fn offering_cache(&self) -> &OfferingCache {
        &self.0.offering_cache
    }

    pub(crate) fn counts(&self) -> &ChangeCounts {
        &self.0.counts
    }
}
