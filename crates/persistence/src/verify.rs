//! The proof that the registry is what its journal says: the chain holds without a gap, and every row is
//! its newest entry, with nothing missing and nothing beside.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use domain::journal::Action;
use domain::{Agreement, Change, Digest, District, Matter, Noun, Offering, Policy, Record, RecordKind, Revision, Window};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, ModelTrait, QueryFilter};

use crate::district::code_row;
use crate::error::{Error, Result};
use crate::head::Head;
use crate::journal::{self, ChangesAsked};
use crate::key as keys;
use crate::number::column;
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

fn broken<T>(table: &'static str, key: impl ToString, what: impl Into<String>) -> Result<T> {
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
        let mut proof = Proof { tx: &tx, progress, of: head.revision * 2, done: 0, alive: BTreeMap::new() };
        proof.journal(&head).await?;
        let places = legible(Places::all(&tx).await)?;
        proof.districts(&places).await?;
        proof.table::<Matter>(&places).await?;
        proof.table::<Policy>(&places).await?;
        proof.table::<Offering>(&places).await?;
        proof.table::<Window>(&places).await?;
        proof.table::<Agreement>(&places).await?;
        proof.serials(&head).await?;
        let records = proof.keys(&places).await?;
        Ok(Verified { revision: head.revision, digest: head.digest, records })
    }
}

struct Proof<'a> {
    tx: &'a DatabaseTransaction,
    progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    of: u64,
    done: u64,
    /// How many records of each kind there must be.
    alive: BTreeMap<RecordKind, u64>,
}

