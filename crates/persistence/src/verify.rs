//! Verifies that the registry is what its journal says: the chain has no gap, every row is its newest entry, and no row
//! is missing or extra.

mod readers;

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use domain::{
    Agreement, AgreementNumber, Change, Date, Digest, District, DistrictCode, Document, Matter, Offering, Policy, Record, RecordKind, Revision,
    Window,
};
use sea_orm::{DatabaseTransaction, EntityTrait, IdenStatic, Iterable, ModelTrait, Value};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use self::readers::Restricted;
use crate::agreement;
use crate::code_index::CodeIndex;
use crate::content::{self, ContentStore};
use crate::error::{Error, Result};
use crate::head::{Head, day_in_china};
use crate::journal::{self, ChangeQuery, JournalReader};
use crate::key as keys;
use crate::number::{column, key};
use crate::store::Store;
use crate::table::{self, RowContext, StoredRecord, Table};

const PAGE: u64 = 1_000;

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub revision: Revision,
    pub digest: Digest,
    /// Number of records and keys.
    pub records: u64,
    /// Documents without stored content: an import brings none.
    pub without_content: u64,
}

/// The first inconsistency that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inconsistency {
    pub table: &'static str,
    /// The revision or id of the row.
    pub key: String,
    pub what: String,
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.table, self.key, self.what)
    }
}

fn inconsistent<T>(table: &'static str, key: impl fmt::Display, what: impl Into<String>) -> Result<T> {
    Err(Error::Inconsistent(Inconsistency { table, key: key.to_string(), what: what.into() }))
}

/// A value that cannot be read is an inconsistency too.
fn or_inconsistent<T>(read: Result<T>) -> Result<T> {
    match read {
        Err(Error::Corrupt { table, column, id }) => inconsistent(table, id, format!("{column} cannot be read")),
        read => read,
    }
}

impl Store {
    /// Verifies journal and records, or fails with `Error::Inconsistent`. `progress` gets the number of entries and
    /// rows that are done, and of all.
    pub async fn verify(&self, progress: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<Verified> {
        let tx = self.reading().await?;
        let head = or_inconsistent(Head::read(&tx).await)?;
        let mut verifier = Verifier {
            tx: &tx,
            progress,
            of: head.revision * 2,
            done: 0,
            newest: Vec::new(),
            superseded: Vec::new(),
            removed: Vec::new(),
            greatest_serial: 0,
            agreements: HashMap::new(),
        };
        let code_index = or_inconsistent(CodeIndex::all(&tx).await)?;
        verifier.journal(&head, &code_index).await?;
        verifier.superseded(&code_index).await?;
        verifier.table::<District>(&code_index).await?;
        verifier.codes(&code_index).await?;
        verifier.table::<Matter>(&code_index).await?;
        verifier.table::<Policy>(&code_index).await?;
        verifier.table::<Offering>(&code_index).await?;
        verifier.table::<Window>(&code_index).await?;
        verifier.table::<Agreement>(&code_index).await?;
        verifier.table::<Document>(&code_index).await?;
        let without_content = verifier.contents(self.contents()).await?;
        verifier.keys(&code_index).await?;
        if verifier.greatest_serial > head.agreements {
            return inconsistent("head", 1, format!("the serial number {} would be used again", verifier.greatest_serial));
        }
        let records = verifier.newest.iter().filter(|newest| newest.is_alive).count() as u64;
        Ok(Verified { revision: head.revision, digest: head.digest, records, without_content })
    }
}

/// The newest entry of a record, in a few bytes.
#[derive(Debug, Clone, Copy)]
struct Newest {
    record: Revision,
    revision: Revision,
    kind: RecordKind,
    is_alive: bool,
    /// The day of its newest entry, if that is public.
    open_on: Option<Date>,
    /// Digest of its document and of the districts by which it is found.
    entry_digest: [u8; 16],
}

fn entry_digest(document: &str, districts: &BTreeSet<i64>) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(document);
    for district in districts {
        hash.update(district.to_be_bytes());
    }
    let mut entry_digest = [0; 16];
    entry_digest.copy_from_slice(&hash.finalize()[..16]);
    entry_digest
}

