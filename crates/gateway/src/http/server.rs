//! Connections: how many there may be, how slow they may be, and encryption. A connection on which nothing
//! moves is closed, whoever is to blame.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwap;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower_http::add_extension::AddExtension;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::HttpService;
use super::origin::{Network, Peer};

/// How often it is looked whether there is a new certificate.
const LOOK_FOR_CERTIFICATE: Duration = Duration::from_secs(5);
/// The most requests at once on one connection of HTTP/2.
const MOST_STREAMS: u32 = 64;
/// The most that is read of the head of a request.
const MOST_HEAD: usize = 64 * 1024;

/// How many connections there may be, and how slow.
#[derive(Debug, Clone)]
pub struct Connections {
    pub most: usize,
    /// From one address, unless it is a proxy's.
    pub most_of_one: usize,
    pub proxies: Vec<Network>,
    pub timeouts: Timeouts,
}

/// How slow a connection may be.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// How long the head of a request may take to arrive, and a handshake.
    pub head: Duration,
    /// How long nothing may move.
    pub idle: Duration,
    /// How long an answer may be read more slowly than `LEAST_RATE`.
    pub slow_read: Duration,
}

/// How fast an answer is read at least, in bytes per second.
const LEAST_RATE: u64 = 8 * 1024;

impl Default for Timeouts {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), idle: Duration::from_secs(60), slow_read: Duration::from_secs(10) }
    }
}

/// What encrypts the connections, as it stands in two files now. Certificates live for weeks and processes for months, so
/// the files are looked at again and again; whoever is talking goes on with what the connection began with.
#[derive(Debug)]
pub struct TlsConfig {
    certificates: PathBuf,
    key: PathBuf,
    config: ArcSwap<ServerConfig>,
    /// When our own certificate ends, in seconds since 1970; 0: it cannot be read.
    expires: AtomicI64,
    /// Of what was in the files when they were read last.
    seen: Mutex<[u8; 32]>,
}

impl TlsConfig {
    pub fn load(certificates: &Path, key: &Path) -> Result<Self, String> {
        let files = Files::read(certificates, key)?;
        Ok(Self {
            certificates: certificates.to_owned(),
            key: key.to_owned(),
            seen: Mutex::new(files.digest()),
            expires: AtomicI64::new(files.expires()),
            config: ArcSwap::from(files.config(certificates, key)?),
        })
    }

    /// When the certificate that is used ends, in seconds since 1970.
    pub fn expires(&self) -> Option<i64> {
        Some(self.expires.load(Ordering::Relaxed)).filter(|expires| *expires != 0)
    }

    /// Looks for new files for as long as the process lives.
    pub async fn follow(&self) {
        loop {
            tokio::time::sleep(LOOK_FOR_CERTIFICATE).await;
            self.look();
        }
    }

    /// Takes what is in the files now. What cannot be used changes nothing, and is told once.
    pub fn look(&self) {
        let files = Files::read(&self.certificates, &self.key);
        let digest = files.as_ref().map_or([0; 32], Files::digest);
        if std::mem::replace(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner), digest) == digest {
            return;
        }
        match files.and_then(|files| Ok((files.config(&self.certificates, &self.key)?, files.expires()))) {
            Ok((config, expires)) => {
                self.config.store(config);
                self.expires.store(expires, Ordering::Relaxed);
                tracing::info!(certificates = %self.certificates.display(), "encrypting with a new certificate");
            }
            Err(error) => tracing::error!(error, "the new certificate cannot be used; the one before stays"),
        }
    }
}

