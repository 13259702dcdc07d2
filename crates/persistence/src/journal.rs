//! The journal as a table: appended to by units of work, read by whoever follows, asks for history or
//! proves the chain.

use domain::{Change, Digest, District, Id, RecordKind, Revision};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::error::{Error, Result};
use crate::head::{time, time_text};
use crate::number::{column, key, revision};

pub(crate) const TABLE: &str = "journal";

/// Which changes are asked for.
#[derive(Debug, Clone, Default)]
pub struct ChangesAsked {
    /// After this one.
    pub since: Revision,
    /// Up to and with this one.
    pub through: Revision,
    /// Of these kinds; none named: of all.
    pub kinds: Vec<RecordKind>,
    /// Of this record: its kind and the revision that created it.
    pub record: Option<(RecordKind, Revision)>,
    /// Of this district, of what it offers, and of what it is a party to.
    pub district: Option<Id<District>>,
    pub order: Order,
    pub limit: u64,
}

/// From which end a list begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

pub(crate) async fn changes(db: &impl ConnectionTrait, asked: &ChangesAsked) -> Result<Vec<Change>> {
    let select = chosen(asked);
    let select = match asked.order {
        Order::OldestFirst => select.order_by_asc(row::Column::Revision),
        Order::NewestFirst => select.order_by_desc(row::Column::Revision),
    };
    read(select.limit(asked.limit).all(db).await?)
}

/// How many there are, whatever the limit.
pub(crate) async fn count(db: &impl ConnectionTrait, asked: &ChangesAsked) -> Result<u64> {
    Ok(chosen(asked).count(db).await?)
}

fn chosen(asked: &ChangesAsked) -> Select<row::Entity> {
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
    select
}

fn of_district(district: Id<District>, asked: &ChangesAsked) -> SelectStatement {
    Query::select()
        .column("revision")
        .from("journal_district")
        .and_where(Expr::col("district").eq(key(district)))
        .and_where(Expr::col("revision").gt(column(asked.since)))
        .and_where(Expr::col("revision").lte(column(asked.through)))
        .to_owned()
}

/// The entries of these revisions, in no order.
pub(crate) async fn at(db: &impl ConnectionTrait, revisions: impl IntoIterator<Item = Revision>) -> Result<Vec<Change>> {
    read(row::Entity::find().filter(row::Column::Revision.is_in(revisions.into_iter().map(column))).all(db).await?)
}

fn read(rows: Vec<row::Model>) -> Result<Vec<Change>> {
    rows.into_iter().map(Change::try_from).collect()
}

/// An entry with the districts by which it is found.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) change: Change,
    pub(crate) districts: Vec<i64>,
}

pub(crate) async fn append(tx: &impl ConnectionTrait, entries: &[Entry]) -> Result<()> {
    for chunk in entries.chunks(1_000) {
        let rows = chunk.iter().map(|entry| row::Model::from(&entry.change).into_active_model());
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
    Ok(())
}

/// By which districts the entries after one revision are found, up to and with another: pairs of revision
/// and district.
pub(crate) async fn districts(db: &impl ConnectionTrait, since: Revision, through: Revision) -> Result<Vec<(i64, i64)>> {
    let after = district_row::Column::Revision.gt(column(since));
    let rows = district_row::Entity::find().filter(after).filter(district_row::Column::Revision.lte(column(through))).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.revision, row.district)).collect())
}

mod row {
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

impl From<&Change> for row::Model {
    fn from(change: &Change) -> Self {
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
        }
    }
}

impl TryFrom<row::Model> for Change {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self> {
        let row::Model { revision: number, recorded_at, actor, on_behalf_of, kind, action, record, previous, digest, document } = row;
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
