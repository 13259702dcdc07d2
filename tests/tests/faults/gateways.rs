//! Several gateways on one database: one is paused, far behind, gets no notifications, or finds another journal.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use persistence::{IfExists, restore};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::server::{Server, ask, get, send, steward};
use scenarios::{Engine, TestRegistry, on_every_database};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::Value;

on_every_database! {
    a_paused_gateway_reports_its_age_and_catches_up,
    a_running_gateway_notices_a_restored_database,
    a_polling_gateway_sees_a_change_in_time,
}

const RENEWING: &str = "000109001000";

async fn write(registry: &TestRegistry, name: &str) -> u64 {
    let input = format!(r#"code: "{RENEWING}", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#);
    registry.steward().does("reviseMatter", &input, "").await["revision"].as_u64().expect("a revision")
}

/// A gateway that has recorded the day's changes and only polls from now on.
async fn settled(registry: &TestRegistry) -> Server {
    let server = Server::of(registry.url(), &[]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    registry.follow().await;
    server
}

fn health(address: &str) -> Value {
    serde_json::from_str(&get(address, "/health/ready").expect("an answer")).expect("JSON")
}

/// How long it takes until a gateway answers from this revision.
fn seen_after(server: &Server, revision: u64) -> Duration {
    let began = Instant::now();
    while health(&server.address())["revision"].as_u64() < Some(revision) {
        assert!(began.elapsed() < Duration::from_secs(20), "{revision} is not seen: {}", health(&server.address()));
        thread::sleep(Duration::from_millis(20));
    }
    began.elapsed()
}

async fn a_paused_gateway_reports_its_age_and_catches_up(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let server = settled(&registry).await;
    let before = registry.revision();
    server.pause();
    let mut newest = before;
    for at in 0..5 {
        newest = write(&registry, &format!("换领 {at}")).await;
    }
    // Asked while it is paused, it answers after it continues, with its true age.
    let asked = thread::spawn({
        let address = server.address();
        move || health(&address)
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.go_on();
    let told = asked.join().expect("an answer");
    let is_newest = told["revision"].as_u64() == Some(newest);
    assert!(is_newest || told["age"].as_u64() >= Some(2), "{told}");

    seen_after(&server, newest);
    // It may have been paused during a check: then the age counts from before the pause, until the next check.
    let began = Instant::now();
    let told = loop {
        let told = health(&server.address());
        if told["age"].as_u64() <= Some(2) {
            break told;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{told}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(told["status"] == "ready" && told["database"] == "up", "{told}");
    let changes = format!("{{ changes(since: {before}, first: 10) {{ edges {{ node {{ revision }} }} }} }}");
    let feed = ask(&server.address(), "", &changes).expect("an answer");
    let revisions: Vec<u64> = feed["data"]["changes"]["edges"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|edge| edge["node"]["revision"].as_u64().expect("a revision"))
        .collect();
    assert_eq!(revisions, (before + 1..=newest).collect::<Vec<_>>());
}

async fn a_running_gateway_notices_a_restored_database(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let file = registry.file("backup.ndjson", "");
    let backup = registry.store().backup(&file, IfExists::Replace).await.expect("it is made");
    let secret = steward(registry.url());
    let server = Server::of(registry.url(), &[]);
    let visits = |visits: u32| {
        format!(
            r#"mutation {{ reviseMatter(input: {{ code: "{RENEWING}", name: "换领 {visits}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON] }}) {{ revision }} }}"#
        )
    };
    let lost = ask(&server.address(), &secret, &visits(1)).expect("an answer");
    let lost = lost["data"]["reviseMatter"]["revision"].as_u64().expect("a revision");
    let first = health(&server.address());
    assert!(lost > backup.revision && first["revision"] == lost);

    registry.empty().await;
    restore(&registry.url().parse().expect("an address"), &file)
        .await
        .expect("it is restored")
        .close()
        .await
        .expect("it closes");
    let began = Instant::now();
    let restored = loop {
        let told = health(&server.address());
        if told["epoch"] != first["epoch"] {
            break told;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{told}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(restored["revision"], backup.revision);
    // The content of the lost revisions is gone, including the API key.
    let name = format!(r#"{{ matter(code: "{RENEWING}") {{ name }} }}"#);
    assert_eq!(ask(&server.address(), "", &name).expect("an answer")["data"]["matter"]["name"], "居民身份证换领");
    assert_eq!(
        ask(&server.address(), &secret, &visits(2)).expect("an answer")["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    let secret = steward(registry.url());
    let next = ask(&server.address(), &secret, &visits(3)).expect("an answer");
    assert_eq!(next["data"]["reviseMatter"]["revision"], backup.revision + 2, "{next:#}");
}

async fn a_polling_gateway_sees_a_change_in_time(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let server = Server::of(registry.url(), &["--no-notify"]);
    for at in 0..3 {
        let revision = write(&registry, &format!("换领 {at}")).await;
        let took = seen_after(&server, revision);
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_without_notifications_polls_until_they_return() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let registry = TestRegistry::new(Engine::PostgreSql).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let (one, two) = (Server::of(registry.url(), &[]), Server::of(registry.url(), &[]));
    let listening = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";
    let count = async || registry.number(&format!("SELECT count(*) {listening}")).await;
    let all_listen = async || {
        let began = Instant::now();
        while count().await < 3 {
            assert!(began.elapsed() < Duration::from_secs(10), "{} listen", count().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let naming = |name: &str| {
        format!(
            r#"mutation {{ reviseMatter(input: {{ code: "{RENEWING}", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON] }}) {{ revision }} }}"#
        )
    };
    let write_on_one = |name: &str| {
        let answer = ask(&one.address(), &secret, &naming(name)).expect("an answer");
        answer["data"]["reviseMatter"]["revision"].as_u64().expect("a revision")
    };

    // The two gateways, and the registry of this test.
    all_listen().await;
    assert_eq!(registry.number(&format!("SELECT count(pg_terminate_backend(pid)) {listening}")).await, 3);
    let revision = write_on_one("换领一");
    let took = seen_after(&two, revision);
    assert!(took < Duration::from_secs(2), "{took:?}");
    // A client that cannot wait sets a minimum revision.
    let wanted = format!("Tongban-Min-Revision: {}\r\n", write_on_one("换领二"));
    assert!(send(&two.address(), &wanted, "{ __typename }").is_some_and(|(head, _)| head.starts_with("HTTP/1.1 200")));

    all_listen().await;
    registry.store().wait_for_change(Duration::from_millis(10)).await;
    let began = Instant::now();
    write_on_one("换领三");
    registry.store().wait_for_change(Duration::from_secs(60)).await;
    assert!(began.elapsed() < Duration::from_secs(30), "it is called again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_far_behind_reloads() {
    let registry = TestRegistry::new(Engine::Sqlite).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let server = settled(&registry).await;
    server.pause();
    let mut lines = String::new();
    for at in 0..10_050 {
        let _ = writeln!(lines, r#"{{"type":"matter","code":"0007{at:08}","name":"事项 {at}","domain":"OTHER"}}"#);
    }
    registry.import(&lines).await;
    server.go_on();
    seen_after(&server, registry.revision());
    let counted = ask(&server.address(), "", "{ matters { totalCount } }").expect("an answer");
    assert_eq!(counted["data"]["matters"]["totalCount"], 10_052);
    assert!(server.log().contains("loading anew"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_paused_during_a_write_does_not_block_the_others() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let registry = TestRegistry::new(Engine::PostgreSql).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let server = settled(&registry).await;
    let before = registry.revision();
    // It holds the head lock and waits to write the entry; then it is paused.
    let mut connect = sea_orm::ConnectOptions::new(registry.url());
    connect.max_connections(1);
    let other = Database::connect(connect).await.expect("a connection");
    other.execute_unprepared("BEGIN; LOCK TABLE journal IN EXCLUSIVE MODE").await.expect("it is free");
    let input = format!(
        r#"code: "{RENEWING}", name: "换领一", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "1""#
    );
    let naming = format!("mutation {{ reviseMatter(input: {{ {input} }}) {{ revision }} }}");
    let asked = thread::spawn({
        let (address, secret, naming) = (server.address(), secret.clone(), naming.clone());
        move || ask(&address, &secret, &naming)
    });
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while registry.number(waiting).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.pause();
    other.execute_unprepared("ROLLBACK").await.expect("it was held");

    let began = Instant::now();
    let input = format!(r#"code: "{RENEWING}", name: "换领二", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]"#);
    let revision = loop {
        let answer = registry
            .steward()
            .answer(&format!("mutation {{ reviseMatter(input: {{ {input} }}) {{ revision }} }}"))
            .await;
        match answer["data"]["reviseMatter"]["revision"].as_u64() {
            Some(revision) => break revision,
            None => assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer:#}"),
        }
        assert!(began.elapsed() < Duration::from_secs(20), "the others go on");
    };
    assert_eq!(revision, before + 1);

    server.go_on();
    let answer = asked.join().expect("a client").expect("an answer");
    assert!(
        ["UNAVAILABLE", "TIMEOUT"].map(Value::from).contains(&answer["errors"][0]["extensions"]["code"]),
        "{answer:#}"
    );
    let again = ask(&server.address(), &secret, &naming).expect("an answer");
    assert_eq!(again["data"]["reviseMatter"]["revision"], before + 2, "{again:#}");
    registry.verify().await.expect("it holds");
}
