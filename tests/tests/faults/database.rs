//! The database stops, starts, is read-only, fails over, or is held by somebody else.

use std::time::{Duration, Instant};

use persistence::OpenOptions;
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{Engine, TestRegistry};
use sea_orm::{ConnectionTrait as _, Database};

use crate::cluster::{self, Cluster};

const RENEWING: &str = "000109001000";

/// THE question, which is answered whatever happens.
async fn answers(registry: &TestRegistry) -> bool {
    registry.handling(RENEWING, "440115", "310112", "2026-10-01").await == "AVAILABLE: PROXY_COLLECTION"
}

/// Names a matter: a write whose fate can be read.
fn naming(name: &str, key: &str) -> String {
    format!(r#"code: "{RENEWING}", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "{key}""#)
}

async fn cannot_write(registry: &TestRegistry, name: &str) {
    assert_eq!(registry.steward().forbidden("reviseMatter", &naming(name, name)).await, "UNAVAILABLE");
}

async fn writes(registry: &TestRegistry, name: &str) -> u64 {
    // The matter itself may have another name by now: others write, too.
    let done = registry.steward().does("reviseMatter", &naming(name, name), "").await;
    done["revision"].as_u64().expect("a revision")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stops_and_starts_again_costs_writes_and_nothing_else() {
    if !cluster::can_be_made() {
        return;
    }
    let cluster = Cluster::new();
    let registry = TestRegistry::at(&cluster.url(), OpenOptions { migrate: true, ..OpenOptions::default() }).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let before = writes(&registry, "换领一").await;

    cluster.stop();
    assert!(answers(&registry).await);
    let answer = registry.answer("{ registry { revision } }").await;
    assert_eq!((answer["extensions"]["revision"].as_u64(), &answer["errors"]), (Some(before), &serde_json::Value::Null));
    // What is long is in the database.
    let history = registry.answer("{ changes(first: 1) { edges { node { revision } } } }");
    let ((), history) = tokio::join!(cannot_write(&registry, "换领二"), history);
    assert_eq!(history["errors"][0]["extensions"]["code"], "UNAVAILABLE");

    cluster.start();
    assert_eq!(writes(&registry, "换领二").await, before + 1);

    // A server that only reads, such as a primary that has been fenced.
    registry.execute("ALTER SYSTEM SET default_transaction_read_only = on").await.expect("it may");
    registry.execute("SELECT pg_reload_conf()").await.expect("it may");
    tokio::time::sleep(Duration::from_millis(500)).await;
    cannot_write(&registry, "换领三").await;
    assert!(answers(&registry).await);
    registry.execute("ALTER SYSTEM RESET default_transaction_read_only").await.expect("it may");
    registry.execute("SELECT pg_reload_conf()").await.expect("it may");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(writes(&registry, "换领三").await, before + 2);
    assert_eq!(registry.verify().await.expect("it holds").revision, before + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_is_read_and_once_promoted_written() {
    if !cluster::can_be_made() {
        return;
    }
    let primary = Cluster::new();
    let writing = TestRegistry::at(&primary.url(), OpenOptions { migrate: true, ..OpenOptions::default() }).await;
    writing.import(NANSHA_AND_MINHANG).await;
    let standby = primary.standby();
    let reading = TestRegistry::at(&standby.url(), OpenOptions { migrate: true, read_only: true, ..OpenOptions::default() }).await;
    let waiting = TestRegistry::at(&standby.url(), OpenOptions::default()).await;

    let revision = writes(&writing, "换领一").await;
    for registry in [&reading, &waiting] {
        registry.wait_for_revision(revision).await;
        assert!(answers(registry).await);
        cannot_write(registry, "换领二").await;
        registry.clock().await;
        assert_eq!(registry.revision(), revision, "nobody tells the time there");
    }
    let told = reading.steward().answer(&format!("mutation {{ reviseMatter(input: {{ {} }}) {{ revision }} }}", naming("x", "x"))).await;
    assert!(told["errors"][0]["message"].as_str().is_some_and(|message| message.contains("only reads")), "{told:#}");

    primary.stop();
    standby.promote();
    assert_eq!(writes(&waiting, "换领二").await, revision + 1);
    reading.wait_for_revision(revision + 1).await;
    cannot_write(&reading, "换领三").await;
    assert_eq!(reading.verify().await.expect("it holds").revision, revision + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_serialises_and_does_not_notify_serves_many_writers() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let first = TestRegistry::new(Engine::PostgreSql).await;
    first.import(NANSHA_AND_MINHANG).await;
    let name = first.url().rsplit_once('/').expect("a name").1.split('?').next().expect("a name").to_owned();
    first.execute(&format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")).await.expect("it may");
    let silent = || OpenOptions { silent: true, ..OpenOptions::default() };
    let (one, two) = (TestRegistry::at(first.url(), silent()).await, TestRegistry::at(first.url(), silent()).await);
    let before = one.revision();
    let (writers, acts) = (8, 6);
    let write = async |writer: usize| {
        let gateway = if writer.is_multiple_of(2) { &one } else { &two };
        let mut revisions = Vec::new();
        for act in 0..acts {
            revisions.push(writes(gateway, &format!("换领 {writer}/{act}")).await);
        }
        revisions
    };
    let mut revisions = futures::future::join_all((0..writers).map(write)).await.concat();
    revisions.sort_unstable();
    let expected: Vec<u64> = (1..=(writers * acts) as u64).map(|at| before + at).collect();
    assert_eq!(revisions, expected, "every act stands once, without gaps");
    for gateway in [&one, &two] {
        gateway.follow().await;
        assert_eq!(gateway.revision(), before + expected.len() as u64);
    }
    one.verify().await.expect("one chain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_somebody_holds_is_waited_for_but_not_for_ever() {
    let registry = TestRegistry::new(Engine::Sqlite).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let before = registry.revision();
    let mut connect = sea_orm::ConnectOptions::new(registry.url());
    connect.max_connections(1);
    let other = Database::connect(connect).await.expect("a connection");

    other.execute_unprepared("BEGIN IMMEDIATE").await.expect("it is free");
    let release = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        other.execute_unprepared("ROLLBACK").await.expect("it was held");
    };
    let (revision, ()) = tokio::join!(writes(&registry, "换领一"), release);
    assert_eq!(revision, before + 1);

    other.execute_unprepared("BEGIN IMMEDIATE").await.expect("it is free");
    let began = Instant::now();
    cannot_write(&registry, "换领二").await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}: whoever asks over HTTP has been told something else", began.elapsed());
    assert!(answers(&registry).await);
    other.execute_unprepared("ROLLBACK").await.expect("it was held");
    assert_eq!(writes(&registry, "换领二").await, before + 2);
    registry.verify().await.expect("it holds");
}
