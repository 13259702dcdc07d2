//! `tongban health`: asks the gateway on this machine whether it is ready, for health checks in containers without a
//! shell.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::failure::Failure;
use super::said::of_system;
use super::terminal;

/// Health checks usually time out later.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The response is a line of JSON.
const MAX_RESPONSE_BYTES: u64 = 16 * 1024;

#[derive(Debug, Args)]
pub(super) struct Health {
    /// Where it listens, with its port
    #[arg(long, env = "TONGBAN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
}

impl Health {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let said =
            |zh: &str, en: &str| Failure::said(format!("{}：{zh}", self.listen), format!("{}: {en}", self.listen));
        let answer = tokio::time::timeout(TIMEOUT, request(&self.listen))
            .await
            .map_err(|_| said("没有回答", "no answer"))?
            .map_err(|error| {
                let told = of_system(&error);
                said(&told.zh, &told.en)
            })?;
        let (head, body) =
            answer.split_once("\r\n\r\n").ok_or_else(|| said("回答的不是 HTTP", "the response is not HTTP"))?;
        let status = head.lines().next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        if status != "200" {
            return Err(said(&format!("未就绪（{status}）"), &format!("not ready ({status})")));
        }
        Ok(terminal::print(&format!("{}\n", body.trim_end()))?)
    }
}

async fn request(listen: &str) -> io::Result<String> {
    let found = tokio::net::lookup_host(listen).await?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let address = local(found);
    // A server with TLS does not understand a plain request, and closes the connection.
    match exchange(TcpStream::connect(address).await?).await {
        Ok(answer) if answer.starts_with("HTTP/") => Ok(answer),
        Ok(_) | Err(_) => {
            let connector = TlsConnector::from(Arc::new(tls_config()?));
            let stream = TcpStream::connect(address).await?;
            exchange(connector.connect(ServerName::from(address.ip()), stream).await?).await
        }
    }
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<String> {
    // With HTTP/1.0 the response ends with the connection.
    stream.write_all(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n").await?;
    let mut answer = String::new();
    stream.take(MAX_RESPONSE_BYTES).read_to_string(&mut answer).await?;
    Ok(answer)
}

fn tls_config() -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Accepts any certificate: it names the public address and not this machine. Only the signature of the handshake is
/// verified.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// The loopback address of a server that listens on all interfaces.
fn local(address: SocketAddr) -> SocketAddr {
    let here = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(here, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_interfaces_is_checked_on_the_loopback_address() {
        let asked = |listen: &str| local(listen.parse().expect("an address")).to_string();
        assert_eq!(asked("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(asked("[::]:8080"), "[::1]:8080");
        assert_eq!(asked("10.0.0.7:80"), "10.0.0.7:80");
    }
}
