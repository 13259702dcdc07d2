//! Exports the registry at one revision, as a caller may see it. The lines can be imported again: records come in the
//! order in which they refer to each other, page by page.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::LazyLock;

use domain::record::columns;
use domain::{
    Agreement, Date, District, Document, Id, Matter, Offering, Policy, Record, Revision, Scope, Window, derived,
};
use exchange::value::protection;
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Map, Value};

use crate::agreement;
use crate::error::{Error, Result};
use crate::head::Head;
use crate::journal;
use crate::journal::reader::JournalReader;
use crate::number::column;
use crate::store::Store;
use crate::table::{self, StoredRecord, Table};

/// The format of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExportFormat {
    #[default]
    Ndjson,
    Csv,
    /// CSV for spreadsheet programs: with a byte order mark, and with cells protected that a program would run or
    /// change. Import reads it to the same records.
    Spreadsheet,
}

/// A running export.
pub struct Export<S> {
    /// The exported revision, in the current epoch.
    pub revision: Revision,
    pub epoch: String,
    /// Lines without line breaks. CSV begins with a header.
    pub lines: S,
}

impl<S> std::fmt::Debug for Export<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("revision", &self.revision).finish_non_exhaustive()
    }
}

const PAGE: u64 = 500;

/// The columns of a table: every field that a reader of records requests.
static COLUMNS: LazyLock<Vec<&'static str>> = LazyLock::new(columns);

#[derive(Debug, Clone, Copy)]
enum Section {
    Districts,
    Matters,
    Policies,
    Offerings,
    Windows,
    Agreements,
    Documents,
    End,
}

/// Reads records page by page and holds no transaction or connection in between, however slow the client is. Records
/// that changed since the exported revision are read from the journal as they were.
struct RecordReader {
    store: Store,
    revision: Revision,
    scope: Scope,
    today: Date,
    /// The reader for whom derived fields are added to the lines; `None`: the records as they are stored.
    shown_to: Option<JournalReader>,
    section: Section,
    after: i64,
    ready: VecDeque<StoredRecord>,
}

impl Store {
    /// Exports what a scope sees today.
    pub async fn export(
        &self,
        form: ExportFormat,
        scope: Scope,
        today: Date,
    ) -> Result<Export<impl Stream<Item = Result<String>> + Send + use<>>> {
        let Head { epoch, revision, .. } = Head::read(self.reader()).await?;
        let reader = self.record_reader(revision, scope, today, None);
        let bodies =
            stream::try_unfold(
                reader,
                |mut reader| async move { Ok(reader.next().await?.map(|stored| (stored, reader))) },
            );
        let mark = match form {
            ExportFormat::Ndjson => None,
            ExportFormat::Csv => Some(""),
            ExportFormat::Spreadsheet => Some("\u{FEFF}"),
        };
        let header = stream::iter(
            mark.map(|mark| Ok(mark.to_owned() + &row(COLUMNS.iter().map(|column| (*column).to_owned())))),
        );
        let lines = bodies.map(move |stored: Result<StoredRecord>| match form {
            ExportFormat::Ndjson => Ok(stored?.body),
            ExportFormat::Csv => cells(&stored?, protection::exact),
            ExportFormat::Spreadsheet => cells(&stored?, protection::protected),
        });
        Ok(Export { revision, epoch, lines: header.chain(lines).boxed() })
    }

    /// The same with derived fields: id, newest visible revision, and the state of agreements.
    pub async fn export_shown(
        &self,
        scope: Scope,
        seen_by: JournalReader,
        today: Date,
    ) -> Result<Export<impl Stream<Item = Result<String>> + Send + use<>>> {
        let Head { epoch, revision, .. } = Head::read(self.reader()).await?;
        let reader = self.record_reader(revision, scope, today, Some(seen_by));
        let lines = stream::try_unfold(reader, |mut reader| async move {
            Ok(reader.next().await?.map(|stored| (stored.body, reader)))
        });
        Ok(Export { revision, epoch, lines: lines.boxed() })
    }

