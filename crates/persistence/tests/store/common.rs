//! A registry for one test: a SQLite file, or with `TEST_DATABASE_URL` its own PostgreSQL database.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use domain::{Date, Scope};
use futures::TryStreamExt as _;
use persistence::{ExportFormat, Mode, OpenOptions, Report, Store, WriteContext, import};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

pub(crate) struct Registry {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) folder: TempDir,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

pub(crate) fn now() -> DateTime<Utc> {
    "2021-06-29T01:02:03.456789Z".parse().unwrap()
}

pub(crate) fn today() -> Date {
    now().date_naive()
}

pub(crate) fn by() -> WriteContext {
    WriteContext { actor: "test".to_owned(), on_behalf_of: None, now: now(), today: today() }
}

pub(crate) const WRITING: OpenOptions =
    OpenOptions { migrate: true, read_only: false, without_notify: false, documents: None, trust_clock: true };

impl Registry {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => {
                let name = format!("tongban_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
                let db = Database::connect(&server).await.unwrap();
                db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
                db.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                db.close().await.unwrap();
                format!("{}/{name}", server.rsplit_once('/').unwrap().0)
            }
            Err(_) => format!("sqlite://{}", folder.path().join("registry.db").display()),
        };
        Self { store: Store::open(&url, WRITING).await.unwrap(), url, folder }
    }

    /// Writes a file for an import.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) async fn import(&self, files: &[PathBuf]) -> Report {
        import(&self.store, files, Mode::Write, now(), &|_| {}).await.unwrap()
    }

    /// Imports lines that must be valid.
    pub(crate) async fn holding(self, lines: &str) -> Self {
        let report = self.import(&[self.file("held.ndjson", lines)]).await;
        assert_eq!(report.faults, []);
        self
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let db = Database::connect(&self.url).await.unwrap();
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

pub(crate) fn demo() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/demo");
    ["agreements", "offerings", "windows", "policies", "matters", "districts"]
        .map(|name| folder.join(format!("{name}.ndjson")))
        .to_vec()
}

pub(crate) const DISTRICTS: &str = r#"{"type":"district","code":"440000","name":"广东省","kind":"PROVINCE"}
{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","parent":"440000"}
{"type":"district","code":"310112","name":"闵行区","kind":"COUNTY"}
"#;
pub(crate) const MATTER: &str = r#"{"type":"matter","code":"000109001000","name":"居民身份证换领","domain":"PUBLIC_SECURITY"}
"#;
pub(crate) const OFFERING: &str = r#"{"type":"offering","district":"310112","matter":"000109001000","visits":1,"promisedDays":20,"url":"https://a.example/1","materials":[{"name":"居民户口簿","necessity":"REQUIRED"}]}
"#;
pub(crate) const WINDOW: &str = r#"{"type":"window","district":"440115","name":"跨域通办专窗","address":"一楼","modes":["PROXY_COLLECTION"]}
"#;
pub(crate) const AGREEMENT: &str = r#"{"type":"agreement","key":"a","title":"框架协议","signedOn":"2021-05-28","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[{"matters":["000109001000"],"mode":"PROXY_COLLECTION"}]}
"#;
pub(crate) const POLICY: &str = r#"{"type":"policy","title":"指导意见","documentNumber":"国办发〔2020〕35号","schedule":[{"matters":["000109001000"],"mode":"FULL_ONLINE"}]}
"#;

pub(crate) fn everything() -> String {
    [AGREEMENT, WINDOW, OFFERING, POLICY, MATTER, DISTRICTS].concat()
}

pub(crate) async fn exported(registry: &Registry, form: ExportFormat) -> Vec<String> {
    registry.store.export(form, Scope::Steward, today()).await.unwrap().lines.try_collect().await.unwrap()
}

pub(crate) fn faults(report: &Report) -> Vec<(u64, String, &str)> {
    report.faults.iter().map(|fault| (fault.line, fault.problem.field(), fault.problem.rule)).collect()
}
