//! Writes records of any kind.

use std::collections::BTreeSet;

use domain::journal::Action;
use domain::{Agreement, District, DistrictCode, Document, InRecord as _, Matter, Offering, Policy, Record, Window};

use super::context::WorkMode;
use super::result::{JournalAction, Put, Written};
use super::unit_of_work::Work;
use crate::error::{Error, Result};
use crate::imported_line::{self, LineDigest};
use crate::journal::append::Access;
use crate::number::column;
use crate::table::{self, RowContext, StoredRecord, Table};
use crate::{agreement, district, document, offering, problem, window};

impl Work {
    /// Registers the record, or revises the one with its natural key.
    pub async fn put(&mut self, record: Record) -> Result<Put> {
        self.put_as(record, JournalAction::Automatic).await
    }

    /// The same with a given action. Nothing is recorded if the record is unchanged.
    pub async fn act(&mut self, record: Record, action: Action) -> Result<Put> {
        self.put_as(record, JournalAction::Explicit(action)).await
    }

    async fn put_as(&mut self, mut record: Record, journal_action: JournalAction) -> Result<Put> {
        if let Record::Policy(policy) = &mut record {
            **policy = self.policies().await?.keyed((**policy).clone());
        }
        let stored = self.stored(&record).await?;
        if let (Record::District(record), Some(stored)) = (&record, &stored) {
            let now: BTreeSet<_> = record.all_codes().collect();
            if let Some(code) = stored.clone().read::<District>()?.all_codes().find(|code| !now.contains(code)) {
                return Err(Error::refused(problem::code_dropped(code)));
            }
        }
        let was = stored.as_ref().map(|stored| (stored.id, stored.revision));
        if let Record::Agreement(agreement) = &record {
            self.head.agreements = self.head.agreements.max(agreement.number.serial());
        }
        let agreements = match (&record, &stored) {
            (Record::Agreement(after), Some(stored)) => {
                Some((stored.clone().read::<Agreement>()?.record, (**after).clone()))
            }
            _ => None,
        };
        let before = self.head.revision;
        let records = vec![(stored, record)];
        match records[0].1 {
            Record::District(_) => self.put_all::<District>(records, journal_action).await?,
            Record::Matter(_) => self.put_all::<Matter>(records, journal_action).await?,
            Record::Offering(_) => self.put_all::<Offering>(records, journal_action).await?,
            Record::Window(_) => self.put_all::<Window>(records, journal_action).await?,
            Record::Agreement(_) => self.put_all::<Agreement>(records, journal_action).await?,
            Record::Policy(_) => self.put_all::<Policy>(records, journal_action).await?,
            Record::Document(_) => self.put_all::<Document>(records, journal_action).await?,
        };
        let changed = self.newest().filter(|_| self.head.revision > before).cloned();
        if let (Some(_), Some(agreements)) = (&changed, agreements) {
            self.record_documents_moved((&agreements.0, self.by.today), (&agreements.1, self.by.today)).await?;
        }
        match (changed, was) {
            (Some(change), _) => Ok(Put::Changed(change)),
            (None, Some((id, revision))) => {
                Ok(Put::Unchanged { id: id.unsigned_abs(), revision: revision.unsigned_abs() })
            }
            (None, None) => unreachable!("what is new is a change"),
        }
    }

    /// The stored record with the same natural key.
    async fn stored(&mut self, record: &Record) -> Result<Option<StoredRecord>> {
        self.load_codes(std::slice::from_ref(&record)).await?;
        let tx = &self.tx;
        let found = |id: Option<i64>| id.into_iter();
        match record {
            Record::District(record) => {
                Ok(table::by_id::<District>(tx, found(self.code_index.find_district(record.code)))
                    .await?
                    .into_values()
                    .next())
            }
            Record::Matter(record) => Ok(table::by_id::<Matter>(tx, found(self.code_index.find_matter(record.code)))
                .await?
                .into_values()
                .next()),
            Record::Offering(record) => {
                let matter = record.matter.map(|code| self.code_index.matter(code)).transpose()?;
                let natural_key = offering::natural_key_of(record, self.code_index.district(record.district)?, matter);
                Ok(offering::by_natural_key(tx, vec![natural_key]).await?.into_values().next())
            }
            Record::Window(record) => {
                let district = self.code_index.district(record.district)?;
                Ok(window::of_districts(tx, BTreeSet::from([district]))
                    .await?
                    .remove(&(district, record.name.to_string())))
            }
            Record::Agreement(record) => agreement::by_number(tx, record.number).await,
            Record::Policy(record) => Ok(self.policies().await?.find(record)),
            Record::Document(record) => document::same(tx, record, &self.code_index).await,
        }
    }

