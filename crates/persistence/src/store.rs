//! The registry's database: SQLite or PostgreSQL, by its URL.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use catalogue::{AgreementFilter, Kept, Loading, Snapshot, Unreadable};
use chrono::{DateTime, Utc};
use domain::{
    Agreement, AgreementNumber, ApiKey, Change, Digest, District, DistrictCode, Document, Id, Matter, Offering, OfferingCode, Policy, RecordKind,
    Recorded, Revision, Scope, Window,
};
use sea_orm::sqlx::PgPool;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnAcquireErr, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{Notify, mpsc};
use tokio::task::AbortHandle;
use tracing::{Instrument as _, instrument, trace_span};

use crate::clock::{Clock, TimeTaken};
use crate::content::ContentStore;
use crate::counts::ChangeCounts;
use crate::error::{Error, Result, hint, is_retryable};
use crate::group_commit::{CommitQueue, SharedWork, Sharing};
use crate::head::Head;
use crate::journal::{self, ChangeQuery, JournalReader, Order};
use crate::number::column;
use crate::offering_cache::OfferingCache;
use crate::table::{self, StoredRecord, Table};
use crate::url::DatabaseUrl;
use crate::work::{Work, WorkMode, WriteContext};
use crate::{actor, key as keys, offering, policy, private_file};

/// A follower that is further behind loads anew, which is faster.
const MAX_FOLLOWED_CHANGES: u64 = 10_000;
/// How long a statement waits for a lock, and a caller for a connection.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a paused writer may hold the head lock.
const IDLE_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout for loading a snapshot or many changes.
const LOAD_TIMEOUT: Duration = Duration::from_secs(300);
const PAGE: u64 = 1_000;
/// Pages that are decoded in parallel.
const DECODED_PAGES: usize = 2;
/// Chunks of lines that wait for the catalogue.
const QUEUED_CHUNKS: usize = 32;
/// The channel of NOTIFY for new revisions.
pub(crate) const CHANNEL: &str = "tongban";
/// After this time without a notification the connection is checked.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The target of the spans for the trace collector. They do not go to the log.
pub const SPAN_TARGET: &str = "tongban::spans";

/// Options for opening a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Run the migrations first, and create a missing SQLite file.
    pub migrate: bool,
    /// Open for reading only.
    pub read_only: bool,
    /// Do not use NOTIFY and LISTEN, which some engines with PostgreSQL's protocol lack. Followers poll.
    pub without_notify: bool,
    /// Folder for contents of documents; `None`: in the database.
    pub documents: Option<PathBuf>,
    /// Trust this machine's clock without comparing it.
    pub trust_clock: bool,
}