impl Proof<'_> {
    fn advance(&mut self, by: usize) {
        self.done += by as u64;
        (self.progress)(Ord::min(self.done, self.of), self.of);
    }

    async fn journal(&mut self, head: &Head) -> Result<()> {
        let (mut revision, mut digest, mut recorded_at) = (0, Digest::GENESIS, None);
        loop {
            let asked = ChangesAsked { since: revision, through: Revision::MAX >> 1, limit: PAGE, ..ChangesAsked::default() };
            let page = legible(journal::changes(self.tx, &asked).await)?;
            if page.is_empty() {
                break;
            }
            self.creations(&page).await?;
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
            }
            self.advance(page.len());
        }
        if revision != head.revision {
            return broken("head", 1, format!("it says revision {}, the journal ends with {revision}", head.revision));
        }
        if digest != head.digest || recorded_at.is_some_and(|at| at != head.recorded_at) {
            return broken("head", 1, "its digest or time is not that of the last entry");
        }
        Ok(())
    }

    /// Every entry is about a record that an earlier one created, of the same kind.
    async fn creations(&mut self, page: &[Change]) -> Result<()> {
        let elsewhere = page.iter().filter(|change| change.record != change.revision).map(|change| change.record).collect::<BTreeSet<_>>();
        let created: HashMap<_, _> = legible(journal::at(self.tx, elsewhere).await)?.into_iter().map(|change| (change.revision, change)).collect();
        for change in page {
            let alive = self.alive.entry(change.kind).or_default();
            let creates = matches!(change.action, Action::Registered | Action::Issued);
            if creates != (change.record == change.revision) {
                return broken(journal::TABLE, change.revision, "the action does not fit the record it is about");
            }
            if creates {
                *alive += 1;
            } else if !created
                .get(&change.record)
                .is_some_and(|first| first.kind == change.kind && first.record == first.revision && first.revision < change.revision)
            {
                return broken(journal::TABLE, change.revision, "it is about a record that was not registered before");
            }
            if change.document.is_none() {
                *alive = alive.saturating_sub(1);
            }
        }
        Ok(())
    }

    async fn districts(&mut self, places: &Places) -> Result<()> {
        self.table::<District>(places).await?;
        let mut after = 0;
        let mut led = 0;
        loop {
            let page = table::page::<District>(self.tx, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            led += self.codes(page).await?;
        }
        let all = places.districts().count();
        if led != all {
            return broken("district_code", all, "a code leads to a district that does not exist");
        }
        Ok(())
    }

    /// Every code of a district leads to it, and every code that leads to it was its own at some time.
    async fn codes(&self, page: Vec<Held>) -> Result<usize> {
        let ids = page.iter().map(|held| held.id).collect::<Vec<_>>();
        let rows = code_row::Entity::find().filter(Expr::col("district").is_in(ids)).all(self.tx).await?;
        let count = rows.len();
        let mut codes: HashMap<i64, BTreeSet<String>> = HashMap::new();
        for row in rows {
            codes.entry(row.district).or_default().insert(row.code);
        }
        for held in page {
            let id = held.id;
            let mut led = codes.remove(&id).unwrap_or_default();
            for code in held.read::<District>()?.all_codes() {
                if !led.remove(code.as_str()) {
                    return broken("district_code", code, format!("it does not lead to the district {id} that bears it"));
                }
            }
            if !led.is_empty() {
                self.former_codes(id, led).await?;
            }
        }
        Ok(count)
    }

    async fn former_codes(&self, id: i64, mut led: BTreeSet<String>) -> Result<()> {
        let record = Some((RecordKind::District, id.unsigned_abs()));
        let asked = ChangesAsked { through: Revision::MAX >> 1, record, limit: PAGE, ..ChangesAsked::default() };
        for change in journal::changes(self.tx, &asked).await? {
            if let Some(Ok(Record::District(district))) = change.document.as_deref().map(Record::from_line) {
                for code in district.all_codes() {
                    led.remove(code.as_str());
                }
            }
        }
        match led.first() {
            Some(code) => broken("district_code", code, format!("the district {id} never bore it")),
            None => Ok(()),
        }
    }

    async fn table<T: Table>(&mut self, places: &Places) -> Result<()> {
        let (mut after, mut count) = (0, 0);
        loop {
            let page = table::rows::<T>(self.tx, after, PAGE).await?;
            if page.is_empty() {
                break;
            }
            let held: Vec<Held> = page.iter().map(held::<T>).collect::<Result<_>>()?;
            let entries = self.newest::<T>(held.iter()).await?;
            for (row, held) in page.iter().zip(&held) {
                self.row::<T>(row, held, entries.get(&held.id), places)?;
            }
            self.found_by::<T>(&held, places).await?;
            after = held.last().map_or(after, |held| held.id);
            count += held.len() as u64;
            self.advance(held.len());
        }
        self.count(T::NAME, T::KIND, count)
    }

    fn count(&self, table: &'static str, kind: RecordKind, count: u64) -> Result<()> {
        let alive = self.alive.get(&kind).copied().unwrap_or_default();
        if alive == count { Ok(()) } else { broken(table, "*", format!("the journal has {alive} records, the table {count}")) }
    }

    fn row<T: Table>(&self, row: &T::Row, held: &Held, newest: Option<&Change>, places: &Places) -> Result<()> {
        prove(T::NAME, T::KIND, held, newest)?;
        let record = legible(held.clone().read::<T>())?;
        let expected = match record.record.row(Kept { id: held.id, revision: held.revision, body: &held.body, places }) {
            Err(Error::Refused(problem)) => return broken(T::NAME, held.id, problem.message.en),
            expected => expected?,
        };
        match table::differs::<T>(row, &expected) {
            Some(column) => broken(T::NAME, held.id, format!("{column} is not what the record says")),
            None => Ok(()),
        }
    }

    /// The newest entry of each record.
    async fn newest<T: Noun>(&self, held: impl Iterator<Item = &Held>) -> Result<HashMap<i64, Change>> {
        #[derive(FromQueryResult)]
        struct Newest {
            newest: i64,
        }
        let ids = held.map(|held| held.id).collect::<Vec<_>>();
        let newest = Func::max(Expr::col("revision"));
        let select = Query::select()
            .expr_as(newest, Alias::new("newest"))
            .from(journal::TABLE)
            .and_where(Expr::col("record").is_in(ids))
            .group_by_col("record")
            .to_owned();
        let newest = Newest::find_by_statement(self.tx.get_database_backend().build(&select)).all(self.tx).await?;
        let entries = journal::at(self.tx, newest.into_iter().map(|row| row.newest.unsigned_abs())).await?;
        Ok(entries.into_iter().map(|change| (column(change.record), change)).collect())
    }

    /// The changes of a record are found by the districts that it names.
    async fn found_by<T: Table>(&self, page: &[Held], places: &Places) -> Result<()> {
        let rows = journal::districts(self.tx, page.iter().map(|held| held.revision)).await?;
        let mut found: HashMap<i64, BTreeSet<i64>> = HashMap::new();
        for (revision, district) in rows {
            found.entry(revision).or_default().insert(district);
        }
        for held in page {
            let named = held.clone().read::<T>()?.record.districts();
            let named = named.into_iter().filter_map(|code| places.find_district(code)).collect::<BTreeSet<_>>();
            if found.remove(&held.revision).unwrap_or_default() != named {
                return broken("journal_district", held.revision, "it is not found by the districts that its record names");
            }
        }
        Ok(())
    }

    /// No agreement has a number that may be given again.
    async fn serials(&self, head: &Head) -> Result<()> {
        let mut after = 0;
        loop {
            let page = table::page::<Agreement>(self.tx, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for held in page {
                let number = held.read::<Agreement>()?.number;
                if number.serial() > head.agreements {
                    return broken("head", 1, format!("it would give the number {number} again"));
                }
            }
        }
    }

    /// Keys, and how many rows there were in all.
    async fn keys(&mut self, places: &Places) -> Result<u64> {
        let keys = legible(keys::all(self.tx).await)?;
        for chunk in keys.chunks(1_000) {
            let held =
                |stored: &keys::Stored| Held { id: column(stored.key.id.number()), revision: column(stored.key.revision), body: stored.body.clone() };
            let held = chunk.iter().map(held).collect::<Vec<_>>();
            let entries = self.newest::<domain::ApiKey>(held.iter()).await?;
            for (stored, held) in chunk.iter().zip(&held) {
                prove(keys::TABLE, RecordKind::ApiKey, held, entries.get(&held.id))?;
                if stored.key.record.seal != keys::seal(&stored.hash) {
                    return broken(keys::TABLE, stored.key.id, "its hash is not the one that the record seals");
                }
                if keys::line(&stored.key.record) != stored.body {
                    return broken(keys::TABLE, stored.key.id, "body is not written as the registry writes it");
                }
                if stored.key.record.district.is_some_and(|code| places.find_district(code).is_none()) {
                    return broken(keys::TABLE, stored.key.id, "it is for a district that does not exist");
                }
            }
            self.advance(chunk.len());
        }
        self.count(keys::TABLE, RecordKind::ApiKey, keys.len() as u64)?;
        Ok(self.alive.values().sum())
    }
}

/// Is what is held the record's newest entry?
fn prove(table: &'static str, kind: RecordKind, held: &Held, newest: Option<&Change>) -> Result<()> {
    let Some(newest) = newest.filter(|newest| newest.kind == kind) else {
        return broken(table, held.id, "the journal does not know it");
    };
    if column(newest.revision) != held.revision {
        return broken(table, held.id, format!("revision is {}, the newest entry is {}", held.revision, newest.revision));
    }
    if newest.document.as_deref() != Some(&held.body) {
        return broken(table, held.id, format!("body is not the document of revision {}", held.revision));
    }
    Ok(())
}

/// What every table of records has.
fn held<T: Table>(row: &T::Row) -> Result<Held> {
    let corrupt = |column| Error::corrupt(T::NAME, column, "?");
    let (mut id, mut revision, mut body) = (None, None, None);
    for column in <<T::Entity as EntityTrait>::Column as sea_orm::Iterable>::iter() {
        use sea_orm::{IdenStatic, Value};
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
