//! Appends entries with the districts by which they are found and their readers.

use std::collections::BTreeSet;

use domain::{Change, Revision};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::row;
use crate::error::Result;
use crate::head::time_text;
use crate::number::column;

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
    /// Every caller with access to entries of this kind.
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
        entry
            .districts
            .iter()
            .map(move |district| district_row::Model { district: *district, revision })
            .collect::<Vec<_>>()
    };
    let found_by: Vec<_> = entries.iter().flat_map(of).collect();
    for chunk in found_by.chunks(5_000) {
        district_row::Entity::insert_many(chunk.iter().cloned().map(IntoActiveModel::into_active_model))
            .exec_without_returning(tx)
            .await?;
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
        reader_row::Entity::insert_many(chunk.iter().cloned().map(IntoActiveModel::into_active_model))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The districts by which entries in a range are found: pairs of revision and district.
pub(crate) async fn districts(
    db: &impl ConnectionTrait,
    since: Revision,
    through: Revision,
) -> Result<Vec<(i64, i64)>> {
    let after = district_row::Column::Revision.gt(column(since));
    let rows = district_row::Entity::find()
        .filter(after)
        .filter(district_row::Column::Revision.lte(column(through)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.revision, row.district)).collect())
}

/// Which entries in a range are restricted.
pub(crate) async fn restricted(db: &impl ConnectionTrait, since: Revision, through: Revision) -> Result<BTreeSet<i64>> {
    let between = row::Column::Revision.gt(column(since)).and(row::Column::Revision.lte(column(through)));
    let restricted = row::Entity::find()
        .select_only()
        .column(row::Column::Revision)
        .filter(between)
        .filter(Expr::col(row::Column::IsRestricted));
    Ok(restricted.into_tuple::<i64>().all(db).await?.into_iter().collect())
}

/// Which districts may read the restricted entries in a range: pairs of revision and district.
pub(crate) async fn readers(db: &impl ConnectionTrait, since: Revision, through: Revision) -> Result<Vec<(i64, i64)>> {
    let after = reader_row::Column::Revision.gt(column(since));
    let rows = reader_row::Entity::find()
        .filter(after)
        .filter(reader_row::Column::Revision.lte(column(through)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.revision, row.district)).collect())
}

impl From<&Entry> for row::Model {
    fn from(entry: &Entry) -> Self {
        let Entry { change, districts: _, access } = entry;
        let Change { revision, recorded_at, actor, on_behalf_of, kind, action, record, document, previous, digest } =
            change;
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

mod district_row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
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
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
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
