//! The whole registry at one revision, as somebody sees it, as lines that import reads: in the order in which
//! records name each other, a page at a time.

use std::borrow::Cow;
use std::collections::VecDeque;

use domain::{Agreement, Date, District, Document, Eyes, Matter, Offering, Policy, Record, Revision, Window};
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Map, Value};

use crate::agreement;
use crate::error::{Error, Result};
use crate::head::Head;
use crate::journal::{self, Seen};
use crate::number::column;
use crate::spreadsheet;
use crate::store::Store;
use crate::table::{self, Held, Table};

/// How the lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    Ndjson,
    Csv,
    /// CSV that a spreadsheet program opens rightly: with a byte order mark, and cells that it would run or change
    /// protected. Import reads it to the same records.
    Spreadsheet,
}

/// An export under way.
pub struct Export<S> {
    /// The revision of which it speaks.
    pub revision: Revision,
    /// Lines without their line break; of a table the header first.
    pub lines: S,
}

impl<S> std::fmt::Debug for Export<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("revision", &self.revision).finish_non_exhaustive()
    }
}

const PAGE: u64 = 500;

/// Every field that a line can have at its top: the columns of a table.
pub(crate) const COLUMNS: [&str; 91] = [
    "type",
    "code",
    "name",
    "englishName",
    "kind",
    "parent",
    "parents",
    "administers",
    "aliases",
    "codes",
    "validFrom",
    "validTo",
    "retiredOn",
    "successors",
    "domain",
    "audience",
    "leadDepartment",
    "competentBy",
    "retiredReason",
    "district",
    "matter",
    "sourceCode",
    "authority",
    "statutoryDays",
    "promisedDays",
    "dayKind",
    "visits",
    "url",
    "conditions",
    "fee",
    "result",
    "delivery",
    "appointment",
    "legalBasis",
    "materials",
    "verifiedOn",
    "withdrawnOn",
    "withdrawnReason",
    "address",
    "hours",
    "phone",
    "modes",
    "domains",
    "matters",
    "closedOn",
    "closedReason",
    "number",
    "key",
    "version",
    "baseVersion",
    "title",
    "documentNumber",
    "signedOn",
    "recordedOn",
    "effectiveFrom",
    "effectiveTo",
    "amendmentRule",
    "concludes",
    "admission",
    "noticeDays",
    "objectionDays",
    "renewal",
    "runOut",
    "framework",
    "replaces",
    "lead",
    "parties",
    "schedule",
    "accessions",
    "accessionSignatures",
    "objections",
    "draft",
    "proposal",
    "recorder",
    "corrections",
    "versions",
    "suspensions",
    "notices",
    "discarded",
    "voided",
    "issuedBy",
    "receiving",
    "competent",
    "agreement",
    "party",
    "mediaType",
    "size",
    "digest",
    "released",
    "attachedOn",
    "provenance",
];

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

/// Holds no transaction and no connection between pages, however slowly somebody takes the lines: what
/// changed meanwhile is read from the journal as it was.
struct Reading {
    store: Store,
    revision: Revision,
    eyes: Eyes,
    today: Date,
    section: Section,
    after: i64,
    ready: VecDeque<Held>,
}

