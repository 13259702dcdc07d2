//! The journal's tables: appended to by units of work, read by followers, history queries and verification.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::visibility::DistrictReaders;
use domain::{Change, Digest, District, Id, RecordKind, Revision};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::error::{Error, Result};
use crate::head::{Head, time, time_text};
use crate::number::{column, key, revision};

pub(crate) const TABLE: &str = "journal";

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

/// Who reads the journal. Some entries of agreements are restricted to districts; those of API keys to stewards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum JournalReader {
    /// Everything: stewards, and the registry itself.
    All,
    /// Public entries.
    #[default]
    Public,
    /// Public entries, and those for one of these districts.
    PublicOr(Vec<Id<District>>),
    /// The same without entries for those who may see the drafts of these districts.
    PartnerOr(Vec<Id<District>>),
}

impl JournalReader {
    /// A condition for the entries that the reader may see.
    fn readable(&self) -> Condition {
        let of_keys = row::Column::Kind.eq(RecordKind::ApiKey.name());
        match self {
            Self::All => Condition::all(),
            Self::Public | Self::PublicOr(_) | Self::PartnerOr(_) => Condition::all().add(of_keys.not()).add(self.closed().not()),
        }
    }

    /// A condition for restricted entries that the reader may not see.
    fn closed(&self) -> Condition {
        let restricted = Condition::all().add(Expr::col(row::Column::IsRestricted));
        match self {
            Self::All => Condition::any(),
            Self::Public => restricted,
            Self::PartnerOr(_) | Self::PublicOr(_) => {
                let is_theirs = Expr::col("district").is_in(self.readers());
                let theirs = Query::select().column("revision").from("journal_reader").and_where(is_theirs).to_owned();
                restricted.add(Expr::col(row::Column::Revision).not_in_subquery(theirs))
            }
        }
    }

    /// The reader's districts as they are stored in `journal_reader`.
    pub(crate) fn readers(&self) -> Vec<i64> {
        match self {
            Self::All | Self::Public => Vec::new(),
            Self::PartnerOr(districts) => districts.iter().map(|district| key(*district)).collect(),
            Self::PublicOr(districts) => {
                districts.iter().flat_map(|district| [key(*district), reader(key(*district), DistrictReaders::Clerks)]).collect()
            }
        }
    }
}

/// How readers of a district are stored: those who may see its drafts as its negative id.
pub(crate) fn reader(district: i64, readership: DistrictReaders) -> i64 {
    match readership {
        DistrictReaders::Clerks => -district,
        DistrictReaders::Partners => district,
    }
}

/// The order of a list of changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

pub(crate) async fn changes(db: &impl ConnectionTrait, asked: &ChangeQuery) -> Result<Vec<Change>> {
    let select = filtered(asked);
    let select = match asked.order {
        Order::OldestFirst => select.order_by_asc(row::Column::Revision),
        Order::NewestFirst => select.order_by_desc(row::Column::Revision),
    };
    read(select.limit(asked.limit).all(db).await?)
}

/// The last change of a record, up to a time, that a reader may see.
pub(crate) async fn at_time(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    record: Revision,
    at: DateTime<Utc>,
    seen: &JournalReader,
) -> Result<Option<Change>> {
    // Times are stored as text, which sorts correctly for years of four digits.
    let at = at.clamp(DateTime::UNIX_EPOCH, LAST_MOMENT);
    let select = row::Entity::find()
        .filter(row::Column::Record.eq(column(record)))
        .filter(row::Column::Kind.eq(kind.name()))
        .filter(row::Column::RecordedAt.lte(time_text(at)))
        .filter(seen.readable())
        .order_by_desc(row::Column::Revision);
    select.one(db).await?.map(Change::try_from).transpose()
}

/// The end of the year 9999.
const LAST_MOMENT: DateTime<Utc> = DateTime::from_timestamp(253_402_300_799, 0).expect("it is a moment");

