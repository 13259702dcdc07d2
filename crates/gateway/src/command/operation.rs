//! The options of operation: metrics, traces, request ids, draining, and what the database supports.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, Uri};
use clap::Args;
use clap::builder::FalseyValueParser;
use persistence::without_secrets;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use super::failure::Failure;
use super::said::{Said, of_system};
use super::site::Site;
use crate::app;
use crate::traces::Traces;

#[derive(Debug, Args)]
#[command(next_help_heading = "Operation")]
pub(super) struct Operation {
    /// Serve the metrics at this address only [default: at /metrics of --listen, with --production not at all]
    #[arg(long, env = "TONGBAN_METRICS_LISTEN", value_name = "ADDR")]
    metrics_listen: Option<String>,
    /// The header with the request id of a proxy; without it ids are made here
    #[arg(long, env = "TONGBAN_REQUEST_ID_HEADER", value_name = "NAME")]
    request_id_header: Option<HeaderName>,
    /// Export traces to an OpenTelemetry collector, by OTLP over HTTP at URL/v1/traces [default: none]
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL", hide_env_values = true)]
    otlp_endpoint: Option<String>,
    /// The name of this service in traces
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "NAME", default_value = "tongban")]
    service_name: String,
    /// The address of the registry for clients, such as https://tongban.example.cn: links in responses begin with it
    /// [default: http://ADDR of --listen]
    #[arg(long, env = "TONGBAN_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    public_url: Option<String>,
    /// Continue the trace in the traceparent header of a trusted proxy, which must not pass on the header of clients
    #[arg(long, env = "TONGBAN_TRUST_TRACEPARENT", value_parser = FalseyValueParser::new())]
    pub(super) trust_traceparent: bool,
    /// Not ready when the database was unreachable for so many seconds; until then requests are answered from memory
    #[arg(long, env = "TONGBAN_STALE_AFTER", value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..))]
    stale_after: u64,
    /// How many seconds to answer requests while not ready, before stopping: longer than a load balancer takes to
    /// notice
    #[arg(long, env = "TONGBAN_DRAIN_DELAY", value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=600))]
    drain_delay: u64,
    /// Answer queries only, as on a standby
    #[arg(long, env = "TONGBAN_READ_ONLY", value_parser = FalseyValueParser::new())]
    pub(super) read_only: bool,
    /// Poll once a second instead of LISTEN and NOTIFY, which some databases compatible with PostgreSQL lack
    #[arg(long, env = "TONGBAN_NO_NOTIFY", value_parser = FalseyValueParser::new())]
    pub(super) no_notify: bool,
}

impl Operation {
    /// The settings of a server that listens at this address.
    pub(super) fn settings(&self, production: bool, listening: &str, site: &Site) -> Result<app::Settings, Failure> {
        Ok(app::Settings {
            request_id_header: self.request_id_header.clone(),
            separate_metrics: production || self.metrics_listen.is_some(),
            trust_traceparent: self.trust_traceparent,
            require_epoch: production,
            stale_after: Duration::from_secs(self.stale_after),
            public_url: self.public_url.as_deref().unwrap_or(listening).into(),
            calendar: Arc::new(site.calendar()?),
            site: Arc::new(site.site()),
        })
    }

    pub(super) fn has_public_url(&self) -> bool {
        self.public_url.is_some()
    }

    pub(super) fn drain_delay(&self) -> Duration {
        Duration::from_secs(self.drain_delay)
    }

