//! `tongban serve` as a process, and questions to it over a socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use scenarios::tongban;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: String,
    log: NamedTempFile,
}

impl Server {
    /// Serves this registry, with more arguments; ready when this returns.
    pub(crate) fn of(url: &str, arguments: &[&str]) -> Self {
        Self::by(Self::command(url).args(arguments))
    }

    /// The command that serves this registry, for more settings.
    pub(crate) fn command(url: &str) -> Command {
        let mut command = tongban();
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", url]);
        command
    }

    /// What a command serves that is `tongban serve` in the end.
    pub(crate) fn by(command: &mut Command) -> Self {
        let log = NamedTempFile::new().expect("a file");
        let stderr = log.reopen().expect("the file");
        let mut process = command.stdout(Stdio::piped()).stderr(stderr).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").expect("it listens").to_owned();
        Self { process, address, log }
    }

    pub(crate) fn kill(mut self) {
        self.process.kill().expect("kill -9");
        self.process.wait().expect("it is gone");
    }

    /// Tells it to end, as a system does.
    pub(crate) fn end(&self) {
        self.signal("TERM");
    }

    /// It stands still, as a machine that is paused.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    pub(crate) fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().expect("kill").success());
    }

    /// Waits for the end: did it end well?
    pub(crate) fn ended(mut self) -> bool {
        self.process.wait().expect("an end").success()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).expect("a log")
    }

    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Asks by POST. `None`: the connection broke off.
pub(crate) fn ask(address: &str, secret: &str, query: &str) -> Option<Value> {
    send(address, &bearing(secret), query).map(|(_, answer)| answer)
}

/// The header of whoever has this secret; without one, nobody's.
pub(crate) fn bearing(secret: &str) -> String {
    if secret.is_empty() { String::new() } else { format!("Authorization: Bearer {secret}\r\n") }
}

/// Asks by POST with more headers, each with its end of line: the head of the answer, and what is in it.
pub(crate) fn send(address: &str, headers: &str, query: &str) -> Option<(String, Value)> {
    let body = json!({ "query": query }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let answer = exchange(address, &(head + &body))?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.to_owned(), serde_json::from_str(body).ok()?))
}

/// What `GET` of a path answers.
pub(crate) fn get(address: &str, path: &str) -> Option<String> {
    let answer = exchange(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"))?;
    Some(answer.split_once("\r\n\r\n")?.1.to_owned())
}

fn exchange(address: &str, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// A key of a steward for this registry.
pub(crate) fn steward(url: &str) -> String {
    let issued = tongban().args(["key", "issue", "--role", "steward", "--name", "faults", "--database", url]).output().expect("it runs");
    assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    String::from_utf8(issued.stdout).expect("text").trim().to_owned()
}
