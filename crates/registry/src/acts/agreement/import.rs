//! Imports of lists into the schedule of a draft. The file is read before the unit of work begins, since that takes
//! long; the unit of work plans its rows into the draft and writes.

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use catalogue::Snapshot;
use domain::import::{Direction, Faults, Verdict};
use domain::journal::Action;
use domain::reading::{self, Reader};
use domain::{
    Agreement, AgreementClause, AgreementNumber, DistrictCode, Locale, Message, Problem, ProblemCode, Problems, Version,
};
use exchange::header::field::Field;
use exchange::memory_index::{MatterNames, PartyNames};
use exchange::schedule::entry::ScheduleCell;
use exchange::schedule::options::Options;
use exchange::schedule::plan::{Unnamed, plan};
use exchange::schedule::read::read;
use exchange::schedule::report::{Report, ScheduleRow};
use exchange::schedule::summary::summaries;
use serde_json::Value as Json;

use super::{number, party, version};
use crate::acts::import_file::{FileContent, ImportFile, of_file};
use crate::acts::write::write_with_content;
use crate::acts::writing::Writing;
use crate::acts::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::permission::authorize;
use crate::request_context::RequestContext;
use crate::workbook::current_matters;

const MUTATION: &str = "importSchedule";

/// What an import did, or would do.
#[derive(Debug, Clone)]
pub struct Imported {
    pub outcome: Outcome,
    /// `None`: the file could not be read, or the draft is not the caller's.
    pub report: Option<Arc<ScheduleImport>>,
}

/// A list and what follows from it for the draft.
#[derive(Debug)]
pub struct ScheduleImport {
    pub report: Report,
    /// The cells that are removed because the list does not name them.
    pub removed: Vec<ScheduleCell>,
}

struct Form {
    number: Option<AgreementNumber>,
    version: Option<u32>,
    party: DistrictCode,
    direction: Direction,
    faults: Faults,
    unnamed: Unnamed,
    is_dry_run: bool,
    file: Option<ImportFile<Field>>,
}

impl Form {
    fn read(r: &mut Reader<'_>, content: Option<&[u8]>, is_uploaded: bool) -> Self {
        let known = Field::ALL.map(Field::name).join(", ");
        Self {
            number: number(r),
            version: version(r),
            party: party(r),
            direction: r.optional_word("direction").unwrap_or_default(),
            faults: r.optional_word("faults").unwrap_or_default(),
            unnamed: if r.flag("replace") { Unnamed::Remove } else { Unnamed::Keep },
            is_dry_run: r.flag("dryRun"),
            file: r.object("file", |r| ImportFile::read(r, content, is_uploaded, &known)),
        }
    }
}

/// The list as it was read, for parties that had been agreed on then.
struct List {
    form: Form,
    parties: Vec<DistrictCode>,
    /// `None`: there is no content.
    report: Option<Result<Report, Problems>>,
}

/// What the act gets beside the unit of work, and where it leaves its plan.
struct Carried {
    list: Option<Arc<List>>,
    planned: Arc<Mutex<Option<ScheduleImport>>>,
}

pub async fn import_schedule(request: &RequestContext, input: Input, content: FileContent) -> Result<Imported, Error> {
    let named = input.get("party").and_then(Json::as_str).and_then(|code| code.parse().ok());
    let district = named.or(request.viewer.district);
    let may = authorize(&request.viewer, MUTATION, district, &request.snapshot, request.today).is_ok();
    let (inline, is_uploaded) = (content.inline(), content.is_uploaded());
    // Without permission nothing is read; the act below refuses it.
    let list = if may { Some(Arc::new(read_list(request, &input, content).await?)) } else { None };
    let carried = Carried { list: list.clone(), planned: Arc::default() };
    let planned = carried.planned.clone();
    let read = |r: &mut Reader<'_>, content: Option<&[u8]>| {
        // The form once more, for its problems.
        drop(Form::read(r, content, is_uploaded));
        carried
    };
    let outcome = write_with_content(request, MUTATION, (input, inline), read, async |work, carried| {
        let Some(list) = &carried.list else { return Ok(None) };
        decide(work, list, &carried.planned).await
    })
    .await?;
    let planned = planned.lock().unwrap_or_else(PoisonError::into_inner).take();
    // A repeated request is answered without a plan.
    let repeated = || list.as_ref().filter(|_| outcome.saved.is_some()).and_then(|list| planned_anew(request, list));
    let report = planned.or_else(repeated).map(Arc::new);
    Ok(Imported { outcome, report })
}

/// What was read of a list, and a row of it.
pub type ListReport = Report;
pub type ListRow = ScheduleRow;