    /// The address of the collector of traces. As everywhere with OpenTelemetry, an empty setting is none.
    fn collector(&self) -> Result<Option<Uri>, Failure> {
        let Some(endpoint) = self.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty()) else {
            return Ok(None);
        };
        let address = endpoint
            .parse::<Uri>()
            .ok()
            .filter(|address| matches!(address.scheme_str(), Some("http" | "https")) && address.query().is_none());
        let fault = || {
            Failure::said(
                "--otlp-endpoint：应为网址，如 http://127.0.0.1:4318",
                "--otlp-endpoint: an address is expected, such as http://127.0.0.1:4318",
            )
        };
        address.map(Some).ok_or_else(fault)
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let protocol = std::env::var("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
            .or_else(|_| std::env::var("OTEL_EXPORTER_OTLP_PROTOCOL"));
        match (self.collector()?, protocol) {
            (Some(_), Ok(protocol)) if !["", "http/protobuf"].contains(&protocol.as_str()) => Err(Failure::said(
                format!("OTEL_EXPORTER_OTLP_PROTOCOL {protocol}：只支持 http/protobuf，通常在 4318 端口"),
                format!(
                    "OTEL_EXPORTER_OTLP_PROTOCOL {protocol}: only http/protobuf is supported, usually at port 4318"
                ),
            )),
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// The exporter of traces, if there is a collector.
    pub(super) fn traces(&self, runtime: &Handle) -> Result<Option<Traces>, Failure> {
        let collector = self.collector()?;
        collector
            .map(|collector| {
                Traces::export_to(&collector, &self.service_name, runtime.clone()).map_err(Failure::because)
            })
            .transpose()
    }

    /// The listener for metrics, if they have an address of their own.
    pub(super) async fn bind_metrics(&self) -> Result<Option<TcpListener>, Failure> {
        let Some(address) = &self.metrics_listen else { return Ok(None) };
        TcpListener::bind(address).await.map(Some).map_err(|error| cannot_listen("--metrics-listen", address, &error))
    }

    /// The effective settings.
    pub(super) fn effective(&self, production: bool) -> [(&'static str, String); 9] {
        let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
        let metrics = match (&self.metrics_listen, production) {
            (Some(address), _) => address.clone(),
            (None, true) => "no".to_owned(),
            (None, false) => "/metrics".to_owned(),
        };
        [
            ("public url", self.public_url.clone().unwrap_or_else(|| "not set: that of --listen".to_owned())),
            ("metrics", metrics),
            ("request ids", self.request_id_header.as_ref().map_or("made here", HeaderName::as_str).to_owned()),
            (
                "traces",
                self.collector()
                    .ok()
                    .flatten()
                    .map_or_else(|| "no".to_owned(), |collector| without_secrets(&collector.to_string())),
            ),
            ("traceparent", if self.trust_traceparent { "from trusted proxies" } else { "ignored" }.to_owned()),
            ("stale after", format!("{} s", self.stale_after)),
            ("drain delay", format!("{} s", self.drain_delay)),
            ("read-only", yes(self.read_only)),
            ("notify", yes(!self.no_notify)),
        ]
    }
}

/// The address or its port cannot be had.
pub(super) fn cannot_listen(option: &str, address: &str, error: &io::Error) -> Failure {
    let told = of_system(error);
    Failure::said(format!("{option} {address}：{}", told.zh), format!("{option} {address}: {}", told.en))
}

/// An absolute address without a query: links in responses begin with it.
fn public_url(text: &str) -> Result<String, Said> {
    let expected = || {
        Said::new(
            "应为网址，如 https://tongban.example.cn",
            "an address is expected, such as https://tongban.example.cn",
        )
    };
    let address: Uri = text.parse().map_err(|_| expected())?;
    let is_plain =
        matches!(address.scheme_str(), Some("http" | "https")) && address.query().is_none() && !text.contains('#');
    let has_host =
        address.authority().is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
    if is_plain && has_host { Ok(text.trim_end_matches('/').to_owned()) } else { Err(expected()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_absolute_and_has_no_query() {
        assert_eq!(public_url("https://tongban.example.cn/").as_deref(), Ok("https://tongban.example.cn"));
        assert_eq!(public_url("http://127.0.0.1:8080/tongban").as_deref(), Ok("http://127.0.0.1:8080/tongban"));
        for wrong in
            ["", "tongban.example.cn", "/tongban", "ftp://x", "https://x/?y", "https://user:word@x", "https://"]
        {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }
}
