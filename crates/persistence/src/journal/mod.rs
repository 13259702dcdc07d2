//! The journal: appended to by units of work, read by followers, history queries and verification.

pub(crate) mod append;
pub(crate) mod counts;
pub(crate) mod reader;
pub(crate) mod row;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{Change, Digest, District, Id, RecordKind, Revision};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use self::reader::{FOR_STEWARDS, JournalReader};
use self::row::TABLE;
use crate::error::Result;
use crate::head::{Head, time_text};
use crate::number::{column, key, revision};

/// A query for changes.
#[derive(Debug, Clone, Default)]
pub struct ChangeQuery {
    /// After this revision.
    pub since: Revision,
    /// Up to and including this revision.
    pub through: Revision,
    /// Of these kinds; empty: of all kinds.
    pub kinds: Vec<RecordKind>,
    /// Of one record: its kind and the revision that created it.
    pub record: Option<(RecordKind, Revision)>,
    /// Of one district, its offerings and windows, and the agreements to which it is a party.
    pub district: Option<Id<District>>,
    /// Only changes that this reader may see.
    pub seen_by: JournalReader,
    pub order: Order,
    pub limit: u64,
}

/// The order of a list of changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

pub(crate) async fn changes(db: &impl ConnectionTrait, query: &ChangeQuery) -> Result<Vec<Change>> {
    let select = filtered(query);
    let select = match query.order {
        Order::OldestFirst => select.order_by_asc(row::Column::Revision),
        Order::NewestFirst => select.order_by_desc(row::Column::Revision),
    };
    read(select.limit(query.limit).all(db).await?)
}

/// The last change of a record, up to a time, that a reader may see.
pub(crate) async fn at_time(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    record: Revision,
    at: DateTime<Utc>,
    reader: &JournalReader,
) -> Result<Option<Change>> {
    // Times are stored as text, which sorts correctly for years of four digits.
    let at = at.clamp(DateTime::UNIX_EPOCH, LAST_MOMENT);
    let select = row::Entity::find()
        .filter(row::Column::Record.eq(column(record)))
        .filter(row::Column::Kind.eq(kind.name()))
        .filter(row::Column::RecordedAt.lte(time_text(at)))
        .filter(reader.readable())
        .order_by_desc(row::Column::Revision);
    select.one(db).await?.map(Change::try_from).transpose()
}

/// The end of the year 9999.
const LAST_MOMENT: DateTime<Utc> = DateTime::from_timestamp(253_402_300_799, 0).expect("a valid timestamp");

/// The records of a kind in a range of ids that were removed after a revision, ordered.
pub(crate) async fn removed_since(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    since: Revision,
    between: (i64, i64),
) -> Result<Vec<i64>> {
    let (after, through) = between;
    let select = row::Entity::find()
        .select_only()
        .column(row::Column::Record)
        .filter(row::Column::Revision.gt(column(since)))
        .filter(row::Column::Kind.eq(kind.name()))
        .filter(row::Column::Document.is_null())
        .filter(row::Column::Record.gt(after))
        .filter(row::Column::Record.lte(through))
        .order_by_asc(row::Column::Record);
    Ok(select.into_tuple().all(db).await?)
}

/// The revision of the entry with a digest.
pub(crate) async fn revision_of(db: &impl ConnectionTrait, digest: Digest) -> Result<Option<Revision>> {
    let row = row::Entity::find().filter(row::Column::Digest.eq(digest.to_string())).one(db).await?;
    Ok(row.map(|row| row.revision.unsigned_abs()))
}

/// How many changes match, regardless of the limit.
pub(crate) async fn count(db: &impl ConnectionTrait, query: &ChangeQuery) -> Result<u64> {
    let ChangeQuery { since, through, kinds, record, district, seen_by, order: _, limit: _ } = query;
    if !kinds.is_empty() || record.is_some() || district.is_some() {
        return Ok(filtered(query).count(db).await?);
    }
    // For the whole journal this is arithmetic: revisions have no gaps, and few entries are hidden.
    let all = Ord::min(*through, Head::read(db).await?.revision).saturating_sub(*since);
    if *seen_by == JournalReader::All {
        return Ok(all);
    }
    let between = |select: Select<row::Entity>| {
        select.filter(row::Column::Revision.gt(column(*since))).filter(row::Column::Revision.lte(column(*through)))
    };
    let kinds = FOR_STEWARDS.map(RecordKind::name);
    let for_stewards = between(row::Entity::find().filter(row::Column::Kind.is_in(kinds))).count(db).await?;
    let closed = between(row::Entity::find().filter(seen_by.hidden())).count(db).await?;
    Ok(all.saturating_sub(for_stewards).saturating_sub(closed))
}

pub(crate) fn filtered(query: &ChangeQuery) -> Select<row::Entity> {
    let mut select = row::Entity::find()
        .filter(row::Column::Revision.gt(column(query.since)))
        .filter(row::Column::Revision.lte(column(query.through)));
    if !query.kinds.is_empty() {
        select = select.filter(row::Column::Kind.is_in(query.kinds.iter().map(|kind| kind.name())));
    }
    if let Some((kind, record)) = query.record {
        select = select.filter(row::Column::Record.eq(column(record))).filter(row::Column::Kind.eq(kind.name()));
    }
    if let Some(district) = query.district {
        select = select.filter(Expr::col(row::Column::Revision).in_subquery(of_district(district, query)));
    }
    select.filter(query.seen_by.readable())
}

fn of_district(district: Id<District>, query: &ChangeQuery) -> SelectStatement {
    Query::select()
        .column("revision")
        .from("journal_district")
        .and_where(Expr::col("district").eq(key(district)))
        .and_where(Expr::col("revision").gt(column(query.since)))
        .and_where(Expr::col("revision").lte(column(query.through)))
        .to_owned()
}

/// The newest revision of each record, up to a revision, that a reader may see.
pub(crate) async fn last_seen(
    db: &impl ConnectionTrait,
    records: &[Revision],
    through: Revision,
    reader: &JournalReader,
) -> Result<HashMap<Revision, Revision>> {
    let mut newest = HashMap::new();
    for chunk in records.chunks(5_000) {
        let select = row::Entity::find()
            .select_only()
            .column(row::Column::Record)
            .column_as(row::Column::Revision.max(), "newest")
            .filter(row::Column::Record.is_in(chunk.iter().copied().map(column)))
            .filter(row::Column::Revision.lte(column(through)))
            .filter(reader.readable())
            .group_by(row::Column::Record);
        for (record, last) in select.into_tuple::<(i64, i64)>().all(db).await? {
            newest.insert(revision(record, TABLE, "record")?, revision(last, TABLE, "revision")?);
        }
    }
    Ok(newest)
}

/// The entries of these revisions, in any order.
pub(crate) async fn at(
    db: &impl ConnectionTrait,
    revisions: impl IntoIterator<Item = Revision>,
) -> Result<Vec<Change>> {
    read(row::Entity::find().filter(row::Column::Revision.is_in(revisions.into_iter().map(column))).all(db).await?)
}

fn read(rows: Vec<row::Model>) -> Result<Vec<Change>> {
    rows.into_iter().map(Change::try_from).collect()
}
