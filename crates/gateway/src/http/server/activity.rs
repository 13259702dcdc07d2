//! Finds connections that are idle or read too slowly, on purpose (slowloris) or not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How slow a connection may be.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the head of a request, and for a TLS handshake.
    pub head: Duration,
    /// Without a byte in either direction.
    pub idle: Duration,
    /// While the client reads more slowly than `MIN_READ_RATE`.
    pub slow_read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), idle: Duration::from_secs(60), slow_read: Duration::from_secs(10) }
    }
}

/// The slowest that a client may read, in bytes per second.
const MIN_READ_RATE: u64 = 8 * 1024;

/// The bytes that a connection has moved.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// How often bytes were read or written.
    transfers: AtomicU64,
    /// How many bytes were written.
    sent: AtomicU64,
    /// There are bytes to write, and the client does not read them.
    is_blocked: AtomicBool,
}

impl Activity {
    /// Waits until the connection is idle for too long, or its client reads too slowly; and says which.
    pub(super) async fn timed_out(&self, Timeouts { idle, slow_read, .. }: Timeouts) -> &'static str {
        let interval = (idle / 12).min(slow_read / 5);
        let (mut transfers, mut idle_for) = (self.transfers.load(Ordering::Relaxed), Duration::ZERO);
        let (mut sent, mut blocked_for) = (self.sent.load(Ordering::Relaxed), Duration::ZERO);
        loop {
            tokio::time::sleep(interval).await;
            let now = self.transfers.load(Ordering::Relaxed);
            idle_for = if now == transfers { idle_for + interval } else { Duration::ZERO };
            transfers = now;
            if idle_for >= idle {
                return "it is idle";
            }
            if !self.is_blocked.load(Ordering::Relaxed) {
                (sent, blocked_for) = (self.sent.load(Ordering::Relaxed), Duration::ZERO);
                continue;
            }
            blocked_for += interval;
            if blocked_for >= slow_read {
                let now = self.sent.load(Ordering::Relaxed);
                if (now - sent) * 1_000 < MIN_READ_RATE * u64::try_from(blocked_for.as_millis()).unwrap_or(u64::MAX) {
                    return "its client reads too slowly";
                }
                (sent, blocked_for) = (now, Duration::ZERO);
            }
        }
    }
}

/// A connection that counts what it moves.
#[derive(Debug)]
pub(super) struct TrackedStream {
    pub(super) stream: TcpStream,
    pub(super) activity: Arc<Activity>,
}

impl TrackedStream {
    fn count<T>(&self, moved: &Poll<io::Result<T>>) {
        if moved.is_ready() {
            self.activity.transfers.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count_sent(&self, sent: &Poll<io::Result<usize>>) {
        self.count(sent);
        match sent {
            Poll::Ready(Ok(bytes)) => {
                self.activity.sent.fetch_add(*bytes as u64, Ordering::Relaxed);
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.activity.is_blocked.store(true, Ordering::Relaxed),
        }
    }
}

impl AsyncRead for TrackedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.count(&moved);
        moved
    }
}

impl AsyncWrite for TrackedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.count_sent(&moved);
        moved
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.count_sent(&moved);
        moved
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A flush follows the last write.
        self.activity.is_blocked.store(false, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