/// A list that becomes the whole schedule of a new record.
#[derive(Debug)]
pub struct NewSchedule {
    pub report: Report,
    pub clauses: Vec<AgreementClause>,
}

/// The fields that a column of a list can give, each with its name and its label.
pub fn list_fields(locale: Locale) -> impl Iterator<Item = (&'static str, &'static str)> {
    Field::ALL.into_iter().map(move |field| (field.name(), field.label(locale)))
}

/// Reads a list for parties that have no draft, as for a record of an agreement on paper. `input` has the fields of
/// `importSchedule` that say how to read it.
pub async fn read_new_schedule(
    request: &RequestContext,
    parties: Vec<DistrictCode>,
    input: &Input,
    content: FileContent,
) -> Result<Result<NewSchedule, Problems>, Error> {
    let mut problems = Vec::new();
    let fields = Json::Object(input.clone());
    let file = reading::read(&fields, &mut problems, |r| {
        let direction = r.optional_word("direction").unwrap_or_default();
        let known = Field::ALL.map(Field::name).join(", ");
        (
            direction,
            r.object("file", |r| ImportFile::read(r, content.inline().as_deref(), content.is_uploaded(), &known)),
        )
    });
    let (direction, file) = file.expect("an input is an object");
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let Some(mut file) = file else { return Ok(Err(problems)) };
    let max_rows = content.max_rows();
    let content = match content {
        FileContent::Inline(_) => file.content.take(),
        FileContent::Uploaded(content) => Some(content),
    };
    let Some(content) = content else { return Ok(Err(problems)) };
    let options = options(direction, Some(file), max_rows);
    let report = read_content(request.snapshot.clone(), request, content, options, parties.clone()).await?;
    Ok(report.map_err(of_file).map(|mut report| {
        let plan = plan(&mut report.rows, &[], &parties, Unnamed::Keep);
        NewSchedule { report, clauses: plan.clauses }
    }))
}

/// Reads a file for some parties, beside the other requests.
async fn read_content(
    snapshot: Arc<Snapshot>,
    request: &RequestContext,
    content: Vec<u8>,
    options: Options,
    parties: Vec<DistrictCode>,
) -> Result<Result<Report, Problems>, Error> {
    let today = request.today;
    let reading = tokio::task::spawn_blocking(move || {
        let matters = current_matters(&snapshot, today);
        let districts = parties.iter().filter_map(|code| Some((*code, &snapshot.district(*code)?.record)));
        read(Cursor::new(content), &options, &MatterNames::new(matters), &PartyNames::under_codes(districts))
    });
    reading.await.map_err(|error| Error::Internal(format!("the list could not be read: {error}")))
}

async fn read_list(request: &RequestContext, input: &Input, content: FileContent) -> Result<List, Error> {
    // The act reports the problems of the form.
    let mut problems = Vec::new();
    let mut fields = Json::Object(input.clone());
    let form = reading::read(&fields.take(), &mut problems, |r| {
        Form::read(r, content.inline().as_deref(), content.is_uploaded())
    });
    let mut form = form.expect("an input is an object");
    let (mut snapshot, today) = (request.snapshot.clone(), request.today);
    if agreement(&snapshot, request, &form).is_none() {
        // Another process may have written the draft a moment ago.
        request.follower.catch_up().await;
        snapshot = request.follower.snapshot_on(today);
    }
    let found = agreement(&snapshot, request, &form).zip(form.version);
    let parties = found.map(|(agreement, version)| parties(&agreement, version)).unwrap_or_default();
    let options = options(form.direction, form.file.clone(), content.max_rows());
    let content = match content {
        FileContent::Inline(_) => form.file.as_mut().and_then(|file| file.content.take()),
        FileContent::Uploaded(file) => Some(file),
    };
    let Some(content) = content else {
        return Ok(List { form, parties, report: None });
    };
    let report = read_content(snapshot, request, content, options, parties.clone()).await?;
    Ok(List { form, parties, report: Some(report) })
}

fn agreement(snapshot: &Snapshot, request: &RequestContext, form: &Form) -> Option<catalogue::Kept<Agreement>> {
    snapshot
        .agreement(form.number?, &request.scope)
        .filter(|agreement| form.version.is_some_and(|version| agreement.version(version).is_some()))
}

fn parties(agreement: &Agreement, version: u32) -> Vec<DistrictCode> {
    let version = agreement.version(version);
    version.map(|version| version.parties.iter().map(|party| party.district).collect()).unwrap_or_default()
}

