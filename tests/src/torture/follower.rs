//! A mirror: it pages through the feed at either gateway, continues where it was, and keeps the newest line of each
//! record.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::Value;

use super::{Ground, PATIENCE, count};

const IMPATIENCE: Duration = Duration::from_secs(4);

pub(super) struct Follower<'a> {
    ground: &'a Ground,
    pub(super) name: String,
    pub(super) secret: &'a str,
    /// It sees every change, so it can check that there are no others.
    sees_all: bool,
    rng: Rng,
    since: u64,
    /// The last entry that was read; 0: none.
    last: u64,
    digest: Value,
    records: BTreeMap<String, Value>,
}

impl<'a> Follower<'a> {
    /// Two stewards, an anonymous caller, and a district.
    pub(super) fn all(ground: &'a Ground) -> Vec<Self> {
        let new = |at: u64, name: &str, secret: &'a str| Self {
            ground,
            name: name.to_owned(),
            secret,
            sees_all: secret == ground.steward,
            rng: Rng::with_seed(ground.plan.seed.wrapping_mul(1_000).wrapping_add(900 + at)),
            since: 0,
            last: 0,
            digest: Value::Null,
            records: BTreeMap::new(),
        };
        let district = &ground.pairs[0];
        vec![
            new(0, "the steward's mirror", &ground.steward),
            new(1, "the other mirror of a steward", &ground.steward),
            new(2, "everybody's mirror", ""),
            new(3, "a district's mirror", &district.keys[0]),
        ]
    }

    /// Follows until the end and returns the mirror.
    pub(super) fn follow(mut self) -> Self {
        let mut over_since = None;
        loop {
            let end = self.ground.end.load(Ordering::SeqCst);
            if end > 0 && self.since >= end {
                return self;
            }
            if end > 0 && over_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                self.ground.broke(format!("{} is at revision {} still, and the end is {end}", self.name, self.since));
                return self;
            }
            if self.rng.u8(0..40) == 0 {
                self.begins_anew();
            }
            self.reads_a_page();
            thread::sleep(Duration::from_millis(self.rng.u64(20..150)));
        }
    }

    /// Starts again from nothing.
    fn begins_anew(&mut self) {
        (self.since, self.last, self.digest) = (0, 0, Value::Null);
        self.records.clear();
    }

    fn reads_a_page(&mut self) {
        let first = self.rng.u8(1..=100);
        let query = format!(
            "{{ changes(since: {}, first: {first}) {{ readThrough edges {{ previousRevision node {{ revision kind recordId document digest previous }} }} }} }}",
            self.since
        );
        let gateway = &self.ground.gateways[self.rng.usize(0..2)];
        let Some(mut answer) = gateway.ask(self.secret, &query, None, IMPATIENCE) else { return };
        match answer["errors"][0]["extensions"]["code"].as_str() {
            None => {}
            Some("UNAVAILABLE" | "TIMEOUT") => return,
            Some(_) => return self.ground.broke(format!("{}: {query}: {answer}", self.name)),
        }
        count(&self.ground.counted.pages);
        let mut page = answer["data"]["changes"].take();
        for mut edge in page["edges"].as_array_mut().map(std::mem::take).unwrap_or_default() {
            if !self.takes(&mut edge) {
                return;
            }
        }
        match page["readThrough"].as_u64() {
            Some(through) if through >= self.last => self.since = through,
            _ => self.ground.broke(format!(
                "{} is at {}, and its page is complete up to {}",
                self.name, self.last, page["readThrough"]
            )),
        }
    }

    /// Applies an entry if it is the next one.
    fn takes(&mut self, edge: &mut Value) -> bool {
        let mut node = edge["node"].take();
        let revision = node["revision"].as_u64().unwrap_or_default();
        let follows = edge["previousRevision"].as_u64().unwrap_or_default() == self.last
            && revision > self.since
            && (!self.sees_all || revision == self.last + 1 && node["previous"] == self.digest);
        if !follows {
            self.ground.broke(format!(
                "{} has read up to {} (since {}), and this comes next: {edge} {node}",
                self.name, self.last, self.since
            ));
            self.begins_anew();
            return false;
        }
        self.ground.sees_digest(revision, &node["digest"]);
        self.last = revision;
        self.digest = node["digest"].take();
        let id = node["recordId"].as_str().unwrap_or_default().to_owned();
        // API keys are records, but not part of an export.
        if node["kind"] != "API_KEY" {
            match node["document"].take() {
                Value::Null => self.records.remove(&id),
                mut document => {
                    // Exports add them to each line.
                    document["id"] = node["recordId"].take();
                    document["revision"] = revision.into();
                    self.records.insert(id, document)
                }
            };
        }
        true
    }

    /// The records as sorted lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.records.values().map(Value::to_string).collect();
        lines.sort_unstable();
        lines
    }
}