/// The records of a kind in a range of ids that were removed after a revision, ordered.
pub(crate) async fn removed_since(db: &impl ConnectionTrait, kind: RecordKind, since: Revision, between: (i64, i64)) -> Result<Vec<i64>> {
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
pub(crate) async fn count(db: &impl ConnectionTrait, asked: &ChangeQuery) -> Result<u64> {
    let ChangeQuery { since, through, kinds, record, district, seen_by, order: _, limit: _ } = asked;
    if !kinds.is_empty() || record.is_some() || district.is_some() {
        return Ok(filtered(asked).count(db).await?);
    }
    // For the whole journal this is arithmetic: revisions have no gaps, and few entries are hidden.
    let all = Ord::min(*through, Head::read(db).await?.revision).saturating_sub(*since);
    if *seen_by == JournalReader::All {
        return Ok(all);
    }
    let between =
        |select: Select<row::Entity>| select.filter(row::Column::Revision.gt(column(*since))).filter(row::Column::Revision.lte(column(*through)));
    let of_keys = between(row::Entity::find().filter(row::Column::Kind.eq(RecordKind::ApiKey.name()))).count(db).await?;
    let closed = between(row::Entity::find().filter(seen_by.closed())).count(db).await?;
    Ok(all.saturating_sub(of_keys).saturating_sub(closed))
}

pub(crate) fn filtered(asked: &ChangeQuery) -> Select<row::Entity> {
    let mut select =
        row::Entity::find().filter(row::Column::Revision.gt(column(asked.since))).filter(row::Column::Revision.lte(column(asked.through)));
    if !asked.kinds.is_empty() {
        select = select.filter(row::Column::Kind.is_in(asked.kinds.iter().map(|kind| kind.name())));
    }
    if let Some((kind, record)) = asked.record {
        select = select.filter(row::Column::Record.eq(column(record))).filter(row::Column::Kind.eq(kind.name()));
    }
    if let Some(district) = asked.district {
        select = select.filter(Expr::col(row::Column::Revision).in_subquery(of_district(district, asked)));
    }
    select.filter(asked.seen_by.readable())
}

fn of_district(district: Id<District>, asked: &ChangeQuery) -> SelectStatement {
    Query::select()
        .column("revision")
        .from("journal_district")
        .and_where(Expr::col("district").eq(key(district)))
        .and_where(Expr::col("revision").gt(column(asked.since)))
        .and_where(Expr::col("revision").lte(column(asked.through)))
        .to_owned()
}

/// The newest revision of each record, up to a revision, that a reader may see.
pub(crate) async fn last_seen(
    db: &impl ConnectionTrait,
    records: &[Revision],
    through: Revision,
    seen: &JournalReader,
) -> Result<HashMap<Revision, Revision>> {
    let mut newest = HashMap::new();
    for chunk in records.chunks(5_000) {
        let select = row::Entity::find()
            .select_only()
            .column(row::Column::Record)
            .column_as(row::Column::Revision.max(), "newest")
            .filter(row::Column::Record.is_in(chunk.iter().copied().map(column)))
            .filter(row::Column::Revision.lte(column(through)))
            .filter(seen.readable())
            .group_by(row::Column::Record);
        for (record, last) in select.into_tuple::<(i64, i64)>().all(db).await? {
            newest.insert(revision(record, TABLE, "record")?, revision(last, TABLE, "revision")?);
        }
    }
    Ok(newest)
}

/// The entries of these revisions, in any order.
pub(crate) async fn at(db: &impl ConnectionTrait, revisions: impl IntoIterator<Item = Revision>) -> Result<Vec<Change>> {
    read(row::Entity::find().filter(row::Column::Revision.is_in(revisions.into_iter().map(column))).all(db).await?)
}

fn read(rows: Vec<row::Model>) -> Result<Vec<Change>> {
    rows.into_iter().map(Change::try_from).collect()
}

/// An entry with the districts by which it is found, and its readers.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) change: Change,
    pub(crate) districts: Vec<i64>,
    pub(crate) access: Access,
}

/// Stored as the reader of a restricted entry that no district may read, so that every restricted entry has readers.
pub(crate) const NOBODY: i64 = 0;

/// Who may read an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Access {
    /// All who may read entries of its kind.
    Open,
    /// These districts, and stewards.
    Only(BTreeSet<i64>),
}

