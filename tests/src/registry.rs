//! A registry for one test, used through GraphQL and HTTP.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use catalogue::Snapshot;
use chrono::{DateTime, Days, TimeZone as _, Utc};
use domain::{Date, Extent, Role, Scope};
use futures::TryStreamExt as _;
use graphql::engine::run::execute;
use graphql::schema::{Schema, schema};
use persistence::{ExportFormat, Mode, OpenOptions, Report, Store, Verified, import};
use registry::follower::Follower;
use registry::request_context::RequestContext;
use registry::viewer::Viewer;
use sea_orm::{ConnectionTrait as _, DbErr, Statement};
use serde_json::Value;

use crate::database::{Engine, Scratch};
use crate::forger::Forger;

static SCHEMA: LazyLock<Schema> = LazyLock::new(schema);

/// A registry, initially empty.
#[derive(Debug)]
pub struct TestRegistry {
    // Closed before the database is dropped.
    store: Store,
    follower: Arc<Follower>,
    now: Mutex<DateTime<Utc>>,
    scratch: Arc<Scratch>,
}

/// A caller with its permissions.
#[derive(Debug)]
pub struct Caller<'a> {
    registry: &'a TestRegistry,
    pub viewer: Viewer,
}

impl TestRegistry {
    pub async fn new(engine: Engine) -> Self {
        Self::over(Scratch::new(engine).await.into(), None).await
    }

    /// On an existing database, opened with these options.
    pub async fn at(url: &str, options: OpenOptions) -> Self {
        Self::opened(Scratch::at(url).into(), options).await
    }

    async fn over(scratch: Arc<Scratch>, documents: Option<PathBuf>) -> Self {
        Self::opened(scratch, OpenOptions { migrate: true, documents, ..OpenOptions::default() }).await
    }

    async fn opened(scratch: Arc<Scratch>, options: OpenOptions) -> Self {
        // Scenarios have their own calendar.
        let store = Store::open(&scratch.url, OpenOptions { trust_clock: true, ..options }).await.expect("it opens");
        let follower = Follower::load(store.clone()).await.expect("it loads");
        Self { store, follower, now: Mutex::new(first_day()), scratch }
    }

    /// An empty registry on the same kind of database.
    pub async fn another(&self) -> Self {
        Self::new(self.scratch.engine).await
    }

    /// Another process on the same database.
    pub async fn second_reader(&self) -> Self {
        Self::over(self.scratch.clone(), None).await
    }

    /// Another process on the same database, with a folder for the contents of documents.
    pub async fn keeping_documents_in(&self, folder: &Path) -> Self {
        Self::over(self.scratch.clone(), Some(folder.to_owned())).await
    }

