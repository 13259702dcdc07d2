//! Properties that hold for any input. `tools/fuzz` generates inputs and calls these; the corpus in `tools/fuzz/corpus`
//! is run again by `tests/hostile.rs` with every test run.

use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Response, ScalarType, Value, Variables};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::record::Submitted;
use domain::{
    Agreement, AgreementNumber, ApiKey, CreditCode, Digest, District, DistrictCode, Extent, Id, Matter, MatterCode,
    Offering, OfferingCode, Policy, Problem, Record, Revision, Role, Window, calendar,
};
use gateway::app::App;
use gateway::demo;
use gateway::http::client_address::Network;
use gateway::http::client_address::Proxies;
use gateway::http::client_address::ProxyHeader;
use gateway::http::router;
use gateway::http::service::HttpService;
use gateway::http::settings::Settings;
use graphql::connection::cursor::Cursor;
use graphql::engine::document_cache::measure;
use graphql::ids::GlobalId;
use graphql::scalar;
use graphql::schema::{Schema, building};
use persistence::import::{ParsedFiles, read};
use persistence::{OpenOptions, Store, WriteContext};
use registry::clock;
use registry::limits::MAX_COST;
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(runtime);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// An NDJSON file for import.
pub fn lines(bytes: &[u8]) {
    import("hostile.ndjson", bytes);
    for line in std::str::from_utf8(bytes).unwrap_or_default().lines() {
        match Record::from_line(line) {
            Ok(record) => is_its_line(&record),
            Err(problems) => problems.iter().for_each(says_what_is_wrong),
        }
    }
}

/// A CSV file for import.
pub fn table(bytes: &[u8]) {
    import("hostile.csv", bytes);
}

fn import(name: &str, bytes: &[u8]) {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).expect("a file");
    let ParsedFiles { records, faults } =
        RUNTIME.block_on(read(&[file])).expect("a file that nobody changes reads twice alike");
    for submitted in records {
        is_its_line(&numbered(submitted));
    }
    let last = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
    for fault in faults {
        assert!((1..=last).contains(&fault.line), "the file has {last} lines: {fault:?}");
        says_what_is_wrong(&fault.problem);
    }
}

fn numbered(submitted: Submitted) -> Record {
    match submitted {
        Submitted::District(record) => Record::District(record),
        Submitted::Matter(record) => Record::Matter(record),
        Submitted::Offering(record) => Record::Offering(record),
        Submitted::Window(record) => Record::Window(record),
        Submitted::Agreement(record) => {
            let number = record.number.or(AgreementNumber::new(2021, 1)).expect("a number");
            Record::Agreement(Box::new(record.numbered(number)))
        }
        Submitted::Policy(record) => Record::Policy(record),
        Submitted::Document(record) => Record::Document(record),
    }
}

/// A parsed record, written and parsed again, is the same.
fn is_its_line(record: &Record) {
    let line = record.line();
    match Record::from_line(&line) {
        Ok(again) => assert_eq!(&again, record, "{line}"),
        Err(problems) => panic!("{line}\n{problems:#?}"),
    }
    for reference in record.references() {
        says_what_is_wrong(&reference.dangling());
    }
    if let Record::Agreement(agreement) = record {
        agreement.latest().digest(agreement.number);
    }
}

/// Problems of a whole line, without a field.
const OF_THE_LINE: [&str; 8] =
    ["CELLS", "FILE_FORMAT", "HEADER", "JSON", "LINE_TOO_LONG", "NO_RECORDS", "TRUNCATED", "UTF_8"];

/// Refusals of whole files.
const OF_THE_FILE: [&str; 5] = ["CELL_OUT_OF_BOUNDS", "ENCODING", "NO_RECORDS", "ROW_WITHOUT_END", "WORKBOOK_DAMAGED"];

fn says_what_is_wrong(problem: &Problem) {
    assert!(!problem.message.zh.is_empty() && !problem.message.en.is_empty(), "{problem:?}");
    let is_of_the_file = problem.rule.starts_with("FILE_") || OF_THE_FILE.contains(&problem.rule);
    let is_whole = is_of_the_file || OF_THE_LINE.contains(&problem.rule);
    assert!(!problem.path.is_empty() || is_whole, "it names no field: {problem:?}");
}

