//! Readers and writers on two gateways over one PostgreSQL, as on a busy day: most things are asked again and again, a few are
//! written, and every client sees at least what it has seen before, whichever gateway it asks.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use fastrand::Rng;
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::cluster::Cluster;
use crate::server::{Server, ask};
use crate::{demo, tongban};

/// Of a hundred acts so many write.
const WRITES: u8 = 5;
/// An agreement asks for each of its matters between its parties; so many agreements are known to the clients.
const MOST_AGREEMENTS: usize = 2_000;
/// Of so many districts the windows are written.
const OFFICES: usize = 8;
const MOST_BROKEN: usize = 20;
/// Memory is flat when in the last minute there is at most so many times as much of it as in the third.
const FLAT: f64 = 1.05;

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seconds: u64,
    pub clients: usize,
    pub seed: u64,
    /// Acts a second, of all clients together; without it each acts again as soon as it is answered.
    pub rate: Option<f64>,
    /// The records; those of the demo, if there are none.
    pub records: Vec<PathBuf>,
}

/// What became of it.
#[derive(Debug)]
pub struct Report {
    minutes: BTreeMap<u64, Minute>,
    all: Minute,
    broken: Vec<String>,
    records: String,
    revision: u64,
}

/// How long the answers took, in microseconds, and the memory of each gateway, in KiB.
#[derive(Debug, Default, Clone)]
struct Minute {
    took: BTreeMap<Kind, Vec<u32>>,
    memory: [Vec<u64>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Read,
    Write,
    /// The first read after an own write, at the other gateway.
    ReadElsewhere,
}

impl Kind {
    const ALL: [(Self, &str); 3] = [(Self::Read, "reads"), (Self::Write, "writes"), (Self::ReadElsewhere, "own write read at the other gateway")];
}

/// What clients know to ask about, the most popular first.
#[derive(Debug, Default)]
struct Known {
    questions: Vec<Question>,
    /// Of each the weights up to it.
    sums: Vec<f64>,
    /// Districts whose windows are written, with their keys.
    offices: Vec<(String, String)>,
    steward: String,
}

#[derive(Debug)]
struct Question {
    matter: String,
    word: String,
    receiving: String,
    competent: String,
}

#[derive(Debug)]
struct Ground {
    plan: Plan,
    addresses: [String; 2],
    known: Known,
    began: Instant,
    is_over: AtomicBool,
    newest: AtomicU64,
    broken: Mutex<Vec<String>>,
}

/// Loads two gateways over a PostgreSQL of its own.
pub fn mixed(plan: Plan) -> Report {
    let cluster = Cluster::durable();
    let url = cluster.url();
    let said = |arguments: &[&str]| {
        let output = tongban().args(["--locale", "en"]).args(arguments).args(["--database", &url]).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    let files = if plan.records.is_empty() { demo() } else { plan.records.clone() };
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let records = said(&[&["import"], &*files.iter().map(String::as_str).collect::<Vec<_>>()].concat());
    let steward = said(&["key", "issue", "--role", "steward", "--name", "mixed"]);
    let gateways = [0, 1].map(|_| Server::of(&url, &[]));
    let addresses = gateways.each_ref().map(Server::address);
    let mut known = Known::learn(&addresses[0], &plan);
    for (code, key) in &mut known.offices {
        *key = said(&["key", "issue", "--role", "registrar", "--district", code, "--name", code]);
    }
    known.steward = steward;
    let ground = Ground {
        plan,
        addresses,
        known,
        began: Instant::now(),
        is_over: AtomicBool::new(false),
        newest: AtomicU64::new(0),
        broken: Mutex::default(),
    };
    let ground = Arc::new(ground);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let minutes = runtime.block_on(async {
        let mut clients: JoinSet<_> = (0..ground.plan.clients).map(|at| Client::new(Arc::clone(&ground), at).acts()).collect();
        let mut minutes = watched(&ground, &gateways).await;
        ground.is_over.store(true, Ordering::Relaxed);
        while let Some(took) = clients.join_next().await {
            for (minute, kind, micros) in took.expect("a client") {
                minutes.entry(minute).or_default().took.entry(kind).or_default().push(micros);
            }
        }
        minutes
    });
    let mut report = Report::new(minutes, records, ground.newest.load(Ordering::Relaxed));
    report.broken.append(&mut ground.broken.lock().unwrap_or_else(PoisonError::into_inner));
    report.verified(&url);
    report
}

/// The memory of the gateways, every second until the time is over.
async fn watched(ground: &Ground, gateways: &[Server; 2]) -> BTreeMap<u64, Minute> {
    let mut minutes = BTreeMap::<u64, Minute>::new();
    for second in 1..=ground.plan.seconds {
        sleep_until((ground.began + Duration::from_secs(second)).into()).await;
        let minute = minutes.entry((second - 1) / 60).or_default();
        for (memory, gateway) in minute.memory.iter_mut().zip(gateways) {
            memory.push(gateway.memory());
        }
    }
    minutes
}

impl Known {
    /// From the agreements that are there: who may ask for what where.
    fn learn(address: &str, plan: &Plan) -> Self {
        let mut rng = Rng::with_seed(plan.seed);
        let mut known = Self::default();
        let mut after = String::new();
        let mut read = 0;
        while read < MOST_AGREEMENTS {
            let query = format!(
                "{{ agreements(standing: [IN_FORCE], first: 50{after}) {{ pageInfo {{ endCursor hasNextPage }} edges {{ node {{ inForce {{
                 parties(first: 4) {{ edges {{ node {{ district {{ code }} }} }} }}
                 schedule(first: 2) {{ edges {{ node {{ matters(first: 5) {{ edges {{ node {{ code name }} }} }} }} }} }} }} }} }} }} }}"
            );
            let answer = ask(address, "", &query).expect("it answers");
            let page = &answer["data"]["agreements"];
            let edges = page["edges"].as_array().unwrap_or_else(|| panic!("{answer}"));
            for edge in edges {
                known.learn_agreement(&edge["node"]["inForce"], &mut rng);
            }
            read += edges.len();
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = format!(", after: {}", page["pageInfo"]["endCursor"]);
        }
        rng.shuffle(&mut known.questions);
        assert!(!known.questions.is_empty(), "there is an agreement in force");
        // Zipf's law: the second is asked for half as often as the first, the third a third as often.
        let weights = (1..=known.questions.len()).scan(0.0, |sum, rank| {
            *sum += 1.0 / rank as f64;
            Some(*sum)
        });
        known.sums = weights.collect();
        let mut offices: Vec<String> = known.questions.iter().map(|question| question.receiving.clone()).collect();
        offices.sort_unstable();
        offices.dedup();
        offices.truncate(OFFICES);
        known.offices = offices.into_iter().map(|code| (code, String::new())).collect();
        known
    }

    fn learn_agreement(&mut self, version: &Value, rng: &mut Rng) {
        let nodes = |value: &Value| -> Vec<Value> { value["edges"].as_array().into_iter().flatten().map(|edge| edge["node"].clone()).collect() };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let parties: Vec<String> = nodes(&version["parties"]).iter().map(|party| text(&party["district"]["code"])).collect();
        for clause in nodes(&version["schedule"]) {
            for matter in nodes(&clause["matters"]) {
                let receiving = rng.usize(0..parties.len());
                let competent = (receiving + rng.usize(1..parties.len())) % parties.len();
                let name: Vec<char> = text(&matter["name"]).chars().collect();
                let from = rng.usize(0..name.len().saturating_sub(1).max(1));
                self.questions.push(Question {
                    matter: text(&matter["code"]),
                    word: name.iter().skip(from).take(2).collect(),
                    receiving: parties[receiving].clone(),
                    competent: parties[competent].clone(),
                });
            }
        }
    }

    fn draws(&self, rng: &mut Rng) -> &Question {
        let drawn = rng.f64() * self.sums.last().expect("there are questions");
        &self.questions[self.sums.partition_point(|sum| *sum <= drawn).min(self.questions.len() - 1)]
    }
}

