//! The process is killed, shut down, or has no disk space.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use persistence::{IfExists, OpenOptions};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::server::{Server, ask, steward};
use scenarios::{Engine, TestRegistry, on_every_database, tongban};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::Value;

on_every_database! {
    acknowledged_writes_survive_a_kill,
    a_running_request_is_answered_before_shutdown,
    database_errors_go_to_the_log_only,
    a_killed_import_is_complete_or_absent,
    interrupted_migrations_are_completed,
    a_killed_restore_is_complete_or_absent,
}

const RENEWING: &str = "000109001000";

fn naming(name: &str, key: &str) -> String {
    let input = format!(
        r#"code: "{RENEWING}", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "{key}""#
    );
    format!("mutation {{ reviseMatter(input: {{ {input} }}) {{ revision matter {{ name }} }} }}")
}

fn revision(answer: &Value) -> Option<u64> {
    answer["data"]["reviseMatter"]["revision"].as_u64()
}

async fn acknowledged_writes_survive_a_kill(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let mut last = registry.store().health().await.expect("it is there").revision;
    for life in 0..3 {
        let server = Server::of(registry.url(), &[]);
        // The first query of a process is slower.
        assert!(ask(&server.address(), "", "{ registry { revision } }").is_some());
        let writing = thread::spawn({
            let (address, secret) = (server.address(), secret.clone());
            move || {
                let mut acknowledged = Vec::new();
                for at in 0.. {
                    let name = format!("换领 {life}/{at}");
                    match ask(&address, &secret, &naming(&name, &name)).as_ref().and_then(revision) {
                        Some(revision) => acknowledged.push((name, revision)),
                        None => return (acknowledged, name),
                    }
                }
                unreachable!("it is killed before")
            }
        });
        tokio::time::sleep(Duration::from_millis(600)).await;
        server.kill();
        let (acknowledged, lost) = writing.join().expect("a client");
        assert!(!acknowledged.is_empty());
        let revisions: Vec<u64> = acknowledged.iter().map(|(_, revision)| *revision).collect();
        assert_eq!(
            revisions,
            (last + 1..=last + revisions.len() as u64).collect::<Vec<_>>(),
            "nothing is lost or doubled"
        );
        let verified = registry.verify().await.expect("it holds");
        last = *revisions.last().expect("one at least");
        assert!(
            verified.revision == last || verified.revision == last + 1,
            "only the last one may be done without an answer"
        );
        // A client that lost the answer retries and gets the result.
        let server = Server::of(registry.url(), &[]);
        let again = ask(&server.address(), &secret, &naming(&lost, &lost)).expect("an answer");
        assert_eq!(revision(&again), Some(last + 1), "{again:#}");
        let (name, first) = &acknowledged[0];
        assert_eq!(ask(&server.address(), &secret, &naming(name, name)).as_ref().and_then(revision), Some(*first));
        last += 1;
    }
    assert_eq!(registry.verify().await.expect("it holds").revision, last);
}

async fn a_running_request_is_answered_before_shutdown(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let server = Server::of(registry.url(), &[]);
    // The head is locked, so the write waits.
    let mut connect = sea_orm::ConnectOptions::new(registry.url());
    connect.max_connections(1);
    let other = Database::connect(connect).await.expect("a connection");
    let hold =
        if registry.url().starts_with("sqlite") { "BEGIN IMMEDIATE" } else { "BEGIN; SELECT 1 FROM head FOR UPDATE" };
    other.execute_unprepared(hold).await.expect("it is free");
    let writing = thread::spawn({
        let (address, secret) = (server.address(), secret.clone());
        move || ask(&address, &secret, &naming("换领", "1"))
    });
    tokio::time::sleep(Duration::from_millis(400)).await;
    server.end();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(ask(&server.address(), "", "{ __typename }").is_none(), "nobody new is let in");
    other.execute_unprepared("ROLLBACK").await.expect("it was held");
    let answer = writing.join().expect("a client").expect("an answer");
    assert_eq!(answer["data"]["reviseMatter"]["matter"]["name"], "换领", "{answer:#}");
    assert!(server.ended());
    registry.verify().await.expect("it holds");
}