/// Codes, ids, cursors, times and header values.
pub fn codes(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(code) = text.parse::<DistrictCode>() {
        assert!(text.strip_prefix(code.as_str()).is_some_and(|rest| matches!(rest, "" | "000000")), "{text}");
        reads_back(&code);
    }
    if let Some(code) = is_one_text::<OfferingCode>(text) {
        assert!((code.credit_code().is_some() && code.basic_code().is_some()) || !code.is_sound());
        assert_eq!(code.handling_item().is_some(), text.len() == 33);
        assert!(code.level().is_ascii_alphanumeric());
    }
    is_one_text::<MatterCode>(text).map(|code| code.is_power());
    is_one_text::<CreditCode>(text).map(|code| code.check());
    is_one_text::<AgreementNumber>(text);
    is_one_text::<Digest>(text);
    is_one_text::<Id<District>>(text);
    is_one_text::<Id<Agreement>>(text);
    is_one_text::<GlobalId>(text);
    if let Some(date) = domain::reading::format::parse_date(text) {
        assert_eq!(date.to_string(), text);
    }
    if let Ok(network) = text.parse::<Network>() {
        reads_back(&network);
    }

    scalars(text);
    cursors(text);
    // Callers cannot guess the content of a cursor.
    cursors(&BASE64_URL_SAFE_NO_PAD.encode(format!("v1:{text}")));
    origins(text);
}

/// Each value has one canonical form.
fn is_one_text<T: FromStr + Display>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    assert_eq!(value.to_string(), text);
    Some(value)
}

fn reads_back<T: FromStr + Display + PartialEq + Debug>(value: &T) {
    assert_eq!(value.to_string().parse::<T>().ok().as_ref(), Some(value));
}

fn cursors(text: &str) {
    fn cursor<K: FromStr + Display + PartialEq + Debug>(text: &str)
    where
        Cursor<K>: FromStr + Display,
    {
        if let Ok(cursor) = text.parse::<Cursor<K>>() {
            reads_back(&cursor);
        }
    }
    cursor::<DistrictCode>(text);
    cursor::<MatterCode>(text);
    cursor::<AgreementNumber>(text);
    cursor::<Id<Matter>>(text);
    cursor::<Id<Offering>>(text);
    cursor::<Id<Policy>>(text);
    cursor::<Id<Window>>(text);
    cursor::<Revision>(text);
    cursor::<String>(text);
}

fn scalars(text: &str) {
    /// Output can be parsed as input again.
    fn scalar<S: ScalarType>(given: Value) -> Option<Value> {
        let told = S::parse(given).ok()?.to_value();
        let again = S::parse(told.clone()).unwrap_or_else(|_| panic!("{told} cannot be read")).to_value();
        assert_eq!(again, told);
        Some(told)
    }
    let given = Value::String(text.to_owned());
    scalar::<scalar::DistrictCode>(given.clone());
    for exact in [
        scalar::<scalar::MatterCode>(given.clone()),
        scalar::<scalar::OfferingCode>(given.clone()),
        scalar::<scalar::CreditCode>(given.clone()),
        scalar::<scalar::AgreementNumber>(given.clone()),
        scalar::<scalar::Digest>(given.clone()),
        scalar::<scalar::Date>(given.clone()),
        scalar::<scalar::Url>(given.clone()),
    ] {
        assert!(exact.is_none_or(|told| told == given), "{text}");
    }
    if let Some(told) = scalar::<scalar::Date>(given.clone()) {
        assert_eq!(told.to_string().len(), "\"2021-05-28\"".len(), "{told}");
    }
    if let Some(told) = scalar::<scalar::DateTime>(given) {
        assert_eq!(told.to_string().len(), "\"2021-05-28T01:30:00.000000Z\"".len(), "{told}");
    }
    if let Ok(number) = serde_json::from_str(text) {
        scalar::<scalar::Revision>(Value::Number(number));
    }
}

fn origins(text: &str) {
    let Ok(said) = HeaderValue::from_str(text) else { return };
    let peer = [192, 0, 2, 1].into();
    for (name, header) in [
        (HeaderName::from_static("x-forwarded-for"), ProxyHeader::XForwardedFor),
        (header::FORWARDED, ProxyHeader::Forwarded),
    ] {
        let headers = HeaderMap::from_iter([(name, said.clone())]);
        let everybody = ["0.0.0.0/0", "::/0"].map(|network| network.parse().expect("a network"));
        Proxies { trusted: everybody.into(), header }.client_address(peer, &headers);
        assert_eq!(
            Proxies { trusted: Vec::new(), header }.client_address(peer, &headers),
            peer,
            "anybody can write a header"
        );
    }
}

/// A document, and after a line `---` its variables: checked against the query limits, priced, and validated by the
/// engine. It is not executed.
pub fn document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (query, variables) = text.split_once("\n---\n").unwrap_or((text, "{}"));
    let variables: Json = serde_json::from_str(variables).unwrap_or_default();
    is_quick(bytes.len(), || {
        let mut request = async_graphql::Request::new(query).variables(Variables::from_json(variables.clone()));
        if measure(&mut request).is_ok_and(|cost| cost <= MAX_COST) {
            RUNTIME.block_on(UNEXECUTED.execute(request));
        }
    });
}