const HANDLING: &str = "query Handling($m: MatterCode!, $r: DistrictCode!, $c: DistrictCode!) { handling(matter: $m, receiving: $r, competent: $c) {
    answer routes { mode basis { title } windows { edges { node { name address } } } } reasons { code message remedy } } }";
const AVAILABLE: &str = "query Available($r: DistrictCode!, $c: DistrictCode!) { availableMatters(receiving: $r, competent: $c, first: 20) {
    totalCount edges { modes node { code name domain } } } }";
const SEARCHED: &str = "query Searched($w: String!, $c: DistrictCode!) { availableMatters(competent: $c, search: $w, first: 20) {
    totalCount edges { modes node { code name } } facets { domains { count } modes { count } } } }";
const MATTER: &str = "query Matter($m: MatterCode!) { matter(code: $m) { code name domain leadDepartment audience
    offerings(first: 10) { edges { node { promisedDays visits district { code name } } } } } }";
const AGREEMENTS: &str =
    "query Agreements($c: DistrictCode!) { district(code: $c) { name agreements(standing: [IN_FORCE], first: 10) { edges { node {
    number title standing inForce { parties(first: 5) { edges { node { district { name } } } } } } } } } }";
const SUGGEST: &str = "query Suggest($w: String!, $r: DistrictCode!) { suggest(text: $w, receiving: $r) { __typename } }";
const MATTERS: &str = "query Matters($w: String!) { matters(search: $w, first: 20) { totalCount edges { node { code name } } } }";

