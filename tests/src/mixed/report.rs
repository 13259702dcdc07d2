//! The measurements of a mixed load.

use std::collections::BTreeMap;
use std::process::Command;

use crate::tongban;

/// The report of a run.
#[derive(Debug)]
pub struct Report {
    pub(super) minutes: BTreeMap<u64, Minute>,
    pub(super) all: Minute,
    pub(super) errors: Vec<String>,
    pub(super) records: String,
    pub(super) revision: u64,
}

/// The duration of answers, in microseconds, and the memory of each gateway, in KiB.
#[derive(Debug, Default, Clone)]
pub(super) struct Minute {
    pub(super) took: BTreeMap<Kind, Vec<u32>>,
    pub(super) memory: [Vec<u64>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Read,
    Write,
    /// The first read after an own write, at the other gateway.
    ReadElsewhere,
}

impl Kind {
    pub(super) const ALL: [(Self, &str); 3] =
        [(Self::Read, "reads"), (Self::Write, "writes"), (Self::ReadElsewhere, "own write read at the other gateway")];
}

/// The most growth of memory from the third to the last minute.
pub(super) const MAX_MEMORY_GROWTH: f64 = 1.05;

pub(super) fn percentile(sorted: &[u32], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).map_or(0.0, |micros| f64::from(*micros) / 1e3)
}

pub(super) fn median(figures: &[u64]) -> u64 {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

impl Report {
    pub(super) fn new(mut minutes: BTreeMap<u64, Minute>, records: String, revision: u64) -> Self {
        let mut all = Minute::default();
        for minute in minutes.values_mut() {
            for (kind, took) in &mut minute.took {
                took.sort_unstable();
                all.took.entry(*kind).or_default().extend_from_slice(took);
            }
        }
        all.took.values_mut().for_each(|took| took.sort_unstable());
        let mut report = Self { minutes, all, errors: Vec::new(), records, revision };
        report.check_memory();
        report
    }

    pub(super) fn check_memory(&mut self) {
        let Some((last, first)) = self.minutes.values().next_back().zip(self.minutes.get(&2)) else { return };
        for gateway in 0..2 {
            let (before, after) = (median(&first.memory[gateway]), median(&last.memory[gateway]));
            if after as f64 > before as f64 * MAX_MEMORY_GROWTH {
                self.errors.push(format!(
                    "gateway {gateway} grows: {before} KiB in the third minute, {after} KiB in the last"
                ));
            }
        }
    }

    pub(super) fn verified(&mut self, url: &str) {
        let mut verify: Command = tongban();
        let output = verify.args(["--locale", "en", "verify", "--database", url]).output().expect("it runs");
        if !output.status.success() {
            self.errors.push(format!("tongban verify: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }

    pub fn is_ok(&self) -> bool {
        self.errors.is_empty()
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
            writeln!(
                to,
                "| {} | {} | {reads} | {writes} | {} {} |",
                nth + 1,
                acts / seconds,
                mib(&minute.memory[0]),
                mib(&minute.memory[1])
            )?;
        }
        writeln!(to)?;
        for (kind, name) in Kind::ALL {
            let took = self.all.took.get(&kind);
            writeln!(to, "{name}: {}, p50 p99 p99.9 {} ms", took.map_or(0, Vec::len), told(took))?;
        }
        writeln!(to, "revision {}; {} things went wrong", self.revision, self.errors.len())?;
        for what in &self.errors {
            writeln!(to, "WRONG: {what}")?;
        }
        Ok(())
    }
}
