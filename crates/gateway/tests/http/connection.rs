//! The server on a real socket: slow clients, TLS, and the address of the client.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::http::client_address::Network;
use gateway::http::client_address::Proxies;
use gateway::http::server::activity::Timeouts;
use gateway::http::server::tls::TlsConfig;
use gateway::http::server::{Connections, serve};
use gateway::http::settings::Settings;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use registry::rate_limit::RateLimits;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

use crate::TestServer;
use crate::log::Log;

/// Short, so that tests are fast.
const TIMEOUTS: Timeouts = Timeouts {
    head: Duration::from_millis(600),
    idle: Duration::from_millis(1_200),
    slow_read: Duration::from_millis(1_000),
};
/// Longer than any connection may last.
const TOO_LONG: Duration = Duration::from_secs(20);

/// A listening server, until it is dropped.
struct Listening {
    address: SocketAddr,
    _door: TestServer,
    _stop: watch::Sender<()>,
}

impl Listening {
    async fn at(server: TestServer, tls: Option<Arc<TlsConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = watch::channel(());
        let connections = Connections { max: 1_000, max_per_address: 8, proxies: Vec::new(), timeouts: TIMEOUTS };
        tokio::spawn(serve(listener, server.router.clone(), connections, tls, stopped));
        Self { address, _door: server, _stop: stop }
    }