    /// A new folder that goes away with the registry.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.scratch.file(name);
        std::fs::create_dir(&folder).expect("a folder");
        folder
    }

    /// The URL for `--database`.
    pub fn url(&self) -> &str {
        &self.scratch.url
    }

    /// A file with this content.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.scratch.file(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Imports lines, which must be valid.
    pub async fn import(&self, lines: &str) -> Report {
        self.import_files(&[self.file("records.ndjson", lines)]).await
    }

    pub async fn import_files(&self, files: &[PathBuf]) -> Report {
        let report = self.read_files(files, Mode::Write).await;
        assert_eq!(faults(&report), Vec::<String>::new());
        self.follow().await;
        report
    }

    /// Imports faulty lines: returns the faults as line, field and rule. Nothing may be written.
    pub async fn refused(&self, lines: impl AsRef<[u8]>) -> Vec<String> {
        let before = self.revision();
        let report = self.read_files(&[self.file("wrong.ndjson", lines)], Mode::Write).await;
        assert_eq!(self.store.health().await.expect("it is there").revision, before);
        assert!(report.faults.iter().all(|fault| fault.file.ends_with("wrong.ndjson")), "{:?}", report.faults);
        faults(&report)
    }

    /// A dry run of an import.
    pub async fn check(&self, lines: &str) -> Report {
        self.read_files(&[self.file("records.ndjson", lines)], Mode::Check).await
    }

    async fn read_files(&self, files: &[PathBuf], mode: Mode) -> Report {
        import(&self.store, files, mode, self.now(), &|_| {}).await.expect("the files can be read")
    }

    /// An export of the registry.
    pub async fn export(&self) -> String {
        self.export_as(ExportFormat::Ndjson).await
    }

    pub async fn export_as(&self, form: ExportFormat) -> String {
        let export = self.store.export(form, Scope::Steward, self.today()).await.expect("it can be read");
        let mut lines: Vec<String> = export.lines.try_collect().await.expect("it can be read");
        lines.push(String::new());
        lines.join("\n")
    }

    /// Catches up with other writers.
    pub async fn follow(&self) {
        self.follower.catch_up().await;
        assert!(!self.follower.database_is_down(), "it can be followed");
    }

    /// Waits until another process's change is seen.
    pub async fn wait_for_revision(&self, revision: u64) {
        while self.revision() < revision {
            self.store.wait_for_change(Duration::from_secs(1)).await;
            self.follow().await;
        }
    }

    /// The snapshot on a day.
    pub fn snapshot_on(&self, today: Date) -> Arc<Snapshot> {
        self.follower.snapshot_on(today)
    }

    /// The revision of answers.
    pub fn revision(&self) -> u64 {
        self.follower.revision()
    }

    pub async fn verify(&self) -> persistence::Result<Verified> {
        self.store.verify(&|_, _| {}).await
    }

    /// The `data` of an anonymous query without errors.
    pub async fn ask(&self, query: &str) -> Value {
        self.anybody().ask(query).await
    }

    /// The whole answer to an anonymous query.
    pub async fn answer(&self, query: &str) -> Value {
        self.anybody().answer(query).await
    }

    /// An anonymous caller.
    pub fn anybody(&self) -> Caller<'_> {
        Caller { registry: self, viewer: Viewer::default() }
    }

    /// A caller with roles for a district.
    pub fn caller(&self, roles: &[Role], district: Option<&str>, extent: Extent) -> Caller<'_> {
        let district = district.map(|code| code.parse().expect("a code"));
        let words: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let client = format!("test {} {district:?} {extent}", words.join("+"));
        let name = Some(client.clone());
        Caller {
            registry: self,
            viewer: Viewer { client: Some(client), name, roles: roles.to_vec(), district, extent, ..Viewer::default() },
        }
    }

    pub fn steward(&self) -> Caller<'_> {
        self.caller(&[Role::Steward], None, Extent::Itself)
    }

    /// The clerk (经办人) of a district.
    pub fn registrar(&self, district: &str) -> Caller<'_> {
        self.caller(&[Role::Registrar], Some(district), Extent::Itself)
    }

    /// The signatory (签发人) of a district.
    pub fn signatory(&self, district: &str) -> Caller<'_> {
        self.caller(&[Role::Signatory], Some(district), Extent::Itself)
    }

    /// The time of the next mutation.
    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().expect("nobody panicked with it")
    }

    pub fn today(&self) -> Date {
        domain::calendar::day_in_china(self.now())
    }

    /// Advances the calendar.
    pub fn pass(&self, days: u64) {
        let mut now = self.now.lock().expect("nobody panicked with it");
        *now = *now + Days::new(days);
    }

    /// Runs the daily task.
    pub async fn clock(&self) {
        self.follower.record_date_changes(self.now()).await;
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The handling question in one line: the answer, then the modes of its routes, best first, or the reasons.
    pub async fn handling(&self, matter: &str, receiving: &str, competent: &str, on: &str) -> String {
        let question = format!(r#"matter: "{matter}", receiving: "{receiving}", competent: "{competent}", on: "{on}""#);
        let data =
            self.ask(&format!("{{ handling({question}) {{ answer routes {{ mode }} reasons {{ code }} }} }}")).await;
        let handling = &data["handling"];
        let words = |list: &str, word: &str| {
            let list = handling[list].as_array().expect("a list");
            list.iter().map(|item| item[word].as_str().expect("a word").to_owned()).collect::<Vec<_>>()
        };
        let (routes, reasons) = (words("routes", "mode"), words("reasons", "code"));
        assert!(routes.is_empty() || reasons.is_empty(), "either a yes or reasons");
        format!("{}: {}", handling["answer"].as_str().expect("an answer"), [routes, reasons].concat().join(", "))
    }

    /// Changes the database without the registry.
    pub async fn forger(&self) -> Forger {
        Forger::new(self.scratch.engine, self.scratch.connect().await).await
    }

    /// Runs a statement directly.
    pub async fn execute(&self, statement: &str) -> Result<(), DbErr> {
        self.scratch.connect().await.execute_unprepared(statement).await.map(drop)
    }

    /// Returns the number of a direct query.
    pub async fn number(&self, statement: &str) -> i64 {
        let db = self.scratch.connect().await;
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), statement))
            .await
            .expect("an answer")
            .expect("one row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Drops all tables, as before restoring a backup.
    pub async fn empty(&self) {
        match self.scratch.engine {
            Engine::PostgreSql => {
                self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.expect("it may");
            }
            Engine::Sqlite => {
                let db = self.scratch.connect().await;
                let named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
                let rows =
                    db.query_all_raw(Statement::from_string(db.get_database_backend(), named)).await.expect("tables");
                let names = rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a name"));
                let drops: String = names.map(|name| format!("DROP TABLE \"{name}\";")).collect();
                db.execute_unprepared(&format!("PRAGMA foreign_keys = off; BEGIN IMMEDIATE; {drops} COMMIT"))
                    .await
                    .expect("it may");
            }
        }
    }

    /// The size of the database, including uncommitted data.
    pub async fn stored_bytes(&self) -> u64 {
        match self.scratch.engine {
            Engine::Sqlite => bytes_in(self.scratch.folder()),
            Engine::PostgreSql => self.number("SELECT pg_database_size(current_database())").await.unsigned_abs(),
        }
    }
}

