//! `tongban serve` as a process, and requests to it over a socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::tongban;

#[derive(Debug)]
pub struct Server {
    process: Child,
    address: String,
    log: NamedTempFile,
}

impl Server {
    /// Serves this registry with more arguments; ready on return.
    pub fn of(url: &str, arguments: &[&str]) -> Self {
        Self::by(Self::command(url).args(arguments))
    }

    /// The command that serves this registry, for further settings.
    pub fn command(url: &str) -> Command {
        let mut command = tongban();
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", url]);
        command
    }

    /// Serves with a given command.
    pub fn by(command: &mut Command) -> Self {
        Self::start(command).expect("it listens")
    }

    /// The same, if the start may fail.
    pub fn start(command: &mut Command) -> Option<Self> {
        let log = NamedTempFile::new().expect("a file");
        let stderr = log.reopen().expect("the file");
        let mut process = command.stdout(Stdio::piped()).stderr(stderr).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").map(str::to_owned);
        // Killed when dropped.
        let server = Self { process, address: address.clone().unwrap_or_default(), log };
        address.map(|_| server)
    }

    pub fn kill(mut self) {
        self.process.kill().expect("kill -9");
        self.process.wait().expect("it is gone");
    }

    /// Sends SIGTERM.
    pub fn end(&self) {
        self.signal("TERM");
    }

    /// Pauses the process.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        assert!(
            Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().expect("kill").success()
        );
    }

    /// Has it ended, and without an error?
    pub fn has_ended(&mut self) -> Option<bool> {
        self.process.try_wait().expect("a process of ours").map(|status| status.success())
    }

    /// Waits for the end: was there no error?
    pub fn ended(mut self) -> bool {
        self.process.wait().expect("an end").success()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).expect("a log")
    }

    /// Its memory, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux tells");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    pub fn address(&self) -> String {
        self.address.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Sends a POST. `None`: the connection was lost.
pub fn ask(address: &str, secret: &str, query: &str) -> Option<Value> {
    send(address, &bearing(secret), query).map(|(_, answer)| answer)
}

/// The header for a secret; empty without one.
pub fn bearing(secret: &str) -> String {
    if secret.is_empty() { String::new() } else { format!("Authorization: Bearer {secret}\r\n") }
}

/// Sends a POST with further headers, each with its line break: returns head and body.
pub fn send(address: &str, headers: &str, query: &str) -> Option<(String, Value)> {
    let body = json!({ "query": query }).to_string();
    let answer = exchange(address, "POST /graphql", headers, &body, PATIENCE)?;
    Some((answer.head, serde_json::from_str(&answer.body).ok()?))
}

/// The answer to a `GET` of a path.
pub fn get(address: &str, path: &str) -> Option<String> {
    exchange(address, &format!("GET {path}"), "", "", PATIENCE).map(|answer| answer.body)
}

/// Timeout of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An HTTP response.
#[derive(Debug)]
pub struct Exchanged {
    pub head: String,
    pub body: String,
}

impl Exchanged {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let of_that_name = |line: &&str| line.split_once(':').is_some_and(|(own, _)| own.eq_ignore_ascii_case(name));
        self.head.lines().find(of_that_name)?.split_once(':').map(|(_, value)| value.trim())
    }
}

/// A request on its own connection. `None`: no complete answer.
pub fn exchange(address: &str, request: &str, headers: &str, body: &str, patience: Duration) -> Option<Exchanged> {
    let length = body.len();
    let head = format!(
        "{request} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect_timeout(&address.parse().ok()?, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.set_write_timeout(Some(patience)).ok()?;
    stream.write_all((head + body).as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end_of_head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&answer[..end_of_head]).ok()?, &answer[end_of_head + 4..]);
    // Connecting to a free local port may connect the socket to itself.
    let head = Some(head).filter(|head| head.starts_with("HTTP/1.1 "))?;
    let mut answered = Exchanged { head: head.to_owned(), body: String::new() };
    let body = match answered.header("content-length") {
        Some(length) => (length.parse() == Ok(body.len())).then(|| body.to_vec()),
        None => unchunked(body),
    };
    answered.body = String::from_utf8(body?).ok()?;
    Some(answered)
}

/// A chunked body. `None`: the last chunk is missing.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|bytes| bytes == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        let piece = rest.get(end + 2..)?;
        whole.extend_from_slice(piece.get(..length)?);
        rest = piece.get(length..)?.strip_prefix(b"\r\n")?;
    }
}

/// A steward's key for this registry.
pub fn steward(url: &str) -> String {
    let issued = tongban()
        .args(["key", "issue", "--role", "steward", "--name", "faults", "--days", "3650", "--database", url])
        .output()
        .expect("it runs");
    assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    String::from_utf8(issued.stdout).expect("text").trim().to_owned()
}
