//! A unit of work: the one way to write. It takes the head row first, so that nobody else writes until it
//! is done; each record it writes goes into the journal in the same transaction.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};
use domain::journal::Action;
use domain::{
    Agreement, AgreementNumber, ApiKey, Change, District, DistrictCode, Id, Matter, Offering, Policy, Record, RecordKind, Recorded, Revision, Window,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use crate::error::{Error, Result};
use crate::head::Head;
use crate::journal::{self, Entry};
use crate::number::{column, key};
use crate::places::Places;
use crate::store::Store;
use crate::table::{self, Held, Kept, Table};
use crate::{agreement, district, key as keys, offering, problem, window};

/// Who writes, for whom, and when.
#[derive(Debug, Clone)]
pub struct By {
    /// A reference that names no person.
    pub actor: String,
    pub on_behalf_of: Option<DistrictCode>,
    pub now: DateTime<Utc>,
}

/// What came of putting a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    Changed(Change),
    /// The registry holds the very same record.
    Unchanged {
        id: Revision,
    },
}

/// A unit of work. Dropped without `commit`, nothing has happened.
#[derive(Debug)]
pub struct Work {
    store: Store,
    tx: DatabaseTransaction,
    by: By,
    before: Revision,
    head: Head,
    places: Places,
    unwritten: Vec<Entry>,
    kept: Keeping,
}

/// What becomes of the changes after they were written.
#[derive(Debug)]
pub(crate) enum Keeping {
    /// They are handed to whoever commits.
    Changes(Vec<Change>),
    /// There are too many for that.
    Nothing,
    /// There are none: the work only counts what it would do.
    Rehearsal,
}

/// How many records of a batch were new, other, the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) registered: u64,
    pub(crate) revised: u64,
    pub(crate) unchanged: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.registered += other.registered;
        self.revised += other.revised;
        self.unchanged += other.unchanged;
    }
}

impl Work {
    pub(crate) fn new(store: Store, tx: DatabaseTransaction, head: Head, by: By, kept: Keeping) -> Self {
        let by = By { now: by.now.trunc_subsecs(6).max(head.recorded_at), ..by };
        Self { store, tx, by, before: head.revision, head, places: Places::default(), unwritten: Vec::new(), kept }
    }

    /// The revision that it builds on.
    pub fn base(&self) -> Revision {
        self.before
    }

    /// Registers the record, or revises the one with its natural key.
    pub async fn put(&mut self, record: Record) -> Result<Put> {
        let held = self.held(&record).await?;
        if let (Record::District(record), Some(held)) = (&record, &held) {
            let now: BTreeSet<_> = record.all_codes().collect();
            if let Some(code) = held.clone().read::<District>()?.all_codes().find(|code| !now.contains(code)) {
                return Err(Error::refused(problem::code_dropped(code)));
            }
        }
        let id = held.as_ref().map(|held| held.id);
        if let Record::Agreement(agreement) = &record {
            self.head.agreements = self.head.agreements.max(agreement.number.serial());
        }
        let before = self.head.revision;
        let records = vec![(held, record)];
        match records[0].1.kind() {
            RecordKind::District => self.put_all::<District>(records).await?,
            RecordKind::Matter => self.put_all::<Matter>(records).await?,
            RecordKind::Offering => self.put_all::<Offering>(records).await?,
            RecordKind::Window => self.put_all::<Window>(records).await?,
            RecordKind::Agreement => self.put_all::<Agreement>(records).await?,
            RecordKind::Policy => self.put_all::<Policy>(records).await?,
            RecordKind::Document | RecordKind::ApiKey | RecordKind::Finding => unreachable!("no line carries it"),
        };
        match (self.unwritten.last().filter(|_| self.head.revision > before), id) {
            (Some(entry), _) => Ok(Put::Changed(entry.change.clone())),
            (None, id) => Ok(Put::Unchanged { id: u64::try_from(id.unwrap_or_default()).unwrap_or_default() }),
        }
    }