/// The registry's database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `None` if opened read-only. SQLite has one connection, since it allows one writer.
    writer: Option<DatabaseConnection>,
    reader: DatabaseConnection,
    commits: CommitQueue,
    changed: Arc<Notify>,
    listener: Option<AbortHandle>,
    /// Uses NOTIFY.
    notifies: bool,
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
        let changed = Arc::new(Notify::new());
        let notifies = reader.get_database_backend() == DbBackend::Postgres && !options.without_notify;
        let listener = notifies.then(|| tokio::spawn(listen(reader.get_postgres_connection_pool().clone(), changed.clone())).abort_handle());
        Ok(Self(Arc::new(Inner {
            writer,
            reader,
            commits: CommitQueue::default(),
            changed,
            listener,
            notifies,
            trusts_clock: options.trust_clock,
            offering_cache: OfferingCache::default(),
            contents: ContentStore { folder: options.documents },
            counts: ChangeCounts::default(),
        })))
    }

    /// Begins a unit of work and waits until it is the only writer. If it fails later with a retryable error
    /// (`Error::is_retryable`), nothing was written, and the whole unit can be run again.
    #[instrument(name = "database begin", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn begin(&self, by: WriteContext) -> Result<Work> {
        self.begin_with(by, WorkMode::Collect(Vec::new())).await
    }

    /// Begins a unit of work in a transaction that waiting writers share (group commit).
    #[instrument(name = "database begin", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn begin_shared(&self, by: WriteContext, sharing: Sharing) -> Result<SharedWork> {
        let shared = async {
            let mut batch = self.0.commits.acquire().await;
            if sharing == Sharing::Alone {
                // Commit those before it first.
                batch.commit().await;
            }
            match batch.work() {
                Some(work) => work.continue_as(by)?,
                None => batch.open(self.begin_with(by, WorkMode::Collect(Vec::new())).await?),
            }
            Ok(SharedWork::new(self.0.commits.clone(), batch, sharing))
        };
        with_timeout(IDLE_TRANSACTION_TIMEOUT + LOCK_TIMEOUT, shared).await
    }

    /// Records date-driven changes since the last recorded day, up to and including today. Only one process records
    /// them. On the first run nothing is recorded for earlier days. The snapshot says which records to look at.
    pub async fn record_date_changes(&self, by: WriteContext, snapshot: &Snapshot) -> Result<Vec<Change>> {
        let today = by.today;
        if Head::read(&self.0.reader).await?.has_recorded_dates(today) {
            return Ok(Vec::new());
        }
        let mut work = self.begin(by).await?;
        if work.head().has_recorded_dates(today) {
            return Ok(Vec::new());
        }
        let Some(since) = work.head().dates_recorded_through.or_else(|| today.pred_opt()) else { return Ok(Vec::new()) };
        let everything = AgreementFilter { on: today, ..AgreementFilter::default() };
        let listed = snapshot.list_agreements(&everything, &Scope::Steward);
        let mut numbers: BTreeSet<AgreementNumber> =
            listed.iter().filter(|listed| !listed.item.date_changes(since, today).is_empty()).map(|listed| listed.code).collect();
        numbers.extend(work.agreements_changed_since(snapshot.revision()).await?);
        let mut retired: BTreeSet<DistrictCode> = snapshot.districts_retired_between(since, today).map(|district| district.code).collect();
        retired.extend(work.districts_changed_since(snapshot.revision()).await?);
        for code in retired {
            work.record_retirement(code, since).await?;
        }
        let mut recorded = Vec::new();
        for number in numbers {
            let Some(agreement) = work.agreement(number).await? else { continue };
            recorded.extend(agreement.date_changes(since, today).into_iter().map(|(on, action)| (on, number, action)));
        }
        recorded.sort_unstable();
        for (day, number, action) in recorded {
            work.record_date_change(number, action, day).await?;
        }
        work.set_dates_recorded_through(today);
        work.commit().await
    }

    pub(crate) async fn begin_with(&self, by: WriteContext, mode: WorkMode) -> Result<Work> {
        if matches!(mode, WorkMode::DryRun) {
            let tx = self.reading().await?;
            let head = Head::read(&tx).await?;
            return Ok(Work::new(self.clone(), tx, head, Clock::Trusted, by, mode));
        }
        let writer = self.writer()?;
        let (tx, head, clock) = with_timeout(LOCK_TIMEOUT + LOCK_TIMEOUT, retry_with_backoff(|| lock_head(writer))).await?;
        let clock = if self.0.trusts_clock { Clock::Trusted } else { clock };
        clock.check(by.now, &head, if matches!(mode, WorkMode::Discard) { TimeTaken::BeforeReading } else { TimeTaken::JustNow })?;
        Ok(Work::new(self.clone(), tx, head, clock, by, mode))
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
        let head = Head::read(&self.0.reader).await?;
        let recorded = head.dates_recorded_through.and_then(|day| day.and_hms_opt(0, 0, 0)).map(|midnight| midnight.and_utc());
        Ok((head.revision > 0).then(|| head.recorded_at.max(recorded.unwrap_or(head.recorded_at))))
    }

    /// Is this machine's clock the only one?
    pub fn depends_on_local_clock(&self) -> bool {
        self.backend() == DbBackend::Sqlite && !self.0.trusts_clock
    }

    /// Begins a read transaction: all its statements see one revision.
    pub(crate) async fn reading(&self) -> Result<DatabaseTransaction> {
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

    /// Loads the current snapshot.
    pub async fn load(&self) -> Result<Snapshot> {
        let tx = self.reading().await?;
        let head = Head::read(&tx).await?;
        let mut loading = Loading::new((&head).into());
        each(&tx, |record: Recorded<District>| loading.district(record)).await?;
        each(&tx, |record: Recorded<Matter>| loading.matter(record)).await?;
        each(&tx, |record: Recorded<Window>| loading.window(record)).await?;
        each(&tx, |record: Recorded<Agreement>| loading.agreement(record)).await?;
        let mut replaced = policy::replaced(&tx).await?;
        each(&tx, |record: Recorded<Policy>| {
            let replaced = replaced.remove(&record.id);
            loading.policy(record, replaced);
        })
        .await?;
        each(&tx, |record: Recorded<Document>| loading.document(record)).await?;
        // There are millions of offerings: the catalogue takes one chunk while the database sends the next.
        let (to, mut lines) = mpsc::channel::<offering::Lines>(QUEUED_CHUNKS);
        let building = tokio::task::spawn_blocking(move || {
            let unreadable = |error: Unreadable| Error::Unreadable(error.to_string());
            while let Some(lines) = lines.blocking_recv() {
                for (district, matter, brief) in lines.read()? {
                    loading.offering(district, matter, brief).map_err(unreadable)?;
                }
            }
            loading.finish().map_err(unreadable)
        });
        let sent = if self.backend() == DbBackend::Sqlite {
            offering::lines(&tx, column(head.revision), to).await
        } else {
            offering::copy_lines(&tx, self.0.reader.get_postgres_connection_pool(), to).await
        };
        let built = building.await.map_err(|error| Error::Unreadable(error.to_string()))?;
        sent.and(built)
    }

    /// The next snapshot; `None` if nothing changed.
    pub async fn follow(&self, snapshot: &Snapshot) -> Result<Option<Snapshot>> {
        let current = snapshot.head();
        let head = with_timeout(LOCK_TIMEOUT, Head::read(&self.0.reader)).await?;
        if head.epoch == current.epoch && head.revision == current.revision && head.digest == current.digest {
            return Ok(None);
        }
        let span = trace_span!(target: SPAN_TARGET, "follow", from = current.revision, to = head.revision);
        self.follow_to(&head, snapshot).instrument(span).await.map(Some)
    }

    async fn follow_to(&self, head: &Head, snapshot: &Snapshot) -> Result<Snapshot> {
        let current = snapshot.head();
        if head.epoch == current.epoch && head.revision > current.revision {
            if head.revision - current.revision > MAX_FOLLOWED_CHANGES {
                tracing::info!(from = current.revision, to = head.revision, "too many changes to follow; loading anew");
                return with_timeout(LOAD_TIMEOUT, self.load()).await;
            }
            let asked = ChangeQuery {
                since: current.revision,
                through: head.revision,
                seen_by: JournalReader::All,
                limit: MAX_FOLLOWED_CHANGES,
                ..ChangeQuery::default()
            };
            let changes = with_timeout(LOAD_TIMEOUT, journal::changes(&self.0.reader, &asked)).await?;
            if changes.first().is_some_and(|first| first.previous == current.digest) {
                return snapshot.apply(&changes).map_err(|error| Error::Unreadable(error.to_string()));
            }
        }
        // Another journal: a backup was restored, or the database was replaced.
        tracing::warn!(from = current.revision, to = head.revision, epoch = head.epoch, "the journal in the database was replaced; loading anew");
        let next = with_timeout(LOAD_TIMEOUT, self.load()).await?;
        self.0.offering_cache.clear();
        Ok(next)
    }

    /// Returns when something may have changed, at the latest after `timeout`. Only for one follower of a process.
    pub async fn wait_for_change(&self, timeout: Duration) {
        // A timeout is no error: the follower checks in either case.
        let _ = tokio::time::timeout(timeout, self.0.changed.notified()).await;
    }

    /// Are other processes notified of new revisions?
    pub(crate) fn notifies(&self) -> bool {
        self.0.notifies
    }

    pub(crate) fn changed(&self) {
        self.0.changed.notify_one();
    }

    /// Offerings at given revisions, in the given order.
    #[instrument(name = "database offerings", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offerings(&self, wanted: &[(Id<Offering>, Revision)]) -> Result<Vec<Kept<Offering>>> {
        self.0.offering_cache.offerings(&self.0.reader, wanted).await
    }

    #[instrument(name = "database offering by code", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offering_by_code(&self, code: OfferingCode) -> Result<Vec<Id<Offering>>> {
        offering::by_code(&self.0.reader, code).await
    }

    #[instrument(name = "database offering by source", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offering_by_source(&self, district: Id<District>, source: &str) -> Result<Option<Id<Offering>>> {
        offering::by_source(&self.0.reader, district, source).await
    }

    /// The offerings of a district that have a name of their own, with it.
    #[instrument(name = "database offering names", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn offering_names(&self, district: Id<District>) -> Result<Vec<(Id<Offering>, String)>> {
        offering::names(&self.0.reader, district).await
    }

    #[instrument(name = "database changes", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn changes(&self, asked: &ChangeQuery) -> Result<Vec<Change>> {
        journal::changes(&self.0.reader, asked).await
    }

    /// How many changes match, regardless of the limit.
    #[instrument(name = "database count changes", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn count_changes(&self, asked: &ChangeQuery) -> Result<u64> {
        if asked.record.is_none() && asked.district.is_none() && !asked.kinds.is_empty() {
            return self.0.counts.count(&self.0.reader, asked).await;
        }
        journal::count(&self.0.reader, asked).await
    }

    /// The revision of the entry with a digest. `None`: this is another journal than the one that the digest was taken
    /// from, or its end was lost.
    pub async fn revision_of(&self, digest: Digest) -> Result<Option<Revision>> {
        journal::revision_of(&self.0.reader, digest).await
    }

    #[instrument(name = "database change", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn change(&self, revision: Revision) -> Result<Option<Change>> {
        Ok(journal::at(&self.0.reader, [revision]).await?.pop())
    }

    /// The last change of a record, up to a revision, that a reader may see.
    pub async fn record_at(&self, kind: RecordKind, record: Revision, at: Revision, seen_by: JournalReader) -> Result<Option<Change>> {
        let record = Some((kind, record));
        let asked = ChangeQuery { through: at, record, seen_by, order: Order::NewestFirst, limit: 1, ..ChangeQuery::default() };
        Ok(self.changes(&asked).await?.pop())
    }

    /// The last change of a record, up to a time, that a reader may see: the record as it was then. Without a document
    /// it had been removed; `None`: it did not exist yet.
    #[instrument(name = "database record at time", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn record_at_time(&self, kind: RecordKind, record: Revision, at: DateTime<Utc>, seen: &JournalReader) -> Result<Option<Change>> {
        journal::at_time(&self.0.reader, kind, record, at, seen).await
    }

    /// Names of actors by their references in the journal. Erased names are missing.
    #[instrument(name = "database actor names", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn actor_names(&self, references: &[String]) -> Result<HashMap<String, String>> {
        actor::names(&self.0.reader, references).await
    }

    /// Erases a name. This is not a change of a record, so it is not in the journal.
    pub async fn forget_actor(&self, clock: &str) -> Result<()> {
        actor::erase(self.writer()?, clock).await
    }

    /// The newest revision of each record (by the revision that created it), up to `through`, that a reader may see, in
    /// one statement.
    #[instrument(name = "database last seen", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn last_seen(&self, records: &[Revision], through: Revision, seen: &JournalReader) -> Result<HashMap<Revision, Revision>> {
        journal::last_seen(&self.0.reader, records, through, seen).await
    }

    /// The content with a digest. `None`: it is not stored, as after an import, which brings no contents.
    #[instrument(name = "database content", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn content(&self, digest: Digest) -> Result<Option<Vec<u8>>> {
        self.0.contents.find(&self.0.reader, digest).await
    }

    pub(crate) fn contents(&self) -> &ContentStore {
        &self.0.contents
    }

    /// The API key whose secret has this hash.
    #[instrument(name = "database key by hash", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn key_by_hash(&self, hash: &str) -> Result<Option<Recorded<ApiKey>>> {
        keys::by_hash(&self.0.reader, hash).await
    }

    pub async fn keys(&self) -> Result<Vec<Recorded<ApiKey>>> {
        Ok(keys::all(&self.0.reader).await?.into_iter().map(|stored| stored.key).collect())
    }

    /// When each key was last used.
    pub async fn key_uses(&self) -> Result<Vec<(Id<ApiKey>, Option<DateTime<Utc>>)>> {
        keys::last_uses(&self.0.reader).await
    }

    /// Records that a key was used. This is not a change of a record, so it is not in the journal.
    pub async fn record_key_use(&self, id: Id<ApiKey>, at: DateTime<Utc>) -> Result<()> {
        match &self.0.writer {
            Some(writer) => keys::touch(writer, id, at).await,
            None => Ok(()),
        }
    }

    pub fn pool(&self) -> Pool {
        let readers = &self.0.reader;
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

    /// Epoch and newest revision of the journal in the database.
    #[instrument(name = "database position", level = "trace", target = SPAN_TARGET, skip_all)]
    pub async fn position(&self) -> Result<Position> {
        let Head { epoch, revision, .. } = Head::read(&self.0.reader).await?;
        Ok(Position { epoch, revision })
    }

    /// Checks that the database answers.
    pub async fn health(&self) -> Result<Health> {
        let began = Instant::now();
        let head = Head::read(&self.0.reader).await?;
        let database = if self.backend() == DbBackend::Sqlite { "SQLite" } else { "PostgreSQL" };
        Ok(Health { database, revision: head.revision, recorded_at: head.recorded_at, took: began.elapsed() })
    }

    /// After many changes: updates the planner's statistics, and truncates SQLite's write-ahead log.
    pub(crate) async fn analyze(&self) {
        let Some(writer) = &self.0.writer else { return };
        let statements: &[&str] =
            if self.backend() == DbBackend::Sqlite { &["PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"] } else { &["ANALYZE"] };
        for statement in statements {
            if let Err(error) = writer.execute_unprepared(statement).await {
                tracing::debug!(%error, statement, "maintenance after an import failed");
            }
        }
    }

    /// Closes all connections after running statements have ended.
    pub async fn close(&self) -> Result<()> {
        if let Some(writer) = &self.0.writer {
            writer.clone().close().await?;
        }
        Ok(self.0.reader.clone().close().await?)
    }
}

