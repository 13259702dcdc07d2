//! Connections: how many there may be, how slow they may be, and encryption. A connection on which nothing
//! moves is closed, whoever is to blame.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower_http::add_extension::AddExtension;

use super::origin::{Network, Peer};

/// How long the head of a request may take to arrive, and a handshake.
const PATIENCE_FOR_HEAD: Duration = Duration::from_secs(10);
/// How long nothing may move on a connection.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether something moved.
const LOOK: Duration = Duration::from_secs(5);
/// The most requests at once on one connection of HTTP/2.
const MOST_STREAMS: u32 = 64;
/// The most that is read of the head of a request.
const MOST_HEAD: usize = 64 * 1024;

/// How many connections there may be.
#[derive(Debug, Clone)]
pub struct Connections {
    pub most: usize,
    /// From one address, unless it is a proxy's.
    pub most_of_one: usize,
    pub proxies: Vec<Network>,
}

/// Reads what encrypts the connections.
pub fn tls(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let at = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let chain: Result<Vec<CertificateDer<'static>>, _> =
        CertificateDer::pem_file_iter(certificates).map_err(|error| at(certificates, &error))?.collect();
    let chain = chain.map_err(|error| at(certificates, &error))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| at(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
        .map_err(|error| at(certificates, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Answers until it is told to stop; requests under way end first.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    tls: Option<Arc<ServerConfig>>,
    mut stop: tokio::sync::watch::Receiver<()>,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(connections.most));
    let crowd = Crowd::default();
    let graceful = GracefulShutdown::new();
    let acceptor = tls.map(TlsAcceptor::from);
    loop {
        let accepted = tokio::select! {
            accepted = async {
                // Who finds no room waits in the system's queue.
                let place = room.clone().acquire_owned().await;
                (place, listener.accept().await)
            } => accepted,
            // An error means that nobody is left to tell it, which is the end too.
            _ = stop.changed() => break,
        };
        let (place, (stream, peer)) = match accepted {
            (Ok(place), Ok(connection)) => (place, connection),
            (Err(_), _) => break,
            (Ok(_), Err(error)) => {
                // Out of files, most likely: somebody has to close one first.
                tracing::warn!(%error, "a connection cannot be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let is_proxy = connections.proxies.iter().any(|network| network.contains(peer.ip()));
        let Some(member) = crowd.enter(peer.ip(), if is_proxy { usize::MAX } else { connections.most_of_one }) else { continue };
        let (router, acceptor, watcher) = (router.clone(), acceptor.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _kept = (place, member);
            let moves = Arc::new(Moves::default());
            let stream = Moving { stream, moves: moves.clone() };
            let talking = async {
                match acceptor {
                    None => talk(TokioIo::new(stream), peer, router, watcher).await,
                    Some(acceptor) => match tokio::time::timeout(PATIENCE_FOR_HEAD, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => talk(TokioIo::new(stream), peer, router, watcher).await,
                        Ok(Err(error)) => tracing::debug!(%error, "no handshake"),
                        Err(_) => tracing::debug!("a handshake takes too long"),
                    },
                }
            };
            tokio::select! {
                () = talking => {}
                () = moves.stopped() => tracing::debug!(%peer, "nothing moves on a connection; it is closed"),
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

async fn talk<S>(io: TokioIo<S>, peer: SocketAddr, router: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE_FOR_HEAD).max_buf_size(MOST_HEAD);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(MOST_STREAMS).max_header_list_size(16 * 1024);
    let service = TowerToHyperService::new(AddExtension::new(router, Peer(peer)));
    if let Err(error) = watcher.watch(builder.serve_connection(io, service).into_owned()).await {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// How many connections each address has.
#[derive(Debug, Clone, Default)]
struct Crowd {
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
struct Member {
    crowd: Crowd,
    address: IpAddr,
}

impl Crowd {
    fn enter(&self, address: IpAddr, most: usize) -> Option<Member> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Member { crowd: self.clone(), address })
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut by_address = self.crowd.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

/// How often something moved on a connection.
#[derive(Debug, Default)]
struct Moves(AtomicU64);

impl Moves {
    /// Until nothing has moved for too long.
    async fn stopped(&self) {
        let mut seen = self.0.load(Ordering::Relaxed);
        let mut still = Duration::ZERO;
        while still < PATIENCE {
            tokio::time::sleep(LOOK).await;
            let now = self.0.load(Ordering::Relaxed);
            still = if now == seen { still + LOOK } else { Duration::ZERO };
            seen = now;
        }
    }
}

/// A connection that notes that something moves.
#[derive(Debug)]
struct Moving {
    stream: TcpStream,
    moves: Arc<Moves>,
}

impl Moving {
    fn note<T>(&self, moved: &Poll<io::Result<T>>) {
        if moved.is_ready() {
            self.moves.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl AsyncRead for Moving {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.note(&moved);
        moved
    }
}

impl AsyncWrite for Moving {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(&moved);
        moved
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note(&moved);
        moved
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
