//! Writers, readers and followers on two gateways over one PostgreSQL, while gateways and database are killed, paused
//! and restarted. At the end no acknowledged write is lost or duplicated, the chain holds, both gateways and all
//! followers agree, and no client has seen a partial mutation or a revision that went back.

mod fault;
mod follower;
mod gateway;
mod reader;
mod writer;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::tongban;
use fault::Faults;
use follower::Follower;
use gateway::Gateway;
use reader::Reader;
use writer::{Acknowledged, Writer};

const WRITERS: usize = 6;
const READERS: usize = 4;
const RENEWING: &str = "000109001000";
const REPLACING: &str = "000109002000";
/// Time for the last mutations to be answered and the followers to catch up, once everything runs again.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest time without any acknowledged mutation: recovery is faster and automatic.
const STANDSTILL: Duration = Duration::from_secs(30);
/// More of them give no further information.
const MOST_BROKEN: usize = 20;

/// The settings of a run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seconds: u64,
    pub seed: u64,
    /// Prints progress.
    pub tells: bool,
}

/// Two districts with an agreement, used by one writer only.
#[derive(Debug)]
struct Pair {
    districts: [String; 2],
    keys: [String; 2],
    /// The agreement that is suspended and resumed, with a matter that no other agreement of the two has.
    number: String,
}

/// State that all tasks share, with what they have seen.
#[derive(Debug)]
struct Ground {
    plan: Plan,
    cluster: Cluster,
    gateways: [Gateway; 2],
    steward: String,
    pairs: Vec<Pair>,
    /// No task begins anything new.
    is_over: AtomicBool,
    /// The revision at which followers end; 0: not known yet.
    end: AtomicU64,
    /// The newest acknowledged revision.
    newest: AtomicU64,
    /// For each revision the digest that was seen first.
    digests: Mutex<BTreeMap<u64, String>>,
    /// For each matter and revision the name that was seen first.
    names: Mutex<BTreeMap<(String, u64), String>>,
    pace: Mutex<Pace>,
    counted: Counted,
    broken: Mutex<Vec<String>>,
}

/// Times of the acknowledgements.
#[derive(Debug)]
struct Pace {
    last: Instant,
    longest: Duration,
}

#[derive(Debug, Default)]
struct Counted {
    acts: AtomicU64,
    repeated: AtomicU64,
    questions: AtomicU64,
    unanswered: AtomicU64,
    pages: AtomicU64,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Runs it: returns a summary, or the failures with the seed.
pub fn torture(plan: Plan) -> Result<String, String> {
    let ground = Ground::new(plan);
    let before = ground.newest.load(Ordering::Relaxed);
    let mut faults = Faults::new(&ground);
    let (acknowledged, folded) = thread::scope(|scope| {
        let ground = &ground;
        let writers: Vec<_> = (0..WRITERS).map(|at| scope.spawn(move || Writer::new(ground, at).write())).collect();
        let readers: Vec<_> = (0..READERS).map(|at| scope.spawn(move || Reader::new(ground, at).read())).collect();
        let followers: Vec<_> =
            Follower::all(ground).into_iter().map(|follower| scope.spawn(move || follower.follow())).collect();
        faults.befall();
        ground.is_over.store(true, Ordering::Relaxed);
        let acknowledged: Vec<Acknowledged> =
            writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect();
        for reader in readers {
            reader.join().expect("a reader");
        }
        ground.end.store(ground.newest.load(Ordering::Relaxed), Ordering::Relaxed);
        let folded: Vec<Follower<'_>> =
            followers.into_iter().map(|follower| follower.join().expect("a follower")).collect();
        (acknowledged, folded)
    });
    ground.same_everywhere(&folded);
    ground.nothing_lost_or_doubled(before, &acknowledged);
    ground.verified();
    let broken = locked(&ground.broken);
    let summary = ground.summary(&faults, folded.len());
    if broken.is_empty() {
        Ok(format!("{summary}. Nothing is lost, doubled or torn."))
    } else {
        Err(format!("{summary}.\nBROKEN, with the seed {}:\n- {}", plan.seed, broken.join("\n- ")))
    }
}

impl Ground {
    fn new(plan: Plan) -> Self {
        let cluster = Cluster::new();
        let program = tongban().get_program().to_owned();
        let said = |arguments: &[&str]| {
            let output =
                Command::new(&program).args(arguments).args(["--database", &cluster.url()]).output().expect("it runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text").trim().to_owned()
        };
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("records.ndjson");
        std::fs::write(&file, records()).expect("a file");
        said(&["import", &file.display().to_string()]);
        let key = |role: &[&str], name: &str| said(&[&["key", "issue", "--name", name], role].concat());
        let steward = key(&["--role", "steward"], "torture");
        let pairs = (0..WRITERS).map(|writer| {
            let districts = pair(writer);
            let keys = districts
                .each_ref()
                .map(|district| key(&["--role", "registrar,signatory", "--district", district], district));
            // An import assigns numbers in the order of the lines.
            Pair { districts, keys, number: format!("TB-2021-{:06}", writer + 1) }
        });
        let pairs = pairs.collect();
        let gateways = [0, 1].map(|_| Gateway::start(&program, &cluster.url()));
        let ground = Self {
            plan,
            gateways,
            steward,
            pairs,
            is_over: AtomicBool::new(false),
            end: AtomicU64::new(0),
            newest: AtomicU64::new(0),
            digests: Mutex::default(),
            names: Mutex::default(),
            pace: Mutex::new(Pace { last: Instant::now(), longest: Duration::ZERO }),
            counted: Counted::default(),
            broken: Mutex::default(),
            cluster,
        };
        let told = ground.gateways[0].ask("", "{ registry { revision } }", None, PATIENCE).expect("it answers");
        ground.newest.store(told["data"]["registry"]["revision"].as_u64().expect("a revision"), Ordering::Relaxed);
        ground
    }

