//! The options of safety: rate limits, proxies, CORS, introspection, connections and TLS.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, Uri};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use graphql::engine::Introspection;
use registry::limits;
use registry::rate_limit::RateLimits;

use super::failure::Failure;
use super::said::Said;
use crate::http::client_address::{Network, Proxies, ProxyHeader};
use crate::http::oidc::provider::Provider;
use crate::http::server::Connections;
use crate::http::server::activity::Timeouts;
use crate::http::server::tls::TlsConfig;
use crate::http::settings::Settings;

/// The default rate limit of --production, in points per second.
const PRODUCTION_RATE: u32 = 2_000;
/// The default rate limit of signed-in clients, as a multiple.
const SIGNED_IN_FACTOR: u32 = 10;

#[derive(Debug, Args)]
#[command(next_help_heading = "Safety")]
pub(super) struct Safety {
    /// How many points per second an address may spend; 0 for no limit [default: 0, with --production 2000]
    #[arg(long, env = "TONGBAN_RATE_LIMIT", value_name = "POINTS")]
    rate_limit: Option<u32>,
    /// How many points per second a key or a person may spend [default: ten times as many]
    #[arg(long, env = "TONGBAN_RATE_LIMIT_SIGNED_IN", value_name = "POINTS")]
    rate_limit_signed_in: Option<u32>,
    /// A trusted proxy, or a network of them, whose header names the client; may be given several times
    #[arg(long, env = "TONGBAN_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    trusted_proxy: Vec<Network>,
    /// The header in which the proxy names the client
    #[arg(long, env = "TONGBAN_PROXY_HEADER", value_name = "HEADER", default_value = "x-forwarded-for", value_enum)]
    proxy_header: ProxyHeader,
    /// A site whose scripts may send requests from a browser, such as https://gov.example.cn; may be given several
    /// times
    #[arg(long, env = "TONGBAN_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    cors_origin: Vec<HeaderValue>,
    /// A header that those scripts may send; may be given several times [default: all]
    #[arg(long, env = "TONGBAN_CORS_HEADER", value_name = "HEADER", value_delimiter = ',', requires = "cors_origin")]
    cors_header: Vec<HeaderName>,
    /// Who may introspect the schema [default: open, with --production signed-in]
    #[arg(long, env = "TONGBAN_INTROSPECTION", value_name = "WHO", value_parser = introspection())]
    introspection: Option<Introspection>,
    /// The GraphiQL page [default: on, with --production off]
    #[arg(long, env = "TONGBAN_GRAPHIQL", value_name = "ON-OR-OFF", value_enum)]
    graphiql: Option<Switch>,
    /// How many requests run at once
    #[arg(long, env = "TONGBAN_MOST_RUNNING", value_name = "COUNT", default_value = "256", value_parser = at_least_one)]
    most_running: usize,
    /// The size of the response cache in MiB, or off
    #[arg(long, env = "TONGBAN_RESPONSE_CACHE", value_name = "MIB-OR-OFF", default_value = "16", value_parser = mebibytes)]
    response_cache: usize,
    /// The most connections
    #[arg(long, env = "TONGBAN_MOST_CONNECTIONS", value_name = "COUNT", default_value = "10000", value_parser = at_least_one)]
    most_connections: usize,
    /// The most connections of one address that is no trusted proxy
    #[arg(long, env = "TONGBAN_MOST_CONNECTIONS_OF_ONE", value_name = "COUNT", default_value = "500", value_parser = at_least_one)]
    most_connections_of_one: usize,
    /// The certificate chain for TLS, in PEM, the server's own first; a new file is loaded within seconds
    #[arg(long, env = "TONGBAN_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, env = "TONGBAN_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Safety {
    /// Checks that it is safe to listen at this address in production.
    pub(super) fn check(&self, listen: SocketAddr) -> Result<(), Failure> {
        if !listen.ip().is_loopback() && self.tls_cert.is_none() && self.trusted_proxy.is_empty() {
            return Err(Failure::said(
                format!(
                    "--production 不允许在 {listen} 上不加密监听：请设置 --tls-cert 和 --tls-key，或用 --trusted-proxy 写明负责加密的代理"
                ),
                format!(
                    "--production refuses to listen on {listen} without encryption: set --tls-cert and --tls-key, or name the proxy that encrypts with --trusted-proxy"
                ),
            ));
        }
        Ok(())
    }

