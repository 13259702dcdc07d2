//! The queries of the clients of a mixed load, and their shared state.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use fastrand::Rng;
use serde_json::Value;

use crate::server::ask;

/// The percentage of mutations.
pub(super) const WRITE_PERCENT: u8 = 5;
/// The most agreements whose matters and parties the clients ask about.
pub(super) const MAX_AGREEMENTS: usize = 2_000;
/// Districts whose windows are written.
pub(super) const OFFICES: usize = 8;
pub(super) const MAX_ERRORS: usize = 20;

/// The settings of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seconds: u64,
    pub clients: usize,
    pub seed: u64,
    /// Requests a second of all clients; `None`: each client sends the next request after an answer.
    pub rate: Option<f64>,
    /// The records; the demo's if empty.
    pub records: Vec<PathBuf>,
}

/// The questions of the clients, the most popular first.
#[derive(Debug, Default)]
pub(super) struct Workload {
    pub(super) questions: Vec<Question>,
    /// Cumulative weights.
    pub(super) sums: Vec<f64>,
    /// Districts whose windows are written, with their keys.
    pub(super) offices: Vec<(String, String)>,
    pub(super) steward: String,
}

#[derive(Debug)]
pub(super) struct Question {
    pub(super) matter: String,
    pub(super) word: String,
    pub(super) receiving: String,
    pub(super) competent: String,
}

#[derive(Debug)]
pub(super) struct LoadTest {
    pub(super) plan: Plan,
    pub(super) addresses: [String; 2],
    pub(super) workload: Workload,
    pub(super) start: Instant,
    pub(super) stopped: AtomicBool,
    pub(super) newest: AtomicU64,
    pub(super) errors: Mutex<Vec<String>>,
}

impl Workload {
    /// Reads the questions from the registered agreements.
    pub(super) fn learn(address: &str, plan: &Plan) -> Self {
        let mut rng = Rng::with_seed(plan.seed);
        let mut workload = Self::default();
        let mut after = String::new();
        let mut read = 0;
        while read < MAX_AGREEMENTS {
            let query = format!(
                "{{ agreements(standing: [IN_FORCE], first: 50{after}) {{ pageInfo {{ endCursor hasNextPage }} edges {{ node {{ inForce {{
                 parties(first: 4) {{ edges {{ node {{ district {{ code }} }} }} }}
                 schedule(first: 2) {{ edges {{ node {{ matters(first: 5) {{ edges {{ node {{ code name }} }} }} }} }} }} }} }} }} }} }}"
            );
            let answer = ask(address, "", &query).expect("it answers");
            let page = &answer["data"]["agreements"];
            let edges = page["edges"].as_array().unwrap_or_else(|| panic!("{answer}"));
            for edge in edges {
                workload.learn_agreement(&edge["node"]["inForce"], &mut rng);
            }
            read += edges.len();
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = format!(", after: {}", page["pageInfo"]["endCursor"]);
        }
        rng.shuffle(&mut workload.questions);
        assert!(!workload.questions.is_empty(), "there is an agreement in force");
        // Zipf's law: the second is asked half as often as the first, the third a third as often.
        let weights = (1..=workload.questions.len()).scan(0.0, |sum, rank| {
            *sum += 1.0 / rank as f64;
            Some(*sum)
        });
        workload.sums = weights.collect();
        let mut offices: Vec<String> = workload.questions.iter().map(|question| question.receiving.clone()).collect();
        offices.sort_unstable();
        offices.dedup();
        offices.truncate(OFFICES);
        workload.offices = offices.into_iter().map(|code| (code, String::new())).collect();
        workload
    }

    pub(super) fn learn_agreement(&mut self, version: &Value, rng: &mut Rng) {
        let nodes = |value: &Value| -> Vec<Value> {
            value["edges"].as_array().into_iter().flatten().map(|edge| edge["node"].clone()).collect()
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let parties: Vec<String> =
            nodes(&version["parties"]).iter().map(|party| text(&party["district"]["code"])).collect();
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

    pub(super) fn draw(&self, rng: &mut Rng) -> &Question {
        let drawn = rng.f64() * self.sums.last().expect("there are questions");
        &self.questions[self.sums.partition_point(|sum| *sum <= drawn).min(self.questions.len() - 1)]
    }
}

impl LoadTest {
    pub(super) fn report_error(&self, what: &str) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        if errors.len() < MAX_ERRORS {
            errors.push(what.chars().take(1_000).collect());
        }
    }
}