async fn database_errors_go_to_the_log_only(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let server = Server::of(registry.url(), &[]);
    let (readable, writable) = ("{ changes { totalCount } }", naming("换领", "1"));
    registry.execute("ALTER TABLE journal RENAME TO canary").await.expect("it may");
    for query in [readable, &writable] {
        let answer = ask(&server.address(), &secret, query).expect("an answer");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{answer:#}");
        let message = answer["errors"][0]["message"].as_str().expect("a message");
        for inside in ["journal", "canary", "SELECT", "INSERT", "table", "relation"] {
            assert!(!message.contains(inside), "{message}");
        }
        let (_, id) = message.rsplit_once("错误编号 ").expect("an id");
        let id = id.split_whitespace().next().expect("an id");
        let log = server.log();
        let told = log.lines().find(|line| line.contains(id)).expect("a line of the log");
        assert!(told.contains("journal"), "{told}");
    }
}

/// The file size is limited, as on a full disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_full_disk_stops_only_writes() {
    let registry = TestRegistry::new(Engine::Sqlite).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    // In a shell with a limit, which is inherited; with the signal ignored, writing fails instead.
    let mut command = Command::new("bash");
    let limited = r#"trap '' XFSZ; ulimit -f 600; exec "$0" serve --listen 127.0.0.1:0 --database "$1""#;
    command.args(["-c", limited]).arg(tongban().get_program()).arg(registry.url());
    let server = Server::by(&mut command);
    let mut acknowledged = 0;
    let refused = (0..400).find_map(|at| {
        let answer =
            ask(&server.address(), &secret, &naming(&format!("换领 {at}"), &at.to_string())).expect("an answer");
        match revision(&answer) {
            Some(revision) => {
                acknowledged = revision;
                None
            }
            None => Some(answer),
        }
    });
    let refused = refused.expect("the disk is full in the end");
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{refused:#}");
    let question =
        format!(r#"{{ handling(matter: "{RENEWING}", receiving: "440115", competent: "310112") {{ answer }} }}"#);
    assert_eq!(ask(&server.address(), "", &question).expect("an answer")["data"]["handling"]["answer"], "AVAILABLE");
    server.kill();
    assert_eq!(registry.verify().await.expect("it holds").revision, acknowledged);
    // There is space again.
    let server = Server::of(registry.url(), &[]);
    let answer = ask(&server.address(), &secret, &naming("换领", "room")).expect("an answer");
    assert_eq!(revision(&answer), Some(acknowledged + 1), "{answer:#}");
}

/// Starts a command and kills it after a while, unless it has ended.
fn killed_after(command: &mut Command, life: Duration) {
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    thread::sleep(life);
    process.kill().expect("kill -9");
    process.wait().expect("it is gone");
}

/// Delays up to about this duration.
fn lives(whole: Duration) -> impl Iterator<Item = Duration> {
    (1..=2).map(move |third| whole * third / 3)
}

async fn a_killed_import_is_complete_or_absent(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let mut before = registry.store().health().await.expect("it is there").revision;
    let import = |file: &Path| {
        let mut command = tongban();
        command.args(["import", "--database", registry.url()]).arg(file);
        command
    };
    let records = |round: u32| {
        let line = |at: u32| {
            format!(r#"{{"type":"matter","code":"00{round:02}{at:08}","name":"事项 {at}","domain":"OTHER"}}"#)
        };
        registry.file(&format!("{round}.ndjson"), (0..1_000).map(line).collect::<Vec<_>>().join("\n"))
    };
    let began = Instant::now();
    assert!(import(&records(10)).output().expect("it runs").status.success());
    before += 1_000;
    for (round, life) in lives(began.elapsed()).enumerate() {
        let file = records(11 + round as u32);
        killed_after(&mut import(&file), life);
        let after = registry.verify().await.expect("it holds").revision;
        assert!(after == before || after == before + 1_000, "{after} after {before}: all or nothing");
        // Repeated, it is done once.
        assert!(import(&file).output().expect("it runs").status.success());
        before += 1_000;
        assert_eq!(registry.store().health().await.expect("it is there").revision, before);
    }
    registry.verify().await.expect("it holds");
}

async fn interrupted_migrations_are_completed(registry: TestRegistry) {
    let migrate = || {
        let mut command = tongban();
        command.args(["migrate", "--database", registry.url()]);
        command
    };
    registry.empty().await;
    let began = Instant::now();
    assert!(migrate().output().expect("it runs").status.success());
    for life in lives(began.elapsed()) {
        registry.empty().await;
        killed_after(&mut migrate(), life);
        let again = migrate().output().expect("it runs");
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    }
    let migrated = TestRegistry::at(registry.url(), OpenOptions::default()).await;
    migrated.import(NANSHA_AND_MINHANG).await;
    migrated.verify().await.expect("it holds");
}

async fn a_killed_restore_is_complete_or_absent(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let lines =
        (0..1_000).map(|at| format!(r#"{{"type":"matter","code":"0010{at:08}","name":"事项 {at}","domain":"OTHER"}}"#));
    registry.import(&lines.collect::<Vec<_>>().join("\n")).await;
    let file = registry.file("backup.ndjson", "");
    let backup = registry.store().backup(&file, IfExists::Replace).await.expect("it is made");
    let restore = || {
        let mut command = tongban();
        command.arg("restore").arg(&file).args(["--database", registry.url()]);
        command
    };
    registry.empty().await;
    let began = Instant::now();
    assert!(restore().output().expect("it runs").status.success());
    for life in lives(began.elapsed()) {
        registry.empty().await;
        killed_after(&mut restore(), life);
        // Either there is nothing, and it can be done again, or there is everything.
        let again = restore().output().expect("it runs");
        let told = String::from_utf8_lossy(&again.stderr);
        assert!(again.status.success() || told.contains("has tables already"), "{told}");
        let restored = TestRegistry::at(registry.url(), OpenOptions::default()).await;
        assert_eq!(restored.verify().await.expect("it holds").revision, backup.revision);
    }
    // A killed backup leaves no file under its name.
    let name = registry.file("second.ndjson", "").with_file_name("third.ndjson");
    killed_after(tongban().arg("backup").arg(&name).args(["--database", registry.url()]), Duration::from_millis(60));
    assert!(!name.exists() || std::fs::read_to_string(&name).expect("text").contains("\"sha256\""));
}