/// What is looked at in an answer.
#[derive(Debug, Deserialize)]
struct Answer {
    #[expect(dead_code, reason = "it is to be there")]
    data: IgnoredAny,
    #[serde(default)]
    errors: Option<Value>,
    extensions: Extensions,
}

#[derive(Debug, Deserialize)]
struct Extensions {
    revision: u64,
}

/// Somebody who asks and writes, one thing after another.
struct Client {
    ground: Arc<Ground>,
    at: usize,
    rng: Rng,
    http: Http<HttpConnector, Body>,
    /// The newest revision that it has seen.
    seen: u64,
    written: u64,
    window_is_open: bool,
    has_matter: bool,
    took: Vec<(u64, Kind, u32)>,
}

impl Client {
    fn new(ground: Arc<Ground>, at: usize) -> Self {
        let rng = Rng::with_seed(ground.plan.seed.wrapping_mul(1_000).wrapping_add(at as u64));
        let http = Http::builder(TokioExecutor::new()).build(HttpConnector::new());
        Self { ground, at, rng, http, seen: 0, written: 0, window_is_open: false, has_matter: false, took: Vec::new() }
    }

    async fn acts(mut self) -> Vec<(u64, Kind, u32)> {
        // With a rate each act has its moment, and waiting for an earlier answer counts.
        let pace = self.ground.plan.rate.map(|rate| self.ground.plan.clients as f64 / rate);
        let mut due = self.ground.began + Duration::from_secs_f64(pace.unwrap_or_default() * self.rng.f64());
        while !self.ground.is_over.load(Ordering::Relaxed) {
            if let Some(pace) = pace {
                sleep_until(due.into()).await;
                let from = due;
                due += Duration::from_secs_f64(pace);
                self.acts_once(from).await;
            } else {
                self.acts_once(Instant::now()).await;
            }
        }
        self.took
    }

    async fn acts_once(&mut self, from: Instant) {
        let gateway = self.rng.usize(0..2);
        if self.rng.u8(0..100) >= WRITES {
            self.reads(gateway, Kind::Read, from).await;
        } else if self.writes(gateway, from).await {
            self.reads(1 - gateway, Kind::ReadElsewhere, Instant::now()).await;
        }
    }

    async fn reads(&mut self, gateway: usize, kind: Kind, from: Instant) {
        let ground = Arc::clone(&self.ground);
        let Question { matter, word, receiving, competent } = ground.known.draws(&mut self.rng);
        let (query, variables) = match self.rng.u8(0..100) {
            0..30 => (HANDLING, json!({ "m": matter, "r": receiving, "c": competent })),
            30..55 => (AVAILABLE, json!({ "r": receiving, "c": competent })),
            55..65 => (SEARCHED, json!({ "w": word, "c": competent })),
            65..75 => (MATTER, json!({ "m": matter })),
            75..85 => (AGREEMENTS, json!({ "c": competent })),
            85..95 => (SUGGEST, json!({ "w": word, "r": receiving })),
            _ => (MATTERS, json!({ "w": word })),
        };
        let Some(body) = self.asks(gateway, "", query, variables).await else { return };
        self.was_answered(kind, from);
        match serde_json::from_slice::<Answer>(&body) {
            Ok(Answer { errors: None, extensions: Extensions { revision }, .. }) => self.sees(revision),
            _ => self.ground.broke(&format!("{query}: {}", String::from_utf8_lossy(&body))),
        }
    }

