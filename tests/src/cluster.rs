//! A PostgreSQL cluster for one test, which can be stopped, started, copied and promoted.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A cluster, removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

/// The folder of the newest server binaries; Debian does not put them on the path.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop()
}

/// Are the server binaries installed? Prints a message if not.
pub fn can_be_made() -> bool {
    let can = programs().is_some();
    if !can {
        let said = writeln!(
            std::io::stderr(),
            "!! There are no programs of PostgreSQL's server here: THIS FAULT IS NOT TESTED. !!"
        );
        drop(said);
    }
    can
}

/// PostgreSQL refuses to run as root.
fn is_root(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|folder| folder.uid() == 0)
}

impl Cluster {
    fn empty() -> Self {
        let folder = TempDir::with_prefix("tongban-cluster-").expect("a folder");
        if is_root(folder.path()) {
            let id = Command::new("id").args(["-u", "postgres"]).output().expect("id");
            let user = String::from_utf8_lossy(&id.stdout).trim().parse().expect("there is a user postgres");
            chown(folder.path(), Some(user), None).expect("root may");
        }
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = socket.local_addr().expect("a port").port();
        Self { folder, port }
    }

    /// Creates and starts a cluster.
    #[expect(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Self {
        Self::with("fsync = off\nwal_level = replica\nmax_wal_senders = 4\nhot_standby = on\nautovacuum = off\n")
    }

    /// The same with fsync and autovacuum, as in production.
    pub fn durable() -> Self {
        Self::with("")
    }

    fn with(settings: &str) -> Self {
        let cluster = Self::empty();
        cluster.run("initdb", &["--username=tongban", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        cluster.set("listen_addresses = '127.0.0.1'\n");
        cluster.set(settings);
        cluster.start();
        cluster
    }

    /// Creates and starts a standby.
    pub fn standby(&self) -> Self {
        let standby = Self::empty();
        let from = self.port.to_string();
        standby.run(
            "pg_basebackup",
            &[
                "--host=127.0.0.1",
                "--port",
                &from,
                "--username=tongban",
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync",
            ],
        );
        standby.start();
        standby
    }

    fn set(&self, settings: &str) {
        let mut file =
            std::fs::File::options().append(true).open(self.data().join("postgresql.conf")).expect("settings");
        file.write_all(settings.as_bytes()).expect("settings");
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn start(&self) {
        let options = format!("-p {} -k {}", self.port, self.folder.path().display());
        let log = self.folder.path().join("log").display().to_string();
        self.run("pg_ctl", &["start", "--wait", "--silent", "--log", &log, "--options", &options]);
    }

    /// Simulates a power failure.
    pub fn stop(&self) {
        self.run("pg_ctl", &["stop", "--wait", "--silent", "--mode=immediate"]);
    }

    /// Pauses the server until `go_on`, as a hanging machine.
    pub fn stand_still(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    /// Sends a signal to the server and all its processes.
    fn signal(&self, signal: &str) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let server = file.lines().next().expect("its number").to_owned();
        let started = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).expect("it runs");
        // One of them may have ended, which `kill` reports as a failure.
        let mut kill = Command::new("kill");
        kill.arg(signal).arg(&server).args(started.split_whitespace()).stderr(Stdio::null()).status().expect("kill");
    }

    pub fn promote(&self) {
        self.run("pg_ctl", &["promote", "--wait", "--silent"]);
    }

    pub fn url(&self) -> String {
        format!("postgres://tongban@127.0.0.1:{}/postgres", self.port)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let path = programs().expect("asked before").join(program);
        // The folder belongs to the server's user.
        let mut command = if programs_run_as_another(self.folder.path()) {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.arg("--pgdata").arg(self.data()).args(arguments).current_dir(self.folder.path());
        // The server outlives pg_ctl and would keep its pipes open.
        let output = self.folder.path().join("output");
        let file = std::fs::File::create(&output).expect("a file");
        let status = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file"))
            .stderr(file)
            .status()
            .expect("it runs");
        assert!(status.success(), "{program}: {}", std::fs::read_to_string(output).unwrap_or_default());
    }
}

fn programs_run_as_another(folder: &Path) -> bool {
    let me = std::fs::metadata("/proc/self").expect("this process").uid();
    folder.metadata().is_ok_and(|folder| folder.uid() != me)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() && !std::thread::panicking() {
            self.stop();
        } else if self.data().join("postmaster.pid").exists() {
            // A second panic would abort the process.
            drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.stop())));
        }
    }
}
