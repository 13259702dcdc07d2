//! The proof that the registry is what its journal says: the chain holds without a gap, and every row is
//! its newest entry, with nothing missing and nothing beside.

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
use crate::content::{self, Contents};
use crate::error::{Error, Result};
use crate::head::{Head, day_in_china};
use crate::journal::{self, ChangesAsked, Seen};
use crate::key as keys;
use crate::number::{column, key};
use crate::places::Places;
use crate::store::Store;
use crate::table::{self, Held, Kept, Table};

const PAGE: u64 = 1_000;

/// What was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub revision: Revision,
    pub digest: Digest,
    /// Rows of records and keys.
    pub records: u64,
    /// Documents whose content is not kept here: an import brings none.
    pub without_content: u64,
}

/// The first thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    pub table: &'static str,
    /// The revision or id of the row.
    pub key: String,
    pub what: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.table, self.key, self.what)
    }
}

fn broken<T>(table: &'static str, key: impl fmt::Display, what: impl Into<String>) -> Result<T> {
    Err(Error::Broken(Break { table, key: key.to_string(), what: what.into() }))
}

/// What cannot even be read is a break too.
fn legible<T>(read: Result<T>) -> Result<T> {
    match read {
        Err(Error::Corrupt { table, column, id }) => broken(table, id, format!("{column} cannot be read")),
        read => read,
    }
}

impl Store {
    /// Proves journal and records, or says with `Error::Broken` what does not hold. `progress` hears how
    /// many of how many entries and rows are done.
    pub async fn verify(&self, progress: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<Verified> {
        let tx = self.reading().await?;
        let head = legible(Head::read(&tx).await)?;
        let mut proof = Proof {
            tx: &tx,
            progress,
            of: head.revision * 2,
            done: 0,
            newest: Vec::new(),
            superseded: Vec::new(),
            gone: Vec::new(),
            greatest_serial: 0,
            agreements: HashMap::new(),
        };
        let places = legible(Places::all(&tx).await)?;
        proof.journal(&head, &places).await?;
        proof.superseded(&places).await?;
        proof.table::<District>(&places).await?;
        proof.codes(&places).await?;
        proof.table::<Matter>(&places).await?;
        proof.table::<Policy>(&places).await?;
        proof.table::<Offering>(&places).await?;
        proof.table::<Window>(&places).await?;
        proof.table::<Agreement>(&places).await?;
        proof.table::<Document>(&places).await?;
        let without_content = proof.contents(self.contents()).await?;
        proof.keys(&places).await?;
        if proof.greatest_serial > head.agreements {
            return broken("head", 1, format!("it would give the number {} again", proof.greatest_serial));
        }
        let records = proof.newest.iter().filter(|newest| newest.is_alive).count() as u64;
        Ok(Verified { revision: head.revision, digest: head.digest, records, without_content })
    }
}

/// What the journal says last of a record, in a few bytes.
#[derive(Debug, Clone, Copy)]
struct Newest {
    record: Revision,
    revision: Revision,
    kind: RecordKind,
    is_alive: bool,
    /// The day of its newest entry, if that is for everybody.
    open_on: Option<Date>,
    /// Of its document, and of the districts by which it is found.
    word: [u8; 16],
}

fn word(document: &str, districts: &BTreeSet<i64>) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(document);
    for district in districts {
        hash.update(district.to_be_bytes());
    }
    let mut word = [0; 16];
    word.copy_from_slice(&hash.finalize()[..16]);
    word
}

struct Proof<'a> {
    tx: &'a DatabaseTransaction,
    progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    of: u64,
    done: u64,
    /// Every record of the journal, in the order of their ids.
    newest: Vec<Newest>,
    /// Entries that are no record's newest: revision, day if they are for everybody, and word.
    superseded: Vec<(Revision, Option<Date>, [u8; 16])>,
    /// Entries that removed a record: the revision, its word, and the revision before it.
    gone: Vec<(Revision, [u8; 16], Revision)>,
    /// Of the numbers of agreements, those of removed ones among them.
    greatest_serial: u32,
    /// The agreements of the journal by their numbers, those of removed ones among them.
    agreements: HashMap<String, Revision>,
}