    /// Writes records of one kind, each with the stored record that it replaces.
    pub(crate) async fn put_all<T: Table>(
        &mut self,
        records: Vec<(Option<StoredRecord>, Record)>,
        journal_action: JournalAction,
    ) -> Result<Written> {
        self.load_codes(&records.iter().map(|(_, record)| record).collect::<Vec<_>>()).await?;
        let Written { mut tally, mut ids } = Written::default();
        let (mut new, mut revised, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        for (stored, record_of_any_kind) in &records {
            let line = record_of_any_kind.line();
            let record = T::of(record_of_any_kind).expect("the records are of one kind");
            if let Some(stored) = stored.as_ref().filter(|stored| stored.is(record, &line)) {
                tally.unchanged += 1;
                ids.push(stored.id);
                continue;
            }
            let (id, usual) = match stored {
                Some(stored) => (stored.id, Action::Revised),
                None => (column(self.head.revision + 1), Action::Registered),
            };
            let action = match journal_action {
                JournalAction::Automatic => usual,
                JournalAction::Explicit(action) => action,
            };
            let access = match record_of_any_kind {
                Record::Agreement(after) => {
                    let before = stored.clone().map(StoredRecord::read::<Agreement>).transpose()?;
                    self.access(before.as_deref(), Some(after)).await?
                }
                // In a dry run the agreement may not be written.
                Record::Document(_) if matches!(self.mode, WorkMode::DryRun) => Access::Open,
                Record::Document(after) => {
                    let before = stored.clone().map(StoredRecord::read::<Document>).transpose()?;
                    let agreement = self.existing_agreement(after.agreement).await?.1;
                    self.access_of_document(&agreement, before.as_deref(), Some(after)).await?
                }
                Record::District(_)
                | Record::Matter(_)
                | Record::Offering(_)
                | Record::Window(_)
                | Record::Policy(_) => Access::Open,
            };
            self.writes += 1;
            ids.push(id);
            codes.extend(self.index_codes(record, id)?);
            let found_by = match Agreement::of(record_of_any_kind) {
                Some(agreement) => agreement::found_by(agreement, self.open_on(&access)),
                None => record.districts(),
            };
            let districts = found_by.into_iter().map(|code| self.code_index.district(code)).collect::<Result<_>>()?;
            let row = record.row(RowContext {
                id,
                revision: column(self.head.revision + 1),
                body: &line,
                code_index: &self.code_index,
            })?;
            self.append(T::KIND, action, stored.as_ref().map(|_| id.unsigned_abs()), Some(line), districts, access);
            if stored.is_some() {
                tally.revised += 1;
                revised.push(row);
            } else {
                tally.registered += 1;
                new.push(row);
            }
        }
        if !matches!(self.mode, WorkMode::DryRun) {
            table::write::<T>(&self.tx, new, revised).await?;
            district::bear(&self.tx, &codes).await?;
        }
        if self.unwritten.len() >= 1_000 {
            self.flush().await?;
        }
        Ok(Written { tally, ids })
    }

    /// Stores the digests of the lines from which records were imported.
    pub(crate) async fn save_lines(&mut self, lines: &[(i64, LineDigest)]) -> Result<()> {
        if matches!(self.mode, WorkMode::DryRun) || lines.is_empty() {
            return Ok(());
        }
        self.has_side_writes = true;
        self.writes += 1;
        imported_line::save(&self.tx, lines).await
    }

    /// Adds the codes of a record to the index; returns the new ones.
    fn index_codes<T: Table>(&mut self, record: &T, id: i64) -> Result<Vec<(DistrictCode, i64)>> {
        let mut new = Vec::new();
        for code in record.codes() {
            match self.code_index.find_district(code) {
                Some(other) if other != id => {
                    return Err(Error::refused(problem::code_taken(code, vec!["codes".to_owned()])));
                }
                Some(_) => {}
                None => {
                    self.code_index.insert_district(code, id);
                    new.push((code, id));
                }
            }
        }
        if let Some(code) = record.matter_code() {
            self.code_index.insert_matter(code, id);
        }
        Ok(new)
    }
}
