//! A reader that checks that each answer is consistent.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use serde_json::Value;

use super::{Ground, RENEWING, count, locked};

const IMPATIENCE: Duration = Duration::from_secs(4);

pub(super) struct Reader<'a> {
    ground: &'a Ground,
    rng: Rng,
}

impl<'a> Reader<'a> {
    pub(super) fn new(ground: &'a Ground, at: usize) -> Self {
        Self { ground, rng: Rng::with_seed(ground.plan.seed.wrapping_mul(1_000).wrapping_add(500 + at as u64)) }
    }

    pub(super) fn read(mut self) {
        while !self.ground.is_over() {
            match self.rng.u8(0..3) {
                0 => self.reads_all(),
                1 => self.reads_an_agreement(),
                _ => self.reads_the_newest_change(),
            }
            thread::sleep(Duration::from_millis(self.rng.u64(10..60)));
        }
    }

    /// Queries, sometimes for a revision acknowledged elsewhere; queries from memory must always be answered.
    fn asks(&mut self, secret: &str, query: &str) -> Option<Value> {
        let ground = self.ground;
        let gateway = &ground.gateways[self.rng.usize(0..2)];
        let from = self.rng.bool().then(|| ground.newest.load(Ordering::SeqCst));
        let seen = gateway.seen();
        let answer = gateway.ask(secret, query, from, IMPATIENCE);
        count(&ground.counted.questions);
        let Some(answer) = answer else {
            count(&ground.counted.unanswered);
            return None;
        };
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        if code == Some("UNAVAILABLE") && (from.is_some() || !secret.is_empty()) {
            count(&ground.counted.unanswered);
            return None;
        }
        let Some(revision) = answer["extensions"]["revision"].as_u64().filter(|_| code.is_none()) else {
            ground.broke(format!("{query}: {answer}"));
            return None;
        };
        if revision < seen {
            ground.broke(format!("a gateway went back from revision {seen} to {revision}"));
        }
        if let Some(from) = from.filter(|from| revision < *from) {
            ground.broke(format!("revision {from} or later was asked for, and {revision} answered"));
        }
        gateway.sees(revision);
        if answer["data"]["registry"]["revision"].as_u64() != Some(revision) {
            ground.broke(format!("the answer of revision {revision} is from another: {answer}"));
        }
        Some(answer["data"].clone())
    }

    /// Counts and lists, and everything that one mutation wrote.
    fn reads_all(&mut self) {
        let district = &self.ground.pairs[self.rng.usize(0..self.ground.pairs.len())].districts[0];
        let query = format!(
            r#"{{ registry {{ revision counts {{ districts matters agreements }} }} districts {{ totalCount }} agreements {{ totalCount }}
                matters(first: 100) {{ totalCount edges {{ node {{ code revision name aliases leadDepartment }} }} }}
                district(code: "{district}") {{ windows {{ edges {{ node {{ revision address hours phone }} }} }} }} }}"#
        );
        let Some(told) = self.asks("", &query) else { return };
        for list in ["districts", "matters", "agreements"] {
            if told["registry"]["counts"][list] != told[list]["totalCount"] {
                self.ground.broke(format!(
                    "{list} are counted as {} and {}",
                    told["registry"]["counts"][list], told[list]["totalCount"]
                ));
            }
        }
        let newest = told["registry"]["revision"].as_u64().unwrap_or_default();
        for matter in nodes(&told["matters"]) {
            let revision = matter["revision"].as_u64().unwrap_or(u64::MAX);
            let name = matter["name"].as_str().unwrap_or_default();
            let is_whole = name.strip_prefix("事项 ").is_none_or(|token| {
                matter["aliases"][0].as_str().and_then(|alias| alias.strip_prefix("别名 ")) == Some(token)
                    && matter["leadDepartment"].as_str().and_then(|department| department.strip_prefix("部门 "))
                        == Some(token)
            });
            if !is_whole || revision > newest {
                self.ground.broke(format!("a matter is torn at revision {newest}: {matter}"));
            }
            let place = (matter["code"].as_str().unwrap_or_default().to_owned(), revision);
            let first = locked(&self.ground.names).entry(place).or_insert_with(|| name.to_owned()).clone();
            if first != name {
                self.ground.broke(format!("{matter} was {first} at the same revision"));
            }
        }
        for window in nodes(&told["district"]["windows"]) {
            if window["address"] != window["hours"]
                || window["address"] != window["phone"]
                || window["revision"].as_u64() > Some(newest)
            {
                self.ground.broke(format!("a window is torn at revision {newest}: {window}"));
            }
        }
    }

    /// An agreement that is suspended and resumed: standing, suspending party, lists, and the handling question.
    fn reads_an_agreement(&mut self) {
        let pair = &self.ground.pairs[self.rng.usize(0..self.ground.pairs.len())];
        let ([receiving, competent], number) = (&pair.districts, &pair.number);
        let sides = format!(r#"receiving: "{receiving}", competent: "{competent}""#);
        let query = format!(
            r#"{{ registry {{ revision }} agreement(number: "{number}") {{ standing suspensions {{ until }} }}
                agreements(party: ["{receiving}"], standing: [SUSPENDED]) {{ edges {{ node {{ number }} }} }}
                handling(matter: "{RENEWING}", {sides}) {{ answer revision }}
                availableMatters({sides}) {{ edges {{ node {{ code }} }} }} }}"#
        );
        let Some(told) = self.asks("", &query) else { return };
        let agreement = &told["agreement"];
        let facts = [
            agreement["standing"] == "SUSPENDED",
            // Two parties: a suspension leaves fewer than two.
            agreement["suspensions"]
                .as_array()
                .is_some_and(|all| all.iter().any(|suspension| suspension["until"].is_null())),
            nodes(&told["agreements"]).any(|listed| listed["number"] == **number),
            told["handling"]["answer"] != "AVAILABLE",
            !nodes(&told["availableMatters"]).any(|matter| matter["code"] == RENEWING),
        ];
        let agree =
            facts.iter().all(|fact| *fact == facts[0]) && told["handling"]["revision"] == told["registry"]["revision"];
        if !agree {
            self.ground.broke(format!("an agreement is torn, {facts:?}: {told}"));
        }
    }

    /// The snapshot and the journal in the database.
    fn reads_the_newest_change(&mut self) {
        let query =
            "{ registry { revision head } changes(last: 1) { readThrough edges { node { revision digest } } } }";
        let Some(told) = self.asks(&self.ground.steward, query) else { return };
        let (registry, changes) = (&told["registry"], &told["changes"]);
        let newest = &changes["edges"][0]["node"];
        if newest["revision"] != registry["revision"]
            || changes["readThrough"] != registry["revision"]
            || newest["digest"] != registry["head"]
        {
            self.ground.broke(format!("the newest change is not what is answered from: {told}"));
        }
        self.ground.sees_digest(registry["revision"].as_u64().unwrap_or_default(), &registry["head"]);
    }
}

/// The records of a page.
fn nodes(list: &Value) -> impl Iterator<Item = &Value> {
    list["edges"].as_array().into_iter().flatten().map(|edge| &edge["node"])
}
