//! A writer: it uses a key for each mutation and retries at the other gateway until it gets an answer.

use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::Value;

use super::{Ground, PATIENCE, Pair, REPLACING, count};

/// Timeout before a mutation is retried at the other gateway.
const IMPATIENCE: Duration = Duration::from_secs(3);
const WINDOWS: usize = 3;
/// Agreements in progress, and the writer's own matters.
const MOST_AGREEMENTS: usize = 3;
const MOST_MATTERS: usize = 8;

/// An acknowledged mutation.
#[derive(Debug)]
pub(super) struct Acknowledged {
    pub(super) revision: u64,
    mutation: &'static str,
    /// A text that the record contains only since then; `None` if it was removed.
    token: String,
}

impl Acknowledged {
    pub(super) fn what(&self) -> String {
        format!("{} {}", self.mutation, self.token)
    }

    /// Is this the entry of the mutation?
    pub(super) fn is_told_by(&self, entry: &Value) -> bool {
        let expected: &[&str] = match self.mutation {
            "registerMatter" => &["REGISTERED"],
            "reviseMatter" => &["REVISED"],
            "registerWindow" => &["REGISTERED", "REVISED"],
            "closeWindow" => &["CLOSED"],
            "draftAgreement" => &["DRAFTED"],
            "reviseDraft" => &["DRAFT_REVISED"],
            "discardDraft" => &["DRAFT_DISCARDED"],
            "proposeVersion" => &["PROPOSED"],
            "signVersion" => &["SIGNED", "CONCLUDED"],
            "suspendAgreement" => &["SUSPENDED"],
            "resumeAgreement" => &["RESUMED"],
            _ => &[],
        };
        let is_gone = self.mutation == "discardDraft";
        entry["action"].as_str().is_some_and(|action| expected.contains(&action))
            && entry["document"].is_null() == is_gone
            && (is_gone || entry["document"].to_string().contains(&self.token))
    }
}

/// A matter, as known by its only writer.
struct Matter {
    code: String,
    revision: u64,
}

/// An agreement in progress.
struct Agreement {
    number: String,
    title: String,
    stage: Stage,
}

enum Stage {
    Draft,
    Proposed { digest: String },
    SignedOnce { digest: String },
}

