//! Verifies the tables of records, keys, codes and contents against the journal.

use std::collections::{BTreeSet, HashMap};

use domain::{District, DistrictCode, Document, Record, RecordKind, Revision};
use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, Value};

use super::{PAGE, Verifier, entry_digest, inconsistent, named, or_inconsistent};
use crate::code_index::CodeIndex;
use crate::content::ContentStore;
use crate::error::{Error, Result};
use crate::feedback;
use crate::journal::reader::JournalReader;
use crate::journal::{self, ChangeQuery};
use crate::key as keys;
use crate::number::{column, key};
use crate::person;
use crate::table::{self, RowContext, StoredRecord, Table};

impl Verifier<'_> {
    /// Checks stored contents against their digests; returns how many documents have none.
    pub(super) async fn contents(&self, contents: &ContentStore) -> Result<u64> {
        let (mut after, mut without) = (0, 0);
        loop {
            let page = table::page::<Document>(self.tx, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(without) };
            after = last.id;
            for stored in page {
                let digest = stored.read::<Document>()?.digest;
                match contents.find(self.tx, digest).await {
                    Ok(found) => without += u64::from(found.is_none()),
                    Err(Error::Corrupt { table, .. }) => {
                        return inconsistent(table, digest, "it is not what its digest says");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }

    pub(super) async fn table<T: Table>(&mut self, code_index: &CodeIndex) -> Result<()> {
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

    pub(super) fn count(&self, table: &'static str, kind: RecordKind, count: usize) -> Result<()> {
        let alive = self.newest.iter().filter(|newest| newest.kind == kind && newest.is_alive).count();
        if alive == count {
            Ok(())
        } else {
            inconsistent(table, "*", format!("the journal has {alive} records, the table {count}"))
        }
    }

    async fn row<T: Table>(&mut self, row: &T::Row, stored: StoredRecord, code_index: &CodeIndex) -> Result<()> {
        let StoredRecord { id, revision, body } = stored;
        let record = Record::from_line(&body).ok().and_then(T::from_record);
        let open_on = u64::try_from(id).ok().and_then(|id| self.position(id)).and_then(|at| self.newest[at].open_on);
        let named =
            named(T::KIND, &body, open_on).into_iter().filter_map(|code| code_index.find_district(code)).collect();
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
    async fn check_newest(
        &self,
        table: &'static str,
        kind: RecordKind,
        stored: &StoredRecord,
        named: &BTreeSet<i64>,
    ) -> Result<()> {
        let known = u64::try_from(stored.id).ok().and_then(|id| self.position(id)).map(|at| self.newest[at]);
        let Some(newest) = known.filter(|newest| newest.kind == kind && newest.is_alive) else {
            return inconsistent(table, stored.id, "it is not in the journal");
        };
        if column(newest.revision) != stored.revision {
            return inconsistent(
                table,
                stored.id,
                format!("revision is {}, the newest entry is {}", stored.revision, newest.revision),
            );
        }
        if entry_digest(&stored.body, named) == newest.entry_digest {
            return Ok(());
        }
        match journal::at(self.tx, [newest.revision]).await?.pop() {
            Some(change) if change.document.as_deref() == Some(&stored.body) => inconsistent(
                "journal_district",
                newest.revision,
                "it is not found by the districts that its record names",
            ),
            _ => inconsistent(table, stored.id, format!("body is not the document of revision {}", stored.revision)),
        }
    }

    /// Every code of a district leads to it, and every stored code was its own at some time.
    pub(super) async fn codes(&self, code_index: &CodeIndex) -> Result<()> {
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
                        return inconsistent(
                            "district_code",
                            code,
                            format!("it does not lead to the district {id} that bears it"),
                        );
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
            let query = ChangeQuery {
                since,
                through: Revision::MAX >> 1,
                record,
                seen_by: JournalReader::All,
                limit: PAGE,
                ..ChangeQuery::default()
            };
            let page = journal::changes(self.tx, &query).await?;
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

    pub(super) async fn keys(&mut self, code_index: &CodeIndex) -> Result<()> {
        let keys = or_inconsistent(keys::all(self.tx).await)?;
        for stored_key in &keys {
            let id = stored_key.key.id;
            let stored =
                StoredRecord { id: key(id), revision: column(stored_key.key.revision), body: stored_key.body.clone() };
            let district =
                stored_key.key.record.district.into_iter().filter_map(|code| code_index.find_district(code)).collect();
            self.check_newest(keys::TABLE, RecordKind::ApiKey, &stored, &district).await?;
            if stored_key.key.record.seal != keys::seal(&stored_key.hash) {
                return inconsistent(keys::TABLE, id, "its hash does not match the record's seal");
            }
        }
        self.advance(keys.len());
        self.count(keys::TABLE, RecordKind::ApiKey, keys.len())
    }

    /// Checks people and their grants.
    pub(super) async fn people(&mut self, code_index: &CodeIndex) -> Result<()> {
        let rows = or_inconsistent(person::stored(self.tx).await)?;
        for (table, kind) in [(person::PEOPLE, RecordKind::Person), (person::GRANTS, RecordKind::Grant)] {
            let of_kind: Vec<_> = rows.iter().filter(|(of, ..)| *of == table).collect();
            for (_, id, revision, body) in &of_kind {
                let stored = StoredRecord { id: *id, revision: *revision, body: body.clone() };
                let districts = person::districts(body);
                let districts = districts.into_iter().filter_map(|code| code_index.find_district(code)).collect();
                self.check_newest(table, kind, &stored, &districts).await?;
            }
            self.count(table, kind, of_kind.len())?;
        }
        self.advance(rows.len());
        Ok(())
    }
}

impl Verifier<'_> {
    /// Cases are the documents of the journal, and their words are what the record seals.
    pub(super) async fn feedback(&mut self, code_index: &CodeIndex) -> Result<()> {
        let cases = or_inconsistent(feedback::all(self.tx).await)?;
        for case in &cases {
            let id = case.feedback.id;
            let revision = column(case.feedback.revision);
            let stored = StoredRecord { id: key(id), revision, body: case.body.clone() };
            let districts = &case.feedback.record.districts;
            let districts = districts.iter().filter_map(|code| code_index.find_district(*code)).collect();
            self.check_newest(feedback::TABLE, RecordKind::Feedback, &stored, &districts).await?;
            if !case.is_sealed() {
                return inconsistent(feedback::TABLE, id, "its words are not what the record seals");
            }
        }
        self.advance(cases.len());
        self.count(feedback::TABLE, RecordKind::Feedback, cases.len())
    }
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