    pub(super) fn tls(&self) -> Result<Option<Arc<TlsConfig>>, Failure> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificates), Some(key)) => {
                TlsConfig::load(certificates, key).map(Arc::new).map(Some).map_err(Failure::because)
            }
            (None, _) | (_, None) => Ok(None),
        }
    }

    pub(super) fn has_proxies(&self) -> bool {
        !self.trusted_proxy.is_empty()
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.tls_cert.is_some()
    }

    pub(super) fn connections(&self) -> Connections {
        Connections {
            max: self.most_connections,
            max_per_address: self.most_connections_of_one,
            proxies: self.trusted_proxy.clone(),
            timeouts: Timeouts::default(),
        }
    }

    fn rates(&self, production: bool) -> Option<RateLimits> {
        let anonymous = self.rate_limit.unwrap_or(if production { PRODUCTION_RATE } else { 0 });
        let signed_in = self.rate_limit_signed_in.unwrap_or(anonymous.saturating_mul(SIGNED_IN_FACTOR));
        (anonymous > 0).then_some(RateLimits { anonymous, signed_in })
    }

    pub(super) fn settings(&self, production: bool, identity_provider: Option<Arc<Provider>>) -> Settings {
        let usual = if production { Introspection::SignedIn } else { Introspection::Open };
        Settings {
            introspection: self.introspection.unwrap_or(usual),
            graphiql: self.graphiql.map_or(!production, |switch| switch == Switch::On),
            rates: self.rates(production),
            proxies: Proxies { trusted: self.trusted_proxy.clone(), header: self.proxy_header },
            identity_provider,
            cors_origins: self.cors_origin.clone(),
            cors_headers: self.cors_header.clone(),
            max_running: self.most_running,
            response_cache_bytes: self.response_cache,
            encrypted: self.is_encrypted(),
            timeout: limits::OPERATION_TIMEOUT,
        }
    }

    /// The effective settings.
    pub(super) fn effective(&self, production: bool) -> Vec<(&'static str, String)> {
        let settings = self.settings(production, None);
        let listed = |all: Vec<String>| if all.is_empty() { "no".to_owned() } else { all.join(", ") };
        let rates = settings.rates.map_or_else(
            || "no".to_owned(),
            |rates| format!("{} and {} points per second", rates.anonymous, rates.signed_in),
        );
        vec![
            ("rate limit", rates),
            ("trusted proxies", listed(settings.proxies.trusted.iter().map(ToString::to_string).collect())),
            (
                "cors",
                listed(
                    settings.cors_origins.iter().filter_map(|origin| origin.to_str().ok()).map(str::to_owned).collect(),
                ),
            ),
            ("introspection", settings.introspection.name().to_owned()),
            ("graphiql", if settings.graphiql { "on" } else { "off" }.to_owned()),
            (
                "response cache",
                if settings.response_cache_bytes == 0 {
                    "off".to_owned()
                } else {
                    format!("{} MiB", settings.response_cache_bytes / MEBIBYTE)
                },
            ),
            ("tls", if settings.encrypted { "yes" } else { "no" }.to_owned()),
        ]
    }
}

fn at_least_one(text: &str) -> Result<usize, Said> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| Said::new("应为正整数", "a whole number from 1 on is expected"))
}

fn network(text: &str) -> Result<Network, Said> {
    let zh = "应为地址或网段，如 10.0.0.7、10.0.0.0/8 或 fd00::/8";
    text.parse().map_err(|en| Said::new(zh, en))
}

const MEBIBYTE: usize = 1024 * 1024;

/// MiB as bytes.
fn mebibytes(text: &str) -> Result<usize, Said> {
    if text == "off" {
        return Ok(0);
    }
    text.parse()
        .ok()
        .and_then(|count: usize| count.checked_mul(MEBIBYTE))
        .ok_or_else(|| Said::new("应为整数（MiB）或 off", "a whole number of MiB is expected, or off"))
}

/// `*` is refused: each site is named.
fn origin(text: &str) -> Result<HeaderValue, Said> {
    let expected = || {
        Said::new(
            "应为网站地址，其后不带路径，如 https://gov.example.cn",
            "a site is expected with nothing behind it, such as https://gov.example.cn",
        )
    };
    let address: Uri = text.parse().map_err(|_| expected())?;
    let (Some(scheme @ ("http" | "https")), Some(host)) = (address.scheme_str(), address.authority()) else {
        return Err(expected());
    };
    if format!("{scheme}://{host}") != text {
        return Err(expected());
    }
    if host.as_str().contains('*') {
        return Err(Said::new(
            "每个网站须单独写明，不支持 https://*.example.cn 这样的写法",
            "each site is named on its own: patterns such as https://*.example.cn are not supported",
        ));
    }
    HeaderValue::from_str(text).map_err(|_| expected())
}

/// Reads the names of `Introspection`.
fn introspection() -> impl TypedValueParser<Value = Introspection> {
    PossibleValuesParser::new(Introspection::NAMES).try_map(|name| name.parse::<Introspection>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cors_origin_is_named_exactly() {
        assert!(origin("https://gov.example.cn").is_ok() && origin("http://localhost:3000").is_ok());
        for wrong in [
            "*",
            "null",
            "gov.example.cn",
            "https://gov.example.cn/",
            "https://gov.example.cn/x",
            "file:///x",
            "https://*.example.cn",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
