//! Imports files, all or nothing. Files are read once to find all problems, without the head lock, and once more to
//! write, in one transaction.

mod agreements;
mod batch;
mod breaks;
mod cells;
mod check;
mod columns;
mod fault;
mod faulty;
mod format;
mod json;
mod lines;
mod plan;
mod value;
mod write;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Revision;
use domain::record::Submitted;
use sea_orm::DatabaseTransaction;

use batch::{Batches, Clauses, Item};
pub use fault::Fault;
use fault::Faults;
pub use plan::Skipped;
use plan::{Kind, Plan};

use crate::error::Result;
use crate::head::Head;
use crate::store::Store;
use crate::work::{Tally, WorkMode, WriteContext};

/// Whether an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Dry run: reports what an import would do.
    Check,
    Write,
}

/// The result of an import, or why nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Lines with a record or a clause.
    pub read: u64,
    pub registered: u64,
    pub revised: u64,
    pub unchanged: u64,
    /// In the order of files and lines; at most a thousand.
    pub faults: Vec<Fault>,
    pub fault_count: u64,
    /// Possible mistakes that do not prevent the import, listed like the faults.
    pub warnings: Vec<Fault>,
    pub warning_count: u64,
    pub skipped: Skipped,
    /// The revision after the import.
    pub revision: Revision,
}

/// Progress of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub step: Step,
    pub done: u64,
    pub of: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Counted in bytes.
    Reading,
    /// Counted in records.
    Checking,
    /// Counted in records.
    Writing,
}

/// Called with the progress.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// After this many changes the planner's statistics are updated.
const ANALYZE_AFTER: u64 = 10_000;
const ACTOR: &str = "import";

/// Imports files into the registry.
pub async fn import(store: &Store, files: &[PathBuf], mode: Mode, now: DateTime<Utc>, progress: OnProgress<'_>) -> Result<Report> {
    let (plan, faults) = Plan::read(files, progress).await?;
    let plan = Arc::new(plan);
    let mut stored = None;
    loop {
        let tx = store.reading().await?;
        let base = Head::read(&tx).await?.revision;
        let checked = check::check(&tx, &plan, faults.clone(), write::today(now), progress).await?;
        drop::<DatabaseTransaction>(tx);
        if !checked.faults.is_empty() {
            return Ok(report(&plan, base, Tally::default(), checked.faults, checked.warnings));
        }
        let by = WriteContext { actor: ACTOR.to_owned(), on_behalf_of: None, now, today: write::today(now) };
        let mut work = match (mode, stored.take()) {
            (Mode::Check, _) => store.begin_with(by, WorkMode::DryRun).await?,
            (Mode::Write, Some(work)) => work,
            (Mode::Write, None) => store.begin_with(by, WorkMode::Discard).await?,
        };
        if mode == Mode::Write && work.base() != base {
            // Another writer was faster: check again while holding the head lock.
            stored = Some(work);
            continue;
        }
        let tally = write::write(&mut work, &plan, checked.last_serial, now, progress).await?;
        let revision = match mode {
            Mode::Check => base,
            Mode::Write => {
                let revision = work.head().revision;
                work.commit().await?;
                if revision - base > ANALYZE_AFTER {
                    store.analyze().await;
                }
                revision
            }
        };
        return Ok(report(&plan, revision, tally, Faults::default(), checked.warnings));
    }
}

/// Parsed files, not checked against the registry and each other.
#[derive(Debug)]
pub struct ParsedFiles {
    pub records: Vec<Submitted>,
    /// In the order of files and lines; at most a thousand.
    pub faults: Vec<Fault>,
}

/// Parses files as an import does, without a registry.
pub async fn read(files: &[PathBuf]) -> Result<ParsedFiles> {
    let (plan, mut faults) = Plan::read(files, &|_| {}).await?;
    let plan = Arc::new(plan);
    let (clauses, of_clauses) = Clauses::read(&plan).await?;
    faults.append(of_clauses);
    let clauses = Arc::new(clauses);
    let mut records = Vec::new();
    for kind in Kind::OF_RECORDS {
        let mut batches = Batches::read(&plan, kind, &clauses);
        while let Some(batch) = batches.next().await? {
            faults.append(batch.faults);
            records.extend(batch.items.into_iter().filter_map(|(_, item)| match item {
                Item::Valid(line) => Some(line.record),
                Item::Faulty(_) => None,
            }));
        }
    }
    let (faults, _) = faults.listed(&plan);
    Ok(ParsedFiles { records, faults })
}

fn report(plan: &Plan, revision: Revision, tally: Tally, faults: Faults, warnings: Faults) -> Report {
    let Tally { registered, revised, unchanged } = tally;
    let (faults, fault_count) = faults.listed(plan);
    let (warnings, warning_count) = warnings.listed(plan);
    Report { read: plan.read, registered, revised, unchanged, faults, fault_count, warnings, warning_count, skipped: plan.skipped, revision }
}
