//! Imports of a district's own offerings or windows from a list.

use std::collections::{BTreeSet, HashMap};
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use domain::import::{Faults, Kind, Verdict};
use domain::reading::{self, Reader};
use domain::{
    DistrictCode, InRecord as _, MatterCode, Message, Offering, Problem, ProblemCode, Problems, Record, RecordKind,
    Window,
};
use exchange::memory_index::MatterNames;
use exchange::record::header::FieldPath;
use exchange::record::kind::ListKind;
use exchange::record::list::{RecordList, read};
use exchange::record::options::Options;
use serde_json::{Map, Value as Json};

use super::import_file::{FileContent, ImportFile, of_file};
use super::write::write_with_content;
use super::writing::Writing;
use super::writing::outside_domains;
use super::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::permission::authorize;
use crate::request_context::RequestContext;
use crate::workbook::current_matters;

const MUTATION: &str = "importRecords";

/// What an import of records did, or would do.
#[derive(Debug, Clone)]
pub struct ImportedRecords {
    pub outcome: Outcome,
    /// `None`: the file could not be read.
    pub report: Option<Arc<RecordsImport>>,
}

/// A list and what follows from it.
#[derive(Debug)]
pub struct RecordsImport {
    pub list: RecordList,
    pub rows: Vec<ImportedRow>,
}

/// A row and its record.
#[derive(Debug, Clone)]
pub struct ImportedRow {
    pub row: u32,
    pub verdict: Verdict,
    /// The record as the file names it.
    pub text: String,
    pub matter: Option<MatterCode>,
    pub changes: Vec<Change>,
    pub problems: Problems,
}

/// A field that a row changes.
#[derive(Debug, Clone)]
pub struct Change {
    pub field: String,
    pub before: Option<Json>,
    pub after: Option<Json>,
}

struct Form {
    district: DistrictCode,
    kind: Option<Kind>,
    faults: Faults,
    is_dry_run: bool,
    file: Option<ImportFile<FieldPath>>,
}

impl Form {
    fn read(r: &mut Reader<'_>, content: Option<&[u8]>, is_uploaded: bool) -> Self {
        let known: Vec<&str> = domain::record::fields().into_iter().collect();
        Self {
            district: r.code("district").unwrap_or(DistrictCode::UNREAD),
            kind: r.word("kind"),
            faults: r.optional_word("faults").unwrap_or_default(),
            is_dry_run: r.flag("dryRun"),
            file: r.object("file", |r| ImportFile::read(r, content, is_uploaded, &known.join(", "))),
        }
    }
}

/// The list as it was read, with a record for each row that is readable.
struct List {
    form: Form,
    /// `None`: there is no content.
    read: Option<Result<(RecordList, Vec<ReadRow>), Problems>>,
}

#[derive(Clone)]
struct ReadRow {
    row: u32,
    text: String,
    record: Result<Record, Problems>,
}

struct Carried {
    list: Option<List>,
    report: Arc<Mutex<Option<RecordsImport>>>,
}

pub async fn import_records(
    request: &RequestContext,
    input: Input,
    content: FileContent,
) -> Result<ImportedRecords, Error> {
    let named = input.get("district").and_then(Json::as_str).and_then(|code| code.parse().ok());
    let district = named.or(request.viewer.district);
    let may = authorize(&request.viewer, MUTATION, district, &request.snapshot, request.today).is_ok();
    let (inline, is_uploaded) = (content.inline(), content.is_uploaded());
    // Without permission nothing is read; the act below refuses it.
    let list = if may { Some(read_list(request, &input, content).await?) } else { None };
    let carried = Carried { list, report: Arc::default() };
    let report = carried.report.clone();
    let read = |r: &mut Reader<'_>, content: Option<&[u8]>| {
        // The form once more, for its problems.
        drop(Form::read(r, content, is_uploaded));
        carried
    };
    let outcome = write_with_content(request, MUTATION, (input, inline), read, async |work, carried| {
        let Some(list) = &carried.list else { return Ok(None) };
        decide(work, list, &carried.report).await
    })
    .await?;
    let report = report.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(ImportedRecords { outcome, report: report.map(Arc::new) })
}

