//! From where a request comes. A proxy in front speaks for others, in a header; only a proxy that is trusted
//! is believed, since anybody can write a header.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, header};

/// The address at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The address that the request comes from, as far as that can be believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin(pub(crate) IpAddr);

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address, or a whole network of them: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.prefix,
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.prefix,
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "an address or a network is expected, such as 10.0.0.7, 10.0.0.0/8 or fd00::/8";
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| expected)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), str::parse).map_err(|_| expected)?;
        if prefix <= longest { Ok(Self { address, prefix }) } else { Err(expected) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// In which header a proxy says for whom it speaks. It is one of them, never both: what the proxy does not
/// write itself it passes on from anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ProxyHeader {
    #[default]
    XForwardedFor,
    Forwarded,
}

/// The proxies in front.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    pub trusted: Vec<Network>,
    pub header: ProxyHeader,
}

impl Proxies {
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The last address that nobody trusted speaks for: each proxy adds at the end whom it speaks for.
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut origin = peer.to_canonical();
        if !self.trusts(origin) {
            return origin;
        }
        let name = match self.header {
            ProxyHeader::XForwardedFor => X_FORWARDED_FOR,
            ProxyHeader::Forwarded => header::FORWARDED,
        };
        let said: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
        for hop in said.into_iter().rev() {
            let Some(address) = self.address(hop.trim()) else { break };
            origin = address;
            if !self.trusts(origin) {
                break;
            }
        }
        origin
    }

    fn address(&self, hop: &str) -> Option<IpAddr> {
        let text = match self.header {
            ProxyHeader::XForwardedFor => hop,
            ProxyHeader::Forwarded => hop.split(';').find_map(|part| {
                let (name, value) = part.trim().split_once('=')?;
                name.eq_ignore_ascii_case("for").then(|| value.trim_matches('"'))
            })?,
        };
        let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
        plain.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn origin(header: ProxyHeader, peer: &str, said: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().expect("a network")).to_vec();
        let mut headers = HeaderMap::new();
        let name = if header == ProxyHeader::Forwarded { header::FORWARDED } else { X_FORWARDED_FOR };
        for value in said {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        Proxies { trusted, header }.origin(peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn a_forged_x_forwarded_for_is_not_believed() {
        let origin = |peer, said: &[&'static str]| origin(ProxyHeader::XForwardedFor, peer, said);
        assert_eq!(origin("192.0.2.9", &["203.0.113.1"]), "192.0.2.9", "who is no proxy speaks for nobody");
        assert_eq!(origin("10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(origin("10.0.0.1", &["203.0.113.66, 203.0.113.1"]), "203.0.113.1", "what came with the request is before it");
        assert_eq!(origin("10.0.0.1", &["203.0.113.66", "203.0.113.1, 10.1.1.1"]), "203.0.113.1", "through two proxies");
        assert_eq!(origin("10.0.0.1", &["203.0.113.1, nonsense"]), "10.0.0.1");
        assert_eq!(origin("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(origin("::ffff:10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(origin("fd00::1", &["203.0.113.1:80"]), "203.0.113.1");
    }

    #[test]
    fn forwarded_is_read_where_the_proxy_writes_it() {
        let origin = |said: &[&'static str]| origin(ProxyHeader::Forwarded, "10.0.0.1", said);
        assert_eq!(origin(&["for=192.0.2.60;proto=http;by=203.0.113.43"]), "192.0.2.60");
        assert_eq!(origin(&["for=192.0.2.43, For=\"[2001:db8:cafe::17]:4711\""]), "2001:db8:cafe::17");
        assert_eq!(origin(&["for=unknown"]), "10.0.0.1");
    }

    #[test]
    fn a_network_is_an_address_with_a_length() {
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/x", "example.cn", "::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        let everywhere: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(everywhere.contains("203.0.113.1".parse().expect("an address")));
        assert_eq!("10.0.0.7".parse::<Network>().expect("a network").to_string(), "10.0.0.7/32");
    }
}
