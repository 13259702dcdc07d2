//! The system clock jumps, or is wrong at the start. Order comes from the journal, ages from a monotonic clock, and
//! nothing is stamped by a wrong clock.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::server::{Server, ask, get, steward};
use scenarios::{TestRegistry, on_every_database};
use serde_json::Value;

on_every_database! {
    nothing_is_written_while_the_clock_is_wrong,
    a_gateway_with_a_wrong_clock_at_start_writes_nothing,
}

/// The library that changes the clock of a process. Prints a message if it is missing.
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let library = folders
        .filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .find(|path| path.is_file());
    if library.is_none() {
        let said =
            writeln!(std::io::stderr(), "!! There is no libfaketime here: JUMPS OF THE CLOCK ARE NOT TESTED. !!");
        drop(said);
    }
    library
}

/// A server whose system clock follows a file, such as `+2d`; its monotonic clock does not change.
fn with_clock(url: &str, library: &PathBuf, hands: &Path) -> Server {
    let mut command = Server::command(url);
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", hands).env("FAKETIME_NO_CACHE", "1");
    Server::by(command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1"))
}

/// Renames the matter with the name as the key: the revision, or why it is refused.
fn write(server: &Server, secret: &str, name: &str) -> Result<u64, Value> {
    let input = format!(
        r#"code: "000109001000", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "{name}""#
    );
    let answer =
        ask(&server.address(), secret, &format!("mutation {{ reviseMatter(input: {{ {input} }}) {{ revision }} }}"))
            .expect("an answer");
    answer["data"]["reviseMatter"]["revision"].as_u64().ok_or_else(|| answer["errors"][0].clone())
}

fn is_about_the_clock(error: &Value) -> bool {
    error["extensions"]["code"] == "UNAVAILABLE"
        && error["extensions"]["reason"] == "CLOCK"
        && error["message"].as_str().is_some_and(|text| text.contains("时钟"))
}

fn recorded(server: &Server) -> String {
    let told = ask(&server.address(), "", "{ registry { recordedAt } }").expect("an answer");
    told["data"]["registry"]["recordedAt"].as_str().expect("a time").to_owned()
}

fn answers(server: &Server) -> bool {
    let question = r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310112", on: "2026-10-01") { answer } }"#;
    ask(&server.address(), "", question).expect("an answer")["data"]["handling"]["answer"] == "AVAILABLE"
}

async fn nothing_is_written_while_the_clock_is_wrong(registry: TestRegistry) {
    let Some(library) = faketime() else { return };
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let hands = registry.file("clock", "+0");
    // The import was stamped by the scenario's calendar.
    let server = with_clock(registry.url(), &library, &hands);
    let first = write(&server, &secret, "换领一").expect("the clock is right");
    let before = recorded(&server);
    for hand in ["-2h", "+2d", "+400d"] {
        std::fs::write(&hands, hand).expect("a file");
        let refused = write(&server, &secret, &format!("换领 {hand}")).expect_err("the clock is wrong");
        assert!(is_about_the_clock(&refused), "{hand}: {refused:#}");
        assert_eq!(recorded(&server), before);
        // The process checked a second ago; the clock does not change that.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let health: Value =
            serde_json::from_str(&get(&server.address(), "/health/ready").expect("an answer")).expect("JSON");
        assert!(
            health["status"] == "ready" && health["age"].as_u64() <= Some(2) && health["writable"] == false,
            "{hand}: {health}"
        );
        assert!(answers(&server), "{hand}");
        std::fs::write(&hands, "+0").expect("a file");
        assert_eq!(write(&server, &secret, "换领一"), Ok(first), "an act is remembered by its key");
    }
    assert_eq!(write(&server, &secret, "换领二"), Ok(first + 1), "order is the journal's");
    assert!(recorded(&server) > before);
    let health: Value =
        serde_json::from_str(&get(&server.address(), "/health/ready").expect("an answer")).expect("JSON");
    assert_eq!(health["writable"], true, "{health}");
    assert_eq!(registry.verify().await.expect("it holds").revision, first + 1);
}

async fn a_gateway_with_a_wrong_clock_at_start_writes_nothing(registry: TestRegistry) {
    let Some(library) = faketime() else { return };
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let right = with_clock(registry.url(), &library, &registry.file("right", "+0"));
    let first = write(&right, &secret, "换领一").expect("the clock is right");
    let before = recorded(&right);
    let wrong = with_clock(registry.url(), &library, &registry.file("wrong", "+400d"));
    let refused = write(&wrong, &secret, "换领二").expect_err("it is 400 days ahead");
    assert!(is_about_the_clock(&refused), "{refused:#}");
    assert!(answers(&wrong));
    assert_eq!(write(&right, &secret, "换领三"), Ok(first + 1));
    let after = recorded(&right);
    assert!(after > before && after[..10] == before[..10], "{before}, then {after}");
    if registry.url().starts_with("postgres") {
        tokio::time::sleep(Duration::from_secs(6)).await;
        let metrics = get(&wrong.address(), "/metrics").expect("an answer");
        let skew = metrics
            .lines()
            .find_map(|line| line.strip_prefix("tongban_clock_skew_seconds{witness=\"database\"} "))
            .expect("it is told");
        assert!((skew.parse::<f64>().expect("a number") - 400.0 * 86_400.0).abs() < 60.0, "{skew}");
        let refused = metrics
            .lines()
            .find_map(|line| line.strip_prefix("tongban_write_failures_total{reason=\"CLOCK\"} "))
            .expect("it is counted");
        // The mutation, and the gateway's own probe.
        assert!(
            metrics.contains("tongban_database_writable 0") && refused.parse::<u32>().is_ok_and(|refused| refused >= 1),
            "{metrics}"
        );
    }
    // With --trust-clock.
    let trusting = Server::of(registry.url(), &["--trust-clock"]);
    assert_eq!(write(&trusting, &secret, "换领四"), Ok(first + 2));
}