async fn read_list(request: &RequestContext, input: &Input, content: FileContent) -> Result<List, Error> {
    let mut problems = Vec::new();
    let form = reading::read(&Json::Object(input.clone()), &mut problems, |r| {
        Form::read(r, content.inline().as_deref(), content.is_uploaded())
    });
    let mut form = form.expect("an input is an object");
    let max_rows = content.max_rows();
    let content = match content {
        FileContent::Inline(_) => form.file.as_mut().and_then(|file| file.content.take()),
        FileContent::Uploaded(file) => Some(file),
    };
    let (Some(content), Some(kind)) = (content, form.kind) else { return Ok(List { form, read: None }) };
    let options = options(&form, kind, max_rows);
    let (snapshot, today) = (request.snapshot.clone(), request.today);
    let reading = tokio::task::spawn_blocking(move || {
        let mut list = read(Cursor::new(content), &options)?;
        list.match_matters(&MatterNames::new(current_matters(&snapshot, today)));
        let rows = list.rows.iter().map(|row| read_row(row.row, row.line.clone(), kind)).collect();
        Ok((list, rows))
    });
    let read = reading.await.map_err(|error| Error::Internal(format!("the list could not be read: {error}")))?;
    Ok(List { form, read: Some(read) })
}

fn options(form: &Form, kind: Kind, max_rows: u32) -> Options {
    let kind = match kind {
        Kind::Offering => ListKind::Offering,
        Kind::Window => ListKind::Window,
    };
    let mut options = Options { kind: Some(kind), max_rows: Some(max_rows), ..Options::default() };
    if let Some(file) = &form.file {
        options.sheet.clone_from(&file.sheet);
        options.header_row = file.header_row;
        options.columns = file.columns.iter().map(|(header, FieldPath(path))| (header.clone(), path.clone())).collect();
        options.defaults = file.defaults.iter().map(|(FieldPath(path), value)| (path.clone(), value.clone())).collect();
        options.fill_down = file.fill_down;
    }
    options.defaults.push(("district".to_owned(), form.district.to_string()));
    options
}

fn read_row(row: u32, line: Result<Json, Problems>, kind: Kind) -> ReadRow {
    let text = |line: &Json| {
        let field = |name| line.get(name).and_then(Json::as_str);
        field("name").or_else(|| field("matter")).or_else(|| field("sourceCode")).unwrap_or_default().to_owned()
    };
    let shown = line.as_ref().map(text).unwrap_or_default();
    let record = line.and_then(|line| {
        let mut problems = Vec::new();
        let record = reading::read(&line, &mut problems, |r| {
            r.has("type");
            match kind {
                Kind::Offering => Record::Offering(Box::new(Offering::read(r))),
                Kind::Window => Record::Window(Window::read(r)),
            }
        });
        record.filter(|_| problems.is_empty()).ok_or(problems)
    });
    ReadRow { row, text: shown, record }
}

async fn decide(
    work: &mut Writing<'_>,
    list: &List,
    report: &Mutex<Option<RecordsImport>>,
) -> Result<Option<Saved>, Abort> {
    let form = &list.form;
    let read = list.read.clone().and_then(|read| work.noted(read.map_err(of_file)));
    let Some((list, rows)) = read else { return Ok(None) };
    let mut imported = Vec::with_capacity(rows.len());
    let (mut places, mut records) = (Vec::new(), Vec::new());
    let mut known: HashMap<String, u32> = HashMap::new();
    for ReadRow { row, text, record } in rows {
        let mut problems = record.as_ref().err().cloned().unwrap_or_default();
        let matter = record.as_ref().ok().and_then(|record| Offering::of(record)?.matter);
        if let Ok(record) = record {
            if !form.district.is_unread() && !is_of(work, &record, form.district) {
                problems.push(other_district(form.district));
            }
            if let Some(first) = known.insert(key_of(&record), row) {
                problems.push(row_twice(first));
            }
            let references = record.references();
            problems.extend(work.work.dangling(&references, None).await?);
            problems.extend(outside_domains(work.request, &references));
            if problems.is_empty() {
                places.push(imported.len());
                records.push(record);
            }
        }
        imported.push(ImportedRow { row, verdict: Verdict::Error, text, matter, changes: Vec::new(), problems });
    }
    let stored = work.work.stored_several(&records).await?;
    work.expect_unchanged(stored.iter().flatten().map(|stored| stored.revision).max().unwrap_or(0));
    let mut next = Vec::new();
    for ((at, record), stored) in places.into_iter().zip(records).zip(stored) {
        let before = stored.map(|stored| stored.record);
        let record = merged(before.clone(), record);
        let row = &mut imported[at];
        row.changes = before.as_ref().map(|before| changes(before, &record)).unwrap_or_default();
        row.verdict = match (&before, row.changes.is_empty()) {
            (None, _) => Verdict::Create,
            (Some(_), false) => Verdict::Update,
            (Some(_), true) => Verdict::Unchanged,
        };
        if row.verdict != Verdict::Unchanged {
            next.push(record);
        }
    }
    let at_fault = imported.iter().filter(|row| row.verdict.is_fault()).count();
    if at_fault > 0 && form.faults == Faults::Refuse {
        work.note_all(faults(&imported, at_fault));
    } else if next.is_empty() && imported.iter().any(|row| row.verdict == Verdict::Unchanged) {
        work.note(nothing_changed());
    }
    *report.lock().unwrap_or_else(PoisonError::into_inner) = Some(RecordsImport { list, rows: imported });
    if form.is_dry_run {
        return Err(Abort::Problems(Problems::new()));
    }
    if !work.is_sound() {
        return Ok(None);
    }
    let kind = if form.kind == Some(Kind::Window) { RecordKind::Window } else { RecordKind::Offering };
    let put = work.work.put_several(next).await?;
    Ok(put.map(|(record, revision)| Saved { kind, record, revision, version: None, secret: None }))
}

