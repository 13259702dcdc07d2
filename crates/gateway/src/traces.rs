//! Exports traces to an OpenTelemetry collector by OTLP over HTTP. Only our own spans are exported
//! (`persistence::SPAN_TARGET`): no line of the log, no query, no variable, no header. Requests never wait for the
//! collector: spans that do not fit into the queue are dropped.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{self, HeaderMap, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::KeyValue;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use persistence::SPAN_TARGET;
use tokio::runtime::Handle;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, filter::Filtered};

/// How long the collector may take for one batch.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the process waits for the last batch when it stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest response of a collector.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// The path of the OTLP specification.
const PATH: &str = "v1/traces";

#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends nothing yet: the registry also starts while its collector is down.
    pub fn export_to(collector: &Uri, service: &str, runtime: Handle) -> Result<Self, String> {
        let client = Client::builder(TokioExecutor::new()).build(crate::http::client::connector()?);
        let address = format!("{}/{PATH}", collector.to_string().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(CollectorClient { client, runtime, is_failing: AtomicBool::new(false) })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .map_err(|error| error.to_string())?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(service.to_owned()).with_attribute(version).build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// The layer that collects our spans.
    pub fn layer<S>(&self) -> Filtered<impl Layer<S> + use<S>, Targets, S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("tongban"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        layer.with_filter(Targets::new().with_target(SPAN_TARGET, Level::TRACE))
    }

    /// Sends the last batch, unless that takes too long.
    pub fn shut_down(self) {
        if let Err(error) = self.0.shutdown_with_timeout(SHUTDOWN_TIMEOUT) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Continues the trace that the headers name. Only for headers of a trusted proxy.
pub(crate) fn set_remote_parent(span: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Without a collector there is no trace to continue.
    let _ = span.set_parent(parent);
}

/// The HTTP client of the exporter. The exporter waits on a thread of its own; the connection runs on the runtime.
struct CollectorClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
    /// A failure is logged once, not every five seconds.
    is_failing: AtomicBool,
}

impl fmt::Debug for CollectorClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectorClient").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let exchange = self.runtime.spawn(async move {
            let exchange = async {
                let (parts, body) = client.request(request.map(Full::new)).await?.into_parts();
                let body = Limited::new(body, MAX_RESPONSE_BYTES).collect().await?.to_bytes();
                Ok(Response::from_parts(parts, body))
            };
            tokio::time::timeout(EXPORT_TIMEOUT, exchange).await?
        });
        let response = exchange.await.unwrap_or_else(|ended| Err(ended.into()));
        self.log_change(&response);
        response
    }
}

impl CollectorClient {
    fn log_change(&self, response: &Result<Response<Bytes>, HttpError>) {
        let fault = match response {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        match fault {
            Some(fault) if !self.is_failing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(
                    fault,
                    "the collector does not accept traces; they are lost, and requests are answered all the same"
                );
            }
            None if self.is_failing.swap(false, Ordering::Relaxed) => {
                tracing::info!("the collector accepts traces again");
            }
            Some(_) | None => {}
        }
    }
}

/// The name of a method in spans: one of a fixed set.
pub(crate) fn method(method: &http::Method) -> &'static str {
    match *method {
        http::Method::GET => "GET",
        http::Method::HEAD => "HEAD",
        http::Method::OPTIONS => "OPTIONS",
        http::Method::POST => "POST",
        _ => "_OTHER",
    }
}