    fn record_reader(
        &self,
        revision: Revision,
        scope: Scope,
        today: Date,
        shown_to: Option<JournalReader>,
    ) -> RecordReader {
        RecordReader {
            store: self.clone(),
            revision,
            scope,
            today,
            shown_to,
            section: Section::Districts,
            after: 0,
            ready: VecDeque::new(),
        }
    }
}

impl RecordReader {
    async fn next(&mut self) -> Result<Option<StoredRecord>> {
        while self.ready.is_empty() {
            let page = match self.section {
                Section::Districts => self.page::<District>().await?,
                Section::Matters => self.page::<Matter>().await?,
                Section::Policies => self.page::<Policy>().await?,
                Section::Offerings => self.page::<Offering>().await?,
                Section::Windows => self.page::<Window>().await?,
                Section::Agreements => self.page::<Agreement>().await?,
                Section::Documents => self.page::<Document>().await?,
                Section::End => return Ok(None),
            };
            let Some(last) = page.last() else {
                (self.section, self.after) = (self.section.next(), 0);
                continue;
            };
            self.after = last.id;
            let newest = self.newest_seen(&page).await?;
            for stored in page {
                if let Some(seen) = self.seen(stored).await? {
                    let shown = self.shown(seen, &newest);
                    self.ready.push_back(shown);
                }
            }
        }
        Ok(self.ready.pop_front())
    }

    /// The visible part of a record; `None`: the record is not visible.
    async fn seen(&self, stored: StoredRecord) -> Result<Option<StoredRecord>> {
        match self.section {
            Section::Districts
            | Section::Matters
            | Section::Policies
            | Section::Offerings
            | Section::Windows
            | Section::End => Ok(Some(stored)),
            Section::Agreements => {
                let agreement = stored.clone().read::<Agreement>()?.record;
                let Some(seen) = agreement.seen_by(&self.scope, self.today) else { return Ok(None) };
                let body = match &seen {
                    Cow::Borrowed(_) => stored.body,
                    Cow::Owned(seen) => Record::Agreement(Box::new(seen.clone())).line(),
                };
                let body =
                    if self.shown_to.is_some() { shown_agreement(&body, &agreement, &seen, self.today) } else { body };
                Ok(Some(StoredRecord { body, ..stored }))
            }
            Section::Documents if self.scope == Scope::Steward => Ok(Some(stored)),
            Section::Documents => {
                let document = stored.clone().read::<Document>()?.record;
                let agreement = self.agreement_of(&document).await?;
                Ok(agreement.filter(|agreement| agreement.shows(&document, &self.scope, self.today)).map(|_| stored))
            }
        }
    }

    /// The newest revision of each record that the reader may see. For most kinds every change is public.
    async fn newest_seen(&self, page: &[StoredRecord]) -> Result<HashMap<Revision, Revision>> {
        match (self.section, &self.shown_to) {
            (Section::Agreements | Section::Documents, Some(seen_by)) if *seen_by != JournalReader::All => {
                let records: Vec<Revision> = page.iter().map(|stored| stored.id.unsigned_abs()).collect();
                journal::last_seen(self.store.reader(), &records, self.revision, seen_by).await
            }
            _ => Ok(page.iter().map(|stored| (stored.id.unsigned_abs(), stored.revision.unsigned_abs())).collect()),
        }
    }

    fn shown(&self, stored: StoredRecord, newest: &HashMap<Revision, Revision>) -> StoredRecord {
        if self.shown_to.is_none() {
            return stored;
        }
        let number = stored.id.unsigned_abs();
        // An agreement that was concluded by date is visible before a change says so.
        let revision = newest.get(&number).copied().unwrap_or(number);
        StoredRecord { body: derived::with_identity(&stored.body, &self.section.id(number), revision), ..stored }
    }

