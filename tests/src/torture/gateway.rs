//! A gateway as its clients see it: an address with a process that is replaced from time to time.

use std::ffi::{OsStr, OsString};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::locked;
use crate::server::{Server, bearing, exchange};

#[derive(Debug)]
pub(super) struct Gateway {
    program: OsString,
    database: String,
    /// `None`: no process is running.
    pub(super) server: Mutex<Option<Server>>,
    address: RwLock<String>,
    /// The newest revision that a client has seen here. Later requests must not get an older one, whichever process
    /// answers.
    seen: AtomicU64,
}

impl Gateway {
    pub(super) fn start(program: &OsStr, database: &str) -> Self {
        let gateway = Self {
            program: program.to_owned(),
            database: database.to_owned(),
            server: Mutex::default(),
            address: RwLock::default(),
            seen: AtomicU64::new(0),
        };
        assert!(gateway.starts(Duration::ZERO), "it starts");
        gateway
    }

    /// Starts a process, with retries, as a supervisor does.
    pub(super) fn starts(&self, patience: Duration) -> bool {
        let began = Instant::now();
        loop {
            let mut command = Command::new(&self.program);
            command.args(["serve", "--listen", "127.0.0.1:0", "--database", &self.database]);
            if let Some(server) = Server::start(&mut command) {
                *self.address.write().expect("nobody panics with it") = server.address();
                *locked(&self.server) = Some(server);
                return true;
            }
            if began.elapsed() >= patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn address(&self) -> String {
        self.address.read().expect("nobody panics with it").clone()
    }

    /// The answer, if it is complete.
    pub(super) fn ask(&self, secret: &str, query: &str, from: Option<u64>, patience: Duration) -> Option<Value> {
        let from = from.map_or_else(String::new, |revision| format!("Tongban-Min-Revision: {revision}\r\n"));
        let body = json!({ "query": query }).to_string();
        let answer = exchange(&self.address(), "POST /graphql", &(bearing(secret) + &from), &body, patience)?;
        serde_json::from_str(&answer.body).ok()
    }

    /// The newest revision seen here.
    pub(super) fn seen(&self) -> u64 {
        self.seen.load(Ordering::SeqCst)
    }

    pub(super) fn sees(&self, revision: u64) {
        self.seen.fetch_max(revision, Ordering::SeqCst);
    }

    /// Its export in a canonical form, sorted; of this revision, which must be the newest.
    pub(super) fn export(&self, secret: &str, revision: u64, patience: Duration) -> Option<Vec<String>> {
        let answer = exchange(&self.address(), "GET /export", &bearing(secret), "", patience)?;
        if answer.header("tongban-revision")?.parse() != Ok(revision) {
            return None;
        }
        let lines = answer.body.lines().map(|line| serde_json::from_str::<Value>(line).map(|line| line.to_string()));
        let mut lines: Vec<String> = lines.collect::<Result<_, _>>().ok()?;
        lines.sort_unstable();
        Some(lines)
    }
}
