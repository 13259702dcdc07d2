//! The clock on the wall jumps, as after a wrong answer from a time server. Order is the journal's, and ages are measured
//! by a clock that nobody sets.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database};
use serde_json::Value;

use scenarios::server::{Server, ask, get, steward};

on_every_database! {
    a_clock_that_jumps_changes_what_is_written_down_and_nothing_else,
}

/// What puts another clock before a process. If it is not here, says so aloud.
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let library = folders.filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1"))).find(|path| path.is_file());
    if library.is_none() {
        let said = writeln!(std::io::stderr(), "!! There is no libfaketime here: JUMPS OF THE CLOCK ARE NOT TESTED. !!");
        drop(said);
    }
    library
}

async fn a_clock_that_jumps_changes_what_is_written_down_and_nothing_else(registry: TestRegistry) {
    let Some(library) = faketime() else { return };
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let hands = registry.file("clock", "+0");
    let mut command = Server::command(registry.url());
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &hands).env("FAKETIME_NO_CACHE", "1");
    let server = Server::by(command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1"));
    let write = |name: &str| {
        let input = format!(r#"code: "000109001000", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "{name}""#);
        let answer = ask(&server.address(), &secret, &format!("mutation {{ reviseMatter(input: {{ {input} }}) {{ revision }} }}"));
        answer.expect("an answer")["data"]["reviseMatter"]["revision"].as_u64().expect("a revision")
    };
    let recorded = || {
        let told = ask(&server.address(), "", "{ registry { recordedAt } }").expect("an answer");
        told["data"]["registry"]["recordedAt"].as_str().expect("a time").to_owned()
    };
    let first = write("换领一");
    let mut before = recorded();
    for (at, (hand, is_later)) in [("-2h", false), ("+2d", true), ("+0", false)].into_iter().enumerate() {
        std::fs::write(&hands, hand).expect("a file");
        let name = format!("换领 {hand}");
        assert_eq!(write(&name), first + 1 + at as u64, "order is the journal's");
        let now = recorded();
        assert_eq!(now > before, is_later, "{hand}: {before}, then {now}");
        before = now;
        // The process looked a second ago; what the clock says changes nothing about that.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let health: Value = serde_json::from_str(&get(&server.address(), "/health/ready").expect("an answer")).expect("JSON");
        assert!(health["status"] == "ready" && health["age"].as_u64() <= Some(2), "{hand}: {health}");
        assert_eq!(write("换领一"), first, "an act is remembered by its key");
        let question = r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310112", on: "2026-10-01") { answer } }"#;
        assert_eq!(ask(&server.address(), "", question).expect("an answer")["data"]["handling"]["answer"], "AVAILABLE");
    }
    let verified = registry.verify().await.expect("it holds");
    assert_eq!(verified.revision, first + 3);
}
