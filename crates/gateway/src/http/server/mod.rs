//! The server: accepts connections, limits how many there are and how slow they may be, and stops gracefully.

pub mod activity;
pub mod tls;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::add_extension::AddExtension;

use super::client_address::{Network, PeerAddress};
use super::service::HttpService;
use activity::{Activity, Timeouts, TrackedStream};
use tls::TlsConfig;

/// The most concurrent requests on one connection of HTTP/2.
const MAX_STREAMS: u32 = 64;
/// The longest head of a request of HTTP/1.1.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The longest headers of a request of HTTP/2.
const MAX_HEADER_LIST_BYTES: u32 = 16 * 1024;

/// Limits of connections.
#[derive(Debug, Clone)]
pub struct Connections {
    pub max: usize,
    /// From one address that is no trusted proxy.
    pub max_per_address: usize,
    pub proxies: Vec<Network>,
    pub timeouts: Timeouts,
}

/// Serves until it is stopped; running requests are completed first.
pub async fn serve(
    listener: TcpListener,
    service: HttpService,
    connections: Connections,
    tls: Option<Arc<TlsConfig>>,
    mut stop: tokio::sync::watch::Receiver<()>,
) -> io::Result<()> {
    let slots = Arc::new(Semaphore::new(connections.max));
    let counts = ConnectionCounts::default();
    let graceful = GracefulShutdown::new();
    let timeouts = connections.timeouts;
    loop {
        let accepted = tokio::select! {
            accepted = async {
                // Without a free slot, new connections wait in the system's queue.
                let slot = slots.clone().acquire_owned().await;
                (slot, listener.accept().await)
            } => accepted,
            // An error means that the sender was dropped: that stops the server, too.
            _ = stop.changed() => break,
        };
        let (slot, (stream, peer)) = match accepted {
            (Ok(slot), Ok(connection)) => (slot, connection),
            (Err(_), _) => break,
            (Ok(_), Err(error)) => {
                // Most likely the process is out of file descriptors: wait until one is closed.
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let is_proxy = connections.proxies.iter().any(|network| network.contains(peer.ip()));
        let Some(counted) = counts.add(peer.ip(), if is_proxy { usize::MAX } else { connections.max_per_address })
        else {
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let acceptor = tls.as_ref().map(|tls| tls.acceptor());
        let (service, watcher) = (service.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _slots = (slot, counted);
            let activity = Arc::new(Activity::default());
            let stream = TrackedStream { stream, activity: activity.clone() };
            let serving = async {
                match acceptor {
                    None => serve_connection(TokioIo::new(stream), peer, timeouts, service, watcher).await,
                    Some(acceptor) => match tokio::time::timeout(timeouts.head, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => {
                            serve_connection(TokioIo::new(stream), peer, timeouts, service, watcher).await;
                        }
                        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                        Err(_) => tracing::debug!("a TLS handshake takes too long"),
                    },
                }
            };
            tokio::select! {
                () = serving => {}
                why = activity.timed_out(timeouts) => tracing::debug!(%peer, why, "a connection is closed"),
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

async fn serve_connection<S>(
    io: TokioIo<S>,
    peer: SocketAddr,
    timeouts: Timeouts,
    service: HttpService,
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(timeouts.head).max_buf_size(MAX_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADER_LIST_BYTES);
    let service = TowerToHyperService::new(AddExtension::new(service, PeerAddress(peer)));
    if let Err(error) = watcher.watch(builder.serve_connection(io, service).into_owned()).await {
        tracing::debug!(%error, "a connection failed");
    }
}

/// The number of connections of each address.
#[derive(Debug, Clone, Default)]
struct ConnectionCounts {
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A counted connection, until it is dropped.
#[derive(Debug)]
struct CountedConnection {
    counts: ConnectionCounts,
    address: IpAddr,
}

impl ConnectionCounts {
    /// `None`: the address has as many as it may.
    fn add(&self, address: IpAddr, max: usize) -> Option<CountedConnection> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(CountedConnection { counts: self.clone(), address })
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let mut by_address = self.counts.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}