impl Caller<'_> {
    /// The export that this caller sees.
    pub async fn export(&self) -> Vec<Value> {
        let asked = RequestContext::new(self.registry.follower.clone(), self.viewer.clone(), self.registry.now());
        let export = self.registry.store.export_shown(asked.scope.clone(), asked.reading(), asked.today).await;
        let lines: Vec<String> = export.expect("it can be read").lines.try_collect().await.expect("it can be read");
        lines.iter().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// The `data` of an answer without errors.
    pub async fn ask(&self, query: &str) -> Value {
        let mut answer = self.answer(query).await;
        assert!(answer["errors"].is_null(), "{query}\n{:#}", answer["errors"]);
        answer["data"].take()
    }

    /// The whole answer.
    pub async fn answer(&self, query: &str) -> Value {
        let asked = RequestContext::new(self.registry.follower.clone(), self.viewer.clone(), self.registry.now());
        let response = Box::pin(execute(&SCHEMA, query.into(), asked)).await;
        serde_json::to_value(response).expect("an answer is JSON")
    }

    /// Runs a mutation: `input` is the content of the input object, `asked` the selection of the payload. Returns the
    /// payload.
    pub async fn act(&self, mutation: &str, input: &str, asked: &str) -> Value {
        let query = format!(
            "mutation {{ {mutation}(input: {{ {input} }}) {{ revision problems {{ code path rule message }} {asked} }} }}"
        );
        self.ask(&query).await[mutation].take()
    }

    /// Runs a mutation that must succeed.
    pub async fn does(&self, mutation: &str, input: &str, asked: &str) -> Value {
        let payload = self.act(mutation, input, asked).await;
        assert_eq!(payload["problems"], serde_json::json!([]), "{mutation} {input}");
        payload
    }

    /// Runs a mutation that must be refused: returns each problem as code, path and rule.
    pub async fn refused(&self, mutation: &str, input: &str) -> Vec<String> {
        let before = self.registry.store.health().await.expect("it is there").revision;
        let payload = self.act(mutation, input, "").await;
        assert!(payload["revision"].is_null(), "{mutation} {input} was allowed");
        assert_eq!(self.registry.store.health().await.expect("it is there").revision, before, "nothing was written");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let problems = payload["problems"].as_array().expect("a list").iter();
        let told = problems.map(|problem| {
            let path: Vec<String> = problem["path"].as_array().expect("a list").iter().map(text).collect();
            format!("{} {} {}", text(&problem["code"]), path.join("."), text(&problem["rule"]))
        });
        told.collect()
    }

    /// Runs a mutation without permission: returns the code in `errors`.
    pub async fn forbidden(&self, mutation: &str, input: &str) -> String {
        let answer = self.answer(&format!("mutation {{ {mutation}(input: {{ {input} }}) {{ revision }} }}")).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Each fault as line, field and rule.
fn faults(report: &Report) -> Vec<String> {
    assert_eq!(report.fault_count, report.faults.len() as u64);
    let field = |field: String| if field.is_empty() { "-".to_owned() } else { field };
    report
        .faults
        .iter()
        .map(|fault| format!("{} {} {}", fault.line, field(fault.problem.field()), fault.problem.rule))
        .collect()
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum()
}

/// The first day of every scenario: after all dates in the demo records.
fn first_day() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 1, 1, 0, 0).single().expect("a moment")
}
