//! The common columns of all tables of records: `id`, the revision that created the record; `revision`, its newest
//! change; `body`, its line. Other columns follow from the record.

use std::collections::HashMap;

use domain::{DistrictCode, Id, InRecord, MatterCode, Record, Recorded};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, IntoActiveModel,
    Iterable, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::code_index::CodeIndex;
use crate::error::{Error, Result, is_taken};
use crate::number::revision;

/// A kind of record with its table.
pub(crate) trait Table: InRecord + PartialEq + Send + Sync + Sized + 'static {
    const NAME: &'static str;
    type Entity: EntityTrait<Model = Self::Row, ActiveModel = Self::Active>;
    type Active: ActiveModelTrait<Entity = Self::Entity> + ActiveModelBehavior + Send;
    type Row: ModelTrait<Entity = Self::Entity>
        + IntoActiveModel<Self::Active>
        + FromQueryResult
        + PartialEq
        + Clone
        + Send
        + Sync;

    fn row(&self, context: RowContext<'_>) -> Result<Self::Row>;

    /// The districts that it names, by which its changes are found.
    fn districts(&self) -> Vec<DistrictCode>;

    /// Its matter code.
    fn matter_code(&self) -> Option<MatterCode> {
        None
    }

    /// Its district codes.
    fn codes(&self) -> Vec<DistrictCode> {
        Vec::new()
    }
}

/// The data that a row needs beside its record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowContext<'a> {
    pub(crate) id: i64,
    pub(crate) revision: i64,
    pub(crate) body: &'a str,
    pub(crate) code_index: &'a CodeIndex,
}

/// A stored record that is not parsed yet.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct StoredRecord {
    pub(crate) id: i64,
    pub(crate) revision: i64,
    pub(crate) body: String,
}

impl StoredRecord {
    /// Is it the same record? An earlier version may have written it as another text.
    pub(crate) fn is<T: Table>(&self, record: &T, line: &str) -> bool {
        self.body == line || self.clone().read::<T>().is_ok_and(|stored| stored.record == *record)
    }

    pub(crate) fn read<T: Table>(self) -> Result<Recorded<T>> {
        let corrupt = |column| Error::corrupt(T::NAME, column, self.id);
        let record = Record::from_line(&self.body).ok().and_then(T::from_record).ok_or_else(|| corrupt("body"))?;
        Ok(Recorded {
            id: Id::new(revision(self.id, T::NAME, "id")?),
            revision: revision(self.revision, T::NAME, "revision")?,
            record,
        })
    }
}

pub(crate) fn stored<T: Table>() -> SelectStatement {
    Query::select().columns(["id", "revision", "body"]).from(T::NAME).to_owned()
}

pub(crate) async fn fetch(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<StoredRecord>> {
    Ok(StoredRecord::find_by_statement(db.get_database_backend().build(select)).all(db).await?)
}

/// The records with these ids that exist.
pub(crate) async fn by_id<T: Table>(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, StoredRecord>> {
    let rows = fetch(db, stored::<T>().and_where(Expr::col("id").is_in(ids))).await?;
    Ok(rows.into_iter().map(|stored| (stored.id, stored)).collect())
}

/// A page of records after an id, ordered by id.
pub(crate) async fn page<T: Table>(db: &impl ConnectionTrait, after: i64, limit: u64) -> Result<Vec<StoredRecord>> {
    fetch(db, stored::<T>().and_where(Expr::col("id").gt(after)).order_by("id", Order::Asc).limit(limit)).await
}

/// A page of complete rows.
pub(crate) async fn rows<T: Table>(db: &impl ConnectionTrait, after: i64, limit: u64) -> Result<Vec<T::Row>> {
    Ok(T::Entity::find()
        .filter(Expr::col("id").gt(after))
        .order_by(Expr::col("id"), Order::Asc)
        .limit(limit)
        .all(db)
        .await?)
}

pub(crate) async fn is_empty<T: Table>(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(page::<T>(db, 0, 1).await?.is_empty())
}

/// Inserts new rows, and replaces revised ones.
pub(crate) async fn write<T: Table>(tx: &impl ConnectionTrait, new: Vec<T::Row>, revised: Vec<T::Row>) -> Result<()> {
    if !new.is_empty() {
        let insert = T::Entity::insert_many(new.into_iter().map(IntoActiveModel::into_active_model));
        insert.exec_without_returning(tx).await.map_err(clash::<T>)?;
    }
    if !revised.is_empty() {
        let columns = <T::Entity as EntityTrait>::Column::iter().filter(|column| column.as_str() != "id");
        let replace = OnConflict::column("id").update_columns(columns).to_owned();
        let insert =
            T::Entity::insert_many(revised.into_iter().map(IntoActiveModel::into_active_model)).on_conflict(replace);
        insert.exec_without_returning(tx).await.map_err(clash::<T>)?;
    }
    Ok(())
}

pub(crate) async fn delete<T: Table>(tx: &impl ConnectionTrait, id: i64) -> Result<()> {
    T::Entity::delete_many().filter(Expr::col("id").eq(id)).exec(tx).await?;
    crate::imported_line::forget(tx, id).await
}

fn clash<T: Table>(error: sea_orm::DbErr) -> Error {
    if is_taken(&error) { Error::refused(crate::problem::taken(T::KIND)) } else { error.into() }
}

/// The first column in which two rows differ.
pub(crate) fn differs<T: Table>(a: &T::Row, b: &T::Row) -> Option<&'static str> {
    <T::Entity as EntityTrait>::Column::iter()
        .find(|column| a.get(*column) != b.get(*column))
        .map(|column| column.as_str())
}