impl Store {
    /// What these eyes see of the registry today.
    pub async fn export(&self, form: Form, eyes: Eyes, today: Date) -> Result<Export<impl Stream<Item = Result<String>> + Send + use<>>> {
        let revision = Head::read(self.reader()).await?.revision;
        let reading = Reading { store: self.clone(), revision, eyes, today, section: Section::Districts, after: 0, ready: VecDeque::new() };
        let bodies = stream::try_unfold(reading, |mut reading| async move { Ok(reading.next().await?.map(|held| (held, reading))) });
        let mark = match form {
            Form::Ndjson => None,
            Form::Csv => Some(""),
            Form::Spreadsheet => Some("\u{FEFF}"),
        };
        let header = stream::iter(mark.map(|mark| Ok(mark.to_owned() + &row(COLUMNS.map(str::to_owned)))));
        let lines = bodies.map(move |held: Result<Held>| match form {
            Form::Ndjson => Ok(held?.body),
            Form::Csv => cells(&held?, spreadsheet::exact),
            Form::Spreadsheet => cells(&held?, spreadsheet::protected),
        });
        Ok(Export { revision, lines: header.chain(lines).boxed() })
    }
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Held>> {
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
            match page.last() {
                Some(last) => self.after = last.id,
                None => (self.section, self.after) = (self.section.next(), 0),
            }
            for held in page {
                self.ready.extend(self.seen(held).await?);
            }
        }
        Ok(self.ready.pop_front())
    }

    /// The record as it is seen; `None`: it is not.
    async fn seen(&self, held: Held) -> Result<Option<Held>> {
        match self.section {
            Section::Districts | Section::Matters | Section::Policies | Section::Offerings | Section::Windows | Section::End => Ok(Some(held)),
            Section::Agreements => {
                let agreement = held.clone().read::<Agreement>()?.record;
                Ok(match agreement.seen_by(&self.eyes, self.today) {
                    None => None,
                    Some(Cow::Borrowed(_)) => Some(held),
                    Some(Cow::Owned(seen)) => Some(Held { body: Record::Agreement(Box::new(seen)).line(), ..held }),
                })
            }
            Section::Documents if self.eyes == Eyes::Steward => Ok(Some(held)),
            Section::Documents => {
                let document = held.clone().read::<Document>()?.record;
                let agreement = self.agreement_of(&document).await?;
                Ok(agreement.filter(|agreement| agreement.shows(&document, &self.eyes, self.today)).map(|_| held))
            }
        }
    }

    /// The agreement of a document, as it was at the revision of the export. One that was removed meanwhile was a draft, and
    /// nobody else's.
    async fn agreement_of(&self, document: &Document) -> Result<Option<Agreement>> {
        let Some(held) = agreement::by_number(self.store.reader(), document.agreement).await? else { return Ok(None) };
        let mut held = vec![held];
        self.rewind::<Agreement>(&mut held).await?;
        held.pop().map(|held| Ok(held.read::<Agreement>()?.record)).transpose()
    }

    async fn page<T: Table>(&self) -> Result<Vec<Held>> {
        let mut page = table::page::<T>(self.store.reader(), self.after, PAGE).await?;
        let at = column(self.revision);
        // What was removed meanwhile was there.
        let through = page.last().filter(|_| page.len() as u64 == PAGE).map_or(at, |last| last.id);
        for id in journal::removed_since(self.store.reader(), T::KIND, self.revision, (self.after, through)).await? {
            if let Err(place) = page.binary_search_by_key(&id, |held| held.id) {
                page.insert(place, Held { id, revision: i64::MAX, body: String::new() });
            }
        }
        self.rewind::<T>(&mut page).await?;
        Ok(page)
    }

    /// Records as they were at the revision of the export.
    async fn rewind<T: Table>(&self, page: &mut Vec<Held>) -> Result<()> {
        let at = column(self.revision);
        // An id is the revision that created the record: what is younger does not exist yet.
        page.retain(|held| held.id <= at);
        for held in page.iter_mut().filter(|held| held.revision > at) {
            let corrupt = || Error::corrupt(T::NAME, "revision", held.id);
            let change = self.store.record_at(T::KIND, held.id.unsigned_abs(), self.revision, Seen::All).await?.ok_or_else(corrupt)?;
            let body = change.document.ok_or_else(corrupt)?;
            *held = Held { id: held.id, revision: column(change.revision), body };
        }
        Ok(())
    }
}

impl Section {
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

/// A line as a row of the table; what is nested stands in its cell as JSON.
fn cells(held: &Held, text: fn(&str) -> Cow<'_, str>) -> Result<String> {
    let corrupt = || Error::corrupt("record", "body", held.id);
    let mut fields: Map<String, Value> = serde_json::from_str(&held.body).map_err(|_| corrupt())?;
    let cells = COLUMNS.map(|column| match fields.remove(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(given)) => text(&given).into_owned(),
        Some(value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => value.to_string(),
    });
    // A field without a column would be lost.
    if fields.is_empty() { Ok(row(cells)) } else { Err(corrupt()) }
}

fn row<const N: usize>(cells: [String; N]) -> String {
    let quoted = cells.map(|cell| if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell });
    quoted.join(",")
}
