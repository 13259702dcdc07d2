//! The table of offerings. What the catalogue needs of them is loaded as lines of text, many at once, without reading
//! their bodies.

use std::collections::HashMap;
use std::sync::Arc;

use catalogue::OfferingBrief;
use domain::reading::format::parse_date;
use domain::{Date, District, DistrictCode, Id, Matter, Offering, OfferingCode, Period};
use futures::TryStreamExt as _;
use sea_orm::sqlx::{AssertSqlSafe, PgPool, raw_sql};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, RuntimeErr, Statement, Value,
};
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::number::{key, revision};
use crate::table::{RowContext, StoredRecord, Table};

const TABLE: &str = "offering";

impl Table for Offering {
    const NAME: &'static str = "offering";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn row(&self, context: RowContext<'_>) -> Result<row::Model> {
        let RowContext { id, revision, body, code_index } = context;
        let district = code_index.district(self.district)?;
        let matter = self.matter.map(|code| code_index.matter(code)).transpose()?;
        Ok(row::Model {
            id,
            revision,
            known_by: natural_key_of(self, district, matter),
            district,
            matter,
            source_code: self.source_code.clone(),
            code: self.code.map(|code| code.to_string()),
            name: self.name.clone(),
            days: self.days().map(i64::from),
            visits: i64::from(self.visits),
            has_url: self.url.is_some(),
            has_invalid_code: self.has_invalid_code(),
            verified_on: self.verified_on.map(|date| date.to_string()),
            valid_from: self.published().from.map(|date| date.to_string()),
            valid_to: self.published().to.map(|date| date.to_string()),
            body: body.to_owned(),
        })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        vec![self.district]
    }
}

/// The natural key of an offering.
pub(crate) fn natural_key_of(offering: &Offering, district: i64, matter: Option<i64>) -> String {
    natural_key(district, matter, offering.source_code.as_deref()).expect("an offering has a source code or a matter")
}

/// A natural key: the district with the source code, or else with the matter.
pub(crate) fn natural_key(district: i64, matter: Option<i64>, source_code: Option<&str>) -> Option<String> {
    match (source_code, matter) {
        (Some(source), _) => Some(natural_key_of_source(district, source)),
        (None, Some(matter)) => Some(format!("{district}/m/{matter}")),
        (None, None) => None,
    }
}

fn natural_key_of_source(district: i64, source: &str) -> String {
    format!("{district}/s/{source}")
}

/// The offerings with these natural keys.
pub(crate) async fn by_natural_key(
    db: &impl ConnectionTrait,
    by: Vec<String>,
) -> Result<HashMap<String, StoredRecord>> {
    let rows = row::Entity::find().filter(row::Column::KnownBy.is_in(by)).all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.known_by, StoredRecord { id: row.id, revision: row.revision, body: row.body }))
        .collect())
}

pub(crate) async fn by_source(
    db: &impl ConnectionTrait,
    district: Id<District>,
    source: &str,
) -> Result<Option<Id<Offering>>> {
    let select = ids().filter(row::Column::KnownBy.eq(natural_key_of_source(key(district), source)));
    Ok(read_ids(select.into_tuple().all(db).await?)?.pop())
}

pub(crate) async fn by_code(db: &impl ConnectionTrait, code: OfferingCode) -> Result<Vec<Id<Offering>>> {
    read_ids(ids().filter(row::Column::Code.eq(code.as_str())).into_tuple().all(db).await?)
}

/// The names of a district's offerings, in one row.
const NAMES: &str = "SELECT string_agg(CAST(id AS text) || ',' || name, $2) AS names FROM offering WHERE district = $1 AND name IS NOT NULL";

#[derive(Debug, FromQueryResult)]
struct Names {
    names: Option<String>,
}