    /// Is it written?
    async fn writes(&mut self, gateway: usize, from: Instant) -> bool {
        self.written += 1;
        let ground = Arc::clone(&self.ground);
        let (key, nth, at) = (&ground.known.steward, self.written, self.at);
        let code = format!("9{at:03}00000000");
        match self.rng.u8(0..20) {
            0..10 => {
                let input = json!({ "code": code, "name": format!("居民身份证补领 {nth}"), "aliases": [format!("别名 {nth}")], "leadDepartment": "部门",
                    "domain": "PUBLIC_SECURITY", "audience": ["NATURAL_PERSON"] });
                let mutation = if self.has_matter { "reviseMatter" } else { "registerMatter" };
                self.has_matter = true;
                self.writes_one(gateway, from, key, mutation, input, "").await.is_some()
            }
            10..17 => {
                let (district, key) = &ground.known.offices[at % ground.known.offices.len()];
                let mut input = json!({ "district": district, "name": format!("窗口 {at}") });
                let mutation = if self.window_is_open {
                    input["reason"] = "搬迁".into();
                    "closeWindow"
                } else {
                    input["address"] = format!("政务路 {nth} 号").into();
                    "registerWindow"
                };
                self.window_is_open = !self.window_is_open;
                self.writes_one(gateway, from, key, mutation, input, "").await.is_some()
            }
            _ => {
                let Question { matter, receiving, competent, .. } = ground.known.draws(&mut self.rng);
                let parties = [receiving, competent].map(|district| json!({ "district": district }));
                let schedule = json!([{ "mode": "FULL_ONLINE", "matters": [matter] }]);
                let input = json!({ "proposer": receiving, "title": format!("协议 {at}/{nth}"), "parties": parties, "schedule": schedule });
                let Some(payload) = self.writes_one(gateway, from, key, "draftAgreement", input, "agreement { number }").await else { return false };
                let input = json!({ "number": payload["agreement"]["number"], "version": 1 });
                self.writes_one(gateway, Instant::now(), key, "discardDraft", input, "").await.is_some()
            }
        }
    }

    async fn writes_one(&mut self, gateway: usize, from: Instant, key: &str, mutation: &str, mut input: Value, asked: &str) -> Option<Value> {
        input["idempotencyKey"] = format!("{}/{}/{mutation}", self.at, self.written).into();
        let kind = match mutation {
            "registerMatter" | "reviseMatter" => "MatterInput",
            "registerWindow" => "WindowInput",
            "closeWindow" => "CloseWindowInput",
            "draftAgreement" => "AgreementInput",
            _ => "VersionInput",
        };
        let query = format!("mutation($input: {kind}!) {{ {mutation}(input: $input) {{ revision problems {{ code message }} {asked} }} }}");
        let body = self.asks(gateway, key, &query, json!({ "input": input })).await?;
        self.was_answered(Kind::Write, from);
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let payload = answer["data"][mutation].take();
        let revision = payload["revision"].as_u64().filter(|_| payload["problems"].as_array().is_some_and(Vec::is_empty));
        let Some(revision) = revision else {
            self.ground.broke(&format!("{mutation} {input}: {}", String::from_utf8_lossy(&body)));
            return None;
        };
        self.sees(revision);
        Some(payload)
    }