    /// Records a failure.
    fn broke(&self, what: impl Into<String>) {
        let what = what.into();
        self.tell(&format!("BROKEN: {what}"));
        let mut broken = locked(&self.broken);
        if broken.len() < MOST_BROKEN {
            broken.push(what);
        }
    }

    fn tell(&self, what: &str) {
        if self.plan.tells {
            drop(writeln!(std::io::stderr(), "{what}"));
        }
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Records an acknowledged revision.
    fn acknowledged(&self, revision: u64) {
        count(&self.counted.acts);
        self.newest.fetch_max(revision, Ordering::Relaxed);
        let mut pace = locked(&self.pace);
        pace.longest = pace.longest.max(pace.last.elapsed());
        pace.last = Instant::now();
    }

    /// Checks that all tasks see the same digest at a revision.
    fn sees_digest(&self, revision: u64, digest: &Value) {
        let digest = digest.as_str().unwrap_or_default();
        let mut digests = locked(&self.digests);
        let first = digests.entry(revision).or_insert_with(|| digest.to_owned());
        if first != digest {
            let first = first.clone();
            drop(digests);
            self.broke(format!("revision {revision} has the digests {first} and {digest}"));
        }
    }

    /// Checks that both gateways agree, and each follower with what its credential sees there.
    fn same_everywhere(&self, followers: &[Follower<'_>]) {
        let end = self.newest.load(Ordering::Relaxed);
        for follower in followers {
            let exports = self.gateways.each_ref().map(|gateway| gateway.export(follower.secret, end, PATIENCE));
            let [Some(one), Some(other)] = exports else {
                self.broke("a gateway does not export in the end");
                continue;
            };
            if one != other {
                self.broke(format!(
                    "{}: the gateways export differently: {}",
                    follower.name,
                    differences(&one, &other)
                ));
            }
            let folded = follower.lines();
            if folded != one {
                self.broke(format!("{} has not what is exported: {}", follower.name, differences(&folded, &one)));
            }
        }
    }

    /// Checks that the journal contains each acknowledged mutation once, and nothing else.
    fn nothing_lost_or_doubled(&self, before: u64, acknowledged: &[Acknowledged]) {
        let mut by_revision = BTreeMap::new();
        for act in acknowledged {
            if let Some(other) = by_revision.insert(act.revision, act) {
                self.broke(format!(
                    "revision {} was acknowledged twice: {} and {}",
                    act.revision,
                    other.what(),
                    act.what()
                ));
            }
        }
        let entries = self.journal(before);
        for (revision, entry) in &entries {
            match by_revision.remove(revision) {
                Some(act) if act.is_told_by(entry) => {}
                Some(act) => {
                    self.broke(format!("revision {revision} is not what was acknowledged, {}: {entry}", act.what()));
                }
                // A new day may have begun.
                None if entry["actor"] == "clock" => {}
                None => self.broke(format!("revision {revision} was acknowledged to nobody: {entry}")),
            }
        }
        for act in by_revision.into_values() {
            self.broke(format!("revision {} was acknowledged and is lost: {}", act.revision, act.what()));
        }
        // What readers saw of a matter at a revision must be what was written with that revision.
        for ((code, revision), name) in &*locked(&self.names) {
            let entry = entries.get(revision);
            if *revision > before
                && !entry
                    .is_some_and(|entry| entry["document"]["code"] == **code && entry["document"]["name"] == **name)
            {
                self.broke(format!(
                    "somebody read {name} of {code} at revision {revision}, which nobody wrote: {entry:?}"
                ));
            }
        }
    }

    /// All entries after a revision, as a steward sees them.
    fn journal(&self, before: u64) -> BTreeMap<u64, Value> {
        let mut entries = BTreeMap::new();
        let mut since = before;
        loop {
            let query = format!(
                "{{ changes(since: {since}, first: 100) {{ edges {{ node {{ revision action actor document }} }} }} }}"
            );
            let Some(mut told) = self.gateways[0].ask(&self.steward, &query, None, PATIENCE) else {
                self.broke("the journal cannot be read in the end");
                return entries;
            };
            let edges = told["data"]["changes"]["edges"].as_array_mut().map(std::mem::take).unwrap_or_default();
            if edges.is_empty() {
                return entries;
            }
            for mut edge in edges {
                let node = edge["node"].take();
                since = node["revision"].as_u64().unwrap_or(u64::MAX);
                entries.insert(since, node);
            }
        }
    }

    fn verified(&self) {
        let mut verify = tongban();
        let output =
            verify.args(["--locale", "en", "verify", "--database", &self.cluster.url()]).output().expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        if !output.status.success() {
            self.broke(format!("tongban verify: {said}"));
        }
        self.tell(said.trim());
    }

    fn summary(&self, faults: &Faults<'_>, followers: usize) -> String {
        let Counted { acts, repeated, questions, unanswered, pages } = &self.counted;
        let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut said = format!("torture: seed {}, {} s: ", self.plan.seed, self.plan.seconds);
        // Writing to a string does not fail.
        let _ = write!(said, "{} acts acknowledged, {} times asked again; ", number(acts), number(repeated));
        let _ = write!(said, "{} questions, {} unanswered; ", number(questions), number(unanswered));
        let _ = write!(said, "{} pages read by {followers} followers; ", number(pages));
        let _ = write!(said, "faults: {}; ", faults.summary());
        let _ = write!(said, "longest without an acknowledgement {:.1} s; ", locked(&self.pace).longest.as_secs_f64());
        let _ = write!(said, "revision {}", number(&self.newest));
        said
    }
}

/// The districts that only one writer uses.
fn pair(writer: usize) -> [String; 2] {
    [1, 2].map(|side| (530_000 + writer * 2 + side).to_string())
}

/// The initial records.
fn records() -> String {
    let mut lines = Vec::new();
    for (code, name) in [(RENEWING, "居民身份证换领"), (REPLACING, "居民身份证补领")] {
        lines.push(json!({ "type": "matter", "code": code, "name": name, "domain": "PUBLIC_SECURITY", "audience": ["NATURAL_PERSON"] }));
    }
    for writer in 0..WRITERS {
        for code in pair(writer) {
            lines.push(json!({ "type": "district", "code": code, "name": format!("成员 {code}"), "kind": "COUNTY" }));
        }
        let parties = pair(writer).map(|code| json!({ "district": code }));
        let schedule = json!([{ "key": "1", "matters": [RENEWING], "mode": "FULL_ONLINE" }]);
        lines.push(json!({
            "type": "agreement", "key": writer.to_string(), "title": format!("合作协议 {writer}"), "signedOn": "2021-05-28",
            "effectiveFrom": "2021-06-01", "parties": parties, "schedule": schedule,
        }));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The first difference between two lists of lines.
fn differences(one: &[String], other: &[String]) -> String {
    let only = |these: &[String], those: &[String]| {
        these.iter().find(|line| those.binary_search(line).is_err()).cloned().unwrap_or_default()
    };
    format!(
        "{} lines and {}, first only here {}, first only there {}",
        one.len(),
        other.len(),
        only(one, other),
        only(other, one)
    )
}