pub(crate) async fn append(tx: &impl ConnectionTrait, entries: &[Entry]) -> Result<()> {
    for chunk in entries.chunks(1_000) {
        let rows = chunk.iter().map(|entry| row::Model::from(entry).into_active_model());
        row::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let of = |entry: &Entry| {
        let revision = column(entry.change.revision);
        entry.districts.iter().map(move |district| district_row::Model { district: *district, revision }).collect::<Vec<_>>()
    };
    let found_by: Vec<_> = entries.iter().flat_map(of).collect();
    for chunk in found_by.chunks(5_000) {
        district_row::Entity::insert_many(chunk.iter().cloned().map(IntoActiveModel::into_active_model)).exec_without_returning(tx).await?;
    }
    let readers = |entry: &Entry| {
        let revision = column(entry.change.revision);
        let districts = match &entry.access {
            Access::Open => BTreeSet::new(),
            Access::Only(districts) if districts.is_empty() => BTreeSet::from([NOBODY]),
            Access::Only(districts) => districts.clone(),
        };
        districts.into_iter().map(move |district| reader_row::Model { district, revision })
    };
    let read_by: Vec<_> = entries.iter().flat_map(readers).collect();
    for chunk in read_by.chunks(5_000) {
        reader_row::Entity::insert_many(chunk.iter().cloned().map(IntoActiveModel::into_active_model)).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The districts by which entries in a range are found: pairs of revision and district.
pub(crate) async fn districts(db: &impl ConnectionTrait, since: Revision, through: Revision) -> Result<Vec<(i64, i64)>> {
    let after = district_row::Column::Revision.gt(column(since));
    let rows = district_row::Entity::find().filter(after).filter(district_row::Column::Revision.lte(column(through))).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.revision, row.district)).collect())
}

/// Which entries in a range are restricted.
pub(crate) async fn restricted(db: &impl ConnectionTrait, since: Revision, through: Revision) -> Result<BTreeSet<i64>> {
    let between = row::Column::Revision.gt(column(since)).and(row::Column::Revision.lte(column(through)));
    let restricted = row::Entity::find().select_only().column(row::Column::Revision).filter(between).filter(Expr::col(row::Column::IsRestricted));
    Ok(restricted.into_tuple::<i64>().all(db).await?.into_iter().collect())
}

/// Which districts may read the restricted entries in a range: pairs of revision and district.
pub(crate) async fn readers(db: &impl ConnectionTrait, since: Revision, through: Revision) -> Result<Vec<(i64, i64)>> {
    let after = reader_row::Column::Revision.gt(column(since));
    let rows = reader_row::Entity::find().filter(after).filter(reader_row::Column::Revision.lte(column(through))).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.revision, row.district)).collect())
}

pub(crate) mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision: i64,
        pub(crate) recorded_at: String,
        pub(crate) actor: String,
        pub(crate) on_behalf_of: Option<String>,
        pub(crate) kind: String,
        pub(crate) action: String,
        pub(crate) record: i64,
        pub(crate) previous: String,
        pub(crate) digest: String,
        pub(crate) document: Option<String>,
        pub(crate) is_restricted: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod district_row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_district")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) district: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod reader_row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_reader")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) district: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<&Entry> for row::Model {
    fn from(entry: &Entry) -> Self {
        let Entry { change, districts: _, access } = entry;
        let Change { revision, recorded_at, actor, on_behalf_of, kind, action, record, document, previous, digest } = change;
        Self {
            revision: column(*revision),
            recorded_at: time_text(*recorded_at),
            actor: actor.clone(),
            on_behalf_of: on_behalf_of.map(|code| code.to_string()),
            kind: kind.name().to_owned(),
            action: action.name().to_owned(),
            record: column(*record),
            previous: previous.to_string(),
            digest: digest.to_string(),
            document: document.clone(),
            is_restricted: matches!(access, Access::Only(_)),
        }
    }
}

impl TryFrom<row::Model> for Change {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self> {
        let row::Model { revision: number, recorded_at, actor, on_behalf_of, kind, action, record, previous, digest, document, is_restricted: _ } =
            row;
        let corrupt = |column| Error::corrupt(TABLE, column, number);
        let parse_digest = |text: &str, column| text.parse::<Digest>().map_err(|_| corrupt(column));
        Ok(Self {
            revision: revision(number, TABLE, "revision")?,
            recorded_at: time(&recorded_at).ok_or_else(|| corrupt("recorded_at"))?,
            actor,
            on_behalf_of: on_behalf_of.map(|code| code.parse().map_err(|_| corrupt("on_behalf_of"))).transpose()?,
            kind: kind.parse().map_err(|()| corrupt("kind"))?,
            action: action.parse().map_err(|()| corrupt("action"))?,
            record: revision(record, TABLE, "record")?,
            previous: parse_digest(&previous, "previous")?,
            digest: parse_digest(&digest, "digest")?,
            document,
        })
    }
}
