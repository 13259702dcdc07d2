//! The audit trail of the command line. The journal has a reference that names no person; the name is stored
//! separately, where it can be erased. Each command also writes a line to the system log.

use chrono::{DateTime, Utc};
use domain::calendar;
use persistence::WriteContext;
use sha2::{Digest as _, Sha256};

/// `user@host`; with sudo `alice as root@host`.
pub(super) fn person() -> String {
    let user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
    let host = whoami::hostname().unwrap_or_else(|_| "unknown".to_owned());
    let became = std::env::var("SUDO_USER").ok().filter(|before| !before.is_empty() && *before != user);
    let said = became.map_or_else(|| format!("{user}@{host}"), |before| format!("{before} as {user}@{host}"));
    // It must fit into a line of a log.
    said.chars().filter(|sign| !sign.is_control()).take(120).collect()
}

/// A reference to the person that names nobody.
pub(super) fn reference() -> String {
    format!("cli_{}", &hex::encode(Sha256::digest(person()))[..16])
}

/// The actor of journal entries.
pub(super) fn by(now: DateTime<Utc>) -> WriteContext {
    WriteContext { actor: reference(), on_behalf_of: None, now, today: calendar::day_in_china(now) }
}

/// Writes the line to the system log; without one, to stderr.
pub(super) fn log(command: &str, registry: &str, done: bool) {
    let outcome = if done { "DONE" } else { "FAILED" };
    let line = format!("audit command={command:?} person={:?} registry={registry:?} outcome={outcome}", person());
    #[cfg(unix)]
    {
        // Facility 10 (authorization), severity 5 (notice), after RFC 3164.
        let message = format!("<85>tongban[{}]: {line}", std::process::id());
        let sent = std::os::unix::net::UnixDatagram::unbound()
            .and_then(|socket| socket.send_to(message.as_bytes(), "/dev/log"));
        if sent.is_ok() {
            return;
        }
    }
    tracing::info!("{line}");
}
