//! A client of a mixed load: it reads and writes, one request after the other.

use std::sync::Arc;
use std::sync::atomic::Ordering;
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
use tokio::time::sleep_until;

use super::report::Kind;
use super::workload::{LoadTest, Question, WRITE_PERCENT};

/// A client that reads and writes, one request after the other.
pub(super) struct Client {
    test: Arc<LoadTest>,
    at: usize,
    rng: Rng,
    http: Http<HttpConnector, Body>,
    /// The newest revision that it has seen.
    newest_seen: u64,
    written: u64,
    window_is_open: bool,
    has_matter: bool,
    took: Vec<(u64, Kind, u32)>,
}

impl Client {
    pub(super) fn new(test: Arc<LoadTest>, at: usize) -> Self {
        let rng = Rng::with_seed(test.plan.seed.wrapping_mul(1_000).wrapping_add(at as u64));
        let http = Http::builder(TokioExecutor::new()).build(HttpConnector::new());
        Self {
            test,
            at,
            rng,
            http,
            newest_seen: 0,
            written: 0,
            window_is_open: false,
            has_matter: false,
            took: Vec::new(),
        }
    }

    pub(super) async fn acts(mut self) -> Vec<(u64, Kind, u32)> {
        // With a rate each request has a due time, and waiting for an earlier answer counts.
        let pace = self.test.plan.rate.map(|rate| self.test.plan.clients as f64 / rate);
        let mut due = self.test.start + Duration::from_secs_f64(pace.unwrap_or_default() * self.rng.f64());
        while !self.test.stopped.load(Ordering::Relaxed) {
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
        if self.rng.u8(0..100) >= WRITE_PERCENT {
            self.reads(gateway, Kind::Read, from).await;
        } else if self.writes(gateway, from).await {
            self.reads(1 - gateway, Kind::ReadElsewhere, Instant::now()).await;
        }
    }

    async fn reads(&mut self, gateway: usize, kind: Kind, from: Instant) {
        let test = Arc::clone(&self.test);
        let Question { matter, word, receiving, competent } = test.workload.draw(&mut self.rng);
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
            _ => self.test.report_error(&format!("{query}: {}", String::from_utf8_lossy(&body))),
        }
    }

    /// Was it written?
    async fn writes(&mut self, gateway: usize, from: Instant) -> bool {
        self.written += 1;
        let test = Arc::clone(&self.test);
        let (key, nth, at) = (&test.workload.steward, self.written, self.at);
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
                let (district, key) = &test.workload.offices[at % test.workload.offices.len()];
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
                let Question { matter, receiving, competent, .. } = test.workload.draw(&mut self.rng);
                let parties = [receiving, competent].map(|district| json!({ "district": district }));
                let schedule = json!([{ "mode": "FULL_ONLINE", "matters": [matter] }]);
                let input = json!({ "proposer": receiving, "title": format!("协议 {at}/{nth}"), "parties": parties, "schedule": schedule });
                let Some(payload) =
                    self.writes_one(gateway, from, key, "draftAgreement", input, "agreement { number }").await
                else {
                    return false;
                };
                let input = json!({ "number": payload["agreement"]["number"], "version": 1 });
                self.writes_one(gateway, Instant::now(), key, "discardDraft", input, "").await.is_some()
            }
        }
    }

    async fn writes_one(
        &mut self,
        gateway: usize,
        from: Instant,
        key: &str,
        mutation: &str,
        mut input: Value,
        asked: &str,
    ) -> Option<Value> {
        input["idempotencyKey"] = format!("{}/{}/{mutation}", self.at, self.written).into();
        let kind = match mutation {
            "registerMatter" | "reviseMatter" => "MatterInput",
            "registerWindow" => "WindowInput",
            "closeWindow" => "CloseWindowInput",
            "draftAgreement" => "AgreementInput",
            _ => "VersionInput",
        };
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ revision problems {{ code message }} {asked} }} }}"
        );
        let body = self.asks(gateway, key, &query, json!({ "input": input })).await?;
        self.was_answered(Kind::Write, from);
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let payload = answer["data"][mutation].take();
        let revision =
            payload["revision"].as_u64().filter(|_| payload["problems"].as_array().is_some_and(Vec::is_empty));
        let Some(revision) = revision else {
            self.test.report_error(&format!("{mutation} {input}: {}", String::from_utf8_lossy(&body)));
            return None;
        };
        self.sees(revision);
        Some(payload)
    }

    /// The body of an answer with the client's minimum revision.
    async fn asks(&self, gateway: usize, key: &str, query: &str, variables: Value) -> Option<Bytes> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = Request::post(format!("http://{}/graphql", self.test.addresses[gateway]))
            .header(header::CONTENT_TYPE, "application/json")
            .header("Tongban-Min-Revision", self.newest_seen);
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let answer = match self.http.request(request.body(Body::from(body)).expect("a request")).await {
            Ok(answer) => answer,
            Err(error) => {
                self.test.report_error(&format!("{query}: {error}"));
                return None;
            }
        };
        let status = answer.status();
        let body = to_bytes(Body::new(answer.into_body()), usize::MAX).await.unwrap_or_default();
        if status != StatusCode::OK {
            self.test.report_error(&format!("{query}: {status}: {}", String::from_utf8_lossy(&body)));
            return None;
        }
        Some(body)
    }

    fn was_answered(&mut self, kind: Kind, from: Instant) {
        let micros = u32::try_from(from.elapsed().as_micros()).unwrap_or(u32::MAX);
        let minute = self.test.start.elapsed().as_secs().min(self.test.plan.seconds.saturating_sub(1)) / 60;
        self.took.push((minute, kind, micros));
    }

    fn sees(&mut self, revision: u64) {
        if revision < self.newest_seen {
            self.test.report_error(&format!(
                "client {} went back from revision {} to {revision}",
                self.at, self.newest_seen
            ));
        }
        self.newest_seen = self.newest_seen.max(revision);
        self.test.newest.fetch_max(revision, Ordering::Relaxed);
    }
}

/// The checked part of an answer.
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

const HANDLING: &str = "query Handling($m: MatterCode!, $r: DistrictCode!, $c: DistrictCode!) { handling(matter: $m, receiving: $r, competent: $c) {
    answer routes { mode basis { title } windows { edges { node { name address } } } } reasons { code message remedy } } }";
const AVAILABLE: &str = "query Available($r: DistrictCode!, $c: DistrictCode!) { availableMatters(receiving: $r, competent: $c, first: 20) {
    totalCount edges { modes node { code name domain } } } }";
const SEARCHED: &str =
    "query Searched($w: String!, $c: DistrictCode!) { availableMatters(competent: $c, search: $w, first: 20) {
    totalCount edges { modes node { code name } } facets { domains { count } modes { count } } } }";
const MATTER: &str = "query Matter($m: MatterCode!) { matter(code: $m) { code name domain leadDepartment audience
    offerings(first: 10) { edges { node { promisedDays visits district { code name } } } } } }";
const AGREEMENTS: &str =
    "query Agreements($c: DistrictCode!) { district(code: $c) { name agreements(standing: [IN_FORCE], first: 10) { edges { node {
    number title standing inForce { parties(first: 5) { edges { node { district { name } } } } } } } } } }";
const SUGGEST: &str =
    "query Suggest($w: String!, $r: DistrictCode!) { suggest(text: $w, receiving: $r) { __typename } }";
const MATTERS: &str =
    "query Matters($w: String!) { matters(search: $w, first: 20) { totalCount edges { node { code name } } } }";