    /// The body of an answer to somebody who wants to see what it has seen.
    async fn asks(&self, gateway: usize, key: &str, query: &str, variables: Value) -> Option<Bytes> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = Request::post(format!("http://{}/graphql", self.ground.addresses[gateway]))
            .header(header::CONTENT_TYPE, "application/json")
            .header("Tongban-Min-Revision", self.seen);
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let answer = match self.http.request(request.body(Body::from(body)).expect("a request")).await {
            Ok(answer) => answer,
            Err(error) => {
                self.ground.broke(&format!("{query}: {error}"));
                return None;
            }
        };
        let status = answer.status();
        let body = to_bytes(Body::new(answer.into_body()), usize::MAX).await.unwrap_or_default();
        if status != StatusCode::OK {
            self.ground.broke(&format!("{query}: {status}: {}", String::from_utf8_lossy(&body)));
            return None;
        }
        Some(body)
    }

    fn was_answered(&mut self, kind: Kind, from: Instant) {
        let micros = u32::try_from(from.elapsed().as_micros()).unwrap_or(u32::MAX);
        let minute = self.ground.began.elapsed().as_secs().min(self.ground.plan.seconds.saturating_sub(1)) / 60;
        self.took.push((minute, kind, micros));
    }

    fn sees(&mut self, revision: u64) {
        if revision < self.seen {
            self.ground.broke(&format!("client {} went back from revision {} to {revision}", self.at, self.seen));
        }
        self.seen = self.seen.max(revision);
        self.ground.newest.fetch_max(revision, Ordering::Relaxed);
    }
}

impl Ground {
    fn broke(&self, what: &str) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        if broken.len() < MOST_BROKEN {
            broken.push(what.chars().take(1_000).collect());
        }
    }
}

fn percentile(sorted: &[u32], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).map_or(0.0, |micros| f64::from(*micros) / 1e3)
}

fn median(figures: &[u64]) -> u64 {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

impl Report {
    fn new(mut minutes: BTreeMap<u64, Minute>, records: String, revision: u64) -> Self {
        let mut all = Minute::default();
        for minute in minutes.values_mut() {
            for (kind, took) in &mut minute.took {
                took.sort_unstable();
                all.took.entry(*kind).or_default().extend_from_slice(took);
            }
        }
        all.took.values_mut().for_each(|took| took.sort_unstable());
        let mut report = Self { minutes, all, broken: Vec::new(), records, revision };
        report.looks_at_memory();
        report
    }

    fn looks_at_memory(&mut self) {
        let Some((last, first)) = self.minutes.values().next_back().zip(self.minutes.get(&2)) else { return };
        for gateway in 0..2 {
            let (before, after) = (median(&first.memory[gateway]), median(&last.memory[gateway]));
            if after as f64 > before as f64 * FLAT {
                self.broken.push(format!("gateway {gateway} grows: {before} KiB in the third minute, {after} KiB in the last"));
            }
        }
    }

    fn verified(&mut self, url: &str) {
        let mut verify: Command = tongban();
        let output = verify.args(["--locale", "en", "verify", "--database", url]).output().expect("it runs");
        if !output.status.success() {
            self.broken.push(format!("tongban verify: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }

    pub fn is_well(&self) -> bool {
        self.broken.is_empty()
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mib = |figures: &[u64]| median(figures) / 1024;
        writeln!(to, "{}\n", self.records)?;
        writeln!(to, "| minute | acts/s | reads: p50, p99, p99.9 ms | writes: p50, p99, p99.9 ms | memory MiB |")?;
        writeln!(to, "|--:|--:|--:|--:|--:|")?;
        let told = |took: Option<&Vec<u32>>| {
            let took = took.map(Vec::as_slice).unwrap_or_default();
            format!("{:.2} {:.2} {:.2}", percentile(took, 0.5), percentile(took, 0.99), percentile(took, 0.999))
        };
        for (nth, minute) in &self.minutes {
            let acts: usize = minute.took.values().map(Vec::len).sum();
            let seconds = minute.memory[0].len().max(1);
            let (reads, writes) = (told(minute.took.get(&Kind::Read)), told(minute.took.get(&Kind::Write)));
            writeln!(to, "| {} | {} | {reads} | {writes} | {} {} |", nth + 1, acts / seconds, mib(&minute.memory[0]), mib(&minute.memory[1]))?;
        }
        writeln!(to)?;
        for (kind, name) in Kind::ALL {
            let took = self.all.took.get(&kind);
            writeln!(to, "{name}: {}, p50 p99 p99.9 {} ms", took.map_or(0, Vec::len), told(took))?;
        }
        writeln!(to, "revision {}; {} things went wrong", self.revision, self.broken.len())?;
        for what in &self.broken {
            writeln!(to, "WRONG: {what}")?;
        }
        Ok(())
    }
}
