//! `tongban health`: is the gateway on this machine ready? For whoever watches a container in which nothing else runs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

async fn ask(listen: &str) -> std::io::Result<String> {
    let found = tokio::net::lookup_host(listen).await?.next().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect(near(found)).await?;
    // HTTP/1.0: the answer comes whole, and its end is the end of the connection.
    stream.write_all(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n").await?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer).await?;
    Ok(answer)
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