/// Time limit of a small input. Exponential behaviour exceeds it by far.
const MOMENT: Duration = Duration::from_millis(250);
const MOMENT_PER_BYTE: Duration = Duration::from_micros(20);

/// The machine may be busy: one of three attempts must be fast enough.
fn is_quick(bytes: usize, work: impl Fn()) {
    let most = MOMENT + MOMENT_PER_BYTE * u32::try_from(bytes).expect("a length");
    let times = std::iter::repeat_with(|| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    let taken: Vec<Duration> =
        times.take(3).scan(false, |done, taken| (!std::mem::replace(done, taken <= most)).then_some(taken)).collect();
    assert!(taken.iter().any(|taken| *taken <= most), "{bytes} bytes take {taken:?}");
}

/// The registry's schema in an engine that only validates.
static UNEXECUTED: LazyLock<Schema> = LazyLock::new(|| building().extension(Unexecuted).finish());

struct Unexecuted;

impl ExtensionFactory for Unexecuted {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Unexecuted {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::new(Value::Null)
    }
}

/// The server with the demo records, in this process.
#[derive(Debug)]
pub struct Door {
    runtime: Runtime,
    router: HttpService,
    _folder: TempDir,
}

impl Default for Door {
    fn default() -> Self {
        let runtime = runtime();
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("tongban.db").display());
        let app = runtime.block_on(async {
            let store = Store::open(&url, OpenOptions { migrate: true, read_only: false, ..OpenOptions::default() })
                .await
                .expect("it opens");
            demo::import_into(&store, clock::now()).await.expect("the demo records");
            issue_key(&store).await;
            App::load(store).await.expect("it loads")
        });
        let everybody = "0.0.0.0/0".parse().expect("a network");
        let settings =
            Settings { proxies: Proxies { trusted: vec![everybody], ..Proxies::default() }, ..Settings::default() };
        Self { runtime, router: router(app, settings), _folder: folder }
    }
}

impl Door {
    /// A request as on the wire: method and address, headers, an empty line, the body. It must be answered without an
    /// internal error.
    pub fn request(&self, bytes: &[u8]) {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
        let (head, body) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
        let Some(request) = std::str::from_utf8(head).ok().and_then(|head| with_head(head, body)) else { return };
        let (status, is_json, body) = self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("an answer");
            let headers = response.headers();
            let is_json = headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind.as_bytes().windows(4).any(|part| part == b"json"))
                && !headers.contains_key(header::CONTENT_ENCODING);
            (response.status(), is_json, to_bytes(response.into_body(), usize::MAX).await.expect("a body"))
        });
        assert!(!status.is_server_error(), "{status} {}", String::from_utf8_lossy(&body));
        if is_json && !body.is_empty() && status != StatusCode::NOT_MODIFIED {
            let answer: Json = serde_json::from_slice(&body).expect("JSON");
            let codes =
                answer["errors"].as_array().into_iter().flatten().map(|error| error["extensions"]["code"].as_str());
            for code in codes {
                assert!(code.is_some_and(|code| code != "INTERNAL_SERVER_ERROR"), "{answer}");
            }
        }
    }
}

/// The credential of a caller with all roles for a district of the demo: `Bearer tb_hostile`.
async fn issue_key(store: &Store) {
    let now = clock::now();
    let by = WriteContext { actor: "test".to_owned(), on_behalf_of: None, now, today: calendar::day_in_china(now) };
    let key = ApiKey {
        name: "来客".to_owned(),
        roles: vec![Role::Partner, Role::Registrar, Role::Signatory, Role::Steward],
        district: "440115".parse().ok(),
        extent: Extent::Subtree,
        prefix: "tb_hostil".to_owned(),
        seal: Digest::GENESIS,
        expires_at: None,
        revoked_at: None,
    };
    let hash = Digest::of(b"tb_hostile").to_string();
    let mut work = store.begin(by).await.expect("a work");
    work.issue_key(key, hash.trim_start_matches("sha-256:").to_owned()).await.expect("a key");
    work.commit().await.expect("it commits");
}

fn with_head(head: &str, body: &[u8]) -> Option<Request<Body>> {
    let mut lines = head.lines();
    let (method, address) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(address);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        // A request for a future revision waits.
        if !name.eq_ignore_ascii_case("tongban-min-revision") || value.trim().len() < 2 {
            request = request.header(name, value.trim());
        }
    }
    request.body(Body::from(body.to_vec())).ok()
}
