//! A registry of one's own, met through the rooms that everybody comes through.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use catalogue::Snapshot;
use chrono::{DateTime, TimeZone as _, Utc};
use domain::{Date, Eyes};
use futures::TryStreamExt as _;
use gateway::asked::{Asked, Viewer};
use gateway::graphql::{Schema, execute, schema};
use persistence::{Form, Mode, OpenOptions, Report, Store, Verified, import};
use sea_orm::{ConnectionTrait as _, DbErr, Statement};
use serde_json::Value;

use crate::database::{Engine, Scratch};
use crate::forger::Forger;

static SCHEMA: LazyLock<Schema> = LazyLock::new(schema);

/// A registry, empty at first.
#[derive(Debug)]
pub struct TestRegistry {
    // Closed before the database goes away.
    store: Store,
    snapshot: Mutex<Snapshot>,
    scratch: Arc<Scratch>,
}

impl TestRegistry {
    pub async fn new(engine: Engine) -> Self {
        Self::over(Scratch::new(engine).await.into()).await
    }

    async fn over(scratch: Arc<Scratch>) -> Self {
        let options = OpenOptions { migrate: true, ..OpenOptions::default() };
        let store = Store::open(&scratch.url, options).await.expect("it opens");
        let snapshot = Mutex::new(store.load().await.expect("it loads"));
        Self { store, snapshot, scratch }
    }

    /// An empty registry on the same kind of database.
    pub async fn another(&self) -> Self {
        Self::new(self.scratch.engine).await
    }

    /// Another process on the same database.
    pub async fn second_reader(&self) -> Self {
        Self::over(self.scratch.clone()).await
    }

    /// What `--database` is told.
    pub fn url(&self) -> &str {
        &self.scratch.url
    }

    /// A file with that content.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.scratch.file(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Imports lines, which must be right.
    pub async fn import(&self, lines: &str) -> Report {
        self.import_files(&[self.file("records.ndjson", lines)]).await
    }

    pub async fn import_files(&self, files: &[PathBuf]) -> Report {
        let report = self.read_files(files, Mode::Write).await;
        assert_eq!(faults(&report), Vec::<String>::new());
        self.follow().await;
        report
    }

    /// Imports what is wrong: its faults, each as line, field and rule. Nothing was written.
    pub async fn refused(&self, lines: impl AsRef<[u8]>) -> Vec<String> {
        let before = self.revision();
        let report = self.read_files(&[self.file("wrong.ndjson", lines)], Mode::Write).await;
        assert_eq!(self.store.check().await.expect("it is there").revision, before);
        assert!(report.faults.iter().all(|fault| fault.file.ends_with("wrong.ndjson")), "{:?}", report.faults);
        faults(&report)
    }

    /// What an import would do.
    pub async fn check(&self, lines: &str) -> Report {
        self.read_files(&[self.file("records.ndjson", lines)], Mode::Check).await
    }

    async fn read_files(&self, files: &[PathBuf], mode: Mode) -> Report {
        import(&self.store, files, mode, now(), &|_| {}).await.expect("the files can be read")
    }

    /// The whole registry as lines.
    pub async fn export(&self) -> String {
        self.export_as(Form::Ndjson).await
    }

    pub async fn export_as(&self, form: Form) -> String {
        let export = self.store.export(form, Eyes::Steward, today()).await.expect("it can be read");
        let mut lines: Vec<String> = export.lines.try_collect().await.expect("it can be read");
        lines.push(String::new());
        lines.join("\n")
    }

    /// Reads what others wrote.
    pub async fn follow(&self) {
        let before = self.snapshot();
        if let Some(next) = self.store.follow(&before).await.expect("it can be followed") {
            *self.snapshot.lock().expect("nobody panicked with it") = next;
        }
    }

    /// Waits until somebody else's change is seen.
    pub async fn wait_for_revision(&self, revision: u64) {
        while self.revision() < revision {
            self.store.wait_for_change(Duration::from_secs(1)).await;
            self.follow().await;
        }
    }

    /// The revision that answers speak of.
    pub fn revision(&self) -> u64 {
        self.snapshot().revision()
    }

    pub async fn verify(&self) -> persistence::Result<Verified> {
        self.store.verify(&|_, _| {}).await
    }

    /// The `data` of an answer without errors.
    pub async fn ask(&self, query: &str) -> Value {
        let mut answer = self.answer(query).await;
        assert!(answer["errors"].is_null(), "{query}\n{:#}", answer["errors"]);
        answer["data"].take()
    }

    /// The whole answer.
    pub async fn answer(&self, query: &str) -> Value {
        let asked = Asked { snapshot: self.snapshot(), store: self.store.clone(), now: now(), today: today(), viewer: Viewer::default() };
        let response = execute(&SCHEMA, query.into(), asked).await;
        serde_json::to_value(response).expect("an answer is JSON")
    }

    /// THE question in one line: the answer, then the modes of its routes, best first, or the reasons.
    pub async fn handling(&self, matter: &str, receiving: &str, competent: &str, on: &str) -> String {
        let question = format!(r#"matter: "{matter}", receiving: "{receiving}", competent: "{competent}", on: "{on}""#);
        let data = self.ask(&format!("{{ handling({question}) {{ answer routes {{ mode }} reasons {{ code }} }} }}")).await;
        let handling = &data["handling"];
        let words = |list: &str, word: &str| {
            let list = handling[list].as_array().expect("a list");
            list.iter().map(|item| item[word].as_str().expect("a word").to_owned()).collect::<Vec<_>>()
        };
        let (routes, reasons) = (words("routes", "mode"), words("reasons", "code"));
        assert!(routes.is_empty() || reasons.is_empty(), "either a yes or reasons");
        format!("{}: {}", handling["answer"].as_str().expect("an answer"), [routes, reasons].concat().join(", "))
    }

    /// Somebody who changes the database behind the registry's back.
    pub async fn forger(&self) -> Forger {
        Forger::new(self.scratch.engine, self.scratch.connect().await).await
    }

    /// A statement as it is, past the registry.
    pub async fn execute(&self, statement: &str) -> Result<(), DbErr> {
        self.scratch.connect().await.execute_unprepared(statement).await.map(drop)
    }

    /// How much the database keeps, what is not committed yet included.
    pub async fn stored_bytes(&self) -> u64 {
        match self.scratch.engine {
            Engine::Sqlite => bytes_in(self.scratch.folder()),
            Engine::PostgreSql => {
                let db = self.scratch.connect().await;
                let size = Statement::from_string(db.get_database_backend(), "SELECT pg_database_size(current_database())");
                let row = db.query_one_raw(size).await.expect("a size").expect("one row");
                let bytes: i64 = row.try_get_by_index(0).expect("a number");
                bytes.unsigned_abs()
            }
        }
    }

    fn snapshot(&self) -> Snapshot {
        self.snapshot.lock().expect("nobody panicked with it").clone()
    }
}

/// Each fault as line, field and rule.
fn faults(report: &Report) -> Vec<String> {
    assert_eq!(report.fault_count, report.faults.len() as u64);
    let field = |field: String| if field.is_empty() { "-".to_owned() } else { field };
    report.faults.iter().map(|fault| format!("{} {} {}", fault.line, field(fault.problem.field()), fault.problem.rule)).collect()
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum()
}

/// The day of every scenario: after everything that the demo's records speak of.
fn today() -> Date {
    Date::from_ymd_opt(2026, 10, 1).expect("a day")
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 1, 1, 0, 0).single().expect("a moment")
}
