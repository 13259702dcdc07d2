//! `tongban health`: is the gateway on this machine ready? For whoever watches a container in which nothing else runs.

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

use super::{Failure, terminal};

/// Whoever watches has less patience.
const PATIENCE: Duration = Duration::from_secs(2);

/// The answer is a line of JSON.
const LONGEST: u64 = 16 * 1024;

#[derive(Debug, Args)]
pub(super) struct Health {
    /// Where it listens, with its port
    #[arg(long, env = "TONGBAN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
}

impl Health {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let said = |text: &str| Failure::Said(format!("{}: {text}", self.listen));
        let answer =
            tokio::time::timeout(PATIENCE, ask(&self.listen)).await.map_err(|_| said("no answer"))?.map_err(|error| said(&error.to_string()))?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| said("not an answer of HTTP"))?;
        let status = head.lines().next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        if status != "200" {
            return Err(said(&format!("not ready ({status})")));
        }
        Ok(terminal::print(&format!("{}\n", body.trim_end()))?)
    }
}

async fn ask(listen: &str) -> io::Result<String> {
    let found = tokio::net::lookup_host(listen).await?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let address = near(found);
    // Who encrypts does not understand the question in plain words, and breaks off.
    match talk(TcpStream::connect(address).await?).await {
        Ok(answer) if answer.starts_with("HTTP/") => Ok(answer),
        Ok(_) | Err(_) => {
            let encrypting = TlsConnector::from(Arc::new(encryption()?));
            let stream = TcpStream::connect(address).await?;
            talk(encrypting.connect(ServerName::from(address.ip()), stream).await?).await
        }
    }
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<String> {
    // HTTP/1.0: the answer comes whole, and its end is the end of the connection.
    stream.write_all(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n").await?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer).await?;
    Ok(answer)
}

fn encryption() -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Whoever listens here is the one who is asked, whatever its certificate says; only its key must fit.
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

/// Who listens everywhere listens here, too.
fn near(address: SocketAddr) -> SocketAddr {
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
    fn who_listens_everywhere_is_asked_here() {
        let asked = |listen: &str| near(listen.parse().expect("an address")).to_string();
        assert_eq!(asked("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(asked("[::]:8080"), "[::1]:8080");
        assert_eq!(asked("10.0.0.7:80"), "10.0.0.7:80");
    }
}