/// The offerings of a district that have a name of their own. Names have no line breaks.
pub(crate) async fn names(db: &impl ConnectionTrait, district: Id<District>) -> Result<Vec<(Id<Offering>, String)>> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        NAMES,
        [Value::from(key(district)), Value::from("\n")],
    );
    let names = Names::find_by_statement(statement).one(db).await?.and_then(|row| row.names).unwrap_or_default();
    let named = |line: &str| {
        let (id, name) = line.split_once(',')?;
        Some((Id::new(id.parse().ok()?), name.to_owned()))
    };
    names.lines().map(|line| named(line).ok_or_else(|| Error::corrupt(TABLE, "name", line))).collect()
}

fn ids() -> sea_orm::Select<row::Entity> {
    row::Entity::find().select_only().column(row::Column::Id).order_by_asc(row::Column::Id)
}

fn read_ids(ids: Vec<i64>) -> Result<Vec<Id<Offering>>> {
    ids.into_iter().map(|id| Ok(Id::new(revision(id, TABLE, "id")?))).collect()
}

/// The fields of an offering that the catalogue loads.
pub(crate) type Brief = (Id<District>, Option<Id<Matter>>, OfferingBrief);

/// A line for each offering, a thousand lines in a row: for SQLite, joining a thousand lines is faster than returning a
/// thousand rows.
const LINES: &str = "SELECT string_agg(\
    CAST(id AS text) || ',' || CAST(revision AS text) || ',' || CAST(district AS text) || ',' || coalesce(CAST(matter AS text), '') || ',' || \
    coalesce(CAST(days AS text), '') || ',' || CAST(visits AS text) || ',' || CASE WHEN has_url THEN '1' ELSE '0' END || ',' || \
    CASE WHEN has_invalid_code THEN '1' ELSE '0' END || ',' || \
    coalesce(verified_on, '') || ',' || coalesce(valid_from, '') || ',' || coalesce(valid_to, ''), $3) AS lines \
    FROM offering WHERE id BETWEEN $1 AND $2 GROUP BY id / 1000 ORDER BY id / 1000";

/// The same lines by COPY, which takes PostgreSQL half the time.
const COPY_LINES: &str = "COPY (SELECT id, revision, district, matter, days, visits, CAST(has_url AS int), CAST(has_invalid_code AS int), \
    verified_on, valid_from, valid_to FROM offering ORDER BY id) TO STDOUT (FORMAT text, DELIMITER ',', NULL '')";

#[derive(Debug, FromQueryResult)]
struct Joined {
    lines: String,
}

/// Ids that one statement covers.
const IDS_PER_STATEMENT: i64 = 25_000;
/// Approximate size of a chunk of lines.
const CHUNK_BYTES: usize = 64 * 1024;

/// Sends lines for all offerings up to an id, until the receiver is dropped. Chunks are ordered by id, the lines within
/// a chunk are not.
pub(crate) async fn lines(db: &impl ConnectionTrait, through: i64, to: mpsc::Sender<Lines>) -> Result<()> {
    let mut from = 0;
    while from <= through {
        let last = from + IDS_PER_STATEMENT - 1;
        let values = [Value::from(from), Value::from(last), Value::from("\n")];
        for row in Joined::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), LINES, values))
            .all(db)
            .await?
        {
            if to.send(Lines(row.lines.into_bytes())).await.is_err() {
                return Ok(());
            }
        }
        from = last + 1;
    }
    Ok(())
}

/// The same from PostgreSQL, over a second connection with the snapshot of `tx`.
pub(crate) async fn copy_lines(tx: &DatabaseTransaction, pool: &PgPool, to: mpsc::Sender<Lines>) -> Result<()> {
    let failed = |error| Error::from(DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))));
    let export = Statement::from_string(DbBackend::Postgres, "SELECT pg_export_snapshot() AS snapshot");
    let snapshot: String =
        tx.query_one_raw(export).await?.map(|row| row.try_get("", "snapshot")).transpose()?.unwrap_or_default();
    let mut copying = pool.acquire().await.map_err(failed)?;
    // If the receiver is dropped, the connection is left in the middle of a COPY.
    copying.close_on_drop();
    let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{snapshot}'");
    raw_sql(AssertSqlSafe(begin)).execute(&mut *copying).await.map_err(failed)?;
    let mut rows = copying.copy_out_raw(COPY_LINES).await.map_err(failed)?;
    let mut chunk = Vec::with_capacity(2 * CHUNK_BYTES);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        chunk.extend_from_slice(&row);
        if chunk.len() >= CHUNK_BYTES
            && to.send(Lines(std::mem::replace(&mut chunk, Vec::with_capacity(2 * CHUNK_BYTES)))).await.is_err()
        {
            return Ok(());
        }
    }
    // The receiver was dropped: the rest is not needed.
    let _ = to.send(Lines(chunk)).await;
    Ok(())
}

