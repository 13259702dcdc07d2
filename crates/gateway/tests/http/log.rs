//! Captures the log of the test's own thread.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;

/// Captures the log until it is dropped.
pub(crate) struct Log {
    lines: Lines,
    _kept: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked with it").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn new(filter: &str) -> Self {
        let lines = Lines::default();
        let kept = lines.clone();
        let log = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_ansi(false)
            .with_writer(move || kept.clone())
            .finish();
        Self { lines, _kept: tracing::subscriber::set_default(log) }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.lines.0.lock().expect("nobody panicked with it").clone()).expect("text")
    }

    /// The lines that contain this text.
    pub(crate) fn lines(&self, with: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(with)).map(str::to_owned).collect()
    }
}