pub(super) struct Writer<'a> {
    ground: &'a Ground,
    pair: &'a Pair,
    at: usize,
    rng: Rng,
    tokens: u64,
    keys: u64,
    acknowledged: Vec<Acknowledged>,
    matters: Vec<Matter>,
    agreements: Vec<Agreement>,
    open_windows: [bool; WINDOWS],
    suspended: [bool; 2],
    /// A mutation got no answer.
    gave_up: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(ground: &'a Ground, at: usize) -> Self {
        Self {
            ground,
            pair: &ground.pairs[at],
            at,
            rng: Rng::with_seed(ground.plan.seed.wrapping_mul(1_000).wrapping_add(at as u64)),
            tokens: 0,
            keys: 0,
            acknowledged: Vec::new(),
            matters: Vec::new(),
            agreements: Vec::new(),
            open_windows: [false; WINDOWS],
            suspended: [false; 2],
            gave_up: false,
        }
    }

    pub(super) fn write(mut self) -> Vec<Acknowledged> {
        while !self.ground.is_over() && !self.gave_up {
            match self.rng.u8(0..10) {
                0..3 => self.writes_a_matter(),
                3..5 => self.has_a_window(),
                5..8 => self.agrees(),
                _ => self.suspends_or_resumes(),
            }
            thread::sleep(Duration::from_millis(self.rng.u64(5..60)));
        }
        self.acknowledged
    }

    /// A unique text.
    fn token(&mut self) -> String {
        self.tokens += 1;
        format!("{}/{}/{}", self.ground.plan.seed, self.at, self.tokens)
    }

    /// All fields that one mutation changes have related values.
    fn writes_a_matter(&mut self) {
        let token = self.token();
        let input = |code: &str, more: &str| {
            format!(
                r#"code: "{code}", name: "事项 {token}", aliases: ["别名 {token}"], leadDepartment: "部门 {token}", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON]{more}"#
            )
        };
        if self.rng.u8(0..4) == 0 {
            // All writers write this one.
            self.acts("reviseMatter", &self.ground.steward, &input(REPLACING, ""), "", &token);
        } else if self.matters.len() < MOST_MATTERS && self.rng.bool() {
            let code = format!("9{:03}{:08}", self.at, self.matters.len());
            if let Some(payload) = self.acts("registerMatter", &self.ground.steward, &input(&code, ""), "", &token) {
                self.matters.push(Matter { code, revision: revision(&payload) });
            }
        } else if !self.matters.is_empty() {
            let at = self.rng.usize(0..self.matters.len());
            let Matter { code, revision: expected } = &self.matters[at];
            let input = input(code, &format!(", expectedRevision: {expected}"));
            if let Some(payload) = self.acts("reviseMatter", &self.ground.steward, &input, "", &token) {
                self.matters[at].revision = revision(&payload);
            }
        }
    }

    fn has_a_window(&mut self) {
        let token = self.token();
        let at = self.rng.usize(0..WINDOWS);
        let named = format!(r#"district: "{}", name: "窗口 {at}""#, self.pair.districts[0]);
        let key = &self.pair.keys[0];
        if self.open_windows[at] && self.rng.u8(0..4) == 0 {
            if self.acts("closeWindow", key, &format!(r#"{named}, reason: "{token}""#), "", &token).is_some() {
                self.open_windows[at] = false;
            }
        } else if self
            .acts(
                "registerWindow",
                key,
                &format!(r#"{named}, address: "{token}", hours: "{token}", phone: "{token}""#),
                "",
                &token,
            )
            .is_some()
        {
            self.open_windows[at] = true;
        }
    }

    /// Takes one of the agreements a step further, or begins one.
    fn agrees(&mut self) {
        if self.agreements.is_empty() || self.agreements.len() < MOST_AGREEMENTS && self.rng.bool() {
            return self.drafts();
        }
        let at = self.rng.usize(0..self.agreements.len());
        let Agreement { number, title, stage } = self.agreements.swap_remove(at);
        let [(one, key), (other, other_key)] = self.sides();
        let version = format!(r#"number: "{number}", version: 1"#);
        let stage = match stage {
            Stage::Draft if self.rng.u8(0..5) == 0 => {
                self.acts("discardDraft", key, &version, "", "");
                return;
            }
            Stage::Draft if self.rng.u8(0..4) == 0 => {
                let title = format!("协议 {}", self.token());
                let input = format!(
                    r#"number: "{number}", version: 1, baseVersion: 0, proposer: "{one}", {}"#,
                    self.agreed(&title)
                );
                if self.acts("reviseDraft", key, &input, "", &title).is_some() {
                    self.agreements.push(Agreement { number, title, stage: Stage::Draft });
                }
                return;
            }
            Stage::Draft => {
                let input = format!(r#"{version}, answerBy: "{}""#, far_off());
                let payload = self.acts("proposeVersion", key, &input, "version { digest }", &title);
                payload.map(|payload| Stage::Proposed {
                    digest: payload["version"]["digest"].as_str().unwrap_or_default().to_owned(),
                })
            }
            Stage::Proposed { digest } => {
                let input = format!(r#"{version}, digest: "{digest}", party: "{one}""#);
                self.acts("signVersion", key, &input, "", &title).map(|_| Stage::SignedOnce { digest })
            }
            Stage::SignedOnce { digest } => {
                let input = format!(r#"{version}, digest: "{digest}", party: "{other}""#);
                let payload = self.acts("signVersion", other_key, &input, "agreement { standing }", &title);
                if payload.is_some_and(|payload| payload["agreement"]["standing"] != "IN_FORCE") {
                    self.ground.broke(format!("{number} is signed by all and not in force"));
                }
                return;
            }
        };
        if let Some(stage) = stage {
            self.agreements.push(Agreement { number, title, stage });
        }
    }

    fn drafts(&mut self) {
        let title = format!("协议 {}", self.token());
        let [(one, key), _] = self.sides();
        let input = format!(r#"proposer: "{one}", {}"#, self.agreed(&title));
        if let Some(payload) = self.acts("draftAgreement", key, &input, "agreement { number title }", &title) {
            if payload["agreement"]["title"] != *title {
                self.ground.broke(format!("{title} was drafted, and this came back: {payload}"));
            }
            let number = payload["agreement"]["number"].as_str().unwrap_or_default().to_owned();
            self.agreements.push(Agreement { number, title, stage: Stage::Draft });
        }
    }

    fn agreed(&self, title: &str) -> String {
        let [(one, _), (other, _)] = self.sides();
        let schedule = format!(r#"[{{ key: "1", matters: ["{REPLACING}"], mode: FULL_ONLINE }}]"#);
        format!(
            r#"title: "{title}", parties: [{{ district: "{one}" }}, {{ district: "{other}" }}], schedule: {schedule}"#
        )
    }

    fn suspends_or_resumes(&mut self) {
        let token = self.token();
        let side = self.rng.usize(0..2);
        let (district, key) = self.sides()[side];
        let party = format!(r#"number: "{}", party: "{district}""#, self.pair.number);
        let is_done = if self.suspended[side] {
            self.acts("resumeAgreement", key, &party, "", &self.pair.number)
        } else {
            self.acts("suspendAgreement", key, &format!(r#"{party}, reason: "{token}""#), "", &token)
        };
        if is_done.is_some() {
            self.suspended[side] = !self.suspended[side];
        }
    }

    /// Each district with its key.
    fn sides(&self) -> [(&'a str, &'a str); 2] {
        [0, 1].map(|side| (self.pair.districts[side].as_str(), self.pair.keys[side].as_str()))
    }

    /// Runs a mutation once and returns the payload, with retries until there is an answer.
    fn acts(&mut self, mutation: &'static str, secret: &str, input: &str, asked: &str, token: &str) -> Option<Value> {
        self.keys += 1;
        let key = format!("{}/{}", self.at, self.keys);
        let query = format!(
            r#"mutation {{ {mutation}(input: {{ {input}, idempotencyKey: "{key}" }}) {{ revision problems {{ code rule message }} {asked} }} }}"#
        );
        let ground = self.ground;
        let mut at = self.rng.usize(0..2);
        let mut over_since = None;
        loop {
            let gateway = &ground.gateways[at];
            let answer = gateway.ask(secret, &query, None, IMPATIENCE);
            let code = answer.as_ref().and_then(|answer| answer["errors"][0]["extensions"]["code"].as_str());
            match (&answer, code) {
                (Some(answer), None) => {
                    let payload = &answer["data"][mutation];
                    let Some(revision) = payload["revision"].as_u64() else {
                        ground.broke(format!("{mutation} {input}: {answer}"));
                        return None;
                    };
                    // Later requests here must see it.
                    gateway.sees(revision);
                    ground.acknowledged(revision);
                    self.acknowledged.push(Acknowledged { revision, mutation, token: token.to_owned() });
                    return Some(payload.clone());
                }
                // It is unknown whether it was done.
                (None, _) | (Some(_), Some("UNAVAILABLE" | "TIMEOUT")) => {}
                (Some(answer), Some(_)) => {
                    ground.broke(format!("{mutation} {input}: {answer}"));
                    return None;
                }
            }
            count(&ground.counted.repeated);
            if ground.is_over() && over_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                ground.broke(format!("{mutation} {input} is not answered, though everything runs again"));
                self.gave_up = true;
                return None;
            }
            thread::sleep(Duration::from_millis(self.rng.u64(50..250)));
            at = 1 - at;
        }
    }
}

fn revision(payload: &Value) -> u64 {
    payload["revision"].as_u64().unwrap_or_default()
}

/// A day far in the future.
fn far_off() -> String {
    (registry::clock::now().date_naive() + chrono::Days::new(30)).to_string()
}
