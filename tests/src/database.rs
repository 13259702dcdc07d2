//! A database for one test: a SQLite file in a temporary folder, or a PostgreSQL database that is created for the test
//! and dropped after it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use tempfile::TempDir;

/// The database engine of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    PostgreSql,
}

impl Engine {
    /// Is it available? SQLite always is, PostgreSQL with `TEST_DATABASE_URL`.
    pub fn is_there(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::PostgreSql => server().is_some(),
        }
    }
}

/// The server for test databases.
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// An empty database, and a temporary folder.
#[derive(Debug)]
pub struct Scratch {
    pub(crate) engine: Engine,
    pub url: String,
    folder: TempDir,
    /// It is dropped with this value, unless it existed before.
    is_ours: bool,
}

impl Scratch {
    /// An existing database, which is not dropped.
    pub(crate) fn at(url: &str) -> Self {
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::PostgreSql };
        Self { engine, url: url.to_owned(), folder: TempDir::new().expect("a folder"), is_ours: false }
    }

    pub async fn new(engine: Engine) -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("tongban.db").display()),
            Engine::PostgreSql => {
                let server = server().expect("asked before");
                let name = name();
                run(&server, &format!("CREATE DATABASE {name}")).await.expect("a database");
                database_on(&server, &name)
            }
        };
        Self { engine, url, folder, is_ours: true }
    }

    /// A file in the temporary folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The SQLite file and its log.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection for statements that the registry itself would never run.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url.clone());
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.expect("a connection")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let (Engine::PostgreSql, true, Some(server)) = (self.engine, self.is_ours, server()) else { return };
        let Some((_, name)) = self.url.rsplit_once('/') else { return };
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name.split('?').next().unwrap_or(name));
        // A destructor cannot await, and the scenario's runtime may be shutting down.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(run(&server, &statement))
        });
        // A leftover database does no harm: the server is temporary.
        drop(dropping.join());
    }
}

async fn run(url: &str, statement: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    db.execute_unprepared(statement).await?;
    db.close().await
}

/// A name that is unique in this run.
fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("scenario_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The URL of another database on the same server.
fn database_on(server: &str, name: &str) -> String {
    let (base, query) =
        server.split_once('?').map_or((server, String::new()), |(base, query)| (base, format!("?{query}")));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    format!("{}/{name}{query}", &base[..end])
}
