//! Verifies that the registry is what its journal says: the chain has no gap, every row is its newest entry, and no row
//! is missing or extra.

mod journal;
mod readers;
mod tables;

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use domain::{
    Agreement, Date, Digest, District, DistrictCode, Document, Matter, Offering, Policy, Record, RecordKind, Revision,
    Window,
};
use sea_orm::DatabaseTransaction;
use sha2::{Digest as _, Sha256};

use crate::code_index::CodeIndex;
use crate::error::{Error, Inconsistency, Result};
use crate::feedback;
use crate::head::Head;
use crate::store::Store;
use crate::table::Table;
use crate::{agreement, key as keys, person};

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

impl Store {
    /// Verifies journal and records, or fails with `Error::Inconsistent`. `progress` gets the number of entries and
    /// rows that are done, and of all.
    pub async fn verify(&self, progress: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<Verified> {
        let tx = self.begin_read().await?;
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
        verifier.people(&code_index).await?;
        verifier.feedback(&code_index).await?;
        if verifier.greatest_serial > head.agreements {
            return inconsistent(
                "head",
                1,
                format!("the serial number {} would be used again", verifier.greatest_serial),
            );
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

    fn position(&self, record: Revision) -> Option<usize> {
        self.newest.binary_search_by_key(&record, |newest| newest.record).ok()
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

/// The districts that a journal document names.
fn named(kind: RecordKind, document: &str, open_on: Option<Date>) -> Vec<DistrictCode> {
    if kind == RecordKind::ApiKey {
        return keys::read_line(document).and_then(|key| key.district).into_iter().collect();
    }
    if matches!(kind, RecordKind::Person | RecordKind::Grant) {
        return person::districts(document).into_iter().collect();
    }
    if kind == RecordKind::Feedback {
        return feedback::read_line(document).map_or_else(Vec::new, |case| case.districts);
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