/// A chunk of lines, one for each offering.
#[derive(Debug)]
pub(crate) struct Lines(Vec<u8>);

impl Lines {
    /// Parses the lines; ordered by id.
    pub(crate) fn read(&self) -> Result<Vec<Brief>> {
        let mut rest = Fields(&self.0);
        let mut briefs = Vec::with_capacity(self.0.len() / 32);
        while !rest.0.is_empty() {
            let line = rest;
            let brief = rest
                .brief()
                .ok_or_else(|| Error::corrupt(TABLE, "id", String::from_utf8_lossy(line.split_at(b'\n').0)))?;
            briefs.push(brief);
        }
        briefs.sort_unstable_by_key(|(_, _, brief)| brief.id);
        Ok(briefs)
    }
}

/// The unread rest of a chunk. A start parses tens of millions of fields, so each byte is looked at once.
#[derive(Debug, Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Splits at a delimiter.
    fn split_at(self, mark: u8) -> (&'a [u8], Self) {
        let at = self.0.iter().position(|byte| *byte == mark).unwrap_or(self.0.len());
        (&self.0[..at], Self(self.0.get(at + 1..).unwrap_or_default()))
    }

    fn next(&mut self, mark: u8) -> &'a [u8] {
        let (field, rest) = self.split_at(mark);
        *self = rest;
        field
    }

    fn number(&mut self) -> Option<u64> {
        self.maybe().flatten()
    }

    fn maybe(&mut self) -> Option<Option<u64>> {
        let digits = self.next(b',');
        let number = digits.iter().try_fold(0u64, |number, digit| {
            let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
            number.checked_mul(10)?.checked_add(digit)
        });
        number.map(|number| Some(number).filter(|_| !digits.is_empty()))
    }

    fn date(&mut self, mark: u8) -> Option<Option<Date>> {
        match self.next(mark) {
            [] => Some(None),
            text => parse_date(std::str::from_utf8(text).ok()?).map(Some),
        }
    }

    fn brief(&mut self) -> Option<Brief> {
        let (id, revision, district) = (self.number()?, self.number()?, self.number()?);
        let (matter, days) = (self.maybe()?, self.maybe()?);
        let (visits, has_url, has_invalid_code) = (self.number()?, self.number()? == 1, self.number()? == 1);
        let (verified_on, from, to) = (self.date(b',')?, self.date(b',')?, self.date(b'\n')?);
        let brief = OfferingBrief {
            id: Id::new(id),
            revision,
            days: days.map(u32::try_from).transpose().ok()?,
            visits: u32::try_from(visits).ok()?,
            has_url,
            has_invalid_code,
            verified_on,
            period: Period::new(from, to),
        };
        Some((Id::new(district), matter.map(Id::new), brief))
    }
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "offering")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) known_by: String,
        pub(crate) district: i64,
        pub(crate) matter: Option<i64>,
        pub(crate) source_code: Option<String>,
        pub(crate) code: Option<String>,
        pub(crate) name: Option<String>,
        pub(crate) days: Option<i64>,
        pub(crate) visits: i64,
        pub(crate) has_url: bool,
        pub(crate) has_invalid_code: bool,
        pub(crate) verified_on: Option<String>,
        pub(crate) valid_from: Option<String>,
        pub(crate) valid_to: Option<String>,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
