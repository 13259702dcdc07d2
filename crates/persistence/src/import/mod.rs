//! Imports files, all or nothing. Files are read once to find all problems, without the head lock, and once more to
//! write, in one transaction.

mod agreements;
mod batch;
mod breaks;
pub(crate) mod cells;
mod check;
mod columns;
pub(crate) mod fault;
mod faulty;
mod format;
mod kind;
mod lines;
mod list;
mod outcome;
mod plan;
pub(crate) mod progress;
mod stated_fields;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::calendar::day_in_china;
use domain::import::Verdict;
use domain::record::Submitted;
use domain::{Date, Matter, Message, Problem, ProblemCode, Recorded, Revision};
use exchange::memory_index::MatterNames;
use exchange::record::list::RecordList;
use exchange::record::options::Options;
use sea_orm::DatabaseTransaction;

use self::batch::{Batches, Clauses, Item};
use self::cells::Skipped;
use self::fault::{Fault, Faults, Location};
use self::kind::Kind;
use self::outcome::Outcome;
use self::plan::Plan;
use self::progress::OnProgress;
use crate::error::{Error, Result};
use crate::head::Head;
use crate::load;
use crate::store::Store;
use crate::work::context::{WorkMode, WriteContext};
use crate::work::result::Tally;

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
    /// The files that were read as lists.
    pub lists: Vec<ReadList>,
    /// What becomes of each record, if the options ask for it; in the order of files and lines.
    pub rows: Vec<RowReport>,
}

/// How to import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// How to read lists.
    pub list: Options,
    /// Whether the report has the rows.
    pub with_rows: bool,
    /// The revision that the caller has seen: of a later one nothing is written.
    pub base: Option<Revision>,
}

/// A file that was read as a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadList {
    pub file: String,
    /// `XLSX`, `CSV GB18030` …
    pub form: String,
    pub sheet: Option<String>,
    pub header_row: u32,
    pub headers: Vec<String>,
    /// The columns that have values and were not read.
    pub unread_columns: Vec<String>,
}

/// What an import does with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReport {
    pub file: String,
    pub line: u64,
    pub verdict: Verdict,
    /// The fields that change.
    pub changes: Vec<String>,
    /// The texts of the row of a list.
    pub cells: Vec<String>,
}

/// After this many changes the planner's statistics are updated.
const ANALYZE_AFTER: u64 = 10_000;
const ACTOR: &str = "import";

/// Imports files into the registry.
pub async fn import(
    store: &Store,
    files: &[PathBuf],
    mode: Mode,
    now: DateTime<Utc>,
    progress: OnProgress<'_>,
) -> Result<Report> {
    import_with(store, files, &ImportOptions::default(), mode, now, progress).await
}

/// The same, with options.
pub async fn import_with(
    store: &Store,
    files: &[PathBuf],
    options: &ImportOptions,
    mode: Mode,
    now: DateTime<Utc>,
    progress: OnProgress<'_>,
) -> Result<Report> {
    let matters = matter_names(store, day_in_china(now)).await?;
    let (plan, faults) = Plan::read(files, &options.list, matters, progress).await?;
    let plan = Arc::new(plan);
    let mut stored = None;
    loop {
        let tx = store.begin_read().await?;
        let base = Head::read(&tx).await?.revision;
        if options.base.is_some_and(|seen| seen != base) {
            return Err(Error::refused(moved(base)));
        }
        let checked = check::check(&tx, &plan, faults.clone(), day_in_china(now), progress).await?;
        drop::<DatabaseTransaction>(tx);
        if !checked.faults.is_empty() {
            let rows = if options.with_rows { rows(&plan, &checked.faults, &[]) } else { Vec::new() };
            return Ok(Report { rows, ..report(&plan, base, Tally::default(), checked.faults, checked.warnings) });
        }
        let by = WriteContext { actor: ACTOR.to_owned(), on_behalf_of: None, now, today: day_in_china(now) };
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
        let (tally, outcomes) =
            write::write(&mut work, &plan, checked.last_serial, now, progress, options.with_rows).await?;
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
        let rows = rows(&plan, &Faults::default(), &outcomes);
        return Ok(Report { rows, ..report(&plan, revision, tally, Faults::default(), checked.warnings) });
    }
}

fn moved(revision: Revision) -> Problem {
    let message = Message::new(
        format!("平台数据已更新到数据版本 {revision}，与所见的变更不同，没有写入；请重新查看"),
        format!(
            "the registry has moved on to revision {revision} since the changes were shown: nothing is written, look again"
        ),
    );
    Problem::new(ProblemCode::Stale, Vec::new(), "REGISTRY_MOVED", message)
}

/// The matters of the registry that a list may name.
async fn matter_names(store: &Store, today: Date) -> Result<MatterNames> {
    let tx = store.begin_read().await?;
    let mut matters = Vec::new();
    load::each(&tx, |matter: Recorded<Matter>| matters.push(matter.record)).await?;
    let is_current = |matter: &&Matter| matter.retired_on.is_none_or(|day| day > today);
    Ok(MatterNames::new(matters.iter().filter(is_current)))
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
    let (plan, mut faults) = Plan::read(files, &Options::default(), MatterNames::default(), &|_| {}).await?;
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
    let (faults, _) = faults.listed(&plan.paths());
    Ok(ParsedFiles { records, faults })
}

fn report(plan: &Plan, revision: Revision, tally: Tally, faults: Faults, warnings: Faults) -> Report {
    let Tally { registered, revised, unchanged } = tally;
    let (faults, fault_count) = faults.listed(&plan.paths());
    let (warnings, warning_count) = warnings.listed(&plan.paths());
    Report {
        read: plan.read,
        registered,
        revised,
        unchanged,
        faults,
        fault_count,
        warnings,
        warning_count,
        skipped: plan.skipped,
        revision,
        lists: read_lists(plan),
        rows: Vec::new(),
    }
}

fn read_lists(plan: &Plan) -> Vec<ReadList> {
    let list = |(file, list): (usize, &RecordList)| ReadList {
        file: plan.path(file).display().to_string(),
        form: list.form.to_string(),
        sheet: list.sheet.clone(),
        header_row: list.header_row,
        headers: list.columns.iter().map(|column| column.header.clone()).collect(),
        unread_columns: list.unread_columns(),
    };
    plan.lists().map(list).collect()
}

/// The rows of the report: those at fault, and what becomes of the others. With a fault in some row the others are not
/// predicted, but those of lists are there, so that the file can be corrected in its report.
fn rows(plan: &Plan, faults: &Faults, outcomes: &[Outcome]) -> Vec<RowReport> {
    let mut rows: BTreeMap<Location, RowReport> = BTreeMap::new();
    let row = |at: Location, verdict, changes: &[String]| RowReport {
        file: plan.path(at.file()).display().to_string(),
        line: at.line(),
        verdict,
        changes: changes.to_vec(),
        cells: Vec::new(),
    };
    for outcome in outcomes {
        rows.insert(outcome.at, row(outcome.at, outcome.verdict, &outcome.changes));
    }
    for at in faults.places() {
        rows.insert(at, row(at, Verdict::Error, &[]));
    }
    for (file, list) in plan.lists() {
        for listed in &list.rows {
            let at = Location::new(file, listed.row.into());
            rows.entry(at).or_insert_with(|| row(at, Verdict::Skip, &[])).cells.clone_from(&listed.cells);
        }
    }
    rows.into_values().collect()
}