struct Verifier<'a> {
    tx: &'a DatabaseTransaction,
    progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    of: u64,
    done: u64,
    /// All records of the journal, ordered by id.
    newest: Vec<Newest>,
    /// Superseded entries: revision, day if public, and digest.
    superseded: Vec<(Revision, Option<Date>, [u8; 16])>,
    /// Entries that removed a record: revision, digest, and the revision before it.
    removed: Vec<(Revision, [u8; 16], Revision)>,
    /// The largest serial number of an agreement, including removed ones.
    greatest_serial: u32,
    /// Agreements by number, including removed ones.
    agreements: HashMap<String, Revision>,
}

impl Verifier<'_> {
    fn advance(&mut self, by: usize) {
        self.done += by as u64;
        (self.progress)(Ord::min(self.done, self.of), self.of);
    }

    async fn journal(&mut self, head: &Head, code_index: &CodeIndex) -> Result<()> {
        let (mut revision, mut digest, mut recorded_at) = (0, Digest::GENESIS, None);
        loop {
            let asked =
                ChangeQuery { since: revision, through: Revision::MAX >> 1, seen_by: JournalReader::All, limit: PAGE, ..ChangeQuery::default() };
            let page = or_inconsistent(journal::changes(self.tx, &asked).await)?;
            let Some(last) = page.last() else { break };
            let mut found_by = by_revision(journal::districts(self.tx, revision, last.revision).await?);
            let mut read_by = by_revision(journal::readers(self.tx, revision, last.revision).await?);
            let restricted = journal::restricted(self.tx, revision, last.revision).await?;
            let mut read: Vec<Restricted<'_>> = Vec::new();
            for change in &page {
                if change.revision != revision + 1 {
                    return inconsistent(journal::TABLE, revision + 1, "the entry is missing");
                }
                if change.previous != digest {
                    return inconsistent(journal::TABLE, change.revision, "it is not chained to the entry before it");
                }
                if !change.is_intact() {
                    return inconsistent(journal::TABLE, change.revision, "its digest does not match its content");
                }
                (revision, digest, recorded_at) = (change.revision, change.digest, Some(change.recorded_at));
                let is_restricted = restricted.contains(&column(revision));
                let before = self.entry(change, is_restricted, &found_by.remove(&column(revision)).unwrap_or_default())?;
                match (is_restricted, read_by.remove(&column(revision))) {
                    (false, None) => {}
                    (false, Some(_)) => return inconsistent(journal::TABLE, revision, "it has readers, but is public"),
                    (true, None) => return inconsistent(journal::TABLE, revision, "it is restricted, but has no readers"),
                    (true, Some(_)) if !matches!(change.kind, RecordKind::Agreement | RecordKind::Document) => {
                        return inconsistent(journal::TABLE, revision, "entries of this kind are public, but it is restricted");
                    }
                    (true, Some(readers)) => read.push(Restricted { change, before, readers }),
                }
            }
            self.readers(&read, code_index).await?;
            if let Some(stray) = read_by.keys().next() {
                return inconsistent("journal_reader", stray, "there is no such revision");
            }
            if let Some(stray) = found_by.keys().next() {
                return inconsistent("journal_district", stray, "there is no such revision");
            }
            self.advance(page.len());
        }
        if !journal::readers(self.tx, revision, Revision::MAX >> 1).await?.is_empty() {
            return inconsistent("journal_reader", revision + 1, "there is no such revision");
        }
        if !journal::districts(self.tx, revision, Revision::MAX >> 1).await?.is_empty() {
            return inconsistent("journal_district", revision + 1, "there is no such revision");
        }
        if revision != head.revision {
            return inconsistent("head", 1, format!("it says revision {}, the journal ends with {revision}", head.revision));
        }
        if digest != head.digest || recorded_at.is_some_and(|at| at != head.recorded_at) {
            return inconsistent("head", 1, "its digest or time is not that of the last entry");
        }
        Ok(())
    }

    /// An entry refers to a record of the same kind that it or an earlier entry created and that was not removed.
    /// Returns the record's previous entry.
    fn entry(&mut self, change: &Change, is_restricted: bool, found_by: &BTreeSet<i64>) -> Result<Option<Revision>> {
        let creates = change.record == change.revision;
        let open_on = (!is_restricted).then(|| day_in_china(change.recorded_at));
        let newest = Newest {
            record: change.record,
            revision: change.revision,
            kind: change.kind,
            is_alive: change.document.is_some(),
            open_on,
            entry_digest: entry_digest(change.document.as_deref().unwrap_or_default(), found_by),
        };
        if creates {
            if let (RecordKind::Agreement, Some(document)) = (change.kind, &change.document)
                && let Ok(Numbered { number }) = serde_json::from_str(document)
            {
                self.agreements.insert(number, change.record);
            }
            self.newest.push(newest);
            return if newest.is_alive { Ok(None) } else { inconsistent(journal::TABLE, change.revision, "it creates a record and has no document") };
        }
        let known = self.position(change.record).filter(|at| self.newest[*at].kind == change.kind && self.newest[*at].is_alive);
        let Some(known) = known else { return inconsistent(journal::TABLE, change.revision, "it refers to a record that did not exist") };
        let before = std::mem::replace(&mut self.newest[known], newest);
        self.superseded.push((before.revision, before.open_on, before.entry_digest));
        if !newest.is_alive {
            self.removed.push((newest.revision, newest.entry_digest, before.revision));
        }
        Ok(Some(before.revision))
    }

    /// Checks stored contents against their digests; returns how many documents have none.
    async fn contents(&self, contents: &ContentStore) -> Result<u64> {
        let (mut after, mut without) = (0, 0);
        loop {
            let page = table::page::<Document>(self.tx, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(without) };
            after = last.id;
            for stored in page {
                let digest = stored.read::<Document>()?.digest;
                match contents.find(self.tx, digest).await {
                    Ok(found) => without += u64::from(found.is_none()),
                    Err(Error::Corrupt { .. }) => return inconsistent(content::TABLE, digest, "it is not what its digest says"),
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Superseded entries too are found by the districts that they name.
    async fn superseded(&mut self, code_index: &CodeIndex) -> Result<()> {
        let removed: HashMap<Revision, (Revision, [u8; 16])> =
            self.removed.iter().map(|(removed, entry_digest, before)| (*before, (*removed, *entry_digest))).collect();
        for page in self.superseded.chunks(1_000) {
            let words: HashMap<Revision, (Option<Date>, [u8; 16])> =
                page.iter().map(|(revision, open_on, entry_digest)| (*revision, (*open_on, *entry_digest))).collect();
            for change in journal::at(self.tx, words.keys().copied()).await? {
                let document = change.document.as_deref().unwrap_or_default();
                let Some((open_on, kept)) = words.get(&change.revision) else { continue };
                let named = named(change.kind, document, *open_on).into_iter().filter_map(|code| code_index.find_district(code)).collect();
                if *kept != entry_digest(document, &named) {
                    return inconsistent("journal_district", change.revision, "it is not found by the districts that it names");
                }
                if let Some((removed, _)) = removed.get(&change.revision).filter(|(_, found_by)| *found_by != entry_digest("", &named)) {
                    return inconsistent("journal_district", removed, "it is not found by the districts that the removed record names");
                }
                if let Some(number) = number(change.kind, document) {
                    self.greatest_serial = Ord::max(self.greatest_serial, number.serial());
                }
            }
        }
        Ok(())
    }

    fn position(&self, record: Revision) -> Option<usize> {
        self.newest.binary_search_by_key(&record, |newest| newest.record).ok()
    }

    async fn table<T: Table>(&mut self, code_index: &CodeIndex) -> Result<()> {
        let (mut after, mut count) = (0, 0);
        loop {
            let page = table::rows::<T>(self.tx, after, PAGE).await?;
            for row in &page {
                let stored = stored::<T>(row)?;
                after = stored.id;
                self.row::<T>(row, stored, code_index).await?;
            }
            if page.is_empty() {
                return self.count(T::NAME, T::KIND, count);
            }
            count += page.len();
            self.advance(page.len());
        }
    }

    fn count(&self, table: &'static str, kind: RecordKind, count: usize) -> Result<()> {
        let alive = self.newest.iter().filter(|newest| newest.kind == kind && newest.is_alive).count();
        if alive == count { Ok(()) } else { inconsistent(table, "*", format!("the journal has {alive} records, the table {count}")) }
    }

    async fn row<T: Table>(&mut self, row: &T::Row, stored: StoredRecord, code_index: &CodeIndex) -> Result<()> {
        let StoredRecord { id, revision, body } = stored;
        let record = Record::from_line(&body).ok().and_then(T::from_record);
        let open_on = u64::try_from(id).ok().and_then(|id| self.position(id)).and_then(|at| self.newest[at].open_on);
        let named = named(T::KIND, &body, open_on).into_iter().filter_map(|code| code_index.find_district(code)).collect();
        self.check_newest(T::NAME, T::KIND, &StoredRecord { id, revision, body: body.clone() }, &named).await?;
        let Some(record) = record else { return inconsistent(T::NAME, id, "body is not a record") };
        let expected = match record.row(RowContext { id, revision, body: &body, code_index }) {
            Err(Error::Refused(problem)) => return inconsistent(T::NAME, id, problem.message.en),
            expected => expected?,
        };
        if let Some(column) = table::differs::<T>(row, &expected) {
            return inconsistent(T::NAME, id, format!("{column} is not what the record says"));
        }
        if let Record::Agreement(agreement) = record.into_record() {
            self.greatest_serial = Ord::max(self.greatest_serial, agreement.number.serial());
        }
        Ok(())
    }

    /// Is the stored record the newest entry, and is that found by the districts it names?
    async fn check_newest(&self, table: &'static str, kind: RecordKind, stored: &StoredRecord, named: &BTreeSet<i64>) -> Result<()> {
        let known = u64::try_from(stored.id).ok().and_then(|id| self.position(id)).map(|at| self.newest[at]);
        let Some(newest) = known.filter(|newest| newest.kind == kind && newest.is_alive) else {
            return inconsistent(table, stored.id, "it is not in the journal");
        };
        if column(newest.revision) != stored.revision {
            return inconsistent(table, stored.id, format!("revision is {}, the newest entry is {}", stored.revision, newest.revision));
        }
        if entry_digest(&stored.body, named) == newest.entry_digest {
            return Ok(());
        }
        match journal::at(self.tx, [newest.revision]).await?.pop() {
            Some(change) if change.document.as_deref() == Some(&stored.body) => {
                inconsistent("journal_district", newest.revision, "it is not found by the districts that its record names")
            }
            _ => inconsistent(table, stored.id, format!("body is not the document of revision {}", stored.revision)),
        }
    }

    /// Every code of a district leads to it, and every stored code was its own at some time.
    async fn codes(&self, code_index: &CodeIndex) -> Result<()> {
        let mut led: HashMap<i64, BTreeSet<DistrictCode>> = HashMap::new();
        for (code, district) in code_index.districts() {
            led.entry(district).or_default().insert(code);
        }
        let mut after = 0;
        loop {
            let page = table::page::<District>(self.tx, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for stored in page {
                let id = stored.id;
                let mut codes = led.remove(&id).unwrap_or_default();
                for code in stored.read::<District>()?.all_codes() {
                    if !codes.remove(&code) {
                        return inconsistent("district_code", code, format!("it does not lead to the district {id} that bears it"));
                    }
                }
                if !codes.is_empty() {
                    self.former_codes(id, codes).await?;
                }
            }
        }
        match led.values().flatten().next() {
            Some(code) => inconsistent("district_code", code, "it leads to a district that does not exist"),
            None => Ok(()),
        }
    }

    async fn former_codes(&self, id: i64, mut codes: BTreeSet<DistrictCode>) -> Result<()> {
        let record = Some((RecordKind::District, id.unsigned_abs()));
        let mut since = 0;
        loop {
            let asked =
                ChangeQuery { since, through: Revision::MAX >> 1, record, seen_by: JournalReader::All, limit: PAGE, ..ChangeQuery::default() };
            let page = journal::changes(self.tx, &asked).await?;
            let Some(last) = page.last() else { break };
            since = last.revision;
            for line in page.iter().filter_map(|change| change.document.as_deref()) {
                if let Ok(Record::District(district)) = Record::from_line(line) {
                    for code in district.all_codes() {
                        codes.remove(&code);
                    }
                }
            }
        }
        match codes.first() {
            Some(code) => inconsistent("district_code", code, format!("the district {id} never bore it")),
            None => Ok(()),
        }
    }

    async fn keys(&mut self, code_index: &CodeIndex) -> Result<()> {
        let keys = or_inconsistent(keys::all(self.tx).await)?;
        for stored_key in &keys {
            let id = stored_key.key.id;
            let stored = StoredRecord { id: key(id), revision: column(stored_key.key.revision), body: stored_key.body.clone() };
            let district = stored_key.key.record.district.into_iter().filter_map(|code| code_index.find_district(code)).collect();
            self.check_newest(keys::TABLE, RecordKind::ApiKey, &stored, &district).await?;
            if stored_key.key.record.seal != keys::seal(&stored_key.hash) {
                return inconsistent(keys::TABLE, id, "its hash does not match the record's seal");
            }
        }
        self.advance(keys.len());
        self.count(keys::TABLE, RecordKind::ApiKey, keys.len())
    }
}

/// The number of an agreement, read without the rest of its line.
#[derive(Deserialize)]
struct Numbered {
    number: String,
}

/// The agreement's number in a journal document.
fn number(kind: RecordKind, document: &str) -> Option<AgreementNumber> {
    if kind != RecordKind::Agreement {
        return None;
    }
    match Record::from_line(document).ok()? {
        Record::Agreement(agreement) => Some(agreement.number),
        Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_) => None,
    }
}

/// The districts that a journal document names.
fn named(kind: RecordKind, document: &str, open_on: Option<Date>) -> Vec<DistrictCode> {
    if kind == RecordKind::ApiKey {
        return keys::read_line(document).and_then(|key| key.district).into_iter().collect();
    }
    match Record::from_line(document) {
        Ok(Record::District(record)) => Table::districts(&record),
        Ok(Record::Matter(record)) => Table::districts(&record),
        Ok(Record::Offering(record)) => Table::districts(&*record),
        Ok(Record::Window(record)) => Table::districts(&record),
        Ok(Record::Agreement(record)) => agreement::found_by(&record, open_on),
        Ok(Record::Policy(record)) => Table::districts(&*record),
        Ok(Record::Document(record)) => Table::districts(&record),
        Err(_) => Vec::new(),
    }
}

fn by_revision(pairs: Vec<(i64, i64)>) -> HashMap<i64, BTreeSet<i64>> {
    let mut districts: HashMap<i64, BTreeSet<i64>> = HashMap::new();
    for (revision, district) in pairs {
        districts.entry(revision).or_default().insert(district);
    }
    districts
}

/// The common columns of a row.
fn stored<T: Table>(row: &T::Row) -> Result<StoredRecord> {
    let corrupt = |column| Error::corrupt(T::NAME, column, "?");
    let (mut id, mut revision, mut body) = (None, None, None);
    for column in <T::Entity as EntityTrait>::Column::iter() {
        match (column.as_str(), row.get(column)) {
            ("id", Value::BigInt(value)) => id = value,
            ("revision", Value::BigInt(value)) => revision = value,
            ("body", Value::String(value)) => body = value,
            _ => {}
        }
    }
    Ok(StoredRecord {
        id: id.ok_or_else(|| corrupt("id"))?,
        revision: revision.ok_or_else(|| corrupt("revision"))?,
        body: body.ok_or_else(|| corrupt("body"))?,
    })
}
