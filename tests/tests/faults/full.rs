//! A full disk: operators see it, writers get an error, and with free space the registry recovers by itself.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::server::{Server, ask, get, steward};
use scenarios::{Engine, TestRegistry, tongban};
use serde_json::Value;
use tempfile::TempDir;

fn names_a_matter(server: &Server, secret: &str, name: &str) -> Value {
    let input = format!(
        r#"code: "000109001000", name: "{name}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], idempotencyKey: "{name}""#
    );
    ask(&server.address(), secret, &format!("mutation {{ reviseMatter(input: {{ {input} }}) {{ revision }} }}"))
        .expect("an answer")
}

fn is_full(answer: &Value) -> bool {
    let error = &answer["errors"][0];
    error["extensions"]["code"] == "UNAVAILABLE"
        && error["extensions"]["reason"] == "DISK_FULL"
        && error["message"].as_str().is_some_and(|text| text.contains("磁盘已满"))
}

fn metric(server: &Server, name: &str) -> Option<f64> {
    let page = get(&server.address(), "/metrics").expect("an answer");
    let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned))?;
    value.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_reported_differently_from_a_lost_server() {
    if !Engine::PostgreSql.is_there() {
        return;
    }
    let registry = TestRegistry::new(Engine::PostgreSql).await;
    registry.import(NANSHA_AND_MINHANG).await;
    let (secret, server) = (steward(registry.url()), Server::of(registry.url(), &["--trust-clock"]));
    assert!(names_a_matter(&server, &secret, "换领一")["data"]["reviseMatter"]["revision"].is_u64());
    assert_eq!(metric(&server, "tongban_database_writable"), Some(1.0));
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$";
    registry.execute(full).await.expect("it may");
    registry
        .execute("CREATE TRIGGER full_disk AFTER INSERT ON journal EXECUTE FUNCTION full_disk()")
        .await
        .expect("it may");
    let refused = names_a_matter(&server, &secret, "换领二");
    assert!(is_full(&refused), "{refused:#}");
    assert_eq!(metric(&server, "tongban_database_writable"), Some(0.0));
    assert_eq!(metric(&server, "tongban_write_failures_total{reason=\"DISK_FULL\"}"), Some(1.0));
    assert_eq!(metric(&server, "tongban_database_up"), Some(1.0), "it is there all the same");
    assert!(server.log().contains("could not extend file"), "what the database said is in the log");
    registry.execute("DROP TRIGGER full_disk ON journal").await.expect("it may");
    assert!(names_a_matter(&server, &secret, "换领二")["data"]["reviseMatter"]["revision"].is_u64());
    assert_eq!(metric(&server, "tongban_database_writable"), Some(1.0));
}

/// A small disk, if this machine allows to mount one. It is removed when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let disk = Self(TempDir::new().expect("a folder"));
        let mut mount = Command::new("mount");
        let mounted = mount
            .args(["-t", "tmpfs", "-o", "size=6m", "none"])
            .arg(disk.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            let said = writeln!(
                std::io::stderr(),
                "!! This machine lets us mount nothing: A FULL DISK BENEATH SQLITE IS NOT TESTED. !!"
            );
            drop(said);
        }
        mounted.then_some(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills the disk.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("filler");
        let mut file = std::fs::File::create(&path).expect("a file");
        while file.write_all(&[7; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.0.path()).status());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_recovers_when_a_full_disk_has_space_again() {
    let Some(disk) = SmallDisk::new() else { return };
    let url = format!("sqlite://{}", disk.path().join("tongban.db").display());
    let records = disk.path().join("records.ndjson");
    std::fs::write(&records, NANSHA_AND_MINHANG).expect("a file");
    let import = tongban().args(["import", "--database", &url]).arg(&records).output().expect("it runs");
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    let (secret, server) = (steward(&url), Server::of(&url, &[]));
    assert!(names_a_matter(&server, &secret, "换领一")["data"]["reviseMatter"]["revision"].is_u64());
    let filler = disk.fill();
    // Its log has space for a while.
    let mut refused = Value::Null;
    for number in 0..2_000 {
        refused = names_a_matter(&server, &secret, &format!("换领 {number}"));
        if refused["errors"].is_array() {
            break;
        }
    }
    assert!(is_full(&refused), "{refused:#}");
    assert_eq!(metric(&server, "tongban_database_writable"), Some(0.0));
    let question = r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310112", on: "2026-10-01") { answer } }"#;
    assert_eq!(ask(&server.address(), "", question).expect("an answer")["data"]["handling"]["answer"], "AVAILABLE");
    std::fs::remove_file(filler).expect("it was there");
    // It is reported even without writes.
    let began = Instant::now();
    while metric(&server, "tongban_database_writable") != Some(1.0) {
        assert!(began.elapsed() < Duration::from_secs(40), "it is tried again");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(names_a_matter(&server, &secret, "换领又一")["data"]["reviseMatter"]["revision"].is_u64());
    let verify = tongban().args(["verify", "--database", &url]).output().expect("it runs");
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
}