    async fn plain() -> Self {
        Self::at(TestServer::with(Settings { timeout: TIMEOUTS.head, ..Settings::default() }).await, None).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    /// Other clients are still answered.
    async fn answers(&self) {
        let answer = exchange(self.connect().await, &post(r#"{"query":"{ __typename }"}"#)).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

fn post(body: &str) -> String {
    format!(
        "POST /graphql HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends a request, and reads until the connection is closed.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, said: &str) -> String {
    stream.write_all(said.as_bytes()).await.expect("it is heard");
    heard(stream).await
}

async fn heard(mut stream: impl AsyncRead + Unpin) -> String {
    let mut heard = Vec::new();
    // It must end, with an error or without.
    let _ = tokio::time::timeout(TOO_LONG, stream.read_to_end(&mut heard)).await.expect("the server closes");
    String::from_utf8_lossy(&heard).into_owned()
}

/// Sends a byte every now and then until the connection is closed, and measures how long that takes.
async fn dribble(mut stream: TcpStream, said: &str) -> (Duration, String) {
    let began = Instant::now();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let dribbling = async {
        for byte in said.bytes().chain(std::iter::repeat(b'x')) {
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = dribbling => {}
        _ = reading.read_to_end(&mut answer) => {}
        () = tokio::time::sleep(TOO_LONG) => panic!("the connection is still open"),
    }
    (began.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn slowloris_a_slow_head_is_cut_off() {
    let listening = Listening::plain().await;
    let (lasted, _) = dribble(listening.connect().await, "GET / HTTP/1.1\r\nhost: here\r\nx-slow: ").await;
    assert!(lasted < 5 * TIMEOUTS.head, "{lasted:?}");
    listening.answers().await;
}

#[tokio::test]
async fn slowloris_a_slow_body_is_answered_with_408() {
    let listening = Listening::plain().await;
    let mut stream = listening.connect().await;
    let head = "POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("it is heard");
    let (lasted, answer) = dribble(stream, r#"{"query":"#).await;
    assert!(lasted < 5 * TIMEOUTS.head, "{lasted:?}");
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains(r#""code":"TIMEOUT""#), "{answer}");
    listening.answers().await;
}

#[tokio::test]
async fn slowloris_a_handshake_that_stalls_is_cut_off() {
    let certificate = Certificate::new("tongban.example.cn");
    let listening = Listening::at(TestServer::new().await, Some(certificate.tls())).await;
    let mut stream = listening.connect().await;
    // The first five bytes of a handshake.
    stream.write_all(&[22, 3, 1, 2, 0]).await.expect("it is heard");
    let began = Instant::now();
    heard(stream).await;
    assert!(began.elapsed() < 5 * TIMEOUTS.head, "{:?}", began.elapsed());
}

#[tokio::test]
async fn slowloris_a_client_that_does_not_read_is_cut_off() {
    let listening = Listening::plain().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 * 1024).expect("a small one");
    let mut stream = socket.connect(listening.address).await.expect("it listens");
    stream.write_all("GET / HTTP/1.1\r\nhost: here\r\n\r\n".repeat(2_000).as_bytes()).await.expect("it is heard");
    let began = Instant::now();
    while stream.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.is_ok() {
        assert!(began.elapsed() < TOO_LONG, "the connection is still open");
        tokio::time::sleep(TIMEOUTS.idle / 4).await;
    }
    listening.answers().await;
}

#[tokio::test]
async fn a_client_that_reads_byte_by_byte_is_cut_off() {
    let listening = Listening::plain().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 * 1024).expect("a small one");
    let mut stream = socket.connect(listening.address).await.expect("it listens");
    // Long responses, more than the buffers hold.
    stream
        .write_all("GET /schema.graphql HTTP/1.1\r\nhost: here\r\n\r\n".repeat(100).as_bytes())
        .await
        .expect("it is heard");
    let began = Instant::now();
    let mut some = [0; 100];
    // The client reads all the time, and far too slowly.
    while stream.read_exact(&mut some).await.is_ok()
        && stream.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.is_ok()
    {
        assert!(began.elapsed() < TOO_LONG, "the connection is still open");
        tokio::time::sleep(TIMEOUTS.slow_read / 20).await;
    }
    assert!(began.elapsed() > TIMEOUTS.slow_read);
    listening.answers().await;
}

#[tokio::test]
async fn a_request_names_one_host() {
    let listening = Listening::plain().await;
    for (head, status) in [("", 400), ("host: here\r\nhost: there\r\n", 400), ("host: here\r\n", 200)] {
        let mut stream = listening.connect().await;
        stream
            .write_all(format!("GET /health/live HTTP/1.1\r\n{head}connection: close\r\n\r\n").as_bytes())
            .await
            .expect("it is heard");
        let answer = heard(stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{head}: {answer}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let listening = Listening::plain().await;
    let began = Instant::now();
    assert_eq!(heard(listening.connect().await).await, "");
    assert!(began.elapsed() < 5 * TIMEOUTS.idle, "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_connections_of_an_address_are_limited() {
    let listening = Listening::plain().await;
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut stream = listening.connect().await;
        stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: here\r\n\r\n").await.expect("it is heard");
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.expect("an answer");
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    let mut one_more = listening.connect().await;
    // The connection may be closed before the request is sent.
    drop(one_more.write_all(b"GET /health/live HTTP/1.1\r\nhost: here\r\n\r\n").await);
    assert_eq!(heard(one_more).await, "");
    drop(held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    listening.answers().await;
}

/// A certificate in two files, which can be renewed.
struct Certificate {
    folder: TempDir,
    name: &'static str,
}

impl Certificate {
    fn new(name: &'static str) -> Self {
        let certificate = Self { folder: TempDir::new().expect("a folder"), name };
        certificate.renew();
        certificate
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str, content: &str) {
        std::fs::write(self.path(file), content).expect("a file");
    }

    /// Writes new files, and returns the certificate.
    fn renew(&self) -> CertificateDer<'static> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([self.name.to_owned()]).expect("a certificate");
        self.write("certificates.pem", &cert.pem());
        self.write("key.pem", &signing_key.serialize_pem());
        cert.der().clone()
    }

    fn tls(&self) -> Arc<TlsConfig> {
        Arc::new(TlsConfig::load(&self.path("certificates.pem"), &self.path("key.pem")).expect("they can be read"))
    }

    /// A client that trusts only this certificate.
    fn client(
        &self,
        trusted: CertificateDer<'static>,
    ) -> impl AsyncFn(&Listening) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        let connector = TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()));
        let name = ServerName::try_from(self.name).expect("a name");
        async move |listening: &Listening| connector.connect(name.clone(), listening.connect().await).await
    }
}

#[tokio::test]
async fn a_server_with_tls_refuses_plain_requests() {
    let certificate = Certificate::new("tongban.example.cn");
    let trusted = certificate.renew();
    let listening = Listening::at(
        TestServer::with(Settings { encrypted: true, ..Settings::default() }).await,
        Some(certificate.tls()),
    )
    .await;
    let stream = certificate.client(trusted)(&listening).await.expect("a handshake");
    let answer = exchange(stream, &post(r#"{"query":"{ __typename }"}"#)).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("strict-transport-security: max-age="), "{answer}");
    let plain = exchange(listening.connect().await, "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await;
    assert!(!plain.contains("HTTP"), "{plain}");
}

#[tokio::test]
async fn a_new_certificate_is_loaded_and_a_broken_one_is_not() {
    let log = Log::new("info");
    let certificate = Certificate::new("tongban.example.cn");
    let first = certificate.renew();
    let tls = certificate.tls();
    let listening = Listening::at(TestServer::new().await, Some(tls.clone())).await;
    let (old, said) = (certificate.client(first), "the new certificate cannot be used");
    assert!(old(&listening).await.is_ok());
    tls.reload();
    assert!(!log.text().contains("certificate"), "nothing is new");

    let second = certificate.renew();
    let new = certificate.client(second);
    assert!(new(&listening).await.is_err(), "the files are not reloaded yet");
    tls.reload();
    assert!(new(&listening).await.is_ok() && old(&listening).await.is_err());
    assert!(log.text().contains("encrypting with a new certificate"));

    // A key of another certificate, half a file, and an empty file.
    let key = std::fs::read_to_string(certificate.path("key.pem")).expect("a key");
    let another = Certificate::new("another.example.cn");
    let of_another = std::fs::read_to_string(another.path("key.pem")).expect("a key");
    for broken in [of_another, key[..key.len() / 2].to_owned(), String::new()] {
        certificate.write("key.pem", &broken);
        let before = log.text().matches(said).count();
        tls.reload();
        tls.reload();
        assert_eq!(log.text().matches(said).count(), before + 1, "it is logged once");
        assert!(new(&listening).await.is_ok());
    }
    std::fs::remove_file(certificate.path("certificates.pem")).expect("it is there");
    tls.reload();
    assert!(new(&listening).await.is_ok());
    assert!(!log.text().contains("PRIVATE KEY"));

    let third = certificate.renew();
    tls.reload();
    assert!(certificate.client(third)(&listening).await.is_ok());
}

#[test]
fn a_server_does_not_start_with_an_invalid_certificate() {
    let certificate = Certificate::new("tongban.example.cn");
    let read = |file: &str| TlsConfig::load(&certificate.path(file), &certificate.path("key.pem")).map(drop);
    assert_eq!(read("certificates.pem"), Ok(()));
    certificate.write("empty.pem", "");
    for file in ["nowhere.pem", "empty.pem", "key.pem"] {
        let fault = read(file).expect_err(file);
        assert!(fault.contains(file), "{fault}");
    }
}

#[tokio::test]
async fn a_forged_x_forwarded_for_buys_no_more_points() {
    let rates = Some(RateLimits { anonymous: 1, signed_in: 1 });
    let network: Network = "127.0.0.0/8".parse().expect("a network");
    for (trusted, refused) in [(vec![], true), (vec![network], false)] {
        let settings = Settings { rates, proxies: Proxies { trusted, ..Proxies::default() }, ..Settings::default() };
        let listening = Listening::at(TestServer::with(settings).await, None).await;
        let mut last = String::new();
        for at in 0..2 {
            let body =
                json!({ "query": "{ a: changes(first: 0) { readThrough } b: changes(first: 0) { readThrough } }" })
                    .to_string();
            let said = post(&body).replacen("connection", &format!("x-forwarded-for: 203.0.113.{at}\r\nconnection"), 1);
            last = exchange(listening.connect().await, &said).await;
        }
        assert_eq!(last.starts_with("HTTP/1.1 429"), refused, "{last}");
    }
}

#[tokio::test]
async fn a_panic_closes_neither_the_connection_nor_the_process() {
    let listening = Listening::at(TestServer::failing(Settings::default()).await, None).await;
    let mut stream = listening.connect().await;
    let panics = post(r#"{"query":"{ panics: registry { name } }"}"#).replace("connection: close\r\n", "");
    stream.write_all(panics.as_bytes()).await.expect("it is heard");
    let answers = exchange(stream, &post(r#"{"query":"{ registry { name } }"}"#)).await;
    assert!(answers.starts_with("HTTP/1.1 500") && answers.contains("INTERNAL_SERVER_ERROR"), "{answers}");
    assert!(answers.contains("HTTP/1.1 200"), "the same connection goes on: {answers}");
}