    /// The record with the same natural key.
    async fn held(&mut self, record: &Record) -> Result<Option<Held>> {
        self.learn(std::slice::from_ref(&record)).await?;
        let tx = &self.tx;
        let found = |id: Option<i64>| id.into_iter();
        match record {
            Record::District(record) => Ok(table::by_id::<District>(tx, found(self.places.find_district(record.code))).await?.into_values().next()),
            Record::Matter(record) => Ok(table::by_id::<Matter>(tx, found(self.places.find_matter(record.code))).await?.into_values().next()),
            Record::Offering(record) => {
                let matter = record.matter.map(|code| self.places.matter(code)).transpose()?;
                let known_by = offering::known_by(record, self.places.district(record.district)?, matter);
                Ok(offering::known(tx, vec![known_by]).await?.into_values().next())
            }
            Record::Window(record) => {
                let district = self.places.district(record.district)?;
                Ok(window::of_districts(tx, BTreeSet::from([district])).await?.remove(&(district, record.name.to_string())))
            }
            Record::Agreement(record) => {
                Ok(agreement::known(tx, vec![record.number.to_string()], Vec::new(), Vec::new()).await?.pop().map(|known| known.held))
            }
            Record::Policy(record) => {
                let policies = table::page::<Policy>(tx, 0, u64::from(u32::MAX)).await?;
                let known = crate::import::policies::Known::read(policies)?;
                Ok(known.find(record))
            }
        }
    }

    /// The number of the next agreement.
    pub fn next_agreement_number(&mut self, year: u16) -> Option<AgreementNumber> {
        let number = AgreementNumber::new(year, self.head.agreements.checked_add(1)?)?;
        self.head.agreements = number.serial();
        Some(number)
    }

    /// Keeps a key. `hash` is that of its secret, and the key's seal proves it.
    pub async fn issue_key(&mut self, mut key: ApiKey, hash: String) -> Result<Recorded<ApiKey>> {
        key.seal = keys::seal(&hash);
        let body = keys::line(&key);
        let districts = self.key_districts(&key).await?;
        let revision = self.append(RecordKind::ApiKey, Action::Issued, None, body.clone(), districts);
        keys::insert(&self.tx, column(revision), body, hash).await?;
        Ok(Recorded { id: Id::new(revision), revision, record: key })
    }

    /// Ends a key; `None`: there is none with that id. One that was ended stays as it was.
    pub async fn revoke_key(&mut self, id: Id<ApiKey>, at: DateTime<Utc>) -> Result<Option<Recorded<ApiKey>>> {
        let Some(stored) = keys::by_id(&self.tx, id).await? else { return Ok(None) };
        let mut revoked = stored.key;
        if revoked.record.revoked_at.is_some() {
            return Ok(Some(revoked));
        }
        revoked.record.revoked_at = Some(at.trunc_subsecs(6));
        let body = keys::line(&revoked.record);
        let districts = self.key_districts(&revoked.record).await?;
        revoked.revision = self.append(RecordKind::ApiKey, Action::Revoked, Some(id.number()), body.clone(), districts);
        keys::replace(&self.tx, key(id), column(revoked.revision), body).await?;
        Ok(Some(revoked))
    }

    async fn key_districts(&mut self, key: &ApiKey) -> Result<Vec<i64>> {
        let Some(code) = key.district else { return Ok(Vec::new()) };
        self.places.learn(&self.tx, BTreeSet::from([code]), BTreeSet::new()).await?;
        Ok(vec![self.places.district(code)?])
    }