/// Reads all records of a kind. Pages are decoded on other threads while the next one is fetched.
async fn each<T: Table>(tx: &DatabaseTransaction, mut take: impl FnMut(Recorded<T>)) -> Result<()> {
    let mut pages = VecDeque::new();
    let mut after = 0;
    loop {
        let page = table::page::<T>(tx, after, PAGE).await?;
        let last = page.last().map(|last| last.id);
        if let Some(last) = last {
            after = last;
            pages.push_back(tokio::task::spawn_blocking(move || page.into_iter().map(StoredRecord::read::<T>).collect::<Result<Vec<_>>>()));
        }
        while pages.len() > last.map_or(0, |_| DECODED_PAGES) {
            let Some(page) = pages.pop_front() else { break };
            page.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?.into_iter().for_each(&mut take);
        }
        if last.is_none() {
            return Ok(());
        }
    }
}

/// A writing connection, whatever the tables. Creates a missing SQLite file.
pub(crate) async fn open_new(url: &DatabaseUrl) -> Result<DatabaseConnection> {
    if let Some(file) = url.file().filter(|file| !file.exists()) {
        create_file(file)?;
    }
    let (writer, reader) = connect(url, &OpenOptions::default()).await?;
    writer.ok_or(Error::ReadOnly).inspect(|_| drop(reader))
}

