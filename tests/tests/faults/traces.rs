//! Traces: spans of a request sent to a collector, and the behaviour without a collector.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::server::{Server, ask, bearing, get, send, steward};
use scenarios::{TestRegistry, on_every_database};

on_every_database! {
    a_trace_covers_all_work_of_a_request,
    a_missing_trace_collector_delays_no_answer,
}

const QUESTION: &str = r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310112") { answer } }"#;
const NAMING: &str = r#"mutation { reviseMatter(input: { code: "000109001000", name: "隐秘", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON] }) { revision } }"#;
const CHANGES: &str = "{ changes(first: 1) { edges { node { revision } } } }";
const CALLER: &str = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
const CALLERS_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A collector that accepts everything.
struct Collector {
    address: String,
    parcels: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Collector {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("a port"));
        let parcels = Arc::new(Mutex::new(Vec::new()));
        let kept = parcels.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                thread::spawn(move || while take(&stream, &kept).is_some() {});
            }
        });
        Self { address, parcels }
    }

    fn spans(&self) -> Vec<Span> {
        let parcels = self.parcels.lock().expect("nobody panicked with it");
        let resources = parcels.iter().flat_map(|parcel| &parcel.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }

    /// Waits for a span of that name and returns all spans.
    fn wait_for(&self, name: &str) -> Vec<Span> {
        let began = Instant::now();
        loop {
            let spans = self.spans();
            if spans.iter().any(|span| span.name == name) {
                return spans;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "no {name} among {spans:#?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// One batch of spans. `None`: the end.
fn take(stream: &TcpStream, kept: &Mutex<Vec<ExportTraceServiceRequest>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        assert!(!line.starts_with("POST") || line.starts_with("POST /v1/traces HTTP/1.1"), "{line}");
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok().filter(|()| length > 0)?;
    kept.lock().expect("nobody panicked with it").push(ExportTraceServiceRequest::decode(&*body).expect("a parcel"));
    let mut stream = stream;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n").ok()
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let value =
        attributes.iter().find(|attribute| attribute.key == key).and_then(|attribute| attribute.value.clone()?.value);
    match value {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => panic!("{key}: {other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn a_trace_covers_all_work_of_a_request(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let secret = steward(registry.url());
    let collector = Collector::new();
    let settings = [("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_RESOURCE_ATTRIBUTES", "host.name=one")];
    let server =
        Server::by(Server::command(registry.url()).args(["--otlp-endpoint", &collector.address]).envs(settings));
    let (head, answer) = send(&server.address(), &(bearing(&secret) + CALLER), NAMING).expect("an answer");
    assert!(answer["data"]["reviseMatter"]["revision"].is_u64(), "{answer:#}");
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id");

    let spans = collector.wait_for("POST /graphql");
    let request = spans.iter().find(|span| span.name == "POST /graphql").expect("waited for");
    for (key, value) in [
        ("request.id", id),
        ("http.request.method", "POST"),
        ("http.route", "/graphql"),
        ("http.response.status_code", "200"),
        ("graphql.operation", "reviseMatter"),
    ] {
        assert_eq!(text(&request.attributes, key), value, "{request:#?}");
    }
    assert!(request.parent_span_id.is_empty() && hex(&request.trace_id) != CALLERS_TRACE, "anybody can write a header");
    let by_id: HashMap<&[u8], &Span> = spans.iter().map(|span| (&*span.span_id, span)).collect();
    let path = |span: &Span| {
        let mut path = vec![span.name.clone()];
        let mut at = span;
        while let Some(parent) = by_id.get(&*at.parent_span_id) {
            path.insert(0, parent.name.clone());
            at = parent;
        }
        path.join(" > ")
    };
    let mut paths: Vec<String> = spans.iter().filter(|span| span.trace_id == request.trace_id).map(path).collect();
    paths.sort();
    paths.dedup();
    for expected in [
        "POST /graphql > database key by hash",
        "POST /graphql > wait for a permit",
        "POST /graphql > graphql > work > database begin",
        "POST /graphql > graphql > work > database commit",
        "POST /graphql > graphql > catch up",
    ] {
        assert!(paths.iter().any(|path| path == expected), "{expected} is missing in {paths:#?}");
    }
    // With LISTEN the process may have followed the journal before the request.
    collector.wait_for("follow");
    let said = format!("{:?}", collector.parcels.lock().expect("nobody panicked with it"));
    for kept_back in [secret.trim(), "隐秘", "000109001000", "NATURAL_PERSON"] {
        assert!(!said.contains(kept_back), "{kept_back} is told");
    }
    for told in ["\"tongban\"", "\"host.name\"", "\"service.version\""] {
        assert!(said.contains(told), "{told} is missing");
    }

    // The rest is sent at shutdown; a trusted proxy may set the trace id.
    let trusting = ["--otlp-endpoint", &collector.address, "--trusted-proxy", "127.0.0.1", "--trust-traceparent"];
    let server = Server::by(Server::command(registry.url()).args(trusting).env("OTEL_BSP_SCHEDULE_DELAY", "60000"));
    assert!(send(&server.address(), CALLER, CHANGES).is_some());
    assert!(get(&server.address(), "/health/ready").is_some_and(|health| health.contains("ready")));
    server.end();
    assert!(server.ended());
    let spans = collector.spans();
    let continued: Vec<&str> =
        spans.iter().filter(|span| hex(&span.trace_id) == CALLERS_TRACE).map(|span| &*span.name).collect();
    assert!(continued.contains(&"POST /graphql") && continued.contains(&"database changes"), "{continued:?}");
    assert!(!spans.iter().any(|span| span.name.contains("health")), "who looks whether it is well is not followed");
}

async fn a_missing_trace_collector_delays_no_answer(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    // One collector never answers, the other address has none.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port");
    for address in [silent.local_addr().expect("a port"), gone] {
        let collector = format!("http://{address}");
        let settings = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ];
        let server = Server::by(Server::command(registry.url()).envs(settings));
        let slowest = (0..200).map(|_| {
            let began = Instant::now();
            assert_eq!(
                ask(&server.address(), "", QUESTION).expect("an answer")["data"]["handling"]["answer"],
                "AVAILABLE"
            );
            began.elapsed()
        });
        let slowest = slowest.max().expect("some");
        assert!(slowest < Duration::from_secs(3), "{slowest:?} with a collector at {address}");
        let began = Instant::now();
        server.end();
        assert!(server.ended());
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}: the end waits for nobody", began.elapsed());
    }
}
