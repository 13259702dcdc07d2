//! How a server is run: what watches it, and on which kind of database it leans.

use std::time::Duration;

use axum::http::HeaderName;
use clap::Args;
use clap::builder::FalseyValueParser;
use tokio::net::TcpListener;

use super::Failure;
use crate::app;

#[derive(Debug, Args)]
pub(super) struct Operation {
    /// Tell the metrics at this address alone [default: at /metrics of --listen, with --production nowhere]
    #[arg(long, env = "TONGBAN_METRICS_LISTEN", value_name = "ADDR")]
    metrics_listen: Option<String>,
    /// In which header the proxy in front names a request; without it every request gets a name here
    #[arg(long, env = "TONGBAN_REQUEST_ID_HEADER", value_name = "NAME")]
    request_id_header: Option<HeaderName>,
    /// Not ready any more when the database has been out of reach for so many seconds; until then memory answers
    #[arg(long, env = "TONGBAN_STALE_AFTER", value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..))]
    stale_after: u64,
    /// Answer questions only: on a standby, which cannot be written
    #[arg(long, env = "TONGBAN_READ_ONLY", value_parser = FalseyValueParser::new())]
    pub(super) read_only: bool,
    /// Do without LISTEN and NOTIFY, which engines that only speak PostgreSQL's language lack: look once a second
    #[arg(long, env = "TONGBAN_NO_NOTIFY", value_parser = FalseyValueParser::new())]
    pub(super) no_notify: bool,
}

impl Operation {
    pub(super) fn settings(&self, production: bool) -> app::Operation {
        app::Operation {
            request_id_header: self.request_id_header.clone(),
            metrics_apart: production || self.metrics_listen.is_some(),
            stale_after: Duration::from_secs(self.stale_after),
        }
    }

    /// Where the metrics are told, where it is an address of their own.
    pub(super) async fn bind_metrics(&self) -> Result<Option<TcpListener>, Failure> {
        let Some(address) = &self.metrics_listen else { return Ok(None) };
        TcpListener::bind(address).await.map(Some).map_err(|error| Failure::Said(format!("--metrics-listen {address}: {error}")))
    }

    /// The settings as they count.
    pub(super) fn named(&self, production: bool) -> [(&'static str, String); 5] {
        let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
        let metrics = match (&self.metrics_listen, production) {
            (Some(address), _) => address.clone(),
            (None, true) => "no".to_owned(),
            (None, false) => "/metrics".to_owned(),
        };
        [
            ("metrics", metrics),
            ("request ids", self.request_id_header.as_ref().map_or("made here", HeaderName::as_str).to_owned()),
            ("stale after", format!("{} s", self.stale_after)),
            ("read-only", yes(self.read_only)),
            ("notify", yes(!self.no_notify)),
        ]
    }
}
