//! The database stops, restarts, is read-only, fails over or is locked.

use std::time::{Duration, Instant};

use persistence::OpenOptions;
use scenarios::cluster::{self, Cluster};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{Engine, TestRegistry};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

use crate::proxy::Proxy;

const RENEWING: &str = "000109001000";

/// The question, which must always be answered.
async fn answers(registry: &TestRegistry) -> bool {
    registry.handling(RENEWING, "440115", "310112", "2026-10-01").await == "AVAILABLE: PROXY_COLLECTION"
}

/// Renames a matter: a write whose outcome can be checked.
fn naming(name: &str, key: &str) -> String {
    format!(
        r#"code: "{RENEWING}", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "{key}""#
    )
}

async fn cannot_write(registry: &TestRegistry, name: &str) {
    assert_eq!(registry.steward().forbidden("reviseMatter", &naming(name, name)).await, "UNAVAILABLE");
}

async fn writes(registry: &TestRegistry, name: &str) -> u64 {
    // The matter may have another name by now, since others write too.
    let done = registry.steward().does("reviseMatter", &naming(name, name), "").await;
    done["revision"].as_u64().expect("a revision")
}

/// Retries with the same key, as a client of a busy registry.
async fn writes_in_the_end(registry: &TestRegistry, name: &str) -> u64 {
    let mutation = format!("mutation {{ reviseMatter(input: {{ {} }}) {{ revision }} }}", naming(name, name));
    loop {
        let answer = registry.steward().answer(&mutation).await;
        match answer["data"]["reviseMatter"]["revision"].as_u64() {
            Some(revision) => return revision,
            None => assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer:#}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_restart_stops_only_writes() {
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
    assert_eq!(
        (answer["extensions"]["revision"].as_u64(), &answer["errors"]),
        (Some(before), &serde_json::Value::Null)
    );
    // Offering bodies are read from the database.
    let history = registry.answer("{ changes(first: 1) { edges { node { revision } } } }");
    let ((), history) = tokio::join!(cannot_write(&registry, "换领二"), history);
    assert_eq!(history["errors"][0]["extensions"]["code"], "UNAVAILABLE");

    cluster.start();
    assert_eq!(writes(&registry, "换领二").await, before + 1);

    // A read-only server, such as a fenced primary.
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
async fn a_standby_is_read_and_after_promotion_written() {
    if !cluster::can_be_made() {
        return;
    }
    let primary = Cluster::new();
    let writing = TestRegistry::at(&primary.url(), OpenOptions { migrate: true, ..OpenOptions::default() }).await;
    writing.import(NANSHA_AND_MINHANG).await;
    let standby = primary.standby();
    let reading =
        TestRegistry::at(&standby.url(), OpenOptions { migrate: true, read_only: true, ..OpenOptions::default() })
            .await;
    let waiting = TestRegistry::at(&standby.url(), OpenOptions::default()).await;

    let revision = writes(&writing, "换领一").await;
    for registry in [&reading, &waiting] {
        registry.wait_for_revision(revision).await;
        assert!(answers(registry).await);
        cannot_write(registry, "换领二").await;
        registry.clock().await;
        assert_eq!(registry.revision(), revision, "nobody tells the time there");
    }
    let told = reading
        .steward()
        .answer(&format!("mutation {{ reviseMatter(input: {{ {} }}) {{ revision }} }}", naming("x", "x")))
        .await;
    assert!(
        told["errors"][0]["message"].as_str().is_some_and(|message| message.contains("本网关只供查询")),
        "{told:#}"
    );

    primary.stop();
    standby.promote();
    assert_eq!(writes(&waiting, "换领二").await, revision + 1);
    reading.wait_for_revision(revision + 1).await;
    cannot_write(&reading, "换领三").await;
    assert_eq!(reading.verify().await.expect("it holds").revision, revision + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_serializable_engine_without_notify_serves_many_writers() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let first = TestRegistry::new(Engine::PostgreSql).await;
    first.import(NANSHA_AND_MINHANG).await;
    let name = first.url().rsplit_once('/').expect("a name").1.split('?').next().expect("a name").to_owned();
    first
        .execute(&format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"))
        .await
        .expect("it may");
    let silent = || OpenOptions { without_notify: true, ..OpenOptions::default() };
    let (one, two) = (TestRegistry::at(first.url(), silent()).await, TestRegistry::at(first.url(), silent()).await);
    let before = one.revision();
    let (writers, acts) = (8, 6);
    let write = async |writer: usize| {
        let gateway = if writer.is_multiple_of(2) { &one } else { &two };
        let mut revisions = Vec::new();
        for act in 0..acts {
            revisions.push(writes_in_the_end(gateway, &format!("换领 {writer}/{act}")).await);
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
async fn a_locked_file_is_waited_for_until_a_timeout() {
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
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}: whoever asks over HTTP has been told something else",
        began.elapsed()
    );
    assert!(answers(&registry).await);
    other.execute_unprepared("ROLLBACK").await.expect("it was held");
    assert_eq!(writes(&registry, "换领二").await, before + 2);
    registry.verify().await.expect("it holds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_database_slows_only_writes() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let direct = TestRegistry::new(Engine::PostgreSql).await;
    direct.import(NANSHA_AND_MINHANG).await;
    let proxy = Proxy::before(direct.url());
    let registry = TestRegistry::at(&proxy.url(direct.url()), OpenOptions::default()).await;
    let before = registry.revision();

    // Every answer of the database is delayed: the write takes longer and succeeds.
    proxy.delay(Duration::from_millis(100));
    let (began, writing) = (Instant::now(), writes(&registry, "换领一"));
    let answering = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let began = Instant::now();
        assert!(answers(&registry).await);
        began.elapsed()
    };
    let (revision, answered) = tokio::join!(writing, answering);
    assert_eq!(revision, before + 1);
    assert!(began.elapsed() > Duration::from_millis(500), "it was slow indeed");
    assert!(answered < Duration::from_millis(500), "{answered:?} for what is in memory");

    // It takes longer than all timeouts.
    proxy.delay(Duration::from_secs(6));
    let began = Instant::now();
    cannot_write(&registry, "换领二").await;
    assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
    assert!(answers(&registry).await);
    proxy.delay(Duration::ZERO);
    assert_eq!(writes(&registry, "换领二").await, before + 2);
    direct.verify().await.expect("it holds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_a_lost_machine_are_closed() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let direct = TestRegistry::new(Engine::PostgreSql).await;
    direct.import(NANSHA_AND_MINHANG).await;
    let proxy = Proxy::before(direct.url());
    let registry = TestRegistry::at(&proxy.url(direct.url()), OpenOptions::default()).await;
    let before = writes(&registry, "换领一").await;

    proxy.fall_silent();
    let began = Instant::now();
    assert!(answers(&registry).await);
    // The first request notices; no manual recovery is needed.
    let revision = writes_in_the_end(&registry, "换领二").await;
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}: it is given up", began.elapsed());
    assert_eq!(revision, before + 1);
    direct.verify().await.expect("it holds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failover_needs_only_an_address_that_follows_the_primary() {
    if !cluster::can_be_made() {
        return;
    }
    let primary = Cluster::new();
    let proxy = Proxy::before(&primary.url());
    let registry =
        TestRegistry::at(&proxy.url(&primary.url()), OpenOptions { migrate: true, ..OpenOptions::default() }).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let standby = primary.standby();
    let revision = writes(&registry, "换领一").await;
    let copy = TestRegistry::at(&standby.url(), OpenOptions { read_only: true, ..OpenOptions::default() }).await;
    copy.wait_for_revision(revision).await;

    primary.stop();
    cannot_write(&registry, "换领二").await;
    assert!(answers(&registry).await);
    standby.promote();
    proxy.lead_to(&standby.url());
    assert_eq!(writes(&registry, "换领二").await, revision + 1);
    copy.wait_for_revision(revision + 1).await;
    assert_eq!(registry.verify().await.expect("it holds").revision, revision + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_with_a_cut_connection_is_complete_or_absent() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let registry = TestRegistry::new(Engine::PostgreSql).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let before = registry.revision();
    let mut connect = sea_orm::ConnectOptions::new(registry.url());
    connect.max_connections(1);
    let other = Database::connect(connect).await.expect("a connection");
    // A lock before its first step, and before its last but one.
    for (at, hold) in ["SELECT 1 FROM head FOR UPDATE", "LOCK TABLE journal IN EXCLUSIVE MODE"].into_iter().enumerate()
    {
        other.execute_unprepared(&format!("BEGIN; {hold}")).await.expect("it is free");
        let name = format!("换领 {at}");
        let cutting = async {
            let waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let mut cut = false;
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(30)).await;
                let row = other.query_one_raw(Statement::from_string(
                    DbBackend::Postgres,
                    format!("SELECT count(pg_terminate_backend(pid)) {waiting}"),
                ));
                let count: i64 = row.await.expect("it may").expect("one row").try_get_by_index(0).expect("a number");
                cut |= count > 0;
                if cut {
                    break;
                }
            }
            assert!(cut, "somebody waited");
        };
        tokio::join!(cannot_write(&registry, &name), cutting);
        other.execute_unprepared("ROLLBACK").await.expect("it was held");
        assert_eq!(registry.verify().await.expect("it holds").revision, before + at as u64);
        assert_eq!(writes(&registry, &name).await, before + at as u64 + 1);
    }
    registry.verify().await.expect("it holds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_the_database_server_stops_only_writes() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let registry = TestRegistry::new(Engine::PostgreSql).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let before = registry.revision();
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$";
    registry.execute(full).await.expect("it may");
    registry
        .execute("CREATE TRIGGER full_disk AFTER INSERT ON journal EXECUTE FUNCTION full_disk()")
        .await
        .expect("it may");
    cannot_write(&registry, "换领一").await;
    assert!(answers(&registry).await);
    registry.follow().await;
    assert_eq!(registry.verify().await.expect("it holds").revision, before);
    registry.execute("DROP TRIGGER full_disk ON journal").await.expect("it may");
    assert_eq!(writes(&registry, "换领一").await, before + 1);
}