async fn connect(url: &DatabaseUrl, options: &OpenOptions) -> Result<(Option<DatabaseConnection>, DatabaseConnection)> {
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

/// Says what is wrong with a file, which SQLite's error does not; creates it if allowed.
fn check_file(file: &Path, may_be_made: bool) -> Result<()> {
    let fail = |path: &Path, kind, text: &str| Err(Error::File { path: path.to_owned(), source: io::Error::new(kind, text) });
    match file.metadata() {
        Ok(found) if found.is_dir() => fail(file, io::ErrorKind::IsADirectory, "it is a folder, not the file of a registry"),
        Ok(_) => {
            File::open(file).map_err(|source| Error::File { path: file.to_owned(), source })?;
            if private_file::is_readable_by_others(file) {
                tracing::warn!(file = %file.display(), "others than the owner may read or write the registry's file: chmod 0600");
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match private_file::parent(file) {
            folder if !folder.is_dir() => {
                fail(folder, io::ErrorKind::NotFound, "there is no such folder for the registry's file; make it first (in an address %2F is a slash)")
            }
            _ if may_be_made => create_file(file),
            _ => fail(file, io::ErrorKind::NotFound, "there is no such file"),
        },
        Err(source) => Err(Error::File { path: file.to_owned(), source }),
    }
}

/// Creates an empty file, which is an empty database. SQLite gives its log the same mode.
fn create_file(file: &Path) -> Result<()> {
    match private_file::new_file(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Error::File { path: file.to_owned(), source: error }),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn open_sqlite(url: &DatabaseUrl, options: &OpenOptions) -> Result<(Option<DatabaseConnection>, DatabaseConnection)> {
    let failed = |source| Error::Open { database: url.to_string(), source: Box::new(source), hint: "" };
    let mut writer = None;
    if !options.read_only {
        let mut connect = ConnectOptions::new(url.text());
        connect.max_connections(1).acquire_timeout(LOCK_TIMEOUT).sqlx_logging(false).record_stmt_in_spans(false);
        connect.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
        connect.map_sqlx_sqlite_opts(move |sqlite| {
            // No acknowledged change is lost in a power cut.
            let sqlite = sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            sqlite.foreign_keys(true).busy_timeout(LOCK_TIMEOUT).pragma("cache_size", "-32000").pragma("journal_size_limit", "67108864")
        });
        let db = Database::connect(connect).await.map_err(failed)?;
        if options.migrate {
            retry_with_backoff(|| migrations::migrate(&db)).await?;
        }
        writer = Some(db);
    }
    let mut connect = ConnectOptions::new(url.text());
    connect.max_connections(4).acquire_timeout(LOCK_TIMEOUT).sqlx_logging(false).record_stmt_in_spans(false);
    connect.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    connect.map_sqlx_sqlite_opts(|sqlite| sqlite.read_only(true).busy_timeout(LOCK_TIMEOUT).pragma("cache_size", "-8000"));
    Ok((writer, Database::connect(connect).await.map_err(failed)?))
}

async fn open_postgres(url: &DatabaseUrl, options: &OpenOptions) -> Result<(Option<DatabaseConnection>, DatabaseConnection)> {
    let mut connect = ConnectOptions::new(url.text());
    connect.max_connections(16).acquire_timeout(LOCK_TIMEOUT).connect_timeout(LOCK_TIMEOUT).sqlx_logging(false).record_stmt_in_spans(false);
    let db = Database::connect(connect).await.map_err(|source| {
        let hint = hint(&source);
        Error::Open { database: url.to_string(), source: Box::new(source), hint }
    })?;
    if options.migrate && !options.read_only {
        retry_with_backoff(|| migrations::migrate(&db)).await?;
    }
    Ok(((!options.read_only).then(|| db.clone()), db))
}

/// Locks the head, and reads the server's clock in the same statement that sets the timeouts.
pub(crate) async fn lock_head(writer: &DatabaseConnection) -> Result<(DatabaseTransaction, Head, Clock)> {
    let sqlite = writer.get_database_backend() == DbBackend::Sqlite;
    let mode = Some(SqliteTransactionMode::Immediate).filter(|_| sqlite);
    let tx = writer.begin_with_options(TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() }).await?;
    let mut clock = Clock::None;
    if !sqlite {
        let (waiting, idle) = (LOCK_TIMEOUT.as_millis(), IDLE_TRANSACTION_TIMEOUT.as_millis());
        let settings = format!("set_config('lock_timeout', '{waiting}', true), set_config('idle_in_transaction_session_timeout', '{idle}', true)");
        let asked = format!("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint), {settings}");
        if let Some(row) = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, asked)).await?
            && let Some(now) = DateTime::from_timestamp_micros(row.try_get_by_index(0)?)
        {
            clock = Clock::Server { now, at: Instant::now() };
        }
    }
    let head = Head::lock(&tx).await?;
    Ok((tx, head, clock))
}

/// A database that does not answer in time is unavailable.
async fn with_timeout<T>(timeout: Duration, answer: impl Future<Output = Result<T>>) -> Result<T> {
    let timed_out = || Error::from(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
    tokio::time::timeout(timeout, answer).await.unwrap_or_else(|_| Err(timed_out()))
}

/// Retries while the database is busy, with growing pauses, for as long as a writer waits.
async fn retry_with_backoff<T, E: Into<Error>, F: Future<Output = Result<T, E>>>(mut attempt: impl FnMut() -> F) -> Result<T> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(5);
    loop {
        match attempt().await.map_err(Into::into) {
            Err(Error::Unavailable(error)) if is_retryable(&error) && began.elapsed() < LOCK_TIMEOUT => tokio::time::sleep(pause).await,
            outcome => return outcome,
        }
        pause = (pause * 2).min(Duration::from_millis(320));
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
