//! Stored results of mutations by idempotency key: a repeated mutation gets the same answer and changes nothing.

use chrono::{DateTime, Duration, Utc};
use domain::{Digest, RecordKind, Revision};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::error::{Error, Result};
use crate::head::{time, time_text};
use crate::number::{column, revision};

const TABLE: &str = "answered";

/// How long a result is stored.
const RETENTION: Duration = Duration::days(7);

/// How many expired results are deleted at a time, so that no mutation waits long.
const DELETE_BATCH: u64 = 100;

/// The result of a mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResult {
    /// Digest of the input: another input under the same key is a conflict.
    pub input: Digest,
    pub kind: RecordKind,
    /// The revision that created the record.
    pub record: Revision,
    /// The record's newest change after the mutation.
    pub revision: Revision,
}

/// An idempotency key, within a client and a mutation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdempotencyKey<'a> {
    pub(crate) client: &'a str,
    pub(crate) mutation: &'a str,
    pub(crate) key: &'a str,
}

pub(crate) async fn find(
    tx: &impl ConnectionTrait,
    key: IdempotencyKey<'_>,
    now: DateTime<Utc>,
) -> Result<Option<StoredResult>> {
    let IdempotencyKey { client, mutation, key } = key;
    let row = row::Entity::find_by_id((client.to_owned(), mutation.to_owned(), key.to_owned()))
        .filter(row::Column::RecordedAt.gt(time_text(now - RETENTION)))
        .one(tx)
        .await?;
    row.map(StoredResult::try_from).transpose()
}

/// Stores a result, and deletes some that have expired.
pub(crate) async fn save(
    tx: &impl ConnectionTrait,
    key: IdempotencyKey<'_>,
    result: &StoredResult,
    now: DateTime<Utc>,
) -> Result<()> {
    let old = Query::select()
        .columns(["client", "mutation", "key"])
        .from(TABLE)
        .and_where(Expr::col("recorded_at").lte(time_text(now - RETENTION)))
        .limit(DELETE_BATCH)
        .to_owned();
    let columns = Expr::tuple(["client", "mutation", "key"].map(Expr::col));
    row::Entity::delete_many().filter(columns.in_subquery(old)).exec(tx).await?;
    let replace = OnConflict::columns(["client", "mutation", "key"])
        .update_columns(["input", "kind", "record", "revision", "recorded_at"])
        .to_owned();
    row::Entity::insert(row_of(key, result, now).into_active_model())
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "answered")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) client: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) mutation: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) key: String,
        pub(crate) input: String,
        pub(crate) kind: String,
        pub(crate) record: i64,
        pub(crate) revision: i64,
        pub(crate) recorded_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn row_of(key: IdempotencyKey<'_>, result: &StoredResult, now: DateTime<Utc>) -> row::Model {
    let IdempotencyKey { client, mutation, key } = key;
    let StoredResult { input, kind, record, revision } = result;
    row::Model {
        client: client.to_owned(),
        mutation: mutation.to_owned(),
        key: key.to_owned(),
        input: input.to_string(),
        kind: kind.name().to_owned(),
        record: column(*record),
        revision: column(*revision),
        recorded_at: time_text(now),
    }
}

impl TryFrom<row::Model> for StoredResult {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self> {
        let row::Model { client: _, mutation: _, key, input, kind, record, revision: number, recorded_at } = row;
        let corrupt = |column| Error::corrupt(TABLE, column, &key);
        time(&recorded_at).ok_or_else(|| corrupt("recorded_at"))?;
        Ok(Self {
            input: input.parse().map_err(|_| corrupt("input"))?,
            kind: kind.parse().map_err(|()| corrupt("kind"))?,
            record: revision(record, TABLE, "record")?,
            revision: revision(number, TABLE, "revision")?,
        })
    }
}