    /// The agreement of a document at the exported revision. An agreement that was removed since was a draft, which no
    /// other caller sees.
    async fn agreement_of(&self, document: &Document) -> Result<Option<Agreement>> {
        let Some(stored) = agreement::by_number(self.store.reader(), document.agreement).await? else {
            return Ok(None);
        };
        let mut stored = vec![stored];
        self.rewind::<Agreement>(&mut stored).await?;
        stored.pop().map(|stored| Ok(stored.read::<Agreement>()?.record)).transpose()
    }

    async fn page<T: Table>(&self) -> Result<Vec<StoredRecord>> {
        let mut page = table::page::<T>(self.store.reader(), self.after, PAGE).await?;
        let at = column(self.revision);
        // Records that were removed since existed at the exported revision.
        let through = page.last().filter(|_| page.len() as u64 == PAGE).map_or(at, |last| last.id);
        for id in journal::removed_since(self.store.reader(), T::KIND, self.revision, (self.after, through)).await? {
            if let Err(place) = page.binary_search_by_key(&id, |stored| stored.id) {
                page.insert(place, StoredRecord { id, revision: i64::MAX, body: String::new() });
            }
        }
        self.rewind::<T>(&mut page).await?;
        Ok(page)
    }

    /// Takes records back to the exported revision.
    async fn rewind<T: Table>(&self, page: &mut Vec<StoredRecord>) -> Result<()> {
        let at = column(self.revision);
        // An id is the revision that created the record, so larger ids did not exist yet.
        page.retain(|stored| stored.id <= at);
        for stored in page.iter_mut().filter(|stored| stored.revision > at) {
            let corrupt = || Error::corrupt(T::NAME, "revision", stored.id);
            let change = self
                .store
                .record_at(T::KIND, stored.id.unsigned_abs(), self.revision, JournalReader::All)
                .await?
                .ok_or_else(corrupt)?;
            let body = change.document.ok_or_else(corrupt)?;
            *stored = StoredRecord { id: stored.id, revision: column(change.revision), body };
        }
        Ok(())
    }
}

/// The line of the visible part of an agreement, with its derived fields.
fn shown_agreement(line: &str, whole: &Agreement, seen: &Agreement, today: Date) -> String {
    match serde_json::from_str(line) {
        Ok(mut value) => {
            derived::add_to_agreement(&mut value, whole, seen, today);
            value.to_string()
        }
        Err(_) => line.to_owned(),
    }
}

impl Section {
    fn id(self, number: Revision) -> String {
        match self {
            Self::Districts => Id::<District>::new(number).to_string(),
            Self::Matters => Id::<Matter>::new(number).to_string(),
            Self::Policies => Id::<Policy>::new(number).to_string(),
            Self::Offerings => Id::<Offering>::new(number).to_string(),
            Self::Windows => Id::<Window>::new(number).to_string(),
            Self::Agreements => Id::<Agreement>::new(number).to_string(),
            Self::Documents | Self::End => Id::<Document>::new(number).to_string(),
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Districts => Self::Matters,
            Self::Matters => Self::Policies,
            Self::Policies => Self::Offerings,
            Self::Offerings => Self::Windows,
            Self::Windows => Self::Agreements,
            Self::Agreements => Self::Documents,
            Self::Documents | Self::End => Self::End,
        }
    }
}

/// A record as a CSV row. Nested values are JSON in their cell.
fn cells(stored: &StoredRecord, text: fn(&str) -> Cow<'_, str>) -> Result<String> {
    let corrupt = || Error::corrupt("record", "body", stored.id);
    let mut fields: Map<String, Value> = serde_json::from_str(&stored.body).map_err(|_| corrupt())?;
    let cells = COLUMNS.iter().map(|column| match fields.remove(*column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(given)) => text(&given).into_owned(),
        Some(value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => value.to_string(),
    });
    let row = row(cells);
    // A field without a column must not get lost.
    if fields.is_empty() { Ok(row) } else { Err(corrupt()) }
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| {
        if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    });
    quoted.collect::<Vec<_>>().join(",")
}