    /// Makes it so. Gives back what it wrote, in the order of the revisions.
    pub async fn commit(mut self) -> Result<Vec<Change>> {
        if self.head.revision == self.before {
            return Ok(Vec::new());
        }
        self.flush().await?;
        self.head.write(&self.tx).await?;
        if self.tx.get_database_backend() == DbBackend::Postgres {
            self.tx.execute_unprepared(&format!("NOTIFY tongban, '{}'", self.head.revision)).await?;
        }
        self.tx.commit().await?;
        self.store.changed();
        match self.kept {
            Keeping::Changes(changes) => Ok(changes),
            Keeping::Nothing | Keeping::Rehearsal => Ok(Vec::new()),
        }
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// Lets the serial numbers of agreements go on after this one.
    pub(crate) fn skip_agreements(&mut self, serial: u32) {
        self.head.agreements = self.head.agreements.max(serial);
    }

    /// Looks up the places that these records name.
    pub(crate) async fn learn(&mut self, records: &[&Record]) -> Result<()> {
        let (mut districts, mut matters) = (BTreeSet::new(), BTreeSet::new());
        for record in records {
            match record {
                Record::District(record) => districts.extend(record.all_codes()),
                Record::Matter(record) => {
                    matters.insert(record.code);
                }
                Record::Offering(record) => {
                    districts.insert(record.district);
                    matters.extend(record.matter);
                }
                Record::Window(record) => {
                    districts.insert(record.district);
                }
                Record::Agreement(record) => districts.extend(record.districts()),
                Record::Policy(_) => {}
            }
        }
        self.places.learn(&self.tx, districts, matters).await
    }

    pub(crate) async fn learn_districts(&mut self, districts: BTreeSet<DistrictCode>) -> Result<()> {
        self.places.learn(&self.tx, districts, BTreeSet::new()).await
    }

    /// Writes records of one kind, each with the one that it replaces.
    pub(crate) async fn put_all<T: Table>(&mut self, records: Vec<(Option<Held>, Record)>) -> Result<Tally> {
        self.learn(&records.iter().map(|(_, record)| record).collect::<Vec<_>>()).await?;
        let mut tally = Tally::default();
        let (mut new, mut revised, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        for (held, record) in &records {
            let line = record.line();
            let record = T::of(record).expect("the records are of one kind");
            if held.as_ref().is_some_and(|held| held.is(record, &line)) {
                tally.unchanged += 1;
                continue;
            }
            let (id, action) = match held {
                Some(held) => (held.id, Action::Revised),
                None => (column(self.head.revision + 1), Action::Registered),
            };
            codes.extend(self.place(record, id)?);
            let districts = record.districts().into_iter().map(|code| self.places.district(code)).collect::<Result<_>>()?;
            let row = record.row(Kept { id, revision: column(self.head.revision + 1), body: &line, places: &self.places })?;
            self.append(T::KIND, action, held.as_ref().map(|_| id.unsigned_abs()), line, districts);
            if held.is_some() {
                tally.revised += 1;
                revised.push(row);
            } else {
                tally.registered += 1;
                new.push(row);
            }
        }
        if !matches!(self.kept, Keeping::Rehearsal) {
            table::write::<T>(&self.tx, new, revised).await?;
            district::bear(&self.tx, &codes).await?;
        }
        if self.unwritten.len() >= 1_000 {
            self.flush().await?;
        }
        Ok(tally)
    }

    /// Lets the codes of a record lead to it; gives back those that are new.
    fn place<T: Table>(&mut self, record: &T, id: i64) -> Result<Vec<(DistrictCode, i64)>> {
        let mut new = Vec::new();
        for code in record.codes() {
            match self.places.find_district(code) {
                Some(other) if other != id => return Err(Error::refused(problem::code_taken(code, vec!["codes".to_owned()]))),
                Some(_) => {}
                None => {
                    self.places.place_district(code, id);
                    new.push((code, id));
                }
            }
        }
        if let Some(code) = record.matter_code() {
            self.places.place_matter(code, id);
        }
        Ok(new)
    }

    fn append(&mut self, kind: RecordKind, action: Action, record: Option<Revision>, document: String, mut districts: Vec<i64>) -> Revision {
        districts.sort_unstable();
        districts.dedup();
        let revision = self.head.revision + 1;
        let mut change = Change {
            revision,
            recorded_at: self.by.now,
            actor: self.by.actor.clone(),
            on_behalf_of: self.by.on_behalf_of,
            kind,
            action,
            record: record.unwrap_or(revision),
            document: Some(document),
            previous: self.head.digest,
            digest: self.head.digest,
        };
        change.digest = change.seal();
        self.head.revision = revision;
        self.head.digest = change.digest;
        self.head.recorded_at = change.recorded_at;
        self.unwritten.push(Entry { change, districts });
        revision
    }

    async fn flush(&mut self) -> Result<()> {
        let entries = std::mem::take(&mut self.unwritten);
        match &mut self.kept {
            Keeping::Rehearsal => return Ok(()),
            Keeping::Nothing => journal::append(&self.tx, &entries).await?,
            Keeping::Changes(changes) => {
                journal::append(&self.tx, &entries).await?;
                changes.extend(entries.into_iter().map(|entry| entry.change));
            }
        }
        Ok(())
    }
}