/// A chain of certificates and its private key, in PEM.
struct Files {
    certificates: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(certificates: &Path, key: &Path) -> Result<Self, String> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        Ok(Self { certificates: read(certificates)?, key: read(key)? })
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(Sha256::digest(&self.certificates)).chain_update(Sha256::digest(&self.key)).finalize().into()
    }

    fn expires(&self) -> i64 {
        let own = CertificateDer::pem_slice_iter(&self.certificates).next().and_then(Result::ok);
        let ends = own.and_then(|own| X509Certificate::from_der(&own).ok().map(|(_, own)| own.validity().not_after.timestamp()));
        ends.unwrap_or_default()
    }

    /// `certificates` and `key` are where they are from.
    fn config(&self, certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
        let at = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&self.certificates).collect();
        let chain = chain.map_err(|error| at(certificates, &error))?;
        let private = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| at(key, &error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
            .map_err(|error| at(certificates, &error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Answers until it is told to stop; requests under way end first.
pub async fn serve(
    listener: TcpListener,
    router: HttpService,
    connections: Connections,
    encryption: Option<Arc<TlsConfig>>,
    mut stop: tokio::sync::watch::Receiver<()>,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(connections.most));
    let crowd = Crowd::default();
    let graceful = GracefulShutdown::new();
    let timeouts = connections.timeouts;
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
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "what is written to a connection may wait for more");
        }
        let acceptor = encryption.as_ref().map(|encryption| TlsAcceptor::from(encryption.config.load_full()));
        let (router, watcher) = (router.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _kept = (place, member);
            let moves = Arc::new(Moves::default());
            let stream = Moving { stream, moves: moves.clone() };
            let talking = async {
                match acceptor {
                    None => talk(TokioIo::new(stream), peer, timeouts, router, watcher).await,
                    Some(acceptor) => match tokio::time::timeout(timeouts.head, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => talk(TokioIo::new(stream), peer, timeouts, router, watcher).await,
                        Ok(Err(error)) => tracing::debug!(%error, "no handshake"),
                        Err(_) => tracing::debug!("a handshake takes too long"),
                    },
                }
            };
            tokio::select! {
                () = talking => {}
                why = moves.stopped(timeouts) => tracing::debug!(%peer, why, "a connection is closed"),
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

async fn talk<S>(io: TokioIo<S>, peer: SocketAddr, timeouts: Timeouts, router: HttpService, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(timeouts.head).max_buf_size(MOST_HEAD);
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

/// How a connection moves.
#[derive(Debug, Default)]
struct Moves {
    /// How often something moved.
    times: AtomicU64,
    /// The bytes that were written.
    sent: AtomicU64,
    /// There is something to write, and the other side does not take it.
    is_waiting: AtomicBool,
}

impl Moves {
    /// Until nothing has moved for too long, or what is to be read was read too slowly.
    async fn stopped(&self, Timeouts { idle, slow_read, .. }: Timeouts) -> &'static str {
        let look = (idle / 12).min(slow_read / 5);
        let (mut seen, mut still) = (self.times.load(Ordering::Relaxed), Duration::ZERO);
        let (mut sent, mut waited) = (self.sent.load(Ordering::Relaxed), Duration::ZERO);
        loop {
            tokio::time::sleep(look).await;
            let now = self.times.load(Ordering::Relaxed);
            still = if now == seen { still + look } else { Duration::ZERO };
            seen = now;
            if still >= idle {
                return "nothing moves";
            }
            if !self.is_waiting.load(Ordering::Relaxed) {
                (sent, waited) = (self.sent.load(Ordering::Relaxed), Duration::ZERO);
                continue;
            }
            waited += look;
            if waited >= slow_read {
                let now = self.sent.load(Ordering::Relaxed);
                if (now - sent) * 1_000 < LEAST_RATE * u64::try_from(waited.as_millis()).unwrap_or(u64::MAX) {
                    return "its answer is read too slowly";
                }
                (sent, waited) = (now, Duration::ZERO);
            }
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
            self.moves.times.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn note_sent(&self, sent: &Poll<io::Result<usize>>) {
        self.note(sent);
        match sent {
            Poll::Ready(Ok(bytes)) => {
                self.moves.sent.fetch_add(*bytes as u64, Ordering::Relaxed);
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.moves.is_waiting.store(true, Ordering::Relaxed),
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
        self.note_sent(&moved);
        moved
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note_sent(&moved);
        moved
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Whoever flushes has written all there was.
        self.moves.is_waiting.store(false, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