/// Is the record of this district, by any of its codes?
fn is_of(work: &Writing<'_>, record: &Record, district: DistrictCode) -> bool {
    let id = |code| work.request.snapshot.district(code).map(|district| district.id);
    let own = Offering::of(record).map(|offering| offering.district);
    let own = own.or(Window::of(record).map(|window| window.district));
    own.is_none_or(|own| own == district || id(own).is_some() && id(own) == id(district))
}

/// What identifies a record within its district.
fn key_of(record: &Record) -> String {
    match (Offering::of(record), Window::of(record)) {
        (Some(offering), _) => match (&offering.source_code, offering.matter) {
            (Some(source), _) => format!("s {source}"),
            (None, matter) => format!("m {matter:?}"),
        },
        (None, Some(window)) => window.name.to_string(),
        (None, None) => String::new(),
    }
}

/// The record of a row over the stored one, as a mutation of it alone writes it.
fn merged(stored: Option<Record>, record: Record) -> Record {
    match (stored, record) {
        (Some(Record::Offering(stored)), Record::Offering(record)) => {
            Record::Offering(Box::new(stored.revised(*record)))
        }
        (Some(Record::Window(stored)), Record::Window(record)) => Record::Window(stored.revised(record)),
        (_, record) => record,
    }
}

fn changes(before: &Record, after: &Record) -> Vec<Change> {
    let fields = |record: &Record| serde_json::from_str::<Map<String, Json>>(&record.line()).unwrap_or_default();
    let (before, after) = (fields(before), fields(after));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = all.into_iter().filter(|field| before.get(*field) != after.get(*field));
    changed
        .map(|field| Change {
            field: field.clone(),
            before: before.get(field).cloned(),
            after: after.get(field).cloned(),
        })
        .collect()
}

/// One problem that counts the rows at fault, and the first of each kind of fault.
fn faults(rows: &[ImportedRow], at_fault: usize) -> Problems {
    let message = Message::new(
        format!("{} 行中有 {at_fault} 行有错误", rows.len()),
        format!("of {} rows {at_fault} are at fault", rows.len()),
    );
    let first = Problem::new(ProblemCode::Refused, vec!["file".to_owned()], "ROWS_AT_FAULT", message).remedy(
        "请改正文件；也可用 faults: LEAVE_OUT 只写入其余各行",
        "correct the file; with faults: LEAVE_OUT the other rows are written",
    );
    let mut known = BTreeSet::new();
    let mut all = vec![first];
    for row in rows {
        for problem in row.problems.iter().filter(|problem| known.insert((problem.rule, problem.path.clone()))) {
            let Message { zh, en } = &problem.message;
            let field = problem.field();
            all.push(Problem {
                path: std::iter::once("file".to_owned()).chain(problem.path.iter().cloned()).collect(),
                message: Message::new(
                    format!("第 {} 行 {field}：{zh}", row.row),
                    format!("row {}, {field}: {en}", row.row),
                ),
                ..problem.clone()
            });
        }
    }
    all
}

fn other_district(district: DistrictCode) -> Problem {
    let message =
        Message::new(format!("不是区域 {district} 的记录"), format!("the record is not of district {district}"));
    Problem::new(ProblemCode::Refused, vec!["district".to_owned()], "OTHER_DISTRICT", message)
        .remedy("一次只导入一个区域的记录", "import the records of one district at a time")
}

fn row_twice(first: u32) -> Problem {
    let message = Message::new(format!("与第 {first} 行是同一条记录"), format!("it is the same record as row {first}"));
    Problem::new(ProblemCode::Conflict, Vec::new(), "DUPLICATE", message)
        .remedy("请只保留其中一行", "keep one of the two rows")
}

fn nothing_changed() -> Problem {
    let message = Message::new("清单与已有记录一致，没有变化", "the registry has all of the list already");
    Problem::new(ProblemCode::Refused, vec!["file".to_owned()], "NOTHING_CHANGED", message)
        .remedy("无需处理", "nothing to do")
}