impl Proof<'_> {
    fn advance(&mut self, by: usize) {
        self.done += by as u64;
        (self.progress)(Ord::min(self.done, self.of), self.of);
    }

    async fn journal(&mut self, head: &Head, places: &Places) -> Result<()> {
        let (mut revision, mut digest, mut recorded_at) = (0, Digest::GENESIS, None);
        loop {
            let asked = ChangesAsked { since: revision, through: Revision::MAX >> 1, seen_by: Seen::All, limit: PAGE, ..ChangesAsked::default() };
            let page = legible(journal::changes(self.tx, &asked).await)?;
            let Some(last) = page.last() else { break };
            let mut found_by = by_revision(journal::districts(self.tx, revision, last.revision).await?);
            let mut read_by = by_revision(journal::readers(self.tx, revision, last.revision).await?);
            let restricted = journal::restricted(self.tx, revision, last.revision).await?;
            let mut read: Vec<Restricted<'_>> = Vec::new();
            for change in &page {
                if change.revision != revision + 1 {
                    return broken(journal::TABLE, revision + 1, "the entry is missing");
                }
                if change.previous != digest {
                    return broken(journal::TABLE, change.revision, "it is not chained to the entry before it");
                }
                if !change.is_intact() {
                    return broken(journal::TABLE, change.revision, "its digest is not that of what it says");
                }
                (revision, digest, recorded_at) = (change.revision, change.digest, Some(change.recorded_at));
                let is_restricted = restricted.contains(&column(revision));
                let before = self.entry(change, is_restricted, &found_by.remove(&column(revision)).unwrap_or_default())?;
                match (is_restricted, read_by.remove(&column(revision))) {
                    (false, None) => {}
                    (false, Some(_)) => return broken(journal::TABLE, revision, "it has readers, but is for everybody"),
                    (true, None) => return broken(journal::TABLE, revision, "it is restricted, but has no readers"),
                    (true, Some(_)) if !matches!(change.kind, RecordKind::Agreement | RecordKind::Document) => {
                        return broken(journal::TABLE, revision, "it is for everybody, but is restricted");
                    }
                    (true, Some(readers)) => read.push(Restricted { change, before, readers }),
                }
            }
            self.readers(&read, places).await?;
            if let Some(stray) = read_by.keys().next() {
                return broken("journal_reader", stray, "there is no such revision");
            }
            if let Some(stray) = found_by.keys().next() {
                return broken("journal_district", stray, "there is no such revision");
            }
            self.advance(page.len());
        }
        if !journal::readers(self.tx, revision, Revision::MAX >> 1).await?.is_empty() {
            return broken("journal_reader", revision + 1, "there is no such revision");
        }
        if !journal::districts(self.tx, revision, Revision::MAX >> 1).await?.is_empty() {
            return broken("journal_district", revision + 1, "there is no such revision");
        }
        if revision != head.revision {
            return broken("head", 1, format!("it says revision {}, the journal ends with {revision}", head.revision));
        }
        if digest != head.digest || recorded_at.is_some_and(|at| at != head.recorded_at) {
            return broken("head", 1, "its digest or time is not that of the last entry");
        }
        Ok(())
    }

    /// Every entry is about a record that it or an earlier one created, of the same kind, and that was not
    /// removed since. Gives back the record's entry before it.
    fn entry(&mut self, change: &Change, is_restricted: bool, found_by: &BTreeSet<i64>) -> Result<Option<Revision>> {
        let creates = change.record == change.revision;
        let open_on = (!is_restricted).then(|| day_in_china(change.recorded_at));
        let newest = Newest {
            record: change.record,
            revision: change.revision,
            kind: change.kind,
            is_alive: change.document.is_some(),
            open_on,
            word: word(change.document.as_deref().unwrap_or_default(), found_by),
        };
        if creates {
            if let (RecordKind::Agreement, Some(document)) = (change.kind, &change.document)
                && let Ok(Numbered { number }) = serde_json::from_str(document)
            {
                self.agreements.insert(number, change.record);
            }
            self.newest.push(newest);
            return if newest.is_alive { Ok(None) } else { broken(journal::TABLE, change.revision, "it creates a record and has none") };
        }
        let known = self.place(change.record).filter(|at| self.newest[*at].kind == change.kind && self.newest[*at].is_alive);
        let Some(known) = known else { return broken(journal::TABLE, change.revision, "it is about a record that there was not before") };
        let before = std::mem::replace(&mut self.newest[known], newest);
        self.superseded.push((before.revision, before.open_on, before.word));
        if !newest.is_alive {
            self.gone.push((newest.revision, newest.word, before.revision));
        }
        Ok(Some(before.revision))
    }

    /// Every content that is kept is the one that its digest names; gives back how many documents have none.
    async fn contents(&self, contents: &Contents) -> Result<u64> {
        let (mut after, mut without) = (0, 0);
        loop {
            let page = table::page::<Document>(self.tx, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(without) };
            after = last.id;
            for held in page {
                let digest = held.read::<Document>()?.digest;
                match contents.find(self.tx, digest).await {
                    Ok(found) => without += u64::from(found.is_none()),
                    Err(Error::Corrupt { .. }) => return broken(content::TABLE, digest, "it is not what its digest says"),
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Entries that no row shows any more are found by the districts that they name, too.
    async fn superseded(&mut self, places: &Places) -> Result<()> {
        let gone: HashMap<Revision, (Revision, [u8; 16])> = self.gone.iter().map(|(gone, word, before)| (*before, (*gone, *word))).collect();
        for page in self.superseded.chunks(1_000) {
            let words: HashMap<Revision, (Option<Date>, [u8; 16])> =
                page.iter().map(|(revision, open_on, word)| (*revision, (*open_on, *word))).collect();
            for change in journal::at(self.tx, words.keys().copied()).await? {
                let document = change.document.as_deref().unwrap_or_default();
                let Some((open_on, kept)) = words.get(&change.revision) else { continue };
                let named = named(change.kind, document, *open_on).into_iter().filter_map(|code| places.find_district(code)).collect();
                if *kept != word(document, &named) {
                    return broken("journal_district", change.revision, "it is not found by the districts that it names");
                }
                if let Some((gone, _)) = gone.get(&change.revision).filter(|(_, found_by)| *found_by != word("", &named)) {
                    return broken("journal_district", gone, "it is not found by the districts that the removed record names");
                }
                if let Some(number) = number(change.kind, document) {
                    self.greatest_serial = Ord::max(self.greatest_serial, number.serial());
                }
            }
        }
        Ok(())
    }

    fn place(&self, record: Revision) -> Option<usize> {
        self.newest.binary_search_by_key(&record, |newest| newest.record).ok()
    }

    async fn table<T: Table>(&mut self, places: &Places) -> Result<()> {
        let (mut after, mut count) = (0, 0);
        loop {
            let page = table::rows::<T>(self.tx, after, PAGE).await?;
            for row in &page {
                let held = held::<T>(row)?;
                after = held.id;
                self.row::<T>(row, held, places).await?;
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
        if alive == count { Ok(()) } else { broken(table, "*", format!("the journal has {alive} records, the table {count}")) }
    }

    async fn row<T: Table>(&mut self, row: &T::Row, held: Held, places: &Places) -> Result<()> {
        let Held { id, revision, body } = held;
        let record = Record::from_line(&body).ok().and_then(T::from_record);
        let open_on = u64::try_from(id).ok().and_then(|id| self.place(id)).and_then(|at| self.newest[at].open_on);
        let named = named(T::KIND, &body, open_on).into_iter().filter_map(|code| places.find_district(code)).collect();
        self.prove(T::NAME, T::KIND, &Held { id, revision, body: body.clone() }, &named).await?;
        let Some(record) = record else { return broken(T::NAME, id, "body is not a record") };
        let expected = match record.row(Kept { id, revision, body: &body, places }) {
            Err(Error::Refused(problem)) => return broken(T::NAME, id, problem.message.en),
            expected => expected?,
        };
        if let Some(column) = table::differs::<T>(row, &expected) {
            return broken(T::NAME, id, format!("{column} is not what the record says"));
        }
        if let Record::Agreement(agreement) = record.into_record() {
            self.greatest_serial = Ord::max(self.greatest_serial, agreement.number.serial());
        }
        Ok(())
    }

    /// Is what is held the record's newest entry, and is that found by the districts it names?
    async fn prove(&self, table: &'static str, kind: RecordKind, held: &Held, named: &BTreeSet<i64>) -> Result<()> {
        let known = u64::try_from(held.id).ok().and_then(|id| self.place(id)).map(|at| self.newest[at]);
        let Some(newest) = known.filter(|newest| newest.kind == kind && newest.is_alive) else {
            return broken(table, held.id, "the journal does not know it");
        };
        if column(newest.revision) != held.revision {
            return broken(table, held.id, format!("revision is {}, the newest entry is {}", held.revision, newest.revision));
        }
        if word(&held.body, named) == newest.word {
            return Ok(());
        }
        match journal::at(self.tx, [newest.revision]).await?.pop() {
            Some(change) if change.document.as_deref() == Some(&held.body) => {
                broken("journal_district", newest.revision, "it is not found by the districts that its record names")
            }
            _ => broken(table, held.id, format!("body is not the document of revision {}", held.revision)),
        }
    }

    /// Every code of a district leads to it, and every code that leads to it was its own at some time.
    async fn codes(&self, places: &Places) -> Result<()> {
        let mut led: HashMap<i64, BTreeSet<DistrictCode>> = HashMap::new();
        for (code, district) in places.districts() {
            led.entry(district).or_default().insert(code);
        }
        let mut after = 0;
        loop {
            let page = table::page::<District>(self.tx, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for held in page {
                let id = held.id;
                let mut codes = led.remove(&id).unwrap_or_default();
                for code in held.read::<District>()?.all_codes() {
                    if !codes.remove(&code) {
                        return broken("district_code", code, format!("it does not lead to the district {id} that bears it"));
                    }
                }
                if !codes.is_empty() {
                    self.former_codes(id, codes).await?;
                }
            }
        }
        match led.values().flatten().next() {
            Some(code) => broken("district_code", code, "it leads to a district that does not exist"),
            None => Ok(()),
        }
    }

    async fn former_codes(&self, id: i64, mut codes: BTreeSet<DistrictCode>) -> Result<()> {
        let record = Some((RecordKind::District, id.unsigned_abs()));
        let mut since = 0;
        loop {
            let asked = ChangesAsked { since, through: Revision::MAX >> 1, record, seen_by: Seen::All, limit: PAGE, ..ChangesAsked::default() };
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
            Some(code) => broken("district_code", code, format!("the district {id} never bore it")),
            None => Ok(()),
        }
    }

    async fn keys(&mut self, places: &Places) -> Result<()> {
        let keys = legible(keys::all(self.tx).await)?;
        for stored in &keys {
            let id = stored.key.id;
            let held = Held { id: key(id), revision: column(stored.key.revision), body: stored.body.clone() };
            let district = stored.key.record.district.into_iter().filter_map(|code| places.find_district(code)).collect();
            self.prove(keys::TABLE, RecordKind::ApiKey, &held, &district).await?;
            if stored.key.record.seal != keys::seal(&stored.hash) {
                return broken(keys::TABLE, id, "its hash is not the one that the record seals");
            }
        }
        self.advance(keys.len());
        self.count(keys::TABLE, RecordKind::ApiKey, keys.len())
    }
}

/// The number in the line of an agreement, read without the rest.
#[derive(Deserialize)]
struct Numbered {
    number: String,
}

/// The number of the agreement of a document.
fn number(kind: RecordKind, document: &str) -> Option<AgreementNumber> {
    if kind != RecordKind::Agreement {
        return None;
    }
    match Record::from_line(document).ok()? {
        Record::Agreement(agreement) => Some(agreement.number),
        Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_) => None,
    }
}

/// The districts that a document names.
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

/// Districts by the revision of their entry.
fn by_revision(pairs: Vec<(i64, i64)>) -> HashMap<i64, BTreeSet<i64>> {
    let mut districts: HashMap<i64, BTreeSet<i64>> = HashMap::new();
    for (revision, district) in pairs {
        districts.entry(revision).or_default().insert(district);
    }
    districts
}

/// What every table of records has.
fn held<T: Table>(row: &T::Row) -> Result<Held> {
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
    Ok(Held {
        id: id.ok_or_else(|| corrupt("id"))?,
        revision: revision.ok_or_else(|| corrupt("revision"))?,
        body: body.ok_or_else(|| corrupt("body"))?,
    })
}