fn options(direction: Direction, stated: Option<ImportFile<Field>>, max_rows: u32) -> Options {
    let common = Options { direction, max_rows: Some(max_rows), ..Options::default() };
    stated.map_or(common.clone(), |file| Options {
        sheet: file.sheet,
        header_row: file.header_row,
        columns: file.columns,
        defaults: file.defaults,
        choices: file.choices,
        fill_down: file.fill_down,
        ..common
    })
}

async fn decide(
    work: &mut Writing<'_>,
    list: &List,
    planned: &Mutex<Option<ScheduleImport>>,
) -> Result<Option<Saved>, Abort> {
    let form = &list.form;
    let found = work.version(form.number, form.version).await?;
    if let Some((agreement, version)) = &found {
        let party = work.party(agreement, form.party);
        work.noted(agreement.ensure_scheduling(*version, party, work.today()));
        if parties(agreement, *version) != list.parties {
            work.note(parties_changed());
        }
    }
    let report = list.report.clone().and_then(|report| work.noted(report.map_err(of_file)));
    let (Some((agreement, number)), Some(mut report)) = (found, report) else { return Ok(None) };
    let Some(held) = agreement.version(number) else { return Ok(None) };
    let plan = plan(&mut report.rows, &held.schedule, &list.parties, form.unnamed);
    if form.faults == Faults::Refuse || form.unnamed == Unnamed::Remove {
        work.note_all(faults(&report, form.faults));
    }
    // If all rows are at fault, it says nothing that the draft stays as it is.
    let is_moot = !report.is_faultless() && report.count(Verdict::Unchanged) == 0;
    let next = Version { schedule: plan.clauses, ..held.clone() };
    let next = work.settled(Some(agreement.number), next, Some(&agreement)).await?;
    *planned.lock().unwrap_or_else(PoisonError::into_inner) = Some(ScheduleImport { report, removed: plan.removed });
    let mut revised = agreement.replace_schedule(number, next.schedule);
    if is_moot && let Err(problems) = &mut revised {
        problems.retain(|problem| problem.rule != "NOTHING_CHANGED");
    }
    let revised = work.noted(revised);
    if form.is_dry_run {
        // Ends the unit of work with the problems so far, and without a change.
        return Err(Abort::Problems(Problems::new()));
    }
    work.save_version(revised, number, Action::DraftRevised).await
}

/// The plan over the draft as it is now.
fn planned_anew(request: &RequestContext, list: &List) -> Option<ScheduleImport> {
    let mut report = list.report.clone()?.ok()?;
    let agreement = agreement(&request.snapshot, request, &list.form)?;
    let schedule = &agreement.version(list.form.version?)?.schedule;
    let plan = plan(&mut report.rows, schedule, &list.parties, list.form.unnamed);
    Some(ScheduleImport { report, removed: plan.removed })
}

/// One problem that counts the rows at fault, and one for each kind of fault.
fn faults(report: &Report, left_out: Faults) -> Problems {
    if report.is_faultless() {
        return Problems::new();
    }
    let [confirm, unknown, failed] = [Verdict::Confirm, Verdict::Unknown, Verdict::Error].map(|of| report.count(of));
    let message = Message::new(
        format!("{} 行中有 {failed} 行有错误、{confirm} 行待确认、{unknown} 行未找到事项", report.rows.len()),
        format!(
            "of {} rows {failed} are at fault, {confirm} have to be confirmed, and {unknown} name no known matter",
            report.rows.len()
        ),
    );
    let first = Problem::new(ProblemCode::Refused, vec!["file".to_owned()], "ROWS_AT_FAULT", message);
    let first = match left_out {
        Faults::Refuse => first.remedy(
            "请改正文件，或用 choices 选定事项；也可用 faults: LEAVE_OUT 只写入其余各行",
            "correct the file, or choose the matters by choices; with faults: LEAVE_OUT the other rows are written",
        ),
        Faults::LeaveOut => first.remedy(
            "replace 会删去清单没有的内容，因此每一行都须可用：请改正文件，或不用 replace",
            "replace removes what the list does not name, so every row has to be usable: correct the file, or leave replace out",
        ),
    };
    let rows = report.rows.iter().filter(|row| row.verdict.is_fault());
    let each = summaries(rows.flat_map(|row| &row.problems)).into_iter().map(|summary| Problem {
        code: summary.code,
        path: vec!["file".to_owned()],
        rule: summary.rule,
        message: summary.message,
        remedy: summary.remedy,
    });
    std::iter::once(first).chain(each).collect()
}

fn parties_changed() -> Problem {
    let message =
        Message::new("读取清单时，草稿的签约方有变更", "the parties of the draft changed while the list was read");
    Problem::new(ProblemCode::Stale, vec!["version".to_owned()], "PARTIES_CHANGED", message)
        .remedy("请重新导入", "import the list again")
}
