//! The address of the client. Behind a proxy it is in a header that the proxy writes; only a trusted proxy is believed,
//! since any client can send such a header.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, header};

/// The address at the other end of the connection: a client, or a proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// The address of the client, as far as it can be trusted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

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

/// The header in which a proxy names the client. Only this one is read: a proxy passes on the other as the client sent
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ProxyHeader {
    #[default]
    XForwardedFor,
    Forwarded,
}

/// The trusted proxies.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    pub trusted: Vec<Network>,
    pub header: ProxyHeader,
}

impl Proxies {
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The last address in the header that is not a trusted proxy: each proxy appends the address that connected to it.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        let name = match self.header {
            ProxyHeader::XForwardedFor => X_FORWARDED_FOR,
            ProxyHeader::Forwarded => header::FORWARDED,
        };
        let hops: Vec<&str> = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in hops.into_iter().rev() {
            let Some(address) = self.address(hop.trim()) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
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

    fn client_address(header: ProxyHeader, peer: &str, given: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().expect("a network")).to_vec();
        let mut headers = HeaderMap::new();
        let name = if header == ProxyHeader::Forwarded { header::FORWARDED } else { X_FORWARDED_FOR };
        for value in given {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        Proxies { trusted, header }.client_address(peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn a_forged_x_forwarded_for_is_ignored() {
        let client = |peer, given: &[&'static str]| client_address(ProxyHeader::XForwardedFor, peer, given);
        assert_eq!(client("192.0.2.9", &["203.0.113.1"]), "192.0.2.9", "the peer is no trusted proxy");
        assert_eq!(client("10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(
            client("10.0.0.1", &["203.0.113.66, 203.0.113.1"]),
            "203.0.113.1",
            "the client wrote the first address itself"
        );
        assert_eq!(
            client("10.0.0.1", &["203.0.113.66", "203.0.113.1, 10.1.1.1"]),
            "203.0.113.1",
            "through two proxies"
        );
        assert_eq!(client("10.0.0.1", &["203.0.113.1, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client("fd00::1", &["203.0.113.1:80"]), "203.0.113.1");
    }

    #[test]
    fn forwarded_is_read_if_the_settings_say_so() {
        let client = |given: &[&'static str]| client_address(ProxyHeader::Forwarded, "10.0.0.1", given);
        assert_eq!(client(&["for=192.0.2.60;proto=http;by=203.0.113.43"]), "192.0.2.60");
        assert_eq!(client(&["for=192.0.2.43, For=\"[2001:db8:cafe::17]:4711\""]), "2001:db8:cafe::17");
        assert_eq!(client(&["for=unknown"]), "10.0.0.1");
    }

    #[test]
    fn a_network_is_an_address_with_a_prefix_length() {
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/x", "example.cn", "::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        let everywhere: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(everywhere.contains("203.0.113.1".parse().expect("an address")));
        assert_eq!("10.0.0.7".parse::<Network>().expect("a network").to_string(), "10.0.0.7/32");
    }
}
