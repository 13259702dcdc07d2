//! Where the time of a request goes, told to a collector of OpenTelemetry by OTLP over HTTP. Only our own spans go
//! there (`persistence::SPANS`): no line of the log, no query, no variable, no header. Whether the collector answers or
//! not, nobody waits for it: what finds no room in the queue is dropped.

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

/// How long the collector may take for one parcel.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of the process waits for the last parcel.
const FAREWELL: Duration = Duration::from_secs(3);
/// The longest answer of a collector that is read.
const MOST_BYTES: usize = 64 * 1024;
/// Where a collector takes traces, after the specification of OTLP.
const PATH: &str = "v1/traces";

/// Traces on their way to a collector.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Nothing is sent yet: the registry starts without its collector, too.
    pub fn to(collector: &Uri, service: &str, runtime: Handle) -> Result<Self, String> {
        let client = Client::builder(TokioExecutor::new()).build(crate::http::connector()?);
        let address = format!("{}/{PATH}", collector.to_string().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender { client, runtime, is_failing: AtomicBool::new(false) })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| error.to_string())?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(service.to_owned()).with_attribute(version).build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// What takes our spans out of all that is told.
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

    /// Sends what is left, unless that takes too long.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Goes on with the trace that the headers name. Not for headers that anybody may have written.
pub(crate) fn go_on(span: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Without a collector there is no trace to go on with.
    let _ = span.set_parent(parent);
}

/// Brings parcels to the collector. The exporter waits for it on a thread of its own, the connection is the runtime's.
struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
    /// The log hears of it once, not every five seconds.
    is_failing: AtomicBool,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = self.runtime.spawn(async move {
            let exchange = async {
                let (parts, body) = client.request(request.map(Full::new)).await?.into_parts();
                let body = Limited::new(body, MOST_BYTES).collect().await?.to_bytes();
                Ok(Response::from_parts(parts, body))
            };
            tokio::time::timeout(PATIENCE, exchange).await?
        });
        let answer = sending.await.unwrap_or_else(|ended| Err(ended.into()));
        self.note(&answer);
        answer
    }
}

impl Sender {
    fn note(&self, answer: &Result<Response<Bytes>, HttpError>) {
        let fault = match answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answers {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        match fault {
            Some(fault) if !self.is_failing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(fault, "the collector does not take the traces; answers go on, and traces are lost");
            }
            None if self.is_failing.swap(false, Ordering::Relaxed) => tracing::info!("the collector takes the traces again"),
            Some(_) | None => {}
        }
    }
}

/// A method as spans name it, of which there are only so many.
pub(crate) fn method(method: &http::Method) -> &'static str {
    match *method {
        http::Method::GET => "GET",
        http::Method::HEAD => "HEAD",
        http::Method::OPTIONS => "OPTIONS",
        http::Method::POST => "POST",
        _ => "_OTHER",
    }
}
